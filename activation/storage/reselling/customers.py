"""A reseller's customers: their accounts, what is known of them, and how many licences they have (C3).

Every statement names the reseller, beside row-level security.
"""

from collections.abc import Iterable, Sequence

from activation.licensing.identifiers import shard_of
from activation.licensing.model import AccountState, LicenseKind, LicenseState
from activation.licensing.reselling.assigning import Recipient
from activation.licensing.values import value
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection
from activation.storage.statements import statement


@value
class Customer:
    """A customer's account, with what its person gave."""

    account_id: int
    login: str
    name: str
    email: str
    address: str
    state: AccountState
    affiliated: bool
    own_use: bool
    created_at: int
    restricted: bool = False


@value
class LicenseCount:
    """C3: how many licences of a product an account was given, and how they stand now."""

    account_id: int
    product_id: int
    major: int
    kind: LicenseKind
    bought: int
    used: int
    free: int


@value
class CustomerLicense:
    """One licence of a customer's, as its reseller sees it: no device."""

    license_id: int
    product_id: int
    major: int
    kind: LicenseKind
    state: LicenseState
    ends_at: int | None
    updates_until: int | None
    created_at: int
    used: bool


@value
class RunningTest:
    """A test licence that is not over, whose it is, and whether a device holds it."""

    license_id: int
    account_id: int
    login: str
    name: str
    product_id: int
    major: int
    ends_at: int
    used: bool


async def lock_recipient(connection: Connection, reseller_id: int, account_id: int) -> Recipient | None:
    """Return a reseller's customer, held until the transaction ends (T3-T5 span the account), or None."""
    row = await connection.fetchrow(
        "SELECT state, affiliated, own_use, regular_at FROM account"
        " WHERE shard = $1 AND account_id = $2 AND reseller_id = $3 FOR UPDATE",
        shard_of(account_id),
        account_id,
        reseller_id,
    )
    return None if row is None else Recipient(account_id, AccountState(row[0]), *row[1:])


async def read_email(connection: Connection, account_id: int) -> str:
    """Return an account's e-mail, "" where none was given."""
    email: str | None = await connection.fetchval(
        "SELECT value FROM personal WHERE shard = $1 AND subject = $2 AND field = $3",
        shard_of(account_id),
        account_id,
        PersonalField.EMAIL,
    )
    return email or ""


async def find_by_emails(connection: Connection, reseller_id: int, emails: Iterable[str]) -> dict[str, int]:
    """Return the reseller's customers by e-mail, given in lower case; the oldest where several are."""
    rows = await connection.fetch(
        "SELECT email, account_id FROM customers_by_email($1, $2)", reseller_id, list(emails)
    )
    return {row[0]: row[1] for row in rows}


async def list_customers(
    connection: Connection, reseller_id: int, after: int, limit: int, only: int | None = None
) -> list[Customer]:
    """Return a reseller's customers with ids above `after`, at most `limit`; or `only` one."""
    rows = await connection.fetch(statement("list_customers"), reseller_id, after, limit, only)
    return [Customer(row[0], row[1], row[2], row[3], row[4], AccountState(row[5]), *row[6:]) for row in rows]


async def find_customers(
    connection: Connection, reseller_id: int, query: str, account_id: int, after: int, limit: int
) -> list[Customer]:
    """Return a reseller's customers whom `query` may mean, or who is `account_id`; all if it is empty.

    The newest first, at most `limit`, after the one with the id `after`.
    """
    plain = query.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    pattern = f"%{plain}%" if query else None
    rows = await connection.fetch(statement("find_customers"), reseller_id, after, limit, pattern, account_id)
    return [Customer(row[0], row[1], row[2], row[3], row[4], AccountState(row[5]), *row[6:]) for row in rows]


async def count_licenses(
    connection: Connection, reseller_id: int, account_ids: Sequence[int], now: int
) -> list[LicenseCount]:
    """C3: count what these customers have of each product, major and kind."""
    rows = await connection.fetch(
        statement("count_licenses"), reseller_id, [shard_of(one) for one in account_ids], account_ids, now
    )
    return [LicenseCount(row[0], row[1], row[2], LicenseKind(row[3]), *row[4:]) for row in rows]


async def list_customer_licenses(
    connection: Connection, reseller_id: int, account_id: int, after: int, limit: int
) -> list[CustomerLicense]:
    """Return the licences that a reseller gave a customer, with ids above `after`, at most `limit`."""
    rows = await connection.fetch(
        "SELECT l.license_id, l.product_id, l.major, l.kind, l.state, l.ends_at, l.updates_until,"
        " l.created_at, EXISTS (SELECT FROM activation c WHERE c.shard = l.shard"
        " AND c.license_id = l.license_id AND c.ended_at IS NULL)"
        " FROM license l WHERE l.shard = $1 AND l.account_id = $2 AND l.reseller_id = $3"
        " AND l.license_id > $4 ORDER BY l.license_id LIMIT $5",
        shard_of(account_id),
        account_id,
        reseller_id,
        after,
        limit,
    )
    return [
        CustomerLicense(row[0], row[1], row[2], LicenseKind(row[3]), LicenseState(row[4]), *row[5:])
        for row in rows
    ]


async def list_running_tests(
    connection: Connection, reseller_id: int, now: int, after: int, limit: int
) -> list[RunningTest]:
    """Return a reseller's test licences that are not over, ids above `after`, at most `limit`."""
    rows = await connection.fetch(
        statement("list_running_tests"), reseller_id, LicenseKind.TEST, now, after, limit
    )
    return [RunningTest(*row) for row in rows]
