"""Sessions of people who are signed in: how far one has come, and when it is over. Times in seconds."""

from enum import IntEnum
from typing import Final

from activation.licensing.roles import STAFF, Role
from activation.licensing.values import value

UNFINISHED_S: Final = 600
"""How long a session may wait for its second factor."""
STEP_UP_S: Final = 600
"""How long a second factor counts for dangerous acts."""
SEEN_S: Final = 60
"""How late `seen_at` may be: it is not written at every request."""


class PersonKind(IntEnum):
    """Whose a session is."""

    STAFF = 1
    USER = 2
    END_USER = 3


class Stage(IntEnum):
    """How far somebody has come in signing in."""

    FACTOR_AWAITED = 1
    FACTOR_MISSING = 2
    SIGNED_IN = 3


class WhyEnded(IntEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = 1
    ENDED_FROM_ANOTHER = 2
    PASSWORD_CHANGED = 3
    CLOSED_BY_STAFF = 4
    TOO_OLD = 5


@value
class SessionLimits:
    """How long a session may lie idle, and how long it may last whatever happens; staff's are shorter."""

    staff_idle_s: int = 1800
    idle_s: int = 12 * 3600
    staff_s: int = 12 * 3600
    longest_s: int = 7 * 86_400

    def idle_of(self, kind: PersonKind) -> int:
        """Return after how many idle seconds a session of theirs is over."""
        return self.staff_idle_s if kind is PersonKind.STAFF else self.idle_s

    def longest_of(self, kind: PersonKind) -> int:
        """Return after how many seconds a session of theirs is over in any case."""
        return self.staff_s if kind is PersonKind.STAFF else self.longest_s


@value
class SessionAge:
    """What of a session tells whether it is over."""

    kind: PersonKind
    stage: Stage
    seen_at: int
    ends_at: int
    ended_at: int | None = None


def is_over(session: SessionAge, limits: SessionLimits, now: int) -> bool:
    """Tell whether a session was ended, lay idle too long, or has lasted its time."""
    idle_until = session.seen_at + limits.idle_of(session.kind)
    return session.ended_at is not None or now >= min(session.ends_at, idle_until)


def ends_at(kind: PersonKind, stage: Stage, limits: SessionLimits, now: int) -> int:
    """Return when a session that comes to this stage now ends at the latest."""
    return now + (limits.longest_of(kind) if stage is Stage.SIGNED_IN else UNFINISHED_S)


def has_stepped_up(stepped_up_at: int | None, now: int) -> bool:
    """Tell whether the second factor was shown in this session shortly before."""
    return stepped_up_at is not None and now < stepped_up_at + STEP_UP_S


def kind_of(role: Role) -> PersonKind:
    """Return whose sessions somebody in this role has."""
    if role is Role.END_USER:
        return PersonKind.END_USER
    return PersonKind.STAFF if role in STAFF else PersonKind.USER
