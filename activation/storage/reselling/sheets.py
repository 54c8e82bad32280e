"""Which files of rows a reseller has had assigned, so that none is twice unless that is meant (P5)."""

from collections.abc import Sequence

from activation.licensing.values import value
from activation.storage.connection import Connection


@value
class AssignedSheet:
    """Rows that were assigned once: when (seconds), by whose login, how many licences they came to."""

    assigned_at: int
    login: str
    licenses: int


async def find_sheet(
    connection: Connection, reseller_id: int, digests: Sequence[bytes]
) -> AssignedSheet | None:
    """Return when rows with one of these digests were assigned last, or None."""
    row = await connection.fetchrow(
        "SELECT s.assigned_at, coalesce(u.login, ''), s.licenses FROM assigned_sheet s"
        " LEFT JOIN reseller_user u ON u.user_id = s.user_id"
        " WHERE s.reseller_id = $1 AND s.digest = ANY ($2) ORDER BY s.assigned_at DESC LIMIT 1",
        reseller_id,
        digests,
    )
    return None if row is None else AssignedSheet(*row)


async def add_sheet(
    connection: Connection, reseller_id: int, digest: bytes, now: int, user_id: int, licenses: int
) -> None:
    """Remember that rows were assigned; within one second once."""
    await connection.execute(
        "INSERT INTO assigned_sheet (reseller_id, digest, assigned_at, user_id, licenses)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        reseller_id,
        digest,
        now,
        user_id,
        licenses,
    )
