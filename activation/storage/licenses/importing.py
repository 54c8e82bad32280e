"""An existing vendor's licences, some thousand lines in one transaction, which also says how far it came.

A run that was killed therefore goes on exactly where the last transaction ended.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from typing import Any, Final

import asyncpg

from activation.licensing.events import Event
from activation.licensing.identifiers import shard_of
from activation.licensing.model import SMALL_HOLDING, Account, LicenseKind
from activation.licensing.values import value
from activation.storage.accounts import PersonalField, enlarge
from activation.storage.connection import Connection
from activation.storage.lending import RowRefusedError
from activation.storage.statements import statement

COPY_TIMEOUT_S: Final = 120.0
_RACES: Final = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "account": ("account_id", "created_at", "shard", "state", "owner_hash", "regular_at"),
    "personal": ("subject", "shard", "field", "value"),
    "license": (
        *("license_id", "account_id", "created_at", "shard", "product_id", "major", "kind", "large"),
        "updates_until",
    ),
    "event": ("about", "event_id", "shard", "kind", "actor", "rule", "trace_id", "details"),
}


class ImportRacedError(RuntimeError):
    """Somebody else imports the same file now."""


@value
class Begun:
    """How far an import came: all lines up to `done_lines` are in."""

    done_lines: int
    is_finished: bool


@value
class ImportedAccount:
    """An account to make unless its login is there already; `line` names it first.

    By its e-mail's digest, if it has one, a later purchase finds it (C1).
    """

    account: Account
    line: int
    personal: Sequence[tuple[PersonalField, str]]
    email_digest: bytes | None = field(repr=False, default=None)


@value
class ImportedLicenses:
    """What one line gives an account."""

    account_id: int
    product_id: int
    license_ids: Sequence[int]
    major: int
    kind: LicenseKind
    created_at: int
    updates_until: int | None = None

    @property
    def is_regular(self) -> bool:
        """Tell whether these licences end test licences, and the right to any (T4, T5)."""
        return self.kind is LicenseKind.PERPETUAL


@value
class Chunk:
    """Lines that enter together: those after `after`, up to and with `until`."""

    digest: bytes
    after: int
    until: int
    accounts: Sequence[ImportedAccount]
    licenses: Sequence[ImportedLicenses]


Tell = Callable[[Sequence[ImportedAccount], Sequence[int]], Sequence[Event]]
"""Gets the accounts made and the test licences that ended; answers the events, and may keep what it needs."""


async def begin_import(connection: Connection, digest: bytes, name: str, now: int) -> Begun:
    """Begin the import of a file, or find how far an earlier run came."""
    await connection.execute(
        "INSERT INTO import_file (digest, name, started_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        digest,
        name,
        now,
    )
    return await find_import(connection, digest)


async def find_import(connection: Connection, digest: bytes) -> Begun:
    """Return how far an import came; nowhere when nobody began it."""
    row = await connection.fetchrow(
        "SELECT done_lines, finished_at IS NOT NULL FROM import_file WHERE digest = $1", digest
    )
    return Begun(0, False) if row is None else Begun(row[0], row[1])


async def finish_import(connection: Connection, digest: bytes, now: int) -> None:
    """Say that the whole file is in."""
    await connection.execute("UPDATE import_file SET finished_at = $2 WHERE digest = $1", digest, now)


async def count_known(connection: Connection, account_ids: Sequence[int]) -> int:
    """Count those of these accounts that are there already."""
    return len(await _known(connection, account_ids))


async def store_chunk(connection: Connection, chunk: Chunk, now: int, tell: Tell) -> int:
    """Store a chunk, all or nothing; return how many accounts it made.

    Raises RowRefusedError when another transaction was in its way (try again), ImportRacedError when another
    run imports the same file.
    """
    try:
        async with connection.transaction():
            return await _store(connection, chunk, now, tell)
    except _RACES as lost:
        raise RowRefusedError(type(lost).__name__) from lost


async def _store(connection: Connection, chunk: Chunk, now: int, tell: Tell) -> int:
    await _move_on(connection, chunk)
    known = await _known(connection, [one.account.account_id for one in chunk.accounts])
    made = [one for one in chunk.accounts if one.account.account_id not in known]
    regular = _regular(chunk.licenses)
    await _copy(connection, "account", (_account_row(one, now, regular) for one in made))
    await _copy(connection, "personal", (row for one in made for row in _personal_rows(one)))
    await _name_emails(connection, made)
    await _add_licenses(connection, chunk.licenses)
    new = {one.account.account_id for one in made}
    ended = await _become_regular(connection, {key: at for key, at in regular.items() if key not in new}, now)
    await _copy(connection, "event", map(_event_row, tell(made, ended)))
    return len(made)


async def _move_on(connection: Connection, chunk: Chunk) -> None:
    moved = await connection.fetchval(
        "UPDATE import_file SET done_lines = $3 WHERE digest = $1 AND done_lines = $2 RETURNING true",
        chunk.digest,
        chunk.after,
        chunk.until,
    )
    if not moved:
        raise ImportRacedError("Another run imports this file now.")


async def _known(connection: Connection, account_ids: Sequence[int]) -> set[int]:
    rows = await connection.fetch(
        "SELECT a.account_id FROM unnest($1::smallint[], $2::bigint[]) AS one (shard, account_id)"
        " JOIN account a USING (shard, account_id)",
        [shard_of(one) for one in account_ids],
        account_ids,
    )
    return {row[0] for row in rows}


async def _copy(connection: Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    await connection.copy_records_to_table(
        table, records=rows, columns=_COLUMNS[table], timeout=COPY_TIMEOUT_S
    )


async def _name_emails(connection: Connection, made: Sequence[ImportedAccount]) -> None:
    """C1: an e-mail names the account that had it first."""
    named = [(one.email_digest, one.account.account_id) for one in made if one.email_digest is not None]
    await connection.execute(
        "INSERT INTO account_by_email (digest, account_id)"
        " SELECT * FROM unnest($1::bytea[], $2::bigint[]) ON CONFLICT DO NOTHING",
        [digest for digest, _ in named],
        [account_id for _, account_id in named],
    )


async def _add_licenses(connection: Connection, licenses: Sequence[ImportedLicenses]) -> None:
    """Add to the holdings, then the licences; holdings that outgrow 16 are found by index from now on."""
    added: dict[tuple[int, int], int] = {}
    for one in licenses:
        key = (one.account_id, one.product_id)
        added[key] = added.get(key, 0) + len(one.license_ids)
    # In one order for everybody, so that two imports wait for each other and never in a circle.
    keys = sorted(added)
    rows = await connection.fetch(
        statement("make_holdings"),
        [shard_of(account_id) for account_id, _ in keys],
        [account_id for account_id, _ in keys],
        [product_id for _, product_id in keys],
        [added[key] for key in keys],
    )
    counts = {(row[0], row[1]): row[2] for row in rows}
    large = {key for key, count in counts.items() if count > SMALL_HOLDING}
    await _copy(connection, "license", (row for one in licenses for row in _license_rows(one, large)))
    for key in sorted(large):
        if 0 < counts[key] - added[key] <= SMALL_HOLDING:
            await enlarge(connection, (shard_of(key[0]), *key))


def _regular(licenses: Sequence[ImportedLicenses]) -> dict[int, int]:
    """Return which accounts hold a regular licence, and since when (T4)."""
    since: dict[int, int] = {}
    for one in licenses:
        if one.is_regular:
            since[one.account_id] = min(since.get(one.account_id, one.created_at), one.created_at)
    return since


async def _become_regular(connection: Connection, regular: dict[int, int], now: int) -> list[int]:
    """T4, T5: mark accounts that were there before; end their test licences and return which."""
    keys = sorted(regular)
    shards = [shard_of(key) for key in keys]
    await connection.execute(statement("become_regular_many"), shards, keys, [regular[key] for key in keys])
    rows = await connection.fetch(statement("end_tests_many"), shards, keys, now, int(LicenseKind.TEST))
    return [row[0] for row in rows]


def _account_row(one: ImportedAccount, now: int, regular: dict[int, int]) -> tuple[Any, ...]:
    account = one.account
    key = account.account_id
    return (key, now, shard_of(key), int(account.state), account.owner_hash, regular.get(key))


def _personal_rows(one: ImportedAccount) -> Iterable[tuple[Any, ...]]:
    key = one.account.account_id
    return [(key, shard_of(key), int(kind), text) for kind, text in one.personal]


def _license_rows(one: ImportedLicenses, large: set[tuple[int, int]]) -> Iterable[tuple[Any, ...]]:
    shared = (one.account_id, one.created_at, shard_of(one.account_id), one.product_id, one.major)
    kept = (int(one.kind), (one.account_id, one.product_id) in large, one.updates_until)
    return [(license_id, *shared, *kept) for license_id in one.license_ids]


def _event_row(event: Event) -> tuple[Any, ...]:
    return (
        event.about,
        event.event_id,
        shard_of(event.about),
        int(event.kind),
        int(event.actor),
        event.rule,
        event.trace_id,
        event.details,
    )
