"""End-user accounts and their licences: making them, and listing what an account holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from uuid import UUID

import asyncpg

from activation.licensing.devices.enrolment import unpack
from activation.licensing.identifiers import shard_of
from activation.licensing.model import SMALL_HOLDING, Account, AccountState, LicenseKind, LicenseState
from activation.licensing.values import value
from activation.storage.connection import Connection, Row
from activation.storage.statements import statement


class PersonalField(IntEnum):
    """What `personal` keeps of an account or an activation."""

    LOGIN = 1
    NAME = 2
    EMAIL = 3
    ADDRESS = 4
    PHONE = 5
    DEVICE_NAME = 6
    NEW_EMAIL = 7
    """An e-mail that its owner gave and did not confirm yet: mails and links go to EMAIL until then."""


_NOBODYS = (None, False, False)


class AccountExistsError(Exception):
    """The login is taken."""


class UnknownAccountError(Exception):
    """No account has this login."""


@value
class NewLicenses:
    """Licences to add to an account, all of one product, major and kind."""

    account_id: int
    product_id: int
    license_ids: Sequence[int]
    major: int
    created_at: int
    kind: LicenseKind = LicenseKind.PERPETUAL
    device_limit: int = 1
    ends_at: int | None = None
    updates_until: int | None = None
    reseller_id: int | None = None
    purchase_id: int | None = None
    subscription_id: int | None = None


@value
class Belonging:
    """Whose customer an account is: a reseller's, and what kind of one (P6, C2)."""

    reseller_id: int
    affiliated: bool = False
    own_use: bool = False


@value
class ListedDevice:
    """A device as its licence's owner sees it."""

    name: str
    since: int
    online: bool


@dataclass(slots=True)
class ListedLicense:
    """A licence as its owner sees it."""

    license_id: int
    product: str
    kind: LicenseKind
    state: LicenseState
    ends_at: int | None
    self_reset_at: int | None
    orphaned: bool = False
    product_name: str = ""
    major: int = 0
    devices: list[ListedDevice] = field(default_factory=list)


async def add_account(
    connection: Connection,
    account: Account,
    created_at: int,
    personal: Mapping[PersonalField, str],
    belonging: Belonging | None = None,
) -> None:
    """Store a new account and what is known of its person. Raises AccountExistsError."""
    shard = shard_of(account.account_id)
    whose = (belonging.reseller_id, belonging.affiliated, belonging.own_use) if belonging else _NOBODYS
    try:
        await connection.execute(
            "INSERT INTO account (account_id, created_at, shard, state, owner_hash, activation_hash,"
            " reseller_id, affiliated, own_use) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            account.account_id,
            created_at,
            shard,
            account.state,
            account.owner_hash,
            account.activation_hash,
            *whose,
        )
    except asyncpg.UniqueViolationError as clash:
        raise AccountExistsError("this login is taken") from clash
    await connection.executemany(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1, $2, $3, $4)",
        [(account.account_id, shard, kind, value) for kind, value in personal.items() if value],
    )


async def read_account(connection: Connection, account_id: int) -> Account | None:
    """Return the account with this id, or None."""
    row = await connection.fetchrow(
        "SELECT owner_hash, activation_hash, state FROM account WHERE shard = $1 AND account_id = $2",
        shard_of(account_id),
        account_id,
    )
    return None if row is None else Account(account_id, row[0], row[1], AccountState(row[2]))


async def lock_account(connection: Connection, account_id: int) -> Account | None:
    """Return an account, held until the transaction ends (T3-T5 span it), or None."""
    row = await connection.fetchrow(
        "SELECT owner_hash, activation_hash, state FROM account WHERE shard = $1 AND account_id = $2"
        " FOR UPDATE",
        shard_of(account_id),
        account_id,
    )
    return None if row is None else Account(account_id, row[0], row[1], AccountState(row[2]))


async def add_licenses(connection: Connection, new: NewLicenses) -> int:
    """Add licences to an account's holding; return how many it now has of this product.

    Raises UnknownAccountError.
    """
    shard = shard_of(new.account_id)
    holding = (shard, new.account_id, new.product_id)
    try:
        count: int = await connection.fetchval(statement("make_holding"), *holding, len(new.license_ids))
    except asyncpg.ForeignKeyViolationError as unknown:
        raise UnknownAccountError("no account has this login") from unknown
    await connection.execute(
        statement("add_licenses"),
        *holding,
        list(new.license_ids),
        new.major,
        new.kind,
        new.device_limit,
        count > SMALL_HOLDING,
        new.ends_at,
        new.created_at,
        new.updates_until,
        new.reseller_id,
        new.purchase_id,
        new.subscription_id,
    )
    if count - len(new.license_ids) <= SMALL_HOLDING < count:
        await enlarge(connection, holding)
    return count


async def enlarge(connection: Connection, holding: tuple[int, int, int]) -> None:
    """Start finding the seats of a holding (shard, account, product) by index (see read_seats.sql)."""
    await connection.execute(statement("enlarge_holding"), *holding)
    rows = await connection.fetch(statement("current_enrolments"), *holding)
    await connection.executemany(
        "INSERT INTO seat (digest, activation_id, shard) VALUES ($1, $2, $3)",
        [
            (UUID(bytes=digest), row[0], holding[0])
            for row in rows
            for digest in set(unpack(row[1]).digests())
        ],
    )


async def list_licenses(
    connection: Connection, account_id: int, after: int, limit: int, device: str = ""
) -> tuple[int, list[ListedLicense]]:
    """Return the database's clock and an account's licences with ids above `after`, at most `limit`.

    With `device`, those on a device with this in its name.
    """
    shard = shard_of(account_id)
    rows = await connection.fetch(statement("list_licenses"), shard, account_id, after, limit, device.lower())
    listed: dict[int, ListedLicense] = {}
    for row in rows:
        entry = listed.setdefault(row[1], _listed(row))
        if row[7] is not None:
            entry.devices.append(ListedDevice(row[10] or "", row[8], row[9]))
    now: int = rows[0][0] if rows else 0
    return now, list(listed.values())


def _listed(row: Row) -> ListedLicense:
    kind, state = LicenseKind(row[3]), LicenseState(row[4])
    return ListedLicense(row[1], row[2], kind, state, *row[5:7], *row[11:14])
