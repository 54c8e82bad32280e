"""People who are signed in by a token: the licensor's staff and resellers' users, and their tenant."""

from collections.abc import Sequence

from activation.licensing.values import value
from activation.storage.connection import Connection


@value
class TokenHolder:
    """Whom a token speaks for. `reseller_id` is None for staff, `scopes` for a token that is for all acts."""

    person_id: int
    login: str
    role: str
    reseller_id: int | None
    token_id: int
    scopes: Sequence[str] | None = None
    last_used_at: int | None = None


async def find_token_holder(connection: Connection, token_hash: bytes, now: int) -> TokenHolder | None:
    """Return whom a token speaks for that neither ran out nor was revoked, or None.

    None, too, when they or their reseller may no longer act.
    """
    row = await connection.fetchrow(
        "SELECT s.staff_id, s.login, s.role, NULL::bigint, t.token_id, t.scopes, t.last_used_at"
        " FROM staff_token t JOIN staff s USING (staff_id)"
        " WHERE t.token_hash = $1 AND s.state = 0"
        " AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)"
        " UNION ALL"
        " SELECT u.user_id, u.login, u.role, u.reseller_id, t.token_id, t.scopes, t.last_used_at"
        " FROM reseller_token t"
        " JOIN reseller_user u USING (user_id) JOIN reseller r USING (reseller_id)"
        " WHERE t.token_hash = $1 AND u.state = 0 AND r.state < 2"
        " AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)",
        token_hash,
        now,
    )
    return None if row is None else TokenHolder(*row)


async def become_tenant(connection: Connection, reseller_id: int) -> None:
    """For the rest of the transaction see and touch this reseller's rows only (row-level security)."""
    await connection.execute("SET LOCAL ROLE activation_tenant")
    await connection.execute("SELECT set_config('activation.tenant', $1, true)", str(reseller_id))


async def become_oneself(connection: Connection) -> None:
    """End `become_tenant` within the transaction."""
    await connection.execute("SET LOCAL ROLE NONE")
    await connection.execute("SELECT set_config('activation.tenant', '', true)")
