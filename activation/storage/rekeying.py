"""Keyed hashes that move to another version of the pepper, each only if it is still what was matched."""

from collections.abc import Sequence

from activation.licensing.identifiers import shard_of
from activation.storage.connection import Connection

_ACCOUNTS = (
    "UPDATE account a SET owner_hash = CASE WHEN a.owner_hash = k.old THEN k.new ELSE a.owner_hash END,"
    " activation_hash = CASE WHEN a.activation_hash = k.old THEN k.new ELSE a.activation_hash END"
    " FROM unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[]) AS k (shard, account_id, old, new)"
    " WHERE a.shard = k.shard AND a.account_id = k.account_id"
    " AND (a.owner_hash = k.old OR a.activation_hash = k.old)"
)

Moved = tuple[int, bytes, bytes]
"""Whose it is, the hash of before, the new one."""


async def rekey_passwords(connection: Connection, moved: Sequence[Moved]) -> None:
    """Give accounts the new hash of a password that was shown to be right; at most one for each account."""
    ordered = sorted(moved)
    await connection.execute(
        _ACCOUNTS,
        [shard_of(account_id) for account_id, _, _ in ordered],
        [account_id for account_id, _, _ in ordered],
        [old for _, old, _ in ordered],
        [new for _, _, new in ordered],
    )


async def rekey_tokens(connection: Connection, moved: Sequence[Moved]) -> None:
    """Give tokens (by number) the new hash of what was shown."""
    for table in ("staff_token", "reseller_token"):
        await connection.execute(
            f"UPDATE {table} t SET token_hash = k.new"  # noqa: S608  (one of two constants)
            " FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS k (token_id, old, new)"
            " WHERE t.token_id = k.token_id AND t.token_hash = k.old",
            [token_id for token_id, _, _ in moved],
            [old for _, old, _ in moved],
            [new for _, _, new in moved],
        )
