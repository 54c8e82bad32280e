"""What happened to a licence, and what staff wrote about it: read backwards by key, however long it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import shard_of
from activation.licensing.values import value
from activation.storage.connection import Connection

LAST: Final = (1 << 63) - 1
_LOOKS: Final = [int(EventKind.LOOKED), int(EventKind.EXPORTED)]
_MOST_NOTES: Final = 200


@value
class Happening:
    """An entry of a licence's history, the numbers as they are stored."""

    event_id: int
    happened: datetime
    kind: int
    actor: int
    actor_id: int | None
    activation_id: int | None
    rule: str
    trace_id: str
    details: str | None
    role: int | None = None


@value
class Noted:
    """Why staff changed a licence's standing, in their words."""

    noted_at: int
    staff_id: int | None
    note: str


@value
class ResetNote:
    """What staff wrote when they freed a licence, or asked for it. `at` is in seconds since 1970."""

    reset_id: int
    activation_id: int | None
    at: int
    note: str


async def read_happenings(
    connection: Connection, about: int, limit: int, before: int = LAST, *, with_looks: bool = True
) -> list[Happening]:
    """Return the events about a licence with ids below `before`, the newest first; ids follow time."""
    rows = await connection.fetch(
        "SELECT event_id, happened, kind, actor, actor_id, activation_id, rule, trace_id, details::text, role"
        " FROM event WHERE shard = $1 AND about = $2 AND event_id < $3 AND kind <> ALL ($4::smallint[])"
        " ORDER BY event_id DESC LIMIT $5",
        shard_of(about),
        about,
        before,
        [] if with_looks else _LOOKS,
        limit,
    )
    return [Happening(*row) for row in rows]


async def read_device_names(
    connection: Connection, license_id: int, activation_ids: Sequence[int]
) -> dict[int, str]:
    """Return the names of devices that hold or held a licence, as far as they are kept."""
    rows = await connection.fetch(
        "SELECT subject, value FROM personal"
        " WHERE shard = $1 AND subject = ANY ($2::bigint[]) AND field = 6 AND value <> ''",
        shard_of(license_id),
        activation_ids,
    )
    return {row[0]: row[1] for row in rows}


async def read_moment(connection: Connection, about: int, event_id: int) -> int:
    """Return when an event about a licence happened (seconds since 1970), 0 where there is none."""
    found: int | None = await connection.fetchval(
        "SELECT floor(date_part('epoch', happened))::bigint FROM event"
        " WHERE shard = $1 AND about = $2 AND event_id = $3",
        shard_of(about),
        about,
        event_id,
    )
    return found or 0


async def add_note(connection: Connection, note_id: int, license_id: int, noted: Noted) -> None:
    """Keep why staff changed a licence's standing."""
    await connection.execute(
        "INSERT INTO license_note (note_id, license_id, shard, noted_at, staff_id, note)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        note_id,
        license_id,
        shard_of(license_id),
        noted.noted_at,
        noted.staff_id,
        noted.note,
    )


async def read_notes(connection: Connection, license_id: int) -> list[Noted]:
    """Return staff's notes about a licence, the newest first."""
    rows = await connection.fetch(
        "SELECT noted_at, staff_id, note FROM license_note WHERE shard = $1 AND license_id = $2"
        " ORDER BY note_id DESC",
        shard_of(license_id),
        license_id,
    )
    return [Noted(*row) for row in rows]


async def read_notes_between(connection: Connection, license_id: int, since: int, until: int) -> list[Noted]:
    """Return staff's notes about a licence of these seconds, both included, the newest first."""
    rows = await connection.fetch(
        "SELECT noted_at, staff_id, note FROM license_note WHERE shard = $1 AND license_id = $2"
        " AND noted_at BETWEEN $3 AND $4 ORDER BY note_id DESC LIMIT $5",
        shard_of(license_id),
        license_id,
        since,
        until,
        _MOST_NOTES,
    )
    return [Noted(*row) for row in rows]


async def read_reset_notes(
    connection: Connection, license_id: int, activation_ids: Sequence[int], reset_ids: Sequence[int]
) -> list[ResetNote]:
    """Return what staff wrote of a licence's resets: of these devices, or with these ids."""
    rows = await connection.fetch(
        "SELECT reset_id, activation_id, reset_at, note FROM reset WHERE shard = $1 AND license_id = $2"
        " AND staff_id IS NOT NULL AND activation_id = ANY ($3::bigint[])"
        " UNION ALL SELECT reset_id, NULL, asked_at, note FROM override"
        " WHERE shard = $1 AND license_id = $2 AND reset_id = ANY ($4::bigint[])",
        shard_of(license_id),
        license_id,
        activation_ids,
        reset_ids,
    )
    return [ResetNote(*row) for row in rows]
