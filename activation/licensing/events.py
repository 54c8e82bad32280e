"""What the event log tells: kinds of event and of actor, as the small numbers they are stored as."""

from enum import IntEnum

from activation.licensing.attempts import By
from activation.licensing.values import value


class EventKind(IntEnum):
    """What happened."""

    ACTIVATED = 1
    PARTS_CHANGED = 2
    RESET = 3
    AGENT_RESET = 4
    RELEASED = 5
    MOVED = 6
    ACCOUNT_MADE = 10
    LICENSES_GRANTED = 11
    STAFF_MADE = 12
    LICENSE_STATE = 13


class Actor(IntEnum):
    """Who did it."""

    SYSTEM = 0
    OWNER = 1
    ACTIVATOR = 2
    DEVICE = 3
    STAFF = 4


ACTOR_OF = {
    By.OWNER: Actor.OWNER,
    By.ACTIVATOR: Actor.ACTIVATOR,
    By.DEVICE: Actor.DEVICE,
    By.STAFF: Actor.STAFF,
}


@value
class Event:
    """One entry of the log. `about` is the licence, else the account or person of staff it concerns."""

    about: int
    event_id: int
    kind: EventKind
    actor: Actor
    rule: str
    trace_id: str
    actor_id: int | None = None
    activation_id: int | None = None
    details: str | None = None
