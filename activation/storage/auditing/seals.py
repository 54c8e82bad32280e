"""Seals over the event log: their rows, the hashes of events, and which events are complete.

An event is complete once no transaction that began before its own is under way any more: `pg_snapshot_xmin`.
Whatever is below it has been committed or taken back, and nothing will be added to it.
"""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Final

import asyncpg

from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.statements import statement

PATIENCE_S: Final = 600.0
LOCK: Final = 0x5EA1
RANGE_PAGES: Final = 32
"""As the index event_by_xid is made."""
_COLUMNS: Final = "number, from_xid, until_xid, events, root, before, sealed_at, signed, delegation"


@value
class SealRow:
    """A seal as it is stored. What counts is `signed`; the columns say the same, to be looked at."""

    number: int
    from_xid: int
    until_xid: int
    events: int
    root: bytes
    before: bytes
    sealed_at: int
    signed: str
    delegation: str


@value
class Horizon:
    """Which database this is, the first transaction that may still write, the next one, and the time."""

    database: str
    open_xid: int
    next_xid: int
    now: int


@value
class Hashed:
    """Events of one transaction: how many, and their hashes one behind the other."""

    xid: int
    events: int
    leaves: bytes


@value
class Rewritten:
    """An event that another transaction wrote than it names."""

    about: int
    event_id: int
    happened: datetime
    trace_id: str
    written_by: int


@value
class Restart:
    """What is added to transactions' numbers from now on, what was before, and where the last seal ended."""

    offset: int
    old_offset: int
    until_xid: int
    sealed_at: int


async def lock_sealing(connection: Connection) -> bool:
    """Hold the right to seal until the transaction ends; tell whether it was free."""
    free: bool = await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK)
    return free


async def read_horizon(connection: Connection) -> Horizon:
    """Return how far events are complete now. The clock is the database's own, in seconds since 1970."""
    [row] = await connection.fetch(
        "SELECT c.system_identifier::text || '/' || d.oid::text,"
        " pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint,"
        " floor(date_part('epoch', clock_timestamp()))::bigint"
        " FROM pg_control_system() c, pg_database d, pg_current_snapshot() s"
        " WHERE d.datname = current_database()"
    )
    return Horizon(*row)


async def read_last_seal(connection: Connection) -> SealRow | None:
    """Return the newest seal, or None."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM seal ORDER BY number DESC LIMIT 1")  # noqa: S608
    return None if row is None else SealRow(*row)


async def list_seals(connection: Connection, after: int, limit: int) -> Sequence[SealRow]:
    """Return the seals with numbers above `after`, at most `limit`."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM seal WHERE number > $1 ORDER BY number LIMIT $2",  # noqa: S608
        after,
        limit,
    )
    return [SealRow(*row) for row in rows]


async def add_seal(connection: Connection, row: SealRow) -> None:
    """Store a seal."""
    await connection.execute(
        f"INSERT INTO seal ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",  # noqa: S608
        row.number,
        row.from_xid,
        row.until_xid,
        row.events,
        row.root,
        row.before,
        row.sealed_at,
        row.signed,
        row.delegation,
    )


async def hash_events(connection: Connection, from_xid: int, until_xid: int) -> AsyncGenerator[Hashed, None]:
    """Yield the events of transactions from_xid <= xid < until_xid, in order; inside a transaction."""
    await connection.execute("SET LOCAL work_mem = '64MB'")  # a seal's events are sorted without a file
    found = connection.cursor(statement("hash_events"), from_xid, until_xid, prefetch=500, timeout=PATIENCE_S)
    async for row in found:
        yield Hashed(row[0], row[1], row[2])


async def count_unsealed(connection: Connection, from_xid: int) -> tuple[int, int | None]:
    """Return how many events there are from `from_xid` on, and since when (seconds since 1970)."""
    [row] = await connection.fetch(
        "SELECT count(*), floor(date_part('epoch', min(happened)))::bigint FROM event WHERE xid >= $1",
        from_xid,
        timeout=PATIENCE_S,
    )
    return row[0], row[1]


async def count_outside(connection: Connection, next_xid: int) -> tuple[int, int]:
    """Return how many events name a transaction below zero, and one that has not begun."""
    [row] = await connection.fetch(
        "SELECT (SELECT count(*) FROM event WHERE xid < 0), (SELECT count(*) FROM event WHERE xid >= $1)",
        next_xid,
        timeout=PATIENCE_S,
    )
    return row[0], row[1]


async def summarise_events(connection: Connection, from_page: int) -> int:
    """Bring the index event_by_xid up to date for full page ranges from `from_page`; return the next one.

    Without it every read looks through all pages that autovacuum has not come to yet. It gives way: to nobody
    holding the table now, and where the server is not its owner.
    """
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '100ms'")
            full: int | None = await connection.fetchval(
                "SELECT max(page + $2) FROM (SELECT page, brin_summarize_range(i.oid, page) FROM pg_class i,"
                " generate_series($1::bigint, pg_relation_size('event')"
                " / current_setting('block_size')::bigint - $2::bigint, $2::bigint) AS page"
                " WHERE i.oid = 'event_by_xid'::regclass AND pg_has_role(i.relowner, 'USAGE')) AS done",
                from_page,
                RANGE_PAGES,
                timeout=PATIENCE_S,
            )
    except asyncpg.LockNotAvailableError:
        return from_page
    return from_page if full is None else full


async def begin_anew(connection: Connection, last: Restart) -> int:
    """Let the numbers of transactions go on where they ended, though the database counts from below.

    Nobody writes events until the caller's transaction ends. Events that were written here before are moved
    behind those that were sealed elsewhere; return how many.
    """
    for each in (
        f"ALTER TABLE event ALTER xid SET DEFAULT (pg_current_xact_id()::text::bigint + {last.offset})",
        "ALTER TABLE event DISABLE TRIGGER event_append_only",
    ):
        await connection.execute(each)
    moved: str = await connection.execute(
        "UPDATE event SET xid = xid + $1 WHERE xid < $2 AND happened > to_timestamp($3::bigint)"
        " AND xmin::text::bigint = ((xid - $4) & 4294967295)",
        last.offset - last.old_offset,
        last.until_xid,
        last.sealed_at,
        last.old_offset,
        timeout=PATIENCE_S,
    )
    await connection.execute("ALTER TABLE event ENABLE TRIGGER event_append_only")
    return int(moved.rpartition(" ")[2])


async def hold_events(connection: Connection) -> int:
    """Let nobody write events until the transaction ends; return the highest transaction that one names."""
    await connection.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE", timeout=PATIENCE_S)
    highest: int | None = await connection.fetchval("SELECT max(xid) FROM event", timeout=PATIENCE_S)
    return -1 if highest is None else highest


async def list_rewritten(
    connection: Connection, from_xid: int, until_xid: int, offset: int, limit: int
) -> Sequence[Rewritten]:
    """Return events of a range that were written by another transaction than they name."""
    rows = await connection.fetch(
        statement("rewritten_events"), from_xid, until_xid, offset, limit, timeout=PATIENCE_S
    )
    return [Rewritten(*row) for row in rows]
