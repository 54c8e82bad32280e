"""The pools as ledgers: entries, never a bare counter, each continuing the one before.

Whoever changes a pool first locks its reseller's row: P5 and P6 span all that a reseller has. Behind the
lock stands the key: an entry's number is taken once.
"""

from collections.abc import Sequence

from activation.licensing.model import LicenseKind
from activation.licensing.reselling.pool import Lot, PoolKey, PoolShortError, PoolWhy, left_of
from activation.licensing.values import value
from activation.storage.connection import Connection, Row

_KEY = "reseller_id = $1 AND product_id = $2 AND major = $3 AND kind = $4"
_ENTRY = "seq, delta, balance, why, purchase_id, account_id, actor_id, entered_at"


@value
class PoolEntry:
    """One entry: what changed by how much, and how many licences the pool had then."""

    key: PoolKey
    seq: int
    delta: int
    balance: int
    why: PoolWhy
    purchase_id: int | None
    account_id: int | None
    actor_id: int | None
    entered_at: int


@value
class Balance:
    """How many licences a pool has, and how many ever came in, were assigned, and left otherwise."""

    key: PoolKey
    balance: int
    paid: int
    granted: int
    assigned: int
    gone: int


@value
class BrokenEntry:
    """An entry that does not continue the one before: the balance it tells, and the one it should tell."""

    key: PoolKey
    seq: int
    balance: int
    expected: int


@value
class _Change:
    """One change of a pool to enter: `delta` licences more, or fewer when it is negative."""

    delta: int
    why: PoolWhy
    purchase_id: int | None = None
    account_id: int | None = None


@value
class Taken:
    """Licences of one order that leave a pool for an account."""

    lot: Lot
    why: PoolWhy
    account_id: int


async def lock_reseller(connection: Connection, reseller_id: int) -> None:
    """Let nobody else change this reseller's pools, orders or standing until the transaction ends."""
    await connection.execute("UPDATE reseller SET version = version + 1 WHERE reseller_id = $1", reseller_id)


async def enter(
    connection: Connection,
    key: PoolKey,
    delta: int,
    why: PoolWhy,
    *,
    now: int,
    purchase_id: int | None = None,
    account_id: int | None = None,
    actor_id: int | None = None,
) -> int:
    """Enter one change and return the new balance. Raises PoolShortError, with nothing entered.

    Within a transaction, which then holds the reseller's row.
    """
    await lock_reseller(connection, key.reseller_id)
    change = _Change(delta, why, purchase_id, account_id)
    return await _append(connection, key, [change], now, actor_id)


async def enter_taken(
    connection: Connection,
    key: PoolKey,
    taken: Sequence[Taken],
    *,
    now: int,
    actor_id: int | None = None,
) -> None:
    """Enter what many assignments took, in their order. Raises PoolShortError, with nothing entered."""
    await lock_reseller(connection, key.reseller_id)
    changes = [_Change(-one.lot.count, one.why, one.lot.purchase_id, one.account_id) for one in taken]
    await _append(connection, key, changes, now, actor_id)


async def read_lots(connection: Connection, key: PoolKey) -> list[Lot]:
    """Return what is left of each order in a pool, oldest first."""
    rows = await connection.fetch(
        "SELECT purchase_id, sum(delta)::int FROM pool_entry"  # noqa: S608  (constants)
        f" WHERE {_KEY} GROUP BY purchase_id ORDER BY min(seq)",
        *_values(key),
    )
    return left_of(Lot(row[0], row[1]) for row in rows)


async def balances(connection: Connection, reseller_id: int) -> list[Balance]:
    """Return how every pool of a reseller stands."""
    rows = await connection.fetch(
        "SELECT product_id, major, kind, sum(delta)::int,"
        " coalesce(sum(delta) FILTER (WHERE why = $2), 0)::int,"
        " coalesce(sum(delta) FILTER (WHERE why = $3), 0)::int,"
        " coalesce(-sum(delta) FILTER (WHERE why = ANY ($4)), 0)::int,"
        " coalesce(-sum(delta) FILTER (WHERE why = ANY ($5)), 0)::int"
        " FROM pool_entry WHERE reseller_id = $1 GROUP BY product_id, major, kind ORDER BY 1, 2, 3",
        reseller_id,
        PoolWhy.PAID,
        PoolWhy.TESTS_GRANTED,
        [PoolWhy.ASSIGNED, PoolWhy.OWN_USE],
        [PoolWhy.FORFEITED, PoolWhy.DISABLED],
    )
    return [Balance(PoolKey(reseller_id, row[0], row[1], LicenseKind(row[2])), *row[3:]) for row in rows]


async def read_left(connection: Connection, reseller_id: int) -> list[tuple[PoolKey, int]]:
    """Return how many licences each pool of a reseller has left: of each its last entry's balance."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (product_id, major, kind) product_id, major, kind, balance FROM pool_entry"
        " WHERE reseller_id = $1 ORDER BY product_id DESC, major DESC, kind DESC, seq DESC",
        reseller_id,
    )
    return [(PoolKey(reseller_id, row[0], row[1], LicenseKind(row[2])), row[3]) for row in reversed(rows)]


async def entries(connection: Connection, key: PoolKey, after: int, limit: int) -> list[PoolEntry]:
    """Return a pool's entries numbered above `after`, at most `limit`."""
    rows = await connection.fetch(
        f"SELECT {_ENTRY} FROM pool_entry WHERE {_KEY} AND seq > $5"  # noqa: S608  (constants)
        " ORDER BY seq LIMIT $6",
        *_values(key),
        after,
        limit,
    )
    return [PoolEntry(key, row[0], row[1], row[2], PoolWhy(row[3]), *row[4:]) for row in rows]


async def prove(connection: Connection) -> list[BrokenEntry]:
    """Return every entry of every pool that does not continue the one before; none when all add up."""
    rows = await connection.fetch(
        "SELECT * FROM (SELECT reseller_id, product_id, major, kind, seq, balance,"
        " sum(delta) OVER ledger AS expected, row_number() OVER ledger AS number FROM pool_entry"
        " WINDOW ledger AS (PARTITION BY reseller_id, product_id, major, kind ORDER BY seq)) AS entry"
        " WHERE balance <> expected OR seq <> number"
    )
    return [_broken(row) for row in rows]


async def _append(
    connection: Connection,
    key: PoolKey,
    changes: Sequence[_Change],
    now: int,
    actor_id: int | None,
) -> int:
    seq, before = await _last(connection, key)
    balance = before
    rows = []
    for number, change in enumerate(changes, seq + 1):
        balance += change.delta
        if balance < 0:
            raise PoolShortError(before)
        rows.append((change.why, number, change.delta, balance, change.purchase_id, change.account_id))
    await connection.executemany(
        "INSERT INTO pool_entry (reseller_id, product_id, major, kind, actor_id, entered_at, why,"
        " seq, delta, balance, purchase_id, account_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        [(*_values(key), actor_id, now, *row) for row in rows],
    )
    return balance


async def _last(connection: Connection, key: PoolKey) -> tuple[int, int]:
    row = await connection.fetchrow(
        f"SELECT seq, balance FROM pool_entry WHERE {_KEY}"  # noqa: S608  (constants)
        " ORDER BY seq DESC LIMIT 1",
        *_values(key),
    )
    return (0, 0) if row is None else (row[0], row[1])


def _values(key: PoolKey) -> tuple[int, int, int, int]:
    return key.reseller_id, key.product_id, key.major, key.kind


def _broken(row: Row) -> BrokenEntry:
    key = PoolKey(row[0], row[1], row[2], LicenseKind(row[3]))
    return BrokenEntry(key, row[4], row[5], int(row[6]))
