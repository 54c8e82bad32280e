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
    read_device_names,
    read_happenings,
    read_moment,
    read_notes_between,
    read_reset_notes,
)

PAGE: Final = 30
FOR_EVER: Final = 1 << 62
_STANDING: Final = frozenset(
    {EventKind.SUSPENDED, EventKind.REINSTATED, EventKind.REVOKED, EventKind.EXTENDED, EventKind.REPLACED}
)
_SAME_S: Final = 2
"""An event's time is its own, a note's that of its transaction's beginning."""


@value
class Entry:
    """What happened at `at` (seconds since 1970): an event with its note, or a note alone (`kind` is 0).

    `login` is of whoever acted, "" where that is a device or nobody who has one; `device` the name of the one
    concerned. `reset_id` is that of the reset by staff that it is about.
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
    device: str
    reset_id: int | None
    details: Mapping[str, Any]


@value
class Timeline:
    """A page of a history, the newest first; `next_before` is its last event when more may follow."""

    entries: Sequence[Entry]
    next_before: int | None


async def see_timeline(
    work: Work, license_id: int, before: int | None = None, *, with_looks: bool = False, hidden: bool = False
) -> Timeline:
    """Return a page of a licence's history, with who looked at it or without. It is a look itself (G6).

    Devices' names stay away where they are `hidden` from this reader (G3).
    """
    last = LAST if before is None else before
    found = await read_happenings(work.connection, license_id, PAGE + 1, last, with_looks=with_looks)
    events, is_last = found[:PAGE], len(found) <= PAGE
    since = 0 if is_last else _second(events[-1])
    until = FOR_EVER if before is None else await read_moment(work.connection, license_id, before)
    notes = await read_notes_between(work.connection, license_id, since - _SAME_S, until + _SAME_S)
    beside = await _look_beside(work, license_id, events, notes, hidden=hidden)
    entries = [beside.tell(one) for one in events]
    entries += [beside.tell_note(one) for one in beside.notes if since <= one.noted_at <= until]
    entries.sort(key=lambda one: one.at, reverse=True)
    return Timeline(entries, None if is_last else events[-1].event_id)


async def _look_beside(
    work: Work, license_id: int, events: Sequence[Happening], notes: list[Noted], *, hidden: bool
) -> "_Beside":
    """Return what belongs to these events, and tell of the look."""
    resets = await _reset_notes_of(work, license_id, events)
    devices = {} if hidden else await _name_devices(work, license_id, events)
    seen = ["history", *(["notes"] if notes or resets else [])]
    await work.look([license_id], [*seen, *([PersonalField.DEVICE_NAME] if devices else [])])
    staff = {one.staff_id for one in notes if one.staff_id is not None}
    names = await _name(work, staff.union(one.actor_id for one in events if one.actor_id is not None))
    return _Beside(notes, resets, names, devices)


@value
class _Beside:
    """What is known beside events: notes that explain none yet, resets, logins, devices' names."""

    notes: list[Noted]
    resets: Sequence[ResetNote]
    names: Mapping[int, str]
    devices: Mapping[int, str]

    def tell(self, event: Happening) -> Entry:
        """Return an event as an entry; the note that explains it is then no longer left."""
        reset, note = _reset_note(event, self.resets), _take_note(event, self.notes)
        return Entry(
            _second(event),
            event.kind,
            event.actor,
            event.role,
            self.names.get(event.actor_id or 0, ""),
            note or (reset.note if reset is not None else ""),
            event.rule,
            event.trace_id,
            event.activation_id,
            self.devices.get(event.activation_id or 0, ""),
            reset.reset_id if reset is not None else None,
            _details_of(event),
        )

    def tell_note(self, noted: Noted) -> Entry:
        """Return a note alone as an entry."""
        login = self.names.get(noted.staff_id or 0, "")
        return Entry(noted.noted_at, 0, Actor.STAFF, None, login, noted.note, "", "", None, "", None, {})


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


async def _name_devices(work: Work, license_id: int, events: Sequence[Happening]) -> Mapping[int, str]:
    ids = sorted({one.activation_id for one in events if one.activation_id is not None})
    return await read_device_names(work.connection, license_id, ids) if ids else {}


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


def _reset_note(event: Happening, resets: Sequence[ResetNote]) -> ResetNote | None:
    """Return the reset that an event is about: by its id, or as the nearest of its device."""
    reset_id, at = _reset_of(event), _second(event)
    own = [one for one in resets if one.activation_id is None and one.reset_id == reset_id]
    if not own and event.kind == EventKind.AGENT_RESET:
        own = [one for one in resets if one.activation_id == event.activation_id]
    return min(own, key=lambda one: abs(one.at - at), default=None)


def _reset_of(event: Happening) -> int | None:
    named = _details_of(event).get("reset_id")
    return from_text(RESET, named) if isinstance(named, str) else None


def _details_of(event: Happening) -> dict[str, Any]:
    told = json.loads(event.details) if event.details else {}
    return told if isinstance(told, dict) else {}


def _second(event: Happening) -> int:
    return int(event.happened.timestamp())
