"""From a verdict to the event that tells of it."""

import json
from collections.abc import Callable

from activation.licensing.attempts import Activate, Attempt, Reset
from activation.licensing.events import ACTOR_OF, Actor, Event, EventKind
from activation.licensing.model import Ended
from activation.licensing.values import value
from activation.licensing.verdicts import Bind, End, Granted

_ENDINGS = {
    Ended.RESET: EventKind.RESET,
    Ended.AGENT_RESET: EventKind.AGENT_RESET,
    Ended.RELEASED: EventKind.RELEASED,
    Ended.MOVED: EventKind.MOVED,
}


@value
class Teller:
    """What an attempt's event will carry, whatever the verdict."""

    new_event_id: Callable[[], int]
    trace_id: str

    def tell(self, attempt: Attempt, verdict: Granted) -> Event:
        """Return the event of a granted attempt that changed something.

        Each call gives it another id: an id that is found in the log tells of one write and of no other.
        """
        actor = ACTOR_OF[attempt.by] if isinstance(attempt, Activate | Reset) else Actor.DEVICE
        return Event(
            verdict.license.license_id,
            self.new_event_id(),
            _kind(verdict),
            actor,
            verdict.rule,
            self.trace_id,
            attempt.staff_id if isinstance(attempt, Reset) else None,
            verdict.activation.activation_id,
            _details(attempt, verdict),
        )


def _kind(verdict: Granted) -> EventKind:
    for change in verdict.changes:
        if isinstance(change, End):
            return _ENDINGS[change.why]
    if any(isinstance(change, Bind) for change in verdict.changes):
        return EventKind.TEST_REBOUND if verdict.rule == "T5" else EventKind.ACTIVATED
    return EventKind.PARTS_CHANGED


def _details(attempt: Attempt, verdict: Granted) -> str | None:
    """Return what else is worth keeping: parts that changed, a reason. Never a serial or a note."""
    details: dict[str, object] = {}
    if verdict.drifted:
        details["drifted"] = verdict.drifted
    if isinstance(attempt, Reset) and attempt.reason:
        details["reason"] = attempt.reason
    return json.dumps(details) if details else None
