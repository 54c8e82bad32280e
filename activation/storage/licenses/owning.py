"""An end user's own licences: how many are in use (C3), and what each was freed from."""

from typing import Final

from activation.licensing.identifiers import shard_of
from activation.licensing.model import Ended
from activation.licensing.values import value
from activation.storage.connection import Connection

_COUNTS: Final = (
    "SELECT count(*), count(*) FILTER (WHERE lasts AND used), count(*) FILTER (WHERE lasts AND NOT used)"
    " FROM (SELECT l.state < 2 AND coalesce(l.ends_at > $3, true) AS lasts, EXISTS (SELECT FROM activation c"
    " WHERE c.shard = l.shard AND c.license_id = l.license_id AND c.ended_at IS NULL) AS used"
    " FROM license l WHERE l.shard = $1 AND l.account_id = $2 OFFSET 0) one"
)
_FREED: Final = (
    "SELECT r.reset_at, r.why, name.value FROM reset r LEFT JOIN personal name"
    " ON name.shard = r.shard AND name.subject = r.activation_id AND name.field = 6"
    " WHERE r.shard = $1 AND r.license_id = $2 ORDER BY r.reset_at DESC, r.reset_id DESC LIMIT $3"
)


@value
class Counts:
    """How many licences an account has; of those that have not ended, how many are used, how many free."""

    held: int
    used: int
    free: int


@value
class Freed:
    """When a licence was freed (seconds), why, and the name of the device it was on, if that is kept."""

    at: int
    why: Ended
    device: str


async def count_own(connection: Connection, account_id: int, now: int) -> Counts:
    """Return how many licences an account has at `now`, used and free (C3)."""
    [row] = await connection.fetch(_COUNTS, shard_of(account_id), account_id, now)
    return Counts(row[0], row[1], row[2])


async def list_freed(connection: Connection, license_id: int, limit: int) -> list[Freed]:
    """Return what a licence was freed from, the newest first."""
    rows = await connection.fetch(_FREED, shard_of(license_id), license_id, limit)
    return [Freed(row[0], Ended(row[1]), row[2] or "") for row in rows]
