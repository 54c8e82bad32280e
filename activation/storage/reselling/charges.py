"""Payments, each recorded once, and charges beside orders: penalties, reinstating, fees."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from activation.licensing.reselling.charging import Charge, ChargeKind, ChargeState
from activation.licensing.values import value
from activation.storage.connection import Connection, Row

CHARGE_COLUMNS = (
    "charge_id, reseller_id, account_id, kind, amount, paid, opened_at, due_at, state, licenses, closed_at"
)


@value
class Payment:
    """A payment for an order or a charge; negative for a refund."""

    payment_id: int
    purchase_id: int | None
    charge_id: int | None
    amount: Decimal
    paid_at: int
    recorded_by: int | None
    method: str
    reference: str


async def find_payment(connection: Connection, reference: str) -> Payment | None:
    """Return the payment that was recorded under a reference, or None."""
    row = await connection.fetchrow(
        "SELECT payment_id, purchase_id, charge_id, amount, paid_at, recorded_by, method, reference"
        " FROM payment WHERE reference = $1",
        reference,
    )
    return None if row is None else Payment(*row)


async def add_payment(connection: Connection, payment: Payment) -> None:
    """Store a payment. A reference that is taken raises what `lend` tells as RowRefusedError."""
    await connection.execute(
        "INSERT INTO payment (payment_id, purchase_id, charge_id, amount, paid_at, recorded_by, method,"
        " reference) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        payment.payment_id,
        payment.purchase_id,
        payment.charge_id,
        payment.amount,
        payment.paid_at,
        payment.recorded_by,
        payment.method,
        payment.reference,
    )


async def list_payments(connection: Connection, after: int, limit: int) -> list[Payment]:
    """Return payments with ids above `after`, at most `limit`."""
    rows = await connection.fetch(
        "SELECT payment_id, purchase_id, charge_id, amount, paid_at, recorded_by, method, reference"
        " FROM payment WHERE payment_id > $1 ORDER BY payment_id LIMIT $2",
        after,
        limit,
    )
    return [Payment(*row) for row in rows]


async def list_payers(connection: Connection, payment_ids: Sequence[int]) -> list[int]:
    """Return the accounts, resellers aside, whose orders and charges these payments are for."""
    rows = await connection.fetch(
        "SELECT DISTINCT coalesce(p.account_id, c.account_id) FROM payment"
        " LEFT JOIN purchase p USING (purchase_id) LEFT JOIN charge c USING (charge_id)"
        " WHERE payment_id = ANY ($1::bigint[]) AND coalesce(p.account_id, c.account_id) IS NOT NULL"
        " ORDER BY 1",
        payment_ids,
    )
    return [row[0] for row in rows]


async def add_charge(
    connection: Connection,
    charge: Charge,
    *,
    opened_by: int | None = None,
    about: int | None = None,
    note: str = "",
) -> None:
    """Store a new charge. `about` is what it is for: a subscription, say."""
    await connection.execute(
        f"INSERT INTO charge ({CHARGE_COLUMNS}, opened_by, about, note)"  # noqa: S608  (a constant)
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        charge.charge_id,
        charge.reseller_id,
        charge.account_id,
        charge.kind,
        charge.amount,
        charge.paid,
        charge.opened_at,
        charge.due_at,
        charge.state,
        charge.licenses,
        charge.closed_at,
        opened_by,
        about,
        note,
    )


async def read_charge(connection: Connection, charge_id: int, *, lock: bool = False) -> Charge | None:
    """Return a charge, or None; with `lock` nobody else changes it until the transaction ends."""
    row = await connection.fetchrow(
        f"SELECT {CHARGE_COLUMNS} FROM charge WHERE charge_id = $1"  # noqa: S608  (constants)
        + (" FOR UPDATE" if lock else ""),
        charge_id,
    )
    return None if row is None else charge_of(row)


async def list_charges(
    connection: Connection, client_id: int | None, kind: ChargeKind | None, after: int, limit: int
) -> list[Charge]:
    """Return charges (of one reseller or account, of one kind) with ids above `after`, at most `limit`."""
    rows = await connection.fetch(
        f"SELECT {CHARGE_COLUMNS} FROM charge WHERE charge_id > $1"  # noqa: S608  (a constant)
        " AND ($3::bigint IS NULL OR reseller_id = $3 OR account_id = $3)"
        " AND ($4::smallint IS NULL OR kind = $4) ORDER BY charge_id LIMIT $2",
        after,
        limit,
        client_id,
        kind,
    )
    return [charge_of(row) for row in rows]


async def list_open(connection: Connection, kind: ChargeKind, client_id: int | None = None) -> list[Charge]:
    """Return open charges of a kind: of one reseller or account, or of all (None)."""
    rows = await connection.fetch(
        f"SELECT {CHARGE_COLUMNS} FROM charge WHERE state = 0 AND kind = $1"  # noqa: S608  (a constant)
        " AND ($2::bigint IS NULL OR reseller_id = $2 OR account_id = $2) ORDER BY due_at",
        kind,
        client_id,
    )
    return [charge_of(row) for row in rows]


async def write_charge(
    connection: Connection, charge_id: int, paid: Decimal, state: ChargeState, closed_at: int | None
) -> None:
    """Write how much of a charge is paid, and its state."""
    await connection.execute(
        "UPDATE charge SET paid = $2, state = $3, closed_at = $4 WHERE charge_id = $1",
        charge_id,
        paid,
        state,
        closed_at,
    )


def charge_of(row: Row) -> Charge:
    """Return the charge in a row of CHARGE_COLUMNS."""
    values: list[Any] = list(row)
    values[3], values[8] = ChargeKind(values[3]), ChargeState(values[8])
    return Charge(*values)
