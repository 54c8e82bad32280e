"""P1, G8: the terms that a reseller signs up by accepting; changes are announced a month ahead."""

from collections.abc import Iterable, Sequence
from typing import Final

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused

NOTICE_S: Final = 30 * 86_400
_UNACCEPTED: Final = "Accept the terms in force first: until then this account only sees and accepts them."
_NO_TERMS: Final = "There are no terms in force yet, so nobody can have accepted them."
_OTHER: Final = "Only the terms in force, or those announced, can be accepted."
_SOON: Final = "Changed terms take effect a month after they are published, or later."
_TAKEN: Final = "This version was published already; its text stays as it is."


@value
class Terms:
    """A version of the terms: published (announced) at, in force from."""

    version: str
    published_at: int
    effective_at: int


def in_force(terms: Iterable[Terms], now: int) -> Terms | None:
    """Return the version in force at `now`: the one that took effect last."""
    begun = [one for one in terms if one.effective_at <= now]
    return max(begun, key=lambda one: (one.effective_at, one.published_at), default=None)


def refuse_unaccepted(terms: Iterable[Terms], accepted: Iterable[str], now: int) -> Refused | None:
    """P1: refuse whoever has not accepted the terms in force."""
    current = in_force(terms, now)
    if current is None:
        return Refused(Refusal.FORBIDDEN, "P1", _NO_TERMS)
    if current.version in accepted:
        return None
    return Refused(Refusal.FORBIDDEN, "P1", _UNACCEPTED, facts={"terms": current.version})


def refuse_newcomer(terms: Iterable[Terms], accepted: Iterable[str], now: int) -> Refused | None:
    """P1: the same for all else that a reseller does; while there are no terms, only orders wait for them."""
    listed = list(terms)
    return None if in_force(listed, now) is None else refuse_unaccepted(listed, accepted, now)


def refuse_acceptance(terms: Iterable[Terms], version: str, now: int) -> Refused | None:
    """P1: refuse to accept a version that is neither in force nor announced."""
    listed = list(terms)
    current = in_force(listed, now)
    open_to = {one.version for one in listed if one.effective_at > now}
    if current is not None:
        open_to.add(current.version)
    return None if version in open_to else Refused(Refusal.CONFLICT, "P1", _OTHER)


def decide_publication(
    terms: Sequence[Terms], version: str, effective_at: int | None, now: int
) -> Terms | Refused:
    """G8: return the new version; the first takes effect at once, a change no sooner than a month ahead."""
    if any(one.version == version for one in terms):
        return Refused(Refusal.CONFLICT, "P1", _TAKEN)
    soonest = now + NOTICE_S if terms else now
    if effective_at is not None and effective_at < soonest:
        return Refused(Refusal.CONFLICT, "G8", _SOON, facts={"next_at": soonest})
    return Terms(version, now, effective_at or soonest)
