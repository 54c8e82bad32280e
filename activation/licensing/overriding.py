"""R4, R5: resets by staff are overrides; bounded, approved by a second person past a bound, and undone.

An agent's resets are counted by the day and a licence's by 30 days. What was undone counts for nothing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

from activation.licensing.identifiers import RESET, to_text
from activation.licensing.model import Activation, Holding
from activation.licensing.recognising import find_device
from activation.licensing.standing import license_refusal
from activation.licensing.values import value
from activation.licensing.verdicts import Granted, Refusal, Refused, Resume

MONTH_S: Final = 30 * 86400

_OWN = "Nobody approves their own: ask a colleague."
_DECIDED = "This was decided before: it is {}."
_NOT_DONE = "Only a reset that was made can be undone; this one is {}."
_NO_UNDO = "A licence that was replaced is not given back."
_SINCE = "A device has activated since, so the reset stays."
_INCOMPARABLE = (
    "A device of this account activated since, and whether it is the same cannot be told: so the reset stays."
)
_ELSEWHERE = "The device holds another licence of this account by now, so the reset stays."
_FORGOTTEN = "What was known of that device was deleted meanwhile, so the reset stays."
_BEYOND = {
    "agent_day": "An agent makes {} resets a day by themselves.",
    "license_month": "A licence is reset by staff {} times in 30 days by one person alone.",
    "replacement": "A licence is replaced by two people.",
}
_WAITS = "A second person must approve; the request waits as {}."


class OverrideKind(IntEnum):
    """What staff do to a licence: reset it (R4), or revoke it and give another (R2)."""

    RESET = 0
    REPLACEMENT = 1


class OverrideState(IntEnum):
    """What became of it."""

    WAITING = 0
    DONE = 1
    DECLINED = 2
    UNDONE = 3


@value
class Override:
    """A reset by staff, or a replacement. `given_id` is the licence given instead. Times in seconds."""

    reset_id: int
    license_id: int
    kind: OverrideKind
    staff_id: int
    reason: str
    note: str
    asked_at: int
    state: OverrideState = OverrideState.WAITING
    decided_by: int | None = None
    decided_at: int | None = None
    undone_by: int | None = None
    undone_at: int | None = None
    given_id: int | None = None


@value
class Bounds:
    """How many resets staff make without a second person: an agent in a day, of a licence in 30 days."""

    agent_day: int = 50
    license_month: int = 4


@value
class Tally:
    """How many there were: by this agent today, of this licence in the last 30 days."""

    agent_day: int
    license_month: int


def day_began(now: int, zone: ZoneInfo) -> int:
    """Return when the calendar day of `now` began in this zone, in seconds since 1970."""
    return int(datetime.combine(datetime.fromtimestamp(now, zone).date(), time(), zone).timestamp())


def left_of(bounds: Bounds, tally: Tally) -> Bounds:
    """Return what is left of the bounds, never below zero."""
    return Bounds(
        max(0, bounds.agent_day - tally.agent_day), max(0, bounds.license_month - tally.license_month)
    )


def bound_reached(bounds: Bounds, tally: Tally) -> tuple[str, int] | None:
    """R5: return the name and the height of a bound that the next reset would be past, else None."""
    if tally.license_month >= bounds.license_month:
        return "license_month", bounds.license_month
    if tally.agent_day >= bounds.agent_day:
        return "agent_day", bounds.agent_day
    return None


def require_approval(reset_id: int, bound: str, height: int) -> Refused:
    """Say that a second person must approve the request kept as `reset_id`, and which bound it is past."""
    waiting = to_text(RESET, reset_id)
    facts: dict[str, object] = {"reset_id": waiting, "bound": bound, "limit": height}
    rule = "R2" if bound == "replacement" else "R5"
    detail = f"{_BEYOND[bound].format(height)} {_WAITS.format(waiting)}"
    return Refused(Refusal.APPROVAL_REQUIRED, rule, detail, facts=facts)


def refuse_approval(override: Override, approver_id: int) -> Refused | None:
    """R5: refuse to approve what is decided already, or one's own, else return None."""
    if override.state is not OverrideState.WAITING:
        return _conflict(_DECIDED.format(override.state.name.lower()))
    if override.staff_id == approver_id:
        return Refused(Refusal.FORBIDDEN, "R5", _OWN)
    return None


def refuse_decline(override: Override) -> Refused | None:
    """Refuse to decline what is decided already, else return None. One's own may be taken back."""
    if override.state is not OverrideState.WAITING:
        return _conflict(_DECIDED.format(override.state.name.lower()))
    return None


def refuse_undo(override: Override) -> Refused | None:
    """Refuse to undo what was never made, or cannot be given back, else return None."""
    if override.kind is OverrideKind.REPLACEMENT:
        return _conflict(_NO_UNDO)
    if override.state is not OverrideState.DONE:
        return _conflict(_NOT_DONE.format(override.state.name.lower()))
    return None


def decide_undo(
    override: Override,
    freed: frozenset[int],
    holding: Holding,
    history: Sequence[Activation],
    now: int,
    peppers: Collection[int],
) -> Granted | Refused:
    """R5: give the licence back to the devices it was freed from, while no new device has activated.

    `freed` are the activations that the reset ended, `history` the licence's, newest first. `peppers` are the
    versions by which devices can still be known (D5).
    """
    held = holding.licenses[override.license_id]
    refused = license_refusal(held, now, while_suspended=True)
    if refused is not None:
        return refused
    if held.current or held.last is None or held.last.activation_id not in freed:
        return _conflict(_SINCE)
    back = [one for one in history if one.activation_id in freed]
    if not all(one.enrolment.current and one.enrolment.pepper in peppers for one in back):
        return _conflict(_FORGOTTEN)  # G2, D5: nothing would ever be that device again
    if any(find_device(holding, one.enrolment.as_seen(), held.major, now) is not None for one in back):
        return _conflict(_ELSEWHERE)
    before = next((one for one in history if one.activation_id not in freed), None)
    last_id = held.last.activation_id
    changes = tuple(Resume(held, one, before, one.activation_id == last_id) for one in back)
    return Granted("R5", held, back[0], fresh=True, changes=changes)


def refuse_incomparable() -> Refused:
    """Refuse an undo where a device activated since, under another pepper, may be the same (L4, D5)."""
    return _conflict(_INCOMPARABLE)


def _conflict(detail: str) -> Refused:
    return Refused(Refusal.CONFLICT, "R5", detail)
