"""What an account's person wants done with the data: restricted, objected to, corrected (G3)."""

from collections.abc import Mapping

from activation.licensing.identifiers import shard_of
from activation.licensing.model import AccountState
from activation.licensing.privacy.consenting import Wishes
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection


async def lock_wishes(connection: Connection, account_id: int) -> Wishes | None:
    """Return how an account stands, held until the transaction ends, or None."""
    row = await connection.fetchrow(
        "SELECT restricted_at, objected_at, state FROM account"
        " WHERE shard = $1 AND account_id = $2 FOR UPDATE",
        shard_of(account_id),
        account_id,
    )
    return None if row is None else Wishes(row[0], row[1], row[2] != AccountState.OPEN)


async def read_wishes(connection: Connection, account_id: int) -> Wishes | None:
    """Return how an account stands, or None when there is none."""
    row = await connection.fetchrow(
        "SELECT restricted_at, objected_at, state FROM account WHERE shard = $1 AND account_id = $2",
        shard_of(account_id),
        account_id,
    )
    return None if row is None else Wishes(row[0], row[1], row[2] != AccountState.OPEN)


async def set_restricted(connection: Connection, account_id: int, at: int | None) -> None:
    """Note since when an account is restricted; None: it is not."""
    await connection.execute(
        "UPDATE account SET restricted_at = $3 WHERE shard = $1 AND account_id = $2",
        shard_of(account_id),
        account_id,
        at,
    )


async def set_objected(connection: Connection, account_id: int, at: int | None) -> None:
    """Note since when an account's person objects to any use beyond the contract; None: it ended."""
    await connection.execute(
        "UPDATE account SET objected_at = $3 WHERE shard = $1 AND account_id = $2",
        shard_of(account_id),
        account_id,
        at,
    )


async def read_personal(connection: Connection, subject: int) -> dict[PersonalField, str]:
    """Return what an account's person gave of themselves."""
    rows = await connection.fetch(
        "SELECT field, value FROM personal WHERE shard = $1 AND subject = $2", shard_of(subject), subject
    )
    return {PersonalField(row[0]): row[1] for row in rows}


async def write_personal(connection: Connection, subject: int, fields: Mapping[PersonalField, str]) -> None:
    """Put these values in the place of what stood there; an empty one deletes it."""
    shard = shard_of(subject)
    await connection.executemany(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (shard, subject, field) DO UPDATE SET value = excluded.value",
        [(subject, shard, kind, text) for kind, text in fields.items() if text],
    )
    await connection.execute(
        "DELETE FROM personal WHERE shard = $1 AND subject = $2 AND field = ANY ($3::smallint[])",
        shard,
        subject,
        [int(kind) for kind, text in fields.items() if not text],
    )


async def drop_email(connection: Connection, account_id: int) -> bool:
    """Let no purchase find an account by its e-mail; tell whether one would have."""
    dropped = await connection.fetchval(
        "DELETE FROM account_by_email WHERE account_id = $1 RETURNING true", account_id
    )
    return bool(dropped)


async def claim_email(connection: Connection, account_id: int, digest: bytes) -> bool:
    """Let purchases with this e-mail's digest find an account; False where they find another one already."""
    owner = await connection.fetchval(
        "INSERT INTO account_by_email (digest, account_id) VALUES ($1, $2)"
        " ON CONFLICT (digest) DO UPDATE SET digest = excluded.digest RETURNING account_id",
        digest,
        account_id,
    )
    return bool(owner == account_id)
