"""Orders of resellers and of end-user accounts, as they stand in `purchase`."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from activation.licensing.model import LicenseKind
from activation.licensing.reselling.ordering import Method, Order, OrderState
from activation.storage.connection import Connection, Row

ORDER_COLUMNS = (
    "purchase_id, reseller_id, account_id, product_id, major, kind, quantity, unit, total, paid, method,"
    " state, placed_at, due_at, paid_at, ended_at"
)


async def add_order(
    connection: Connection, order: Order, placed_by: int | None, *, consumer: bool = False
) -> None:
    """Store a new order."""
    await connection.execute(
        f"INSERT INTO purchase ({ORDER_COLUMNS}, placed_by, consumer)"  # noqa: S608  (a constant)
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        order.purchase_id,
        order.reseller_id,
        order.account_id,
        order.product_id,
        order.major,
        order.kind,
        order.quantity,
        order.unit,
        order.total,
        order.paid,
        order.method,
        order.state,
        order.placed_at,
        order.due_at,
        order.paid_at,
        order.ended_at,
        placed_by,
        consumer,
    )


async def read_order(connection: Connection, purchase_id: int, *, lock: bool = False) -> Order | None:
    """Return an order, or None; with `lock` nobody else changes it until the transaction ends."""
    row = await connection.fetchrow(
        f"SELECT {ORDER_COLUMNS} FROM purchase WHERE purchase_id = $1"  # noqa: S608  (constants)
        + (" FOR UPDATE" if lock else ""),
        purchase_id,
    )
    return None if row is None else order_of(row)


async def list_orders(
    connection: Connection, reseller_id: int | None, state: OrderState | None, after: int, limit: int
) -> list[Order]:
    """Return orders (of one reseller, in one state) with ids above `after`, at most `limit`."""
    filters, values = ["purchase_id > $1"], [after, limit]
    if reseller_id is not None:
        values.append(reseller_id)
        filters.append(f"reseller_id = ${len(values)}")
    if state is not None:
        values.append(state)
        filters.append(f"state = ${len(values)}")
    where = " AND ".join(filters)
    rows = await connection.fetch(
        f"SELECT {ORDER_COLUMNS} FROM purchase WHERE {where} ORDER BY purchase_id LIMIT $2",  # noqa: S608
        *values,
    )
    return [order_of(row) for row in rows]


async def list_unpaid(connection: Connection, column: str, client_id: int | None, now: int) -> list[Order]:
    """Return open purchase orders past due: of one client, or of all (None). `column` is the client's id."""
    assert column in ("reseller_id", "account_id")  # noqa: S101  (never from outside)
    rows = await connection.fetch(
        f"SELECT {ORDER_COLUMNS} FROM purchase WHERE state = 0 AND method <> 0 AND due_at < $1"  # noqa: S608
        f" AND {column} IS NOT NULL AND ($2::bigint IS NULL OR {column} = $2) ORDER BY due_at",
        now,
        client_id,
    )
    return [order_of(row) for row in rows]


async def write_paid(
    connection: Connection, purchase_id: int, paid: Decimal, state: OrderState, paid_at: int | None
) -> None:
    """Write how much of an order is paid, and whether that is all."""
    await connection.execute(
        "UPDATE purchase SET paid = $2, state = $3, paid_at = $4 WHERE purchase_id = $1",
        purchase_id,
        paid,
        state,
        paid_at,
    )


async def write_cancelled(connection: Connection, purchase_ids: list[int], now: int) -> None:
    """Cancel orders."""
    await connection.execute(
        "UPDATE purchase SET state = $2, ended_at = $3 WHERE purchase_id = ANY ($1)",
        purchase_ids,
        OrderState.CANCELLED,
        now,
    )


async def cancel_overdue(connection: Connection, now: int, limit: int) -> list[tuple[int, int]]:
    """Cancel online orders whose time is over, at most `limit`; return each one's id and its client's.

    Skips those that somebody is paying at this moment.
    """
    rows = await connection.fetch(
        "UPDATE purchase SET state = $2, ended_at = due_at WHERE purchase_id IN (SELECT purchase_id"
        " FROM purchase WHERE state = 0 AND method = 0 AND due_at <= $1 ORDER BY due_at LIMIT $3"
        " FOR UPDATE SKIP LOCKED) RETURNING purchase_id, coalesce(reseller_id, account_id)",
        now,
        OrderState.CANCELLED,
        limit,
    )
    return [(row[0], row[1]) for row in rows]


async def cancel_open(connection: Connection, reseller_id: int, now: int) -> list[int]:
    """Cancel all open orders of a reseller; return their ids."""
    rows = await connection.fetch(
        "UPDATE purchase SET state = $2, ended_at = $3 WHERE reseller_id = $1 AND state = 0"
        " RETURNING purchase_id",
        reseller_id,
        OrderState.CANCELLED,
        now,
    )
    return [row[0] for row in rows]


def order_of(row: Row | Sequence[Any]) -> Order:
    """Return the order in a row of ORDER_COLUMNS."""
    values: list[Any] = list(row)
    values[5] = LicenseKind(values[5])
    values[10:12] = Method(values[10]), OrderState(values[11])
    return Order(*values)
