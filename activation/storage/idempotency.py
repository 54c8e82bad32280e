"""One answer for one key: claimed, kept and found in the transaction of what it answers."""

from typing import Final

from activation.licensing.values import value
from activation.storage.connection import Connection

KEPT_S: Final = 86_400


@value
class Kept:
    """What an earlier request with the same key was and got."""

    request_hash: bytes
    status: int
    content_type: str
    answer: bytes


async def claim(
    connection: Connection, person_id: int, key: str, request_hash: bytes, now: int
) -> Kept | None:
    """Claim a key for this request, or return what an earlier one got within 24 hours.

    Waits for another request with this key that is still under way.
    """
    claimed = await connection.fetchval(
        "INSERT INTO idempotency (person_id, key, asked_at, request_hash) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (person_id, key) DO UPDATE SET asked_at = $3, request_hash = $4, status = NULL,"
        " answer = NULL WHERE idempotency.asked_at <= $5 RETURNING true",
        person_id,
        key,
        now,
        request_hash,
        now - KEPT_S,
    )
    if claimed:
        return None
    row = await connection.fetchrow(
        "SELECT request_hash, status, content_type, answer FROM idempotency"
        " WHERE person_id = $1 AND key = $2",
        person_id,
        key,
    )
    return None if row is None else Kept(row[0], row[1], row[2], row[3])


async def keep(
    connection: Connection, person_id: int, key: str, status: int, content_type: str, answer: bytes
) -> None:
    """Keep the answer of a claimed key."""
    await connection.execute(
        "UPDATE idempotency SET status = $3, content_type = $4, answer = $5"
        " WHERE person_id = $1 AND key = $2",
        person_id,
        key,
        status,
        content_type,
        answer,
    )


async def give_back(connection: Connection, person_id: int, key: str) -> None:
    """Give a claimed key back: its answer was only for now, and asking again must be answered anew."""
    await connection.execute("DELETE FROM idempotency WHERE person_id = $1 AND key = $2", person_id, key)


async def forget_old_keys(connection: Connection, now: int) -> int:
    """Delete keys older than 24 hours; return how many."""
    done: str = await connection.execute("DELETE FROM idempotency WHERE asked_at <= $1", now - KEPT_S)
    return int(done.rpartition(" ")[2])
