"""L8: whether an account and a licence are in good standing at all."""

from activation.licensing.model import Account, AccountState, License, LicenseState
from activation.licensing.verdicts import Refusal, Refused

_SUSPENDED = "This licence is suspended. Ask your vendor; the device keeps its place meanwhile."
_REVOKED = "This licence was revoked and does not come back."
_ENDED = "This licence's term is over."
_CLOSED = "This account is closed."


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


def state_word(state: LicenseState, ends_at: int | None, now: int) -> str:
    """Return L8's state in a word; whether a licence has run out is decided when asked."""
    has_ended = ends_at is not None and now >= ends_at
    return "expired" if has_ended and state is not LicenseState.REVOKED else state.name.lower()
