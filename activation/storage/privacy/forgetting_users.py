"""Forgetting the licensor's staff and resellers' users: what they did stays, under their number alone."""

import secrets as randomness
from enum import IntEnum
from typing import Final

from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.privacy.forgetting import forget_person


class UserKind(IntEnum):
    """Whose user somebody is."""

    STAFF = 1
    RESELLER = 2


@value
class FoundUser:
    """A user to forget; `last_admin`: no other admin may act."""

    user_id: int
    kind: UserKind
    last_admin: bool = False


_STAFF: Final = (
    "SELECT s.staff_id, 1, s.role = 'admin' AND NOT EXISTS"
    " (SELECT FROM staff o WHERE o.role = 'admin' AND o.state = 0 AND o.staff_id <> s.staff_id)"
    " FROM staff s WHERE {} FOR UPDATE"
)
_USER: Final = "SELECT user_id, 2, false FROM reseller_user WHERE {} FOR UPDATE"


_FORMER: Final = (
    "SELECT staff_id, 1 FROM staff WHERE state = 1 AND suspended_at <= $1"
    " AND login <> 'erased ' || staff_id UNION ALL"
    " SELECT user_id, 2 FROM reseller_user WHERE state = 1 AND closed_at <= $1"
    " AND login <> 'erased ' || user_id LIMIT $2"
)


async def find_user(connection: Connection, kind: UserKind, login: str) -> FoundUser | None:
    """Return a user by login, held until the transaction ends, or None."""
    if kind is UserKind.STAFF:
        # Two admins erased at once must not both believe that the other is left.
        await connection.execute("LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE")
    sql = (_STAFF if kind is UserKind.STAFF else _USER).format("login = $1")
    row = await connection.fetchrow(sql, login)
    return None if row is None else FoundUser(row[0], UserKind(row[1]), row[2])


async def find_user_by_id(connection: Connection, user_id: int) -> FoundUser | None:
    """Return a user by number, held until the transaction ends, or None."""
    for sql, key in ((_STAFF, "staff_id"), (_USER, "user_id")):
        row = await connection.fetchrow(sql.format(f"{key} = $1"), user_id)
        if row is not None:
            return FoundUser(row[0], UserKind(row[1]), row[2])
    return None


async def count_former_users(connection: Connection, before: int) -> int:
    """Return how many were suspended or closed before that time (seconds), and are still known."""
    return len(await connection.fetch(_FORMER, before, None))


async def forget_former_users(connection: Connection, before: int, limit: int) -> int:
    """Forget at most `limit` of them; return how many."""
    rows = await connection.fetch(_FORMER, before, limit)
    for row in rows:
        await forget_user(connection, FoundUser(row[0], UserKind(row[1])))
    return len(rows)


async def forget_user(connection: Connection, user: FoundUser) -> None:
    """Delete a user's login, credentials, tokens and personal rows; nobody acts as them again."""
    table, key = ("staff", "staff_id") if user.kind is UserKind.STAFF else ("reseller_user", "user_id")
    token = "staff_token" if user.kind is UserKind.STAFF else "reseller_token"
    await connection.execute(
        f"UPDATE {table} SET login = 'erased ' || {key}, state = 1, password_hash = $2, password_phc = NULL,"  # noqa: S608
        f" totp_box = '', totp_confirmed_at = NULL WHERE {key} = $1",
        user.user_id,
        randomness.token_bytes(32),
    )
    await connection.execute(f"DELETE FROM {token} WHERE {key} = $1", user.user_id)  # noqa: S608
    await connection.execute("DELETE FROM personal WHERE shard = 0 AND subject = $1", user.user_id)
    await forget_person(connection, user.user_id)
