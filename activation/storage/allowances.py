"""What is limited, counted for all workers together. The formula (GCRA) is in spend_allowances.sql."""

from collections.abc import Sequence
from typing import Final

from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.statements import statement

PATIENCE_S: Final = 2.0
"""How long a limit may take to tell; what has to wait longer is answered without it."""


@value
class Limit:
    """At most `burst` at once, then one every `interval_s` seconds."""

    name: str
    burst: int
    interval_s: float


@value
class Asked:
    """A key that so many ask for at once, each for one."""

    key: bytes
    limit: Limit
    asked: int = 1


@value
class Spent:
    """How many of those who asked got one, and when the next may come (seconds)."""

    taken: int
    retry_after_s: float


async def spend_allowances(connection: Connection, asked: Sequence[Asked], shift_s: int = 0) -> list[Spent]:
    """Take from each key (all different) what it still has, in one statement; `shift_s` moves the clock."""
    rows = await connection.fetch(
        statement("spend_allowances"),
        [one.key for one in asked],
        [one.limit.burst for one in asked],
        [one.limit.interval_s for one in asked],
        [one.asked for one in asked],
        shift_s,
        timeout=PATIENCE_S,
    )
    found = {row[0]: row for row in rows}
    return [_spent(one.limit, found[one.key][1], found[one.key][2]) for one in asked]


def _spent(limit: Limit, taken: int, level_s: float) -> Spent:
    return Spent(taken, max(0.0, level_s - (limit.burst - 1) * limit.interval_s))


async def forget_allowances(connection: Connection, limit: int, shift_s: int = 0) -> int:
    """Delete at most `limit` keys that hold nothing any more; return how many."""
    done: str = await connection.execute(statement("forget_allowances"), limit, shift_s)
    return int(done.rpartition(" ")[2])
