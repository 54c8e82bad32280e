"""Which certificates without an end hold no longer: what the list of revocations names."""

from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.statements import statement


@value
class Revoked:
    """The newest of the revoked certificates without an end, by jti, and how many there are in all."""

    certificates: tuple[str, ...]
    found: int


async def list_revoked(connection: Connection, limit: int) -> Revoked:
    """Return at most `limit` of the revoked certificates, those issued last first."""
    rows = await connection.fetch(statement("list_revoked"), limit)
    return Revoked(tuple(row[0] for row in rows), rows[0][1] if rows else 0)
