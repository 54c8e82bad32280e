"""Keyed hashes that move to another version of the pepper, each only if it is still what was matched."""

from collections.abc import Sequence
from typing import Final

from activation.licensing.identifiers import shard_of
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection
from activation.storage.statements import statement

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


_SAME: Final = {"account_by_email": "true", "occasion": "o.number = t.number"}
Box = tuple[str, int, bytes]
"""A sealed box: the table it stands in, whose row, the box."""
_BOXES: Final = {
    "staff": ("staff_id", "totp_box"),
    "reseller_user": ("user_id", "totp_box"),
    "hook": ("hook_id", "secret_box"),
}


async def count_versions(connection: Connection, now: int) -> list[tuple[str, int, int]]:
    """Return what hangs on which version of the pepper: what it is, the version, how many; boxes apart."""
    return [tuple(row) for row in await connection.fetch(statement("count_peppers"), now)]


async def list_boxes(connection: Connection) -> list[Box]:
    """Return all sealed boxes that last: second factors' and webhooks' secrets."""
    found: list[Box] = []
    for table, (key, column) in _BOXES.items():
        rows = await connection.fetch(f"SELECT {key}, {column} FROM {table}")  # noqa: S608  (constants)
        found.extend((table, row[0], row[1]) for row in rows if row[1])
    return found


async def replace_box(connection: Connection, box: Box, new: bytes) -> None:
    """Put a box in the place of another that holds the same, unless that was replaced meanwhile."""
    table, whose, old = box
    key, column = _BOXES[table]
    await connection.execute(
        f"UPDATE {table} SET {column} = $3 WHERE {key} = $1 AND {column} = $2",  # noqa: S608  (constants)
        whose,
        old,
        new,
    )


async def list_sealed_mails(connection: Connection) -> list[tuple[int, str]]:
    """Return the mails that may still be sent and have something sealed: which, and that."""
    rows = await connection.fetch(
        "SELECT mail_id, params ->> 'sealed' FROM mail WHERE sent_at IS NULL AND params ? 'sealed'"
    )
    return [tuple(row) for row in rows]


async def reseal_mail(connection: Connection, mail_id: int, old: str, new: str) -> None:
    """Put what holds the same in the place of what is sealed in a mail, unless that is gone meanwhile."""
    await connection.execute(
        "UPDATE mail SET params = jsonb_set(params, '{sealed}', to_jsonb($3::text))"
        " WHERE mail_id = $1 AND params ->> 'sealed' = $2",
        mail_id,
        old,
        new,
    )


async def list_emails(connection: Connection, after: int, most: int) -> list[tuple[int, bytes, str]]:
    """Return accounts that are found by an e-mail, with its digest and the e-mail itself, if it is known."""
    rows = await connection.fetch(
        "SELECT e.account_id, e.digest, coalesce(p.value, '') FROM account_by_email e LEFT JOIN personal p"
        " ON p.shard = (e.account_id >> 55)::smallint AND p.subject = e.account_id AND p.field = $3"
        " WHERE e.account_id > $1 ORDER BY e.account_id LIMIT $2",
        after,
        most,
        PersonalField.EMAIL,
    )
    return [tuple(row) for row in rows]


async def list_tested(connection: Connection, after: int, most: int) -> list[tuple[int, str]]:
    """Return accounts that were ever given a test licence (T3), with their e-mail, if it is known."""
    rows = await connection.fetch(
        "SELECT l.account_id, coalesce(p.value, '') FROM (SELECT DISTINCT shard, account_id FROM license"
        " WHERE kind = 1 AND account_id > $1 ORDER BY account_id LIMIT $2) AS l LEFT JOIN personal p"
        " ON p.shard = l.shard AND p.subject = l.account_id AND p.field = $3 ORDER BY l.account_id",
        after,
        most,
        PersonalField.EMAIL,
    )
    return [tuple(row) for row in rows]


async def rekey_digests(connection: Connection, table: str, moved: Sequence[tuple[bytes, bytes]]) -> int:
    """Give what is found by a digest (`account_by_email`, `occasion`) the new one; return how many rows."""
    done = await connection.execute(
        f"UPDATE {table} t SET digest = k.new"  # noqa: S608  (one of two constants)
        " FROM unnest($1::bytea[], $2::bytea[]) AS k (old, new) WHERE t.digest = k.old"
        f" AND NOT EXISTS (SELECT FROM {table} o WHERE o.digest = k.new AND {_SAME[table]})",
        [old for old, _ in moved],
        [new for _, new in moved],
    )
    return int(done.rpartition(" ")[2])


async def has_activated_since(
    connection: Connection, whole: tuple[int, int, int], pepper: int, since: int
) -> bool:
    """Tell whether a device of an account, product and major was bound since, under another version."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM license l JOIN activation a ON a.shard = l.shard"
        " AND a.license_id = l.license_id AND a.ended_at IS NULL AND a.pepper <> $5 AND a.activated_at >= $6"
        " WHERE l.shard = $1 AND l.account_id = $2 AND l.product_id = $3 AND l.major = $4)",
        shard_of(whole[0]),
        *whole,
        pepper,
        since,
    )
    return found
