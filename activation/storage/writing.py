"""The batch's write: what the rules changed, as arrays for one guarded statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from activation.licensing.devices.enrolment import Enrolment
from activation.licensing.events import Event
from activation.licensing.identifiers import shard_of
from activation.licensing.model import Activation, Holding, License
from activation.licensing.verdicts import Bind, Change, End, Mark, Reenrol, Resume
from activation.storage.connection import Connection
from activation.storage.statements import statement

_WIDTHS = (3, 12, 15, 8, 3, 3, 9, 3, 10)
"""How many arrays each part of write_changes.sql takes, in its order."""


@dataclass(slots=True)
class HoldingWrite:
    """All that one batch changes in one holding, and the events that tell of it."""

    holding: Holding
    changes: list[Change] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


async def write_changes(connection: Connection, writes: Sequence[HoldingWrite], pepper: int) -> list[bool]:
    """Write each holding's changes if its version is still the one read; tell which were.

    `pepper` is the version in use: a row says which one it is under only where that is another.
    Raises asyncpg's UniqueViolationError, with nothing written, when a row stands where none should.
    """
    rows = _Rows(pepper, [[] for _ in _WIDTHS])
    for ordinal, write in enumerate(writes, start=1):
        _add_write(rows, ordinal, write)
    written = {row[0] for row in await connection.fetch(statement("write_changes"), pepper, *rows.arrays())}
    return [ordinal in written for ordinal in range(1, len(writes) + 1)]


async def find_events(connection: Connection, events: Sequence[Event]) -> list[bool]:
    """Tell which of these events are in the log."""
    found = await connection.fetch(
        statement("find_events"),
        [shard_of(event.about) for event in events],
        [event.about for event in events],
        [event.event_id for event in events],
    )
    known = {row[0] for row in found}
    return [n in known for n in range(1, len(events) + 1)]


@dataclass(slots=True)
class _Rows:
    """The statement's parts, each a list of rows, and the pepper's version in use."""

    pepper: int
    parts: list[list[tuple[Any, ...]]]

    def arrays(self) -> Iterable[Sequence[Any]]:
        for part, width in zip(self.parts, _WIDTHS, strict=True):
            if part:
                # asyncpg looks long at every element: nulls alone are told by leaving them out.
                yield from (() if _holds_nothing(column) else column for column in zip(*part, strict=True))
            else:
                yield from ([] for _ in range(width))


def _holds_nothing(column: tuple[Any, ...]) -> bool:
    return column[0] is None and column.count(None) == len(column)


def _add_write(rows: _Rows, n: int, write: HoldingWrite) -> None:
    held, changed, bound, marked, left, took, freed, named, told = rows.parts
    holding = write.holding
    account_id = holding.account.account_id
    held.append((account_id, holding.product_id, holding.version))
    new: dict[int, Activation] = {}
    before: dict[int, tuple[Activation, Enrolment | None]] = {}
    unmoved: dict[int, Activation] = {}
    licenses: dict[int, License] = {}
    for change in write.changes:
        if isinstance(change, Bind):
            new[change.activation.activation_id] = change.activation
            if change.device_name:
                named.append((n, change.activation.activation_id, change.device_name))
        elif isinstance(change, End):
            freed.append(_reset_row(n, change))
            licenses[change.license.license_id] = change.license
            before.setdefault(
                change.activation.activation_id, (change.activation, change.activation.enrolment)
            )
        elif isinstance(change, Reenrol):
            before.setdefault(change.activation.activation_id, (change.activation, change.before))
        elif isinstance(change, Resume):
            licenses[change.license.license_id] = change.license
            # Only the last device of a free seat was still found by its parts.
            found_by = change.activation.enrolment if change.was_last else None
            before.setdefault(change.activation.activation_id, (change.activation, found_by))
        elif isinstance(change, Mark):
            licenses[change.license.license_id] = change.license
        else:  # something of the activation that it is not found by
            unmoved[change.activation.activation_id] = change.activation
    # Last of all: had its parts changed too, it would be found by those of before.
    for key, activation in unmoved.items():
        before.setdefault(key, (activation, activation.enrolment))
    old = [activation for key, (activation, _) in before.items() if key not in new]
    changed.extend(_changed_row(n, activation, rows.pepper) for activation in old)
    bound.extend(_bound_row(n, activation, rows.pepper) for activation in new.values())
    if holding.is_large:
        touched = [*new.values(), *(activation for activation, _ in before.values())]
        licenses.update({one.license_id: holding.licenses[one.license_id] for one in touched})
        _add_seats(left, took, n, new, before, licenses)
    marked.extend(_marked_row(n, one) for one in licenses.values())
    told.extend(_event_row(n, event) for event in write.events)


def _changed_row(n: int, one: Activation, in_use: int) -> tuple[Any, ...]:
    return (
        n,
        one.activation_id,
        one.enrolment.pack(),
        _other_pepper(one, in_use),
        one.ended_at,
        one.ended_why,
        None if one.online else False,
        one.device_key,
        *_proof_of(one),
    )


def _bound_row(n: int, one: Activation, in_use: int) -> tuple[Any, ...]:
    return (
        n,
        one.activation_id,
        one.license_id,
        one.activated_at,
        one.ended_at,
        one.slot or None,
        one.ended_why,
        None if one.online else False,
        one.enrolment.pack(),
        _other_pepper(one, in_use),
        one.device_key,
        *_proof_of(one),
    )


def _other_pepper(one: Activation, in_use: int) -> int | None:
    return one.enrolment.pepper if one.enrolment.pepper != in_use else None


def _proof_of(one: Activation) -> tuple[int | None, bytes | None, int | None, int | None]:
    return one.proof_counter or None, one.proof_hash, one.forked_at, one.fork_told_at


def _marked_row(n: int, held: License) -> tuple[Any, ...]:
    last = held.last.activation_id if held.last is not None else None
    taken = held.free_slot() is None
    return (
        n,
        held.license_id,
        held.self_reset_at,
        held.self_reset_before,
        held.moves,
        held.moved_at,
        last,
        taken,
    )


def _reset_row(n: int, end: End) -> tuple[Any, ...]:
    return (
        n,
        end.reset_id,
        end.activation.activation_id,
        end.license.license_id,
        end.at,
        end.staff_id,
        end.why,
        end.reason,
        end.note,
    )


def _event_row(n: int, event: Event) -> tuple[Any, ...]:
    return (
        n,
        event.about,
        event.event_id,
        event.actor_id,
        event.activation_id,
        event.kind,
        event.actor,
        event.rule,
        event.trace_id,
        event.details,
    )


def _add_seats(
    left: list[tuple[Any, ...]],
    took: list[tuple[Any, ...]],
    n: int,
    new: dict[int, Activation],
    before: dict[int, tuple[Activation, Enrolment | None]],
    licenses: dict[int, License],
) -> None:
    """Bring the digests by which a large holding's seats are found from before to after.

    A seat is found by its current devices and, while it is free, by its last one, which may come back (R10).
    """
    had = {
        (digest, key)
        for key, (_, enrolment) in before.items()
        if key not in new and enrolment is not None
        for digest in enrolment.digests()
    }
    # The last device of a seat that was taken again, should it still be found by it.
    had |= {
        (digest, held.last.activation_id)
        for held in licenses.values()
        if held.last is not None and held.last.activation_id not in new
        for digest in held.last.enrolment.digests()
    }
    touched = {key: activation for key, (activation, _) in before.items()} | new
    has = {
        (digest, key)
        for key, activation in touched.items()
        if activation.ended_at is None or _is_last_of_free(activation, licenses)
        for digest in activation.enrolment.digests()
    }
    left.extend((n, UUID(bytes=digest), key) for digest, key in sorted(had - has))
    took.extend((n, UUID(bytes=digest), key) for digest, key in sorted(has - had))


def _is_last_of_free(activation: Activation, licenses: dict[int, License]) -> bool:
    held = licenses[activation.license_id]
    return held.last is activation and held.free_slot() is not None
