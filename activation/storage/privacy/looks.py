"""Who looked at whose data, from the log: for a breach report (G7).

A look is an event of kind LOOKED or EXPORTED whose details name the act and the fields. It is about an
account, or about a licence of one.
"""

from collections.abc import AsyncIterator
from typing import Final

from activation.licensing.identifiers import shard_of
from activation.licensing.values import value
from activation.storage.connection import Connection, Row
from activation.storage.statements import statement

_AT_ONCE: Final = 1000


@value
class Asked:
    """What a breach report is about: looks from `since` to before `until` (seconds), by one, at one."""

    since: int
    until: int
    reader_id: int | None = None
    account_id: int | None = None
    field: str | None = None


@value
class Exposed:
    """One field of one person as one reader saw it: how often, when, by which acts, from where.

    The person is an end user, by the "account", a "user" of a reseller's, one of "staff", or a "reseller".
    """

    person_id: int
    field: str
    actor: int
    actor_id: int | None
    role: int | None
    times: int
    first_at: int
    last_at: int
    acts: tuple[str, ...]
    addresses: tuple[str, ...]
    person_kind: str


@value
class LooksOfDay:
    """How many looks at how many people a day (its first second, UTC) saw."""

    day: int
    looks: int
    persons: int


@value
class Reader:
    """Who read: by which login, and for which reseller."""

    reader_id: int
    login: str
    reseller_id: int | None


async def stream_exposed(connection: Connection, asked: Asked) -> AsyncIterator[Exposed]:
    """Walk over what was seen, by person, field and reader; within a transaction."""
    async for row in connection.cursor(statement("read_exposed"), *_values(asked), prefetch=_AT_ONCE):
        yield _exposed(row)


async def count_days(connection: Connection, asked: Asked) -> list[LooksOfDay]:
    """Return how many looks each day saw."""
    return [LooksOfDay(*row) for row in await connection.fetch(statement("count_looks"), *_values(asked))]


async def find_reader(connection: Connection, login: str) -> int | None:
    """Return the person of staff or reseller's user with this login, or None."""
    found: int | None = await connection.fetchval(
        "SELECT staff_id FROM staff WHERE login = $1"
        " UNION ALL SELECT user_id FROM reseller_user WHERE login = $1 LIMIT 1",
        login,
    )
    return found


async def readers_named(connection: Connection, reader_ids: set[int]) -> dict[int, Reader]:
    """Return who these readers are, as far as they are still known."""
    rows = await connection.fetch(
        "SELECT staff_id, login, NULL::bigint FROM staff WHERE staff_id = ANY ($1::bigint[])"
        " UNION ALL SELECT user_id, login, reseller_id FROM reseller_user WHERE user_id = ANY ($1)",
        list(reader_ids),
    )
    return {row[0]: Reader(*row) for row in rows}


def _values(asked: Asked) -> tuple[object, ...]:
    person = asked.account_id
    shard = None if person is None else shard_of(person)
    return float(asked.since), float(asked.until), asked.reader_id, person, shard, asked.field


def _exposed(row: Row) -> Exposed:
    seen = row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]
    return Exposed(*seen, tuple(row[8] or ()), tuple(row[9] or ()), row[10])
