"""From a verdict to the event that tells of it."""

import json
from collections.abc import Callable

from activation.licensing.attempts import Activate, Attempt, Reset
from activation.licensing.events import ACTOR_OF, Actor, Event, EventKind
from activation.licensing.model import Activation, Ended
from activation.licensing.values import value
from activation.licensing.verdicts import (
    Bind,
    Change,
    End,
    EnrolKey,
    Granted,
    RecordProof,
    Verdict,
)

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

    def tell(self, attempt: Attempt, verdict: Verdict) -> list[Event]:
        """Return the events of an attempt that changed something: of the licence, of the device's key.

        A proof that only counts on is none. Each call gives other ids: an id that is found in the log tells
        of one write and of no other.
        """
        events = []
        if isinstance(verdict, Granted):
            kind = _kind(verdict)
            if kind is not None:
                rule = "D4" if kind is EventKind.PARTS_CHANGED else verdict.rule
                events.append(
                    self._event(attempt, kind, verdict.activation, rule, _details(attempt, verdict))
                )
        for change in verdict.changes:
            told = _tell_key(change)
            if told is not None:
                kind, activation, details = told
                events.append(self._event(attempt, kind, activation, "D6", details))
        return events

    def _event(
        self, attempt: Attempt, kind: EventKind, activation: Activation, rule: str, details: str | None
    ) -> Event:
        actor = ACTOR_OF[attempt.by] if isinstance(attempt, Activate | Reset) else Actor.DEVICE
        return Event(
            activation.license_id,
            self.new_event_id(),
            kind,
            actor,
            rule,
            self.trace_id,
            attempt.staff_id if isinstance(attempt, Reset) else None,
            activation.activation_id,
            details,
        )


def _kind(verdict: Granted) -> EventKind | None:
    """Return what happened to the licence, None where nothing but the device's key is concerned."""
    for change in verdict.changes:
        if isinstance(change, End):
            return _ENDINGS[change.why]
    if any(isinstance(change, Bind) for change in verdict.changes):
        return EventKind.TEST_REBOUND if verdict.rule == "T5" else EventKind.ACTIVATED
    # A part added, or one seen before, is no change that anybody has to be told of (D4).
    return EventKind.PARTS_CHANGED if verdict.drifted else None


def _tell_key(change: Change) -> tuple[EventKind, Activation, str | None] | None:
    """D6: return what happened to a device's key, with its details."""
    if isinstance(change, EnrolKey):
        kind = EventKind.KEY_ENROLLED if change.before is None else EventKind.KEY_REPLACED
        return kind, change.activation, None
    if isinstance(change, RecordProof) and change.fork is not None:
        return EventKind.DEVICE_FORKED, change.activation, json.dumps({"proof": change.fork})
    return None


def _details(attempt: Attempt, verdict: Granted) -> str | None:
    """Return what else is worth keeping: parts that changed, a reason. Never a serial or a note."""
    details: dict[str, object] = {}
    if verdict.drifted:
        details["drifted"] = verdict.drifted
    if isinstance(attempt, Reset) and attempt.reason:
        details["reason"] = attempt.reason
    return json.dumps(details) if details else None
