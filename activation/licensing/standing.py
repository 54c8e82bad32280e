"""L7, L8, R9: whether an account and a licence are in good standing at all, and for this build."""

from typing import Final

from activation.licensing.model import Account, AccountState, License, LicenseKind, LicenseState
from activation.licensing.verdicts import Refusal, Refused

DAY_S: Final = 86_400

_SUSPENDED = "This licence is suspended. Ask your vendor; the device keeps its place meanwhile."
_REVOKED = "This licence was revoked and does not come back."
_ENDED = "This licence's term is over."
_CLOSED = "This account is closed."
_TOO_NEW = "This build was released after the licence's term of updates. Renew it, or use an older build."
_NO_UPDATES = "This licence's reseller is no more: it works on, without later builds. Use an older one."


def account_refusal(account: Account) -> Refused | None:
    """Refuse a closed account, else return None."""
    if account.state is AccountState.CLOSED:
        return Refused(Refusal.ACCOUNT_CLOSED, "L8", _CLOSED)
    return None


def license_refusal(held: License, now: int, *, while_suspended: bool = False) -> Refused | None:
    """Refuse a licence that is revoked, run out or (unless `while_suspended`) suspended, else return None."""
    if held.state is LicenseState.REVOKED:
        return Refused(Refusal.REVOKED, "L8", _REVOKED, held)
    if held.has_ended(now):
        return Refused(Refusal.EXPIRED, "L8", _ENDED, held, {"license_ends_at": held.ends_at})
    if held.state is LicenseState.SUSPENDED and not while_suspended:
        return Refused(Refusal.SUSPENDED, "L8", _SUSPENDED, held)
    return None


def update_refusal(held: License, released_at: int | None) -> Refused | None:
    """L7, R9: refuse a build released (seconds; None: not known) after the licence's term of updates."""
    until = held.updates_until
    if released_at is None or until is None or released_at <= until:
        return None
    rule, detail = ("R9", _NO_UPDATES) if held.orphaned else ("L7", _TOO_NEW)
    facts: dict[str, object] = {"updates_until": until, "released_at": released_at}
    return Refused(Refusal.UPDATE_REQUIRED, rule, detail, held, facts)


def standing_refusal(held: License, released_at: int | None, now: int) -> Refused | None:
    """Refuse what is in no good standing, or does not take this build, else return None."""
    return license_refusal(held, now) or update_refusal(held, released_at)


def ends_within_a_day(held: License, now: int) -> bool:
    """S2: tell whether this is the last day of a subscription's licence, its grace included."""
    is_subscribed = held.kind is LicenseKind.SUBSCRIPTION and held.ends_at is not None
    return is_subscribed and 0 < (held.ends_at or 0) - now <= DAY_S


def state_word(state: LicenseState, ends_at: int | None, now: int) -> str:
    """Return L8's state in a word; whether a licence has run out is decided when asked."""
    has_ended = ends_at is not None and now >= ends_at
    return "expired" if has_ended and state is not LicenseState.REVOKED else state.name.lower()
