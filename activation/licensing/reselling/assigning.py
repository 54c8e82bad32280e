"""P5, P6, C2: whether licences of a pool may go to an account."""

from typing import Final

from activation.licensing.model import AccountState, LicenseKind
from activation.licensing.reselling.affiliates import Share, refuse_affiliate
from activation.licensing.reselling.clients import ResellerKind, ResellerState, refuse_standing
from activation.licensing.reselling.pool import PoolWhy
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused

_CLOSED: Final = "This account is closed."
_SHORT: Final = "The pool has {} licences of this product and major version, and {} were asked for."
_NOT_OWN: Final = (
    "A reseller uses no licences itself: only a company with a distribution licence has own accounts."
)


@value
class Giver:
    """Whose pool it is."""

    kind: ResellerKind
    state: ResellerState


@value
class Recipient:
    """The account that gets licences. `regular_at`: when it first got a regular one (T4)."""

    account_id: int
    state: AccountState
    affiliated: bool
    own_use: bool
    regular_at: int | None


def refuse_assignment(
    giver: Giver, recipient: Recipient, share: Share, available: int, count: int
) -> Refused | None:
    """Refuse to assign `count` regular licences of a pool that has `available`, else return None."""
    return (
        refuse_recipient(giver, recipient)
        or (refuse_affiliate(share, count) if recipient.affiliated else None)
        or refuse_short(available, count)
    )


def refuse_recipient(giver: Giver, recipient: Recipient) -> Refused | None:
    """C2, L8, P8: refuse who may not give, or not get, anything, else return None."""
    refused = refuse_standing(giver.state)
    if refused is not None:
        return refused
    if recipient.state is AccountState.CLOSED:
        return Refused(Refusal.ACCOUNT_CLOSED, "L8", _CLOSED)
    return refuse_own_use(giver.kind) if recipient.own_use else None


def refuse_own_use(kind: ResellerKind) -> Refused | None:
    """C2: refuse a reseller that wants to use licences itself; a company may."""
    return None if kind is ResellerKind.COMPANY else Refused(Refusal.FORBIDDEN, "C2", _NOT_OWN)


def refuse_short(available: int, count: int) -> Refused | None:
    """P5: refuse to take more than a pool has, else return None."""
    if count <= available:
        return None
    detail = _SHORT.format(available, count)
    return Refused(Refusal.POOL_EXHAUSTED, "P5", detail, facts={"available": available, "asked": count})


def why_assigned(recipient: Recipient, kind: LicenseKind) -> PoolWhy:
    """Return as what the ledger enters it: assigned, or used by the company itself (C2)."""
    is_own = recipient.own_use and kind is not LicenseKind.TEST
    return PoolWhy.OWN_USE if is_own else PoolWhy.ASSIGNED
