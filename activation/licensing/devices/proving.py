"""D4: what came to an enrolled device proves nothing by itself for as long as drifts count.

Parts are added for free, two may change, and a request may leave parts out. Together that would walk a
licence: add the other machine's parts, change the own ones, leave the rest out. So a device is accepted only
if at least one part that weighs agrees in a value that was there when the device was enrolled, or for the
length of the window since. Within any 90 days, then, no machine is accepted that shares nothing with the
one that was enrolled or that stood enrolled when they began.
"""

from collections.abc import Iterator

from activation.licensing.devices.enrolment import RECENT_REMEMBERED, Enrolment
from activation.licensing.devices.kinds import Presented
from activation.licensing.devices.matching import Comparison
from activation.licensing.devices.policies import policy_of


def proves(
    enrolment: Enrolment, presented: Presented, comparison: Comparison, at: int, window_s: int
) -> bool:
    """Tell whether a part that agrees has been enrolled for long enough, at `at` (seconds since 1970)."""
    young = {digest for digest, since in enrolment.recent if at < since + window_s}
    return not young or any(digest not in young for digest in _agreeing(enrolment, presented, comparison))


def proven_from(enrolment: Enrolment, presented: Presented, comparison: Comparison, window_s: int) -> int:
    """Return when the first part that agrees was enrolled for long enough, in seconds since 1970."""
    since = dict(enrolment.recent)
    return min(since[digest] + window_s for digest in _agreeing(enrolment, presented, comparison))


def _agreeing(enrolment: Enrolment, presented: Presented, comparison: Comparison) -> Iterator[bytes]:
    for kind in policy_of(enrolment.policy).weighted(comparison.agreed):
        yield from set(enrolment.current[kind]).intersection(presented[kind])


def note_recent(before: Enrolment, after: Enrolment, at: int, window_s: int) -> tuple[tuple[bytes, int], ...]:
    """Return what is recent once `before` became `after`: values that weigh, none old, none forgotten."""
    weighted = policy_of(after.policy).weighted(after.current)
    known = _known(before)
    new = [digest for kind in weighted for digest in after.current[kind] if digest not in known]
    remembered = _known(after)
    kept = [
        (digest, since) for digest, since in before.recent if at < since + window_s and digest in remembered
    ]
    return tuple([*((digest, at) for digest in new), *kept][:RECENT_REMEMBERED])


def _known(enrolment: Enrolment) -> set[bytes]:
    held = [*enrolment.current.values(), *enrolment.past.values()]
    return {digest for digests in held for digest in digests}
