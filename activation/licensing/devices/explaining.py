"""D4 for people: which parts of a device changed, when, and how many may still change."""

from activation.licensing.devices.drift import DRIFT_LIMIT, DRIFT_WINDOW_S
from activation.licensing.devices.enrolment import Enrolment
from activation.licensing.devices.policies import policy_of
from activation.licensing.values import value


@value
class ChangedPart:
    """A part that changed on an accepted device, when (seconds since 1970), and whether it counts still."""

    kind: str
    at: int
    counts: bool


@value
class DriftStanding:
    """What an enrolled device has been through.

    `parts` are enrolled, under the policy of this label. `changed` are the latest changes, newest first.
    `left` more may change; with none left, `until` is when the next may (seconds since 1970), else None.
    """

    policy: str
    parts: tuple[str, ...]
    changed: tuple[ChangedPart, ...]
    left: int
    until: int | None


def explain_drift(
    enrolment: Enrolment, now: int, limit: int = DRIFT_LIMIT, window_s: int = DRIFT_WINDOW_S
) -> DriftStanding:
    """Return a device's changes and what is left of the limit at `now`."""
    weights = policy_of(enrolment.policy).weights
    changed = tuple(
        ChangedPart(kind, at, bool(weights.get(kind)) and now < at + window_s)
        for kind, at in enrolment.drifts
    )
    counting = [part.at for part in changed if part.counts]
    left = max(0, limit - len(counting))
    until = counting[limit - 1] + window_s if limit and not left else None
    return DriftStanding(enrolment.policy, tuple(enrolment.current), changed, left, until)
