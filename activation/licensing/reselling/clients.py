"""P1, P9, C2: a client of the licensor's, what it is and how it stands."""

from decimal import Decimal
from enum import IntEnum
from typing import Final

from activation.licensing.model import Hold
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused

_TERMINATED: Final = "This reseller's agreement was ended."
_HELD: Final = "This account is suspended until what is due is paid."


class ResellerKind(IntEnum):
    """What a client with a pool is (C2)."""

    RESELLER = 0
    COMPANY = 1


class ResellerState(IntEnum):
    """How a reseller stands."""

    ACTIVE = 0
    SUSPENDED = 1
    TERMINATED = 2


@value
class Reseller:
    """A reseller. `holds` says why it is suspended; `discount` is percent off every price of the table."""

    reseller_id: int
    name: str
    kind: ResellerKind
    state: ResellerState
    holds: Hold
    discount: Decimal | None
    created_at: int
    terminated_at: int | None = None
    terminated_why: str | None = None
    deletion_due_at: int | None = None
    deletion_confirmed_at: int | None = None


def refuse_standing(state: ResellerState, rule: str = "P8") -> Refused | None:
    """P8, P9: refuse orders and assignments of a reseller that is suspended or terminated."""
    if state is ResellerState.TERMINATED:
        return Refused(Refusal.FORBIDDEN, "P9", _TERMINATED)
    if state is ResellerState.SUSPENDED:
        return Refused(Refusal.SUSPENDED, rule, _HELD)
    return None
