"""What an account owes beside its purchases (fees), and the payments that came for it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from activation.licensing.reselling.charging import Charge, ChargeKind, ChargeState
from activation.licensing.values import value
from activation.storage.connection import Connection, Row

_COLUMNS: Final = (
    "charge_id, reseller_id, account_id, kind, amount, paid, opened_at, due_at, state, licenses, closed_at"
)


@value
class NewCharge:
    """A charge to open for an account; `about` is its subscription, plan or purchase."""

    charge_id: int
    account_id: int
    kind: ChargeKind
    about: int
    amount: Decimal
    opened_at: int
    opened_by: int | None
    due_at: int
    note: str = ""


@value
class NewPayment:
    """A payment to keep; negative for a refund. `reference` is the processor's or the bank's."""

    payment_id: int
    amount: Decimal
    paid_at: int
    recorded_by: int | None
    method: str
    reference: str
    purchase_id: int | None = None
    charge_id: int | None = None


async def open_charge(connection: Connection, new: NewCharge) -> None:
    """Store a new open charge."""
    await connection.execute(
        "INSERT INTO charge (charge_id, account_id, kind, about, amount, opened_at, opened_by, due_at, note)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.charge_id,
        new.account_id,
        new.kind,
        new.about,
        new.amount,
        new.opened_at,
        new.opened_by,
        new.due_at,
        new.note,
    )


async def charges_about(connection: Connection, account_id: int, about: int) -> list[Charge]:
    """Return an account's charges for one subscription, plan or purchase, oldest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM charge WHERE account_id = $1 AND about = $2 ORDER BY charge_id",  # noqa: S608
        account_id,
        about,
    )
    return [_charge(row) for row in rows]


async def add_payment(connection: Connection, new: NewPayment) -> None:
    """Store a payment; the same reference twice is refused by the unique key."""
    await connection.execute(
        "INSERT INTO payment (payment_id, purchase_id, charge_id, amount, paid_at, recorded_by, method,"
        " reference) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.payment_id,
        new.purchase_id,
        new.charge_id,
        new.amount,
        new.paid_at,
        new.recorded_by,
        new.method,
        new.reference,
    )


async def is_recorded(connection: Connection, reference: str) -> bool:
    """Tell whether a payment with this reference was recorded before."""
    found = await connection.fetchval("SELECT true FROM payment WHERE reference = $1", reference)
    return found is not None


async def set_charge(
    connection: Connection, charge_id: int, paid: Decimal, state: ChargeState, closed_at: int | None
) -> None:
    """Keep what of a charge is paid and how it stands."""
    await connection.execute(
        "UPDATE charge SET paid = $2, state = $3, closed_at = $4 WHERE charge_id = $1",
        charge_id,
        paid,
        state,
        closed_at,
    )


async def waive_open(connection: Connection, account_id: int, about: int, now: int) -> Sequence[int]:
    """Waive what is still open for a subscription or plan that ended; return the charges' ids."""
    rows = await connection.fetch(
        "UPDATE charge SET state = 4, closed_at = $3 WHERE account_id = $1 AND about = $2 AND state = 0"
        " RETURNING charge_id",
        account_id,
        about,
        now,
    )
    return [row[0] for row in rows]


def _charge(row: Row) -> Charge:
    charge_id, reseller_id, account_id, kind, amount, paid, opened_at, due_at, state, *rest = row
    return Charge(
        charge_id,
        reseller_id,
        account_id,
        ChargeKind(kind),
        amount,
        paid,
        opened_at,
        due_at,
        ChargeState(state),
        *rest,
    )
