"""Who was erased, what stays for their bills, and what an erasure would end."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from activation.licensing.identifiers import shard_of
from activation.licensing.values import value
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection

MOST_LICENSES: Final = 1000


@value
class LicenseToEnd:
    """A licence that an erasure would end, and how many devices it runs on."""

    license_id: int
    product_id: int
    major: int
    kind: int
    state: int
    ends_at: int | None
    devices: int


@value
class OpenBill:
    """An order or a charge that stays, with what is still to pay in euros."""

    number: int
    kind: str
    open: Decimal
    due_at: int


@value
class Billing:
    """How many orders and charges an account has, and when the last was made, due or paid (seconds)."""

    bills: int
    last_at: int


async def lock_for_erasure(connection: Connection, account_id: int) -> tuple[int | None, int | None] | None:
    """Hold an account until the transaction ends; return its reseller and when it was erased, or None."""
    row = await connection.fetchrow(
        "SELECT reseller_id, erased_at FROM account WHERE shard = $1 AND account_id = $2 FOR UPDATE",
        shard_of(account_id),
        account_id,
    )
    return None if row is None else (row[0], row[1])


async def licenses_to_end(
    connection: Connection, account_id: int, now: int
) -> tuple[int, list[LicenseToEnd]]:
    """Return how many licences an account may still use, and the first of them."""
    rows = await connection.fetch(
        "SELECT count(*) OVER (), l.license_id, l.product_id, l.major, l.kind, l.state, l.ends_at,"
        " (SELECT count(*) FROM activation c WHERE c.shard = l.shard AND c.license_id = l.license_id"
        " AND c.ended_at IS NULL)"
        " FROM license l WHERE l.shard = $1 AND l.account_id = $2 AND l.state < 2"
        " AND coalesce(l.ends_at > $3, true) ORDER BY l.license_id LIMIT $4",
        shard_of(account_id),
        account_id,
        now,
        MOST_LICENSES,
    )
    return (rows[0][0] if rows else 0), [LicenseToEnd(*list(row)[1:]) for row in rows]


async def open_bills(connection: Connection, account_id: int) -> list[OpenBill]:
    """Return an account's orders and charges that are not settled, the oldest first."""
    rows = await connection.fetch(
        "SELECT purchase_id, 'order', total - paid, due_at FROM purchase WHERE account_id = $1 AND state = 0"
        " UNION ALL SELECT charge_id, 'charge', amount - paid, due_at FROM charge"
        " WHERE account_id = $1 AND state IN (0, 2) ORDER BY 4, 1",
        account_id,
    )
    return [OpenBill(*row) for row in rows]


async def read_billing(connection: Connection, account_id: int) -> Billing:
    """Return how many bills an account has, and the last one's time."""
    row = await connection.fetchrow(
        "SELECT count(*), coalesce(max(at), 0)::bigint FROM ("
        "SELECT greatest(placed_at, paid_at, ended_at, due_at) AS at FROM purchase WHERE account_id = $1"
        " UNION ALL SELECT greatest(opened_at, closed_at, due_at) FROM charge WHERE account_id = $1) bills",
        account_id,
    )
    return Billing(row[0], row[1]) if row else Billing(0, 0)


async def count_devices_known(connection: Connection, account_id: int) -> int:
    """Return how many devices' names are known of an account's current activations."""
    known: int = await connection.fetchval(
        "SELECT count(*) FROM activation c"
        " JOIN license l ON l.shard = c.shard AND l.license_id = c.license_id"
        " WHERE l.shard = $1 AND l.account_id = $2 AND c.ended_at IS NULL",
        shard_of(account_id),
        account_id,
    )
    return known


async def keep_billing_identity(connection: Connection, account_id: int, kept_until: int) -> None:
    """Keep who a bill was made out to until then (seconds): the name, else the e-mail, and the address."""
    await connection.execute(
        "INSERT INTO billing_identity (account_id, shard, name, address, kept_until)"
        " SELECT $2, $1,"
        " coalesce(max(value) FILTER (WHERE field = $3), max(value) FILTER (WHERE field = $4), ''),"
        " coalesce(max(value) FILTER (WHERE field = $5), ''), $6"
        " FROM personal WHERE shard = $1 AND subject = $2 ON CONFLICT (shard, account_id) DO NOTHING",
        shard_of(account_id),
        account_id,
        PersonalField.NAME,
        PersonalField.EMAIL,
        PersonalField.ADDRESS,
        kept_until,
    )


async def end_agreements(connection: Connection, account_id: int, now: int) -> list[int]:
    """End an account's subscriptions and update plans; return the subscriptions' ids."""
    await connection.execute(
        "UPDATE update_plan SET state = 2 WHERE shard = $1 AND account_id = $2 AND state <> 2",
        shard_of(account_id),
        account_id,
    )
    rows = await connection.fetch(
        "UPDATE subscription SET state = 2, ended_at = $3, ended_why = 'erased', refund = 0"
        " WHERE shard = $1 AND account_id = $2 AND state < 2 RETURNING subscription_id",
        shard_of(account_id),
        account_id,
        now,
    )
    return [row[0] for row in rows]


async def running_subscriptions(connection: Connection, account_id: int) -> list[int]:
    """Return an account's subscriptions that have not ended."""
    rows = await connection.fetch(
        "SELECT subscription_id FROM subscription WHERE shard = $1 AND account_id = $2 AND state < 2"
        " ORDER BY subscription_id",
        shard_of(account_id),
        account_id,
    )
    return [row[0] for row in rows]


async def add_erasure(connection: Connection, erased_id: int, erased_at: int) -> None:
    """Enter an erasure into the ledger's table; one that is there stays as it is."""
    await connection.execute(
        "INSERT INTO erasure (account_id, shard, erased_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        erased_id,
        shard_of(erased_id),
        erased_at,
    )


async def list_erasures(connection: Connection) -> list[tuple[int, int]]:
    """Return whom the table names, each with when (seconds), the oldest first."""
    rows = await connection.fetch("SELECT account_id, erased_at FROM erasure ORDER BY erased_at, account_id")
    return [(row[0], row[1]) for row in rows]


async def find_erased(connection: Connection, ids: Sequence[int]) -> dict[int, bool]:
    """Return whom of these the database knows, as accounts or as users, and whether each is erased."""
    rows = await connection.fetch(
        "SELECT a.account_id, a.erased_at IS NOT NULL FROM unnest($1::bigint[]) AS k"
        " JOIN account a ON a.shard = (k >> 55)::smallint AND a.account_id = k"
        " UNION ALL SELECT staff_id, login = 'erased ' || staff_id FROM staff WHERE staff_id = ANY ($1)"
        " UNION ALL SELECT user_id, login = 'erased ' || user_id FROM reseller_user WHERE user_id = ANY ($1)",
        list(ids),
    )
    return {row[0]: row[1] for row in rows}
