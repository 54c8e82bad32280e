"""Who is yet to be told of changed terms (G8): a place in the list of accounts, kept with the terms."""

from activation.licensing.identifiers import shard_of
from activation.licensing.values import value
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection


@value
class Announcement:
    """Changed terms that not everybody was told of: up to which account everybody was."""

    version: str
    effective_at: int
    told_to: int


async def lock_announcement(connection: Connection, now: int) -> Announcement | None:
    """Return changed terms that are yet to be announced, held until the transaction ends, or None.

    Terms that were in force from the start change nothing, and those that began meanwhile are no news.
    """
    row = await connection.fetchrow(
        "SELECT version, effective_at, coalesce(announced_to, 0) FROM terms_text"
        " WHERE announced_at IS NULL AND effective_at > $1 AND effective_at > published_at"
        " ORDER BY effective_at LIMIT 1 FOR UPDATE SKIP LOCKED",
        now,
    )
    return None if row is None else Announcement(*row)


async def accounts_to_tell(connection: Connection, after: int, limit: int) -> list[int]:
    """Return open accounts with an e-mail behind `after`, in the order of their numbers."""
    rows = await connection.fetch(
        "SELECT p.subject FROM personal p JOIN account a ON a.shard = p.shard AND a.account_id = p.subject"
        " WHERE p.field = $3 AND (p.shard, p.subject) > ($1, $2) AND a.state = 0"
        " ORDER BY p.shard, p.subject LIMIT $4",
        shard_of(after),
        after,
        PersonalField.EMAIL,
        limit,
    )
    return [row[0] for row in rows]


async def note_announced(
    connection: Connection, version: str, told_to: int | None, done_at: int | None
) -> None:
    """Note up to which account everybody was told, and when the last one was (seconds; None: not yet)."""
    await connection.execute(
        "UPDATE terms_text SET announced_to = coalesce($2, announced_to), announced_at = $3"
        " WHERE version = $1",
        version,
        told_to,
        done_at,
    )
