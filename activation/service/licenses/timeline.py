"""A licence's history as people read it: what happened, who did it and why, a page at a time.

Staff's notes stand with what they explain; one that explains nothing of the page stands alone, in its place.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from activation.licensing.events import Actor, EventKind
from activation.licensing.identifiers import RESET, from_text
from activation.licensing.values import value
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.auditing.histories import name_people
from activation.storage.licenses.histories import (
    LAST,
    Happening,
    Noted,
    ResetNote,
    read_happenings,
    read_moment,
    read_notes_between,
    read_reset_notes,
)

PAGE: Final = 50
FOR_EVER: Final = 1 << 62
_STANDING: Final = frozenset(
    {EventKind.SUSPENDED, EventKind.REINSTATED, EventKind.REVOKED, EventKind.EXTENDED, EventKind.REPLACED}
)
_SAME_S: Final = 2
"""An event's time is its own, a note's that of its transaction's beginning."""


@value
class Entry:
    """What happened at `at` (seconds since 1970): an event with its note, or a note alone (`kind` is 0).

    `login` is of whoever acted, "" where that is a device or nobody who has one.
    """

    at: int
    kind: int
    actor: int
    role: int | None
    login: str
    note: str
    rule: str
    trace_id: str
    activation_id: int | None
    details: Mapping[str, Any]


@value
class Timeline:
    """A page of a history, the newest first; `next_before` is its last event when more may follow."""

    entries: Sequence[Entry]
    next_before: int | None


async def see_timeline(
    work: Work, license_id: int, before: int | None = None, *, with_looks: bool = False
) -> Timeline:
    """Return a page of a licence's history, with who looked at it or without. It is a look itself (G6)."""
    last = LAST if before is None else before
    events = await read_happenings(work.connection, license_id, PAGE, last, with_looks=with_looks)
    is_last = len(events) < PAGE
    since = 0 if is_last else _second(events[-1])
    until = FOR_EVER if before is None else await read_moment(work.connection, license_id, before)
    notes = await read_notes_between(work.connection, license_id, since - _SAME_S, until + _SAME_S)
    resets = await _reset_notes_of(work, license_id, events)
    await work.look([license_id], ("history", "notes") if notes or resets else ("history",))
    staff = {one.staff_id for one in notes if one.staff_id is not None}
    names = await _name(work, staff.union(one.actor_id for one in events if one.actor_id is not None))
    entries = [_entry(one, _take_note(one, notes) or _reset_note(one, resets), names) for one in events]
    entries += [_alone(one, names) for one in notes if since <= one.noted_at <= until]
    entries.sort(key=lambda one: one.at, reverse=True)
    return Timeline(entries, None if is_last else events[-1].event_id)


async def _reset_notes_of(work: Work, license_id: int, events: Sequence[Happening]) -> list[ResetNote]:
    freed = [one.activation_id for one in events if one.kind == EventKind.AGENT_RESET and one.activation_id]
    asked = [reset_id for reset_id in map(_reset_of, events) if reset_id is not None]
    if not freed and not asked:
        return []
    return await read_reset_notes(work.connection, license_id, freed, asked)


async def _name(work: Work, ids: Iterable[int]) -> Mapping[int, str]:
    names = await name_people(work.connection, sorted(ids))
    await work.look((one for one in names if one != work.person.person_id), (PersonalField.LOGIN,))
    return names


def _alone(noted: Noted, names: Mapping[int, str]) -> Entry:
    login = names.get(noted.staff_id or 0, "")
    return Entry(noted.noted_at, 0, Actor.STAFF, None, login, noted.note, "", "", None, {})


def _entry(event: Happening, note: str, names: Mapping[int, str]) -> Entry:
    return Entry(
        _second(event),
        event.kind,
        event.actor,
        event.role,
        names.get(event.actor_id or 0, ""),
        note,
        event.rule,
        event.trace_id,
        event.activation_id,
        _details_of(event),
    )


def _take_note(event: Happening, left: list[Noted]) -> str:
    """Return the note that explains an event, and take it out of those that are left."""
    if event.kind not in _STANDING:
        return ""
    at = _second(event)
    for one in left:
        if one.staff_id == event.actor_id and abs(one.noted_at - at) <= _SAME_S:
            left.remove(one)
            return one.note
    return ""


def _reset_note(event: Happening, resets: Sequence[ResetNote]) -> str:
    reset_id, at = _reset_of(event), _second(event)
    own = [one for one in resets if one.activation_id is None and one.reset_id == reset_id]
    if not own and event.kind == EventKind.AGENT_RESET:
        own = [one for one in resets if one.activation_id == event.activation_id]
    return min(own, key=lambda one: abs(one.at - at)).note if own else ""


def _reset_of(event: Happening) -> int | None:
    named = _details_of(event).get("reset_id")
    return from_text(RESET, named) if isinstance(named, str) else None


def _details_of(event: Happening) -> dict[str, Any]:
    told = json.loads(event.details) if event.details else {}
    return told if isinstance(told, dict) else {}


def _second(event: Happening) -> int:
    return int(event.happened.timestamp())
