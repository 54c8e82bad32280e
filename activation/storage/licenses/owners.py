"""Whose licences they are: an account as staff see it, with what its person gave."""

from collections.abc import Mapping, Sequence
from dataclasses import field

from activation.licensing.identifiers import shard_of
from activation.licensing.model import AccountState
from activation.licensing.values import value
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection


@value
class Owner:
    """An account, and the reseller whose customer it is. Times are in seconds since 1970.

    `restricted_at`: since when its person's data may be kept only (G3).
    """

    account_id: int
    state: AccountState
    created_at: int
    reseller_id: int | None
    reseller: str | None
    affiliated: bool
    own_use: bool
    closed_at: int | None
    erased_at: int | None
    restricted_at: int | None
    objected_at: int | None
    personal: Mapping[PersonalField, str] = field(repr=False, default_factory=dict)


async def read_owner(
    connection: Connection, account_id: int, fields: Sequence[PersonalField]
) -> Owner | None:
    """Return an account with these fields of what is known of its person, or None."""
    shard = shard_of(account_id)
    row = await connection.fetchrow(
        "SELECT a.account_id, a.state, a.created_at, a.reseller_id, r.name, a.affiliated, a.own_use,"
        " a.closed_at, a.erased_at, a.restricted_at, a.objected_at"
        " FROM account a LEFT JOIN reseller r ON r.reseller_id = a.reseller_id"
        " WHERE a.shard = $1 AND a.account_id = $2",
        shard,
        account_id,
    )
    if row is None:
        return None
    known = await connection.fetch(
        "SELECT field, value FROM personal"
        " WHERE shard = $1 AND subject = $2 AND field = ANY ($3::smallint[]) ORDER BY field",
        shard,
        account_id,
        list(fields),
    )
    personal = {PersonalField(one[0]): one[1] for one in known}
    return Owner(
        row[0],
        AccountState(row[1]),
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        row[8],
        row[9],
        row[10],
        personal,
    )


async def list_of_account(connection: Connection, account_id: int, after: int, limit: int) -> list[int]:
    """Return an account's licences that follow the one `after` (0: all), product by product, at most `limit`.

    In the index's order, so that of ten thousand only a page is read.
    """
    rows = await connection.fetch(
        "SELECT license_id FROM license WHERE shard = $1 AND account_id = $2 AND (product_id, license_id) >"
        " (coalesce((SELECT product_id FROM license WHERE shard = $1 AND license_id = $3), -1::smallint), $3)"
        " ORDER BY product_id, license_id LIMIT $4",
        shard_of(account_id),
        account_id,
        after,
        limit,
    )
    return [row[0] for row in rows]
