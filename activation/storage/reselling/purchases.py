"""What direct customers bought: found by reference or e-mail, withdrawn from, counted (C1, C3, P10)."""

from dataclasses import field

from activation.licensing.identifiers import shard_of
from activation.licensing.model import LicenseKind
from activation.licensing.reselling.ordering import Order, OrderState
from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.reselling.orders import ORDER_COLUMNS, order_of, read_order


@value
class Purchase:
    """A direct customer's order with what only such a one has."""

    order: Order
    consumer: bool
    downloaded_at: int | None
    reference: str | None


@value
class HeldCount:
    """C3: licences of a product, major and kind: bought, on a device now, and free to be activated."""

    product_id: int
    major: int
    kind: LicenseKind
    bought: int
    used: int
    free: int


@value
class EmailOwner:
    """Whose e-mail a digest stands for."""

    account_id: int
    digest: bytes = field(repr=False)


async def find_by_email(connection: Connection, digest: bytes) -> EmailOwner | None:
    """Return the direct customer's account with this e-mail, or None."""
    row = await connection.fetchrow("SELECT account_id FROM account_by_email WHERE digest = $1", digest)
    return None if row is None else EmailOwner(row[0], digest)


async def add_email(connection: Connection, owner: EmailOwner, instead_of: int | None) -> None:
    """Keep whose e-mail this is; `instead_of` is a former account that is closed.

    Somebody else's at the same time is refused by the key.
    """
    await connection.execute(
        "DELETE FROM account_by_email WHERE digest = $1 AND account_id = $2", owner.digest, instead_of
    )
    await connection.execute(
        "INSERT INTO account_by_email (digest, account_id) VALUES ($1, $2)", owner.digest, owner.account_id
    )


async def find_purchase(connection: Connection, reference: str) -> Purchase | None:
    """Return the purchase with this reference, held until the transaction ends, or None."""
    purchase_id = await connection.fetchval(
        "SELECT purchase_id FROM purchase WHERE reference = $1 AND account_id IS NOT NULL", reference
    )
    return None if purchase_id is None else await lock_purchase(connection, purchase_id)


async def lock_purchase(connection: Connection, purchase_id: int) -> Purchase | None:
    """Return a direct customer's purchase, held until the transaction ends, or None."""
    order = await read_order(connection, purchase_id, lock=True)
    if order is None or order.account_id is None:
        return None
    row = await connection.fetchrow(
        "SELECT consumer, downloaded_at, reference FROM purchase WHERE purchase_id = $1", purchase_id
    )
    return None if row is None else Purchase(order, *row)


async def set_reference(connection: Connection, purchase_id: int, reference: str) -> None:
    """Keep under which reference a purchase is known outside; a taken one is refused by the unique key."""
    await connection.execute(
        "UPDATE purchase SET reference = $2 WHERE purchase_id = $1", purchase_id, reference
    )


async def mark_downloaded(connection: Connection, purchase_id: int, now: int) -> None:
    """Keep when the product was first downloaded."""
    await connection.execute(
        "UPDATE purchase SET downloaded_at = coalesce(downloaded_at, $2) WHERE purchase_id = $1",
        purchase_id,
        now,
    )


async def write_withdrawn(connection: Connection, purchase_id: int, now: int) -> None:
    """Keep that a purchase was withdrawn from and all its money given back (P10)."""
    await connection.execute(
        "UPDATE purchase SET state = $2, ended_at = $3, paid = 0 WHERE purchase_id = $1",
        purchase_id,
        OrderState.WITHDRAWN,
        now,
    )


async def was_activated(connection: Connection, account_id: int, purchase_id: int) -> bool:
    """Tell whether a device ever held a licence of this purchase."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM license l WHERE l.purchase_id = $1 AND l.shard = $2"
        " AND l.account_id = $3 AND (l.last_activation_id IS NOT NULL OR EXISTS (SELECT FROM activation c"
        " WHERE c.shard = l.shard AND c.license_id = l.license_id AND c.ended_at IS NULL)))",
        purchase_id,
        shard_of(account_id),
        account_id,
    )
    return found


async def purchases_of(connection: Connection, account_id: int, limit: int) -> list[Purchase]:
    """Return an account's purchases, newest first, at most `limit`."""
    rows = await connection.fetch(
        f"SELECT consumer, downloaded_at, reference, {ORDER_COLUMNS} FROM purchase"  # noqa: S608  (constants)
        " WHERE account_id = $1 ORDER BY purchase_id DESC LIMIT $2",
        account_id,
        limit,
    )
    return [Purchase(order_of(tuple(row)[3:]), row[0], row[1], row[2]) for row in rows]


async def count_held(connection: Connection, account_id: int, now: int) -> list[HeldCount]:
    """C3: count an account's licences; used and free leave out what is over, free what is suspended too."""
    rows = await connection.fetch(
        "SELECT held.product_id, held.major, held.kind, count(*)::int,"
        " (count(*) FILTER (WHERE held.usable AND held.used))::int,"
        " (count(*) FILTER (WHERE held.usable AND NOT held.used AND held.state = 0))::int"
        " FROM (SELECT l.*, l.state < 2 AND coalesce(l.ends_at > $3, true) AS usable,"
        # Of a large holding a licence knows by itself whether its one slot is taken: thousands ask no index.
        " CASE WHEN l.large AND l.device_limit = 1 THEN l.taken ELSE"
        " EXISTS (SELECT FROM activation c WHERE c.shard = l.shard AND c.license_id = l.license_id"
        " AND c.ended_at IS NULL) END AS used"
        " FROM license l WHERE l.shard = $1 AND l.account_id = $2) AS held"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        shard_of(account_id),
        account_id,
        now,
    )
    return [HeldCount(row[0], row[1], LicenseKind(row[2]), *row[3:]) for row in rows]
