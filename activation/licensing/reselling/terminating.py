"""P9: what ending an agreement brings with it, and the duty to delete that it leaves."""

from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from activation.licensing.reselling.clients import ResellerState
from activation.licensing.reselling.lateness import refuse_ending
from activation.licensing.verdicts import Refusal, Refused

DELETION_S: Final = 30 * 86_400
_ENDED: Final = "This agreement was ended already."
_NOT_ENDED: Final = "The duty to delete begins when the agreement ends."
_CONFIRMED: Final = "The deletion is confirmed already."


class Why(StrEnum):
    """Why an agreement ends: more than 10 business days late (P8), or a breach."""

    LATE = "late"
    BREACH = "breach"


def refuse_terminating(
    state: ResellerState, why: Why, oldest_due: int | None, now: int, zone: ZoneInfo
) -> Refused | None:
    """Refuse what ended already, and to end for lateness before its time."""
    if state is ResellerState.TERMINATED:
        return Refused(Refusal.CONFLICT, "P9", _ENDED)
    return refuse_ending(oldest_due, now, zone) if why is Why.LATE else None


def deletion_due_at(terminated_at: int) -> int:
    """Return until when the reseller has to delete what it copied."""
    return terminated_at + DELETION_S


def refuse_confirming(state: ResellerState, confirmed_at: int | None) -> Refused | None:
    """Refuse evidence of a deletion that is not owed, or was confirmed."""
    if state is not ResellerState.TERMINATED:
        return Refused(Refusal.CONFLICT, "P9", _NOT_ENDED)
    return None if confirmed_at is None else Refused(Refusal.CONFLICT, "P9", _CONFIRMED)
