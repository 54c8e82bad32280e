"""Sums of what happened, by minute and by day: kept as it happens, so that pictures of them are quick.

Times are seconds since 1970. `what` is an event's kind, or 0 for a refusal, whose code is its reason.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.statements import statement

REFUSED: Final = 0
PATIENCE_S: Final = 600.0
_PEAK_S: Final = 3600


class Span(IntEnum):
    """How long a sum is of."""

    MINUTE = 1
    DAY = 2
    PEAK = 3
    """The busiest minute of a day."""


@value
class Sum:
    """How often something happened from `since` on; `reason` only of refusals."""

    since: int
    what: int
    reason: str
    number: int


@value
class Total:
    """How often something happened in all, for which reason, by whom."""

    what: int
    reason: str
    by_id: int
    number: int


async def lock_counted(connection: Connection) -> int | None:
    """Return up to which transaction events are counted; None when another process is counting."""
    until: int | None = await connection.fetchval(
        "SELECT until_xid FROM activity_counted FOR UPDATE SKIP LOCKED"
    )
    return until


async def count_events(
    connection: Connection,
    from_xid: int,
    until_xid: int,
    zone: ZoneInfo,
    first_minute: int,
    kinds: Sequence[int],
    told_apart: Sequence[int],
) -> int:
    """Count the events of complete transactions from_xid <= xid < until_xid; return how many there were."""
    counted: int = await connection.fetchval(
        statement("count_events"),
        from_xid,
        until_xid,
        zone.key,
        first_minute,
        kinds,
        told_apart,
        timeout=PATIENCE_S,
    )
    await connection.execute("UPDATE activity_counted SET until_xid = $1", until_xid)
    return counted


async def add_refusals(
    connection: Connection, refused: Mapping[tuple[int, str], int], zone: ZoneInfo
) -> None:
    """Add refusals, by the minute and their code, to the sums of minutes and days."""
    rows = sorted((minute, code, number) for (minute, code), number in refused.items())
    minutes, codes, numbers = zip(*rows, strict=True)
    await connection.execute(statement("add_refusals"), minutes, codes, numbers, zone.key)


async def note_peaks(connection: Connection, now: int, zone: ZoneInfo, whats: Sequence[int]) -> None:
    """Keep the busiest minute of each day, as far as minutes of the last hour tell it."""
    await connection.execute(statement("note_peaks"), now - _PEAK_S, zone.key, whats)


async def forget_minutes(connection: Connection, before: int) -> None:
    """Delete the sums of minutes before `before`; the days' stay."""
    await connection.execute("DELETE FROM activity WHERE span = 1 AND since < $1", before)


async def read_sums(connection: Connection, span: Span, since: int) -> list[Sum]:
    """Return what happened in each minute, or on each day, from `since` on."""
    rows = await connection.fetch(
        "SELECT since, what, CASE WHEN what = 0 THEN reason ELSE '' END AS why, sum(number)::bigint"
        " FROM activity WHERE span = $1 AND since >= $2 GROUP BY since, what, why ORDER BY since",
        int(span),
        since,
    )
    return [Sum(*row) for row in rows]


async def read_totals(connection: Connection, span: Span, since: int, whats: Sequence[int]) -> list[Total]:
    """Return how often each happened from `since` on, by reason and by whom; the most frequent first."""
    rows = await connection.fetch(
        "SELECT what, reason, by_id, sum(number)::bigint AS number FROM activity"
        " WHERE span = $1 AND since >= $2 AND what = ANY ($3::smallint[])"
        " GROUP BY what, reason, by_id ORDER BY number DESC, reason, by_id",
        int(span),
        since,
        whats,
    )
    return [Total(*row) for row in rows]


async def read_load(connection: Connection, since: int, whats: Sequence[int]) -> dict[int, int]:
    """Return how many of these there were in each minute from `since` on; quiet minutes are left out."""
    rows = await connection.fetch(
        "SELECT since, sum(number)::bigint FROM activity"
        " WHERE span = 1 AND since >= $1 AND what = ANY ($2::smallint[]) GROUP BY since",
        since,
        whats,
    )
    return {row[0]: row[1] for row in rows}


async def count_ending_subscriptions(connection: Connection, now: int, until: int) -> dict[int, int]:
    """Return how many running subscriptions' paid time ends in each week from now on, -1 for before now."""
    rows = await connection.fetch(
        "SELECT CASE WHEN paid_until < $1::bigint THEN -1 ELSE (paid_until - $1::bigint) / 604800 END"
        " AS week, count(*) FROM subscription WHERE state = 1 AND paid_until < $2 GROUP BY week",
        now,
        until,
    )
    return {row[0]: row[1] for row in rows}


async def name_staff(connection: Connection, staff_ids: Sequence[int]) -> dict[int, str]:
    """Return the logins of these people of staff, of whom there are still any."""
    rows = await connection.fetch(
        "SELECT staff_id, login FROM staff WHERE staff_id = ANY ($1::bigint[])", staff_ids
    )
    return {row[0]: row[1] for row in rows}
