"""Many accounts at once, for load tests: the rows that `accounts` writes one by one, by COPY.

All or nothing, and only where the demo's seed, or nobody, has been before.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final

from activation.licensing.identifiers import NUMBER_BITS
from activation.licensing.model import SMALL_HOLDING, AccountState, LicenseKind, LicenseState, Product
from activation.licensing.values import value
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection
from activation.storage.installation import claim_for_demo, is_demo
from activation.storage.products import add_product, read_catalogue

COPY_TIMEOUT_S: Final = 300.0
TABLES: Final = ("account", "personal", "holding", "license")

_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "account": ("account_id", "created_at", "shard", "state", "owner_hash"),
    "personal": ("subject", "shard", "field", "value"),
    "holding": ("account_id", "licenses", "shard", "product_id"),
    "license": (
        "license_id",
        "account_id",
        "created_at",
        "shard",
        "product_id",
        "major",
        "kind",
        "state",
        "large",
    ),
}


@value
class SeededAccount:
    """One account to be: its login, the hash of its password, the ids of its licences."""

    account_id: int
    login: str
    owner_hash: bytes
    license_ids: Sequence[int]


@value
class Seeding:
    """What all the accounts have in common."""

    product_id: int
    major: int
    created_at: int


Accounts = Sequence[SeededAccount]
Rows = list[tuple[Any, ...]]


async def may_seed(connection: Connection) -> bool:
    """Tell whether seeded accounts may enter: in a demo's database, or an empty one, then a demo's."""
    return await is_demo(connection) or await claim_for_demo(connection)


async def product_for_seeding(connection: Connection, code: str) -> int:
    """Return the id of the product with this code, made now when there is none.

    One made here takes no install id for a device: load comes from machines with hardware.
    """
    catalogue = await read_catalogue(connection)
    found = catalogue.by_code.get(code)
    if found is not None:
        return found.product_id
    product = Product(max(catalogue.by_id, default=0) + 1, code)
    await add_product(connection, product, code)
    return product.product_id


async def analyze(connection: Connection) -> None:
    """Have the planner know of the new rows."""
    await connection.execute(f"ANALYZE {', '.join(TABLES)}", timeout=COPY_TIMEOUT_S)


async def copy_accounts(connection: Connection, seeding: Seeding, accounts: Sequence[SeededAccount]) -> None:
    """Store accounts with their licences. Raises asyncpg's UniqueViolationError when one is there already."""
    # In the order of the keys: the indexes then grow page by page.
    ordered = sorted(accounts, key=attrgetter("account_id"))
    for table in TABLES:
        await connection.copy_records_to_table(
            table, records=_ROWS[table](seeding, ordered), columns=_COLUMNS[table], timeout=COPY_TIMEOUT_S
        )


def _account_rows(seeding: Seeding, accounts: Accounts) -> Rows:
    at, state = seeding.created_at, int(AccountState.OPEN)
    return [(one.account_id, at, one.account_id >> NUMBER_BITS, state, one.owner_hash) for one in accounts]


def _login_rows(_seeding: Seeding, accounts: Accounts) -> Rows:
    kind = int(PersonalField.LOGIN)
    return [(one.account_id, one.account_id >> NUMBER_BITS, kind, one.login) for one in accounts]


def _holding_rows(seeding: Seeding, accounts: Accounts) -> Rows:
    product_id = seeding.product_id
    return [
        (one.account_id, len(one.license_ids), one.account_id >> NUMBER_BITS, product_id) for one in accounts
    ]


def _license_rows(seeding: Seeding, accounts: Accounts) -> Rows:
    shared = (seeding.product_id, seeding.major, int(LicenseKind.PERPETUAL), int(LicenseState.ACTIVE))
    at = seeding.created_at
    return [
        (license_id, one.account_id, at, one.account_id >> NUMBER_BITS, *shared, len(ids) > SMALL_HOLDING)
        for one in accounts
        for ids in (one.license_ids,)
        for license_id in ids
    ]


_ROWS: Final[dict[str, Callable[[Seeding, Accounts], Rows]]] = {
    "account": _account_rows,
    "personal": _login_rows,
    "holding": _holding_rows,
    "license": _license_rows,
}
