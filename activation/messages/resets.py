"""What staff send and get about resets: with a reason, waiting, approved, undone (R2, R4-R6)."""

import msgspec
from msgspec import Struct

from activation.messages.strict import MalformedError, decode


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """A request whose address says it all; its body is `{}` or not there."""


class Left(Struct, frozen=True):
    """How many resets are left until a second person must approve (R5)."""

    agent_day: int
    license_month: int


class ExposureAnswer(Struct, frozen=True):
    """What a reset leaves, or would leave, open (R6). Times are RFC 3339, `differing` kinds of component."""

    license_id: str
    certificate_until: str | None
    certificate_for_ever: bool
    certificate_seconds: int | None
    live_certificates: int
    moves: int
    moves_30_days: int
    moved_at: list[str]
    differing: list[str] | None
    waiting: list[str]
    left: Left


class OverrideAnswer(Struct, frozen=True, omit_defaults=True):
    """Answer to a reset by staff, and to what is decided about one; `given` is a licence given instead."""

    license_id: str
    reset_id: str
    state: str
    given: str | None = None
    exposure: ExposureAnswer | None = None


class ListedOverride(Struct, frozen=True):
    """One reset by staff in a list."""

    reset_id: str
    license_id: str
    kind: str
    state: str
    reason: str
    note: str
    asked_by: str
    asked_at: str
    decided_by: str | None
    decided_at: str | None
    undone_by: str | None
    undone_at: str | None
    given: str | None


class OverridesAnswer(Struct, frozen=True, omit_defaults=True):
    """Answer to `GET /v1/staff/resets`; `next_after` is there when more follow."""

    resets: list[ListedOverride]
    next_after: str | None = None


_NOTHING = msgspec.json.Decoder(Nothing)
_STATES = ("waiting", "done", "declined", "undone")


def parse_nothing(body: bytes) -> None:
    """Refuse a body that says anything. Raises MalformedError."""
    if body:
        decode(_NOTHING, body)


def parse_state(text: str) -> str:
    """Read the state that a list is asked for. Raises MalformedError."""
    if text not in _STATES:
        raise MalformedError("state", f"The state must be one of {', '.join(_STATES)}.")
    return text
