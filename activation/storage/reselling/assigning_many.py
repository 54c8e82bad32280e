"""Assigning by the set: the same rows that one assignment reads and writes, for a thousand at once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from activation.licensing.identifiers import shard_of
from activation.licensing.model import SMALL_HOLDING, Account, AccountState, LicenseKind
from activation.licensing.reselling.assigning import Recipient
from activation.licensing.values import value
from activation.storage.accounts import Belonging, NewLicenses, PersonalField, enlarge
from activation.storage.connection import Connection


@value
class NewAccount:
    """An account to store, what is known of its person, and whose customer it is."""

    account: Account
    personal: Mapping[PersonalField, str]
    belonging: Belonging


async def lock_recipients(
    connection: Connection, reseller_id: int, account_ids: Iterable[int]
) -> dict[int, Recipient]:
    """Return which of these accounts are the reseller's, each held until the transaction ends."""
    rows = await connection.fetch(
        "SELECT a.account_id, a.state, a.affiliated, a.own_use, a.regular_at FROM account a"
        " WHERE a.reseller_id = $1 AND a.account_id = ANY ($2) ORDER BY a.account_id FOR UPDATE",
        reseller_id,
        list(account_ids),
    )
    return {row[0]: Recipient(row[0], AccountState(row[1]), row[2], row[3], row[4]) for row in rows}


async def add_accounts(connection: Connection, new: Sequence[NewAccount], created_at: int) -> None:
    """Store new accounts and what is known of their persons. A login that is taken is a refused row."""
    await connection.executemany(
        "INSERT INTO account (account_id, created_at, shard, state, owner_hash, activation_hash,"
        " reseller_id, affiliated, own_use) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [_account_row(one, created_at) for one in new],
    )
    await connection.executemany(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1, $2, $3, $4)",
        [
            (one.account.account_id, shard_of(one.account.account_id), kind, known)
            for one in new
            for kind, known in one.personal.items()
            if known
        ],
    )


async def mark_regular_many(connection: Connection, account_ids: Sequence[int], now: int) -> list[int]:
    """Remember when accounts first got a regular licence (T4); return those of them with a running test."""
    shards = [shard_of(one) for one in account_ids]
    await connection.execute(
        "UPDATE account a SET regular_at = $3 FROM unnest($1::smallint[], $2::bigint[]) AS k (shard, id)"
        " WHERE a.shard = k.shard AND a.account_id = k.id AND a.regular_at IS NULL",
        shards,
        account_ids,
        now,
    )
    rows = await connection.fetch(
        "SELECT DISTINCT l.account_id FROM unnest($1::smallint[], $2::bigint[]) AS k (shard, id)"
        " JOIN license l ON l.shard = k.shard AND l.account_id = k.id"
        " WHERE l.kind = $3 AND coalesce(l.ends_at > $4, true) ORDER BY 1",
        shards,
        account_ids,
        LicenseKind.TEST,
        now,
    )
    return [row[0] for row in rows]


async def add_licenses_many(connection: Connection, new: Sequence[NewLicenses]) -> None:
    """Add licences to holdings of many accounts, as `add_licenses` does to one."""
    added: Counter[tuple[int, int, int]] = Counter()
    for one in new:
        added[shard_of(one.account_id), one.account_id, one.product_id] += len(one.license_ids)
    holdings = sorted(added)
    rows = await connection.fetch(
        "INSERT INTO holding AS h (shard, account_id, product_id, licenses)"
        " SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::integer[])"
        " ON CONFLICT (shard, account_id, product_id)"
        " DO UPDATE SET licenses = h.licenses + EXCLUDED.licenses, version = h.version + 1"
        " RETURNING h.shard, h.account_id, h.product_id, h.licenses",
        *map(list, zip(*holdings, strict=True)),
        [added[holding] for holding in holdings],
    )
    counts = {(row[0], row[1], row[2]): row[3] for row in rows}
    await connection.executemany(
        "INSERT INTO license (shard, account_id, product_id, license_id, major, kind, device_limit, large,"
        " ends_at, created_at, updates_until, reseller_id, purchase_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        [row for one in new for row in _license_rows(one, counts)],
    )
    for holding, count in counts.items():
        if count - added[holding] <= SMALL_HOLDING < count:
            await enlarge(connection, holding)


def _account_row(new: NewAccount, created_at: int) -> tuple[Any, ...]:
    account, belonging = new.account, new.belonging
    return (
        account.account_id,
        created_at,
        shard_of(account.account_id),
        account.state,
        account.owner_hash,
        account.activation_hash,
        belonging.reseller_id,
        belonging.affiliated,
        belonging.own_use,
    )


def _license_rows(new: NewLicenses, counts: Mapping[tuple[int, int, int], int]) -> Iterable[tuple[Any, ...]]:
    holding = (shard_of(new.account_id), new.account_id, new.product_id)
    common = (
        new.major,
        new.kind,
        new.device_limit,
        counts[holding] > SMALL_HOLDING,
        new.ends_at,
        new.created_at,
        new.updates_until,
        new.reseller_id,
        new.purchase_id,
    )
    return [(*holding, license_id, *common) for license_id in new.license_ids]
