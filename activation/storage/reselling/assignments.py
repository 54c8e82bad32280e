"""What assigning licences reads and writes beside the ledger: whose pool it is, occasions of tests."""

from collections.abc import Sequence

from activation.licensing.model import LicenseKind
from activation.licensing.reselling.affiliates import Share
from activation.licensing.reselling.assigning import Giver
from activation.licensing.reselling.clients import ResellerKind, ResellerState
from activation.licensing.reselling.pool import PoolKey, PoolWhy
from activation.storage.connection import Connection


async def lock_giver(connection: Connection, reseller_id: int) -> Giver | None:
    """Return how a reseller stands, with its pools held until the transaction ends; None for nobody."""
    row = await connection.fetchrow(
        "SELECT kind, state FROM reseller WHERE reseller_id = $1 FOR UPDATE", reseller_id
    )
    return None if row is None else Giver(ResellerKind(row[0]), ResellerState(row[1]))


async def read_share(connection: Connection, reseller_id: int) -> Share:
    """P6: return how many licences a reseller paid for, and how many went to affiliated parties."""
    (row,) = await connection.fetch(
        "SELECT coalesce(sum(e.delta) FILTER (WHERE e.why = $2), 0)::int,"
        " coalesce(-sum(e.delta) FILTER (WHERE e.why = $3 AND e.kind <> $4 AND e.account_id IN"
        " (SELECT account_id FROM account WHERE reseller_id = $1 AND affiliated)), 0)::int"
        " FROM pool_entry e WHERE e.reseller_id = $1",
        reseller_id,
        PoolWhy.PAID,
        PoolWhy.ASSIGNED,
        LicenseKind.TEST,
    )
    return Share(row[0], row[1])


async def read_balance(connection: Connection, key: PoolKey) -> int:
    """Return how many licences a pool has."""
    balance: int | None = await connection.fetchval(
        "SELECT balance FROM pool_entry WHERE reseller_id = $1 AND product_id = $2 AND major = $3"
        " AND kind = $4 ORDER BY seq DESC LIMIT 1",
        key.reseller_id,
        key.product_id,
        key.major,
        key.kind,
    )
    return balance or 0


async def count_occasions(connection: Connection, digests: Sequence[bytes]) -> int:
    """T3: return on how many occasions whoever these digests stand for got test licences."""
    most: int | None = await connection.fetchval(
        "SELECT max(number) FROM occasion WHERE digest = ANY ($1)", list(digests)
    )
    return most or 0


async def add_occasion(connection: Connection, digests: Sequence[bytes], number: int, now: int) -> None:
    """T3: remember an occasion. The key refuses a number that another transaction gave meanwhile."""
    await connection.executemany(
        "INSERT INTO occasion (digest, number, given_at) VALUES ($1, $2, $3)",
        [(digest, number, now) for digest in digests],
    )


async def count_used(connection: Connection, reseller_id: int) -> dict[PoolKey, int]:
    """C3: return how many of the licences assigned from each pool a device holds now."""
    rows = await connection.fetch(
        "SELECT l.product_id, l.major, l.kind, count(*)::int FROM license l"
        " WHERE l.reseller_id = $1 AND EXISTS (SELECT FROM activation c WHERE c.shard = l.shard"
        " AND c.license_id = l.license_id AND c.ended_at IS NULL) GROUP BY 1, 2, 3",
        reseller_id,
    )
    return {PoolKey(reseller_id, row[0], row[1], LicenseKind(row[2])): row[3] for row in rows}


async def read_update_months(connection: Connection, product_id: int) -> int | None:
    """Return how many months of updates come with a licence of this product; None for all of them (L7)."""
    months: int | None = await connection.fetchval(
        "SELECT update_months FROM product WHERE product_id = $1", product_id
    )
    return months
