"""Lists as people read them, the newest first: orders, a pool's entries, payments; resellers by name.

A page begins before what the page before it ended with (`before`, 0 for the first one).
"""

from typing import Final

from activation.licensing.identifiers import RESELLER, from_text
from activation.licensing.reselling.charging import Charge
from activation.licensing.reselling.clients import Reseller
from activation.licensing.reselling.ordering import Order, OrderState
from activation.licensing.reselling.pool import PoolKey, PoolWhy
from activation.storage.connection import Connection
from activation.storage.reselling.charges import CHARGE_COLUMNS, Payment, charge_of
from activation.storage.reselling.orders import ORDER_COLUMNS, order_of
from activation.storage.reselling.pool_ledger import PoolEntry
from activation.storage.reselling.resellers import RESELLER_COLUMNS, reseller_of

_NEWEST: Final = 2**63 - 1
_LAST_SEQ: Final = 2**31 - 1


async def list_newest_orders(
    connection: Connection, reseller_id: int, state: OrderState | None, before: int, limit: int
) -> list[Order]:
    """Return a reseller's orders (in one state), the newest first, at most `limit`."""
    rows = await connection.fetch(
        f"SELECT {ORDER_COLUMNS} FROM purchase WHERE reseller_id = $1 AND purchase_id < $2"  # noqa: S608
        " AND ($3::smallint IS NULL OR state = $3) ORDER BY purchase_id DESC LIMIT $4",
        reseller_id,
        before or _NEWEST,
        state,
        limit,
    )
    return [order_of(row) for row in rows]


async def list_newest_entries(
    connection: Connection, key: PoolKey, before: int, limit: int
) -> list[PoolEntry]:
    """Return a pool's entries, the newest first, at most `limit`."""
    rows = await connection.fetch(
        "SELECT seq, delta, balance, why, purchase_id, account_id, actor_id, entered_at FROM pool_entry"
        " WHERE reseller_id = $1 AND product_id = $2 AND major = $3 AND kind = $4 AND seq < $5"
        " ORDER BY seq DESC LIMIT $6",
        key.reseller_id,
        key.product_id,
        key.major,
        key.kind,
        before or _LAST_SEQ,
        limit,
    )
    return [PoolEntry(key, row[0], row[1], row[2], PoolWhy(row[3]), *row[4:]) for row in rows]


async def list_newest_charges(
    connection: Connection, reseller_id: int, before: int, limit: int
) -> list[Charge]:
    """Return a reseller's charges, the newest first, at most `limit`."""
    rows = await connection.fetch(
        f"SELECT {CHARGE_COLUMNS} FROM charge WHERE reseller_id = $1 AND charge_id < $2"  # noqa: S608
        " ORDER BY charge_id DESC LIMIT $3",
        reseller_id,
        before or _NEWEST,
        limit,
    )
    return [charge_of(row) for row in rows]


async def list_payments_for(
    connection: Connection, *, purchase_id: int | None = None, charge_id: int | None = None
) -> list[Payment]:
    """Return what was paid for an order or a charge, oldest first; a refund is negative."""
    rows = await connection.fetch(
        "SELECT payment_id, purchase_id, charge_id, amount, paid_at, recorded_by, method, reference"
        " FROM payment WHERE purchase_id = $1 OR charge_id = $2 ORDER BY payment_id",
        purchase_id,
        charge_id,
    )
    return [Payment(*row) for row in rows]


async def find_resellers(connection: Connection, query: str, after: int, limit: int) -> list[Reseller]:
    """Return resellers whose name contains `query`, or whose id or user's login it is; all for ""."""
    rows = await connection.fetch(
        f"SELECT {RESELLER_COLUMNS} FROM reseller WHERE reseller_id > $2 AND ($1 = ''"  # noqa: S608
        " OR position(lower($1) IN lower(name)) > 0 OR reseller_id = $3"
        " OR reseller_id IN (SELECT reseller_id FROM reseller_user WHERE login = $1))"
        " ORDER BY reseller_id LIMIT $4",
        query,
        after,
        from_text(RESELLER, query) or 0,
        limit,
    )
    return [reseller_of(row) for row in rows]


async def count_open_orders(connection: Connection, reseller_id: int) -> int:
    """Return how many orders of a reseller are open."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM purchase WHERE reseller_id = $1 AND state = $2", reseller_id, OrderState.OPEN
    )
    return count


async def count_assigned(connection: Connection, reseller_id: int) -> int:
    """Return how many licences under a reseller's orders still work at end users'."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM license WHERE reseller_id = $1 AND state <> 2", reseller_id
    )
    return count


async def read_note(connection: Connection, charge_id: int) -> str:
    """Return what staff wrote when a charge was opened."""
    note: str = await connection.fetchval("SELECT note FROM charge WHERE charge_id = $1", charge_id)
    return note


async def read_names(connection: Connection, reseller_ids: list[int]) -> dict[int, str]:
    """Return resellers' names by their ids."""
    rows = await connection.fetch(
        "SELECT reseller_id, name FROM reseller WHERE reseller_id = ANY ($1)", reseller_ids
    )
    return {row[0]: row[1] for row in rows}
