"""What an account owes for one subscription or update plan."""

from typing import Final

from activation.licensing.reselling.charging import Charge, ChargeKind, ChargeState
from activation.storage.connection import Connection, Row

_COLUMNS: Final = (
    "charge_id, reseller_id, account_id, kind, amount, paid, opened_at, due_at, state, licenses, closed_at"
)


async def charges_about(connection: Connection, account_id: int, about: int) -> list[Charge]:
    """Return an account's charges for one subscription, plan or purchase, oldest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM charge WHERE account_id = $1 AND about = $2 ORDER BY charge_id",  # noqa: S608
        account_id,
        about,
    )
    return [_charge(row) for row in rows]


async def waive_open(connection: Connection, account_id: int, about: int, now: int) -> list[int]:
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
