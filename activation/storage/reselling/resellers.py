"""Resellers and companies with a distribution licence (C2): how they stand, and who their users are."""

from typing import Any

from activation.licensing.identifiers import shard_of
from activation.licensing.model import Hold
from activation.licensing.reselling.clients import Reseller, ResellerKind, ResellerState
from activation.licensing.values import value
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection, Row
from activation.storage.identity.staff import NewUser

RESELLER_COLUMNS = (
    "reseller_id, name, kind, state, holds, retail_discount, created_at, terminated_at, terminated_why,"
    " deletion_due_at, deletion_confirmed_at"
)


@value
class User:
    """A user of a reseller's account; `is_open` until the login is closed."""

    user_id: int
    login: str
    role: str
    is_open: bool
    created_at: int


async def read_reseller(connection: Connection, reseller_id: int) -> Reseller | None:
    """Return a reseller, or None."""
    row = await connection.fetchrow(
        f"SELECT {RESELLER_COLUMNS} FROM reseller WHERE reseller_id = $1",  # noqa: S608  (a constant)
        reseller_id,
    )
    return None if row is None else reseller_of(row)


async def list_resellers(connection: Connection, after: int, limit: int) -> list[Reseller]:
    """Return resellers with ids above `after`, at most `limit`."""
    rows = await connection.fetch(
        f"SELECT {RESELLER_COLUMNS} FROM reseller WHERE reseller_id > $1"  # noqa: S608  (a constant)
        " ORDER BY reseller_id LIMIT $2",
        after,
        limit,
    )
    return [reseller_of(row) for row in rows]


async def list_active(connection: Connection) -> list[int]:
    """Return the ids of all resellers whose agreement goes on."""
    rows = await connection.fetch(
        "SELECT reseller_id FROM reseller WHERE state <> $1 ORDER BY 1", ResellerState.TERMINATED
    )
    return [row[0] for row in rows]


async def list_own_accounts(connection: Connection, reseller_id: int) -> list[int]:
    """Return the accounts with which a company uses licences itself (C2)."""
    rows = await connection.fetch(
        "SELECT account_id FROM account WHERE reseller_id = $1 AND own_use ORDER BY 1", reseller_id
    )
    return [row[0] for row in rows]


async def describe_reseller(
    connection: Connection, reseller_id: int, kind: ResellerKind, discount: Any
) -> None:
    """Write what a new reseller is, and its own discount in percent."""
    await connection.execute(
        "UPDATE reseller SET kind = $2, retail_discount = $3 WHERE reseller_id = $1",
        reseller_id,
        kind,
        discount,
    )


async def write_holds(connection: Connection, reseller_id: int, holds: Hold) -> None:
    """Write why a reseller is suspended; for no reason any more, it is active."""
    await connection.execute(
        "UPDATE reseller SET holds = $2, state = CASE state WHEN $4 THEN $4 ELSE $3 END"
        " WHERE reseller_id = $1",
        reseller_id,
        holds,
        ResellerState.SUSPENDED if holds else ResellerState.ACTIVE,
        ResellerState.TERMINATED,
    )


async def write_termination(
    connection: Connection, reseller_id: int, why: str, now: int, deletion_due_at: int
) -> None:
    """Write that a reseller's agreement ended, and close all its logins."""
    await connection.execute(
        "UPDATE reseller SET state = $2, terminated_at = $3, terminated_why = $4, deletion_due_at = $5"
        " WHERE reseller_id = $1",
        reseller_id,
        ResellerState.TERMINATED,
        now,
        why,
        deletion_due_at,
    )
    await connection.execute(
        "DELETE FROM reseller_token WHERE user_id IN"
        " (SELECT user_id FROM reseller_user WHERE reseller_id = $1)",
        reseller_id,
    )
    await connection.execute(
        "UPDATE reseller_user SET state = 1, closed_at = coalesce(closed_at, $2) WHERE reseller_id = $1",
        reseller_id,
        now,
    )


async def write_deletion(connection: Connection, reseller_id: int, evidence: str, now: int) -> None:
    """Write with what evidence a reseller confirmed that it deleted what it copied."""
    await connection.execute(
        "UPDATE reseller SET deletion_evidence = $2, deletion_confirmed_at = $3 WHERE reseller_id = $1",
        reseller_id,
        evidence,
        now,
    )


async def write_contact(connection: Connection, subject: int, email: str) -> None:
    """Write where a reseller's, or its user's, mails go."""
    await connection.execute(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (shard, subject, field) DO UPDATE SET value = $4",
        subject,
        shard_of(subject),
        PersonalField.EMAIL,
        email,
    )


async def list_users(connection: Connection, reseller_id: int) -> list[User]:
    """Return a reseller's users, oldest first."""
    rows = await connection.fetch(
        "SELECT user_id, login, role, state = 0, created_at FROM reseller_user WHERE reseller_id = $1"
        " ORDER BY user_id",
        reseller_id,
    )
    return [User(*row) for row in rows]


async def write_login(connection: Connection, user: NewUser) -> None:
    """Replace a user's password and TOTP secret, open the login again, and forget its tokens."""
    await connection.execute(
        "UPDATE reseller_user SET password_hash = $2, totp_box = $3, password_phc = $4,"
        " totp_confirmed_at = $5, totp_step = 0, password_at = $6, state = 0, closed_at = NULL"
        " WHERE user_id = $1",
        user.user_id,
        user.password_hash,
        user.totp_box,
        user.password_phc,
        user.totp_confirmed_at,
        user.created_at,
    )
    await _forget_tokens(connection, user.user_id)


async def close_login(connection: Connection, user_id: int, now: int) -> None:
    """Close a user's login."""
    await connection.execute(
        "UPDATE reseller_user SET state = 1, closed_at = coalesce(closed_at, $2) WHERE user_id = $1",
        user_id,
        now,
    )
    await _forget_tokens(connection, user_id)


async def _forget_tokens(connection: Connection, user_id: int) -> None:
    await connection.execute("DELETE FROM reseller_token WHERE user_id = $1", user_id)


def reseller_of(row: Row) -> Reseller:
    """Return the reseller in a row of RESELLER_COLUMNS."""
    return Reseller(row[0], row[1], ResellerKind(row[2]), ResellerState(row[3]), Hold(row[4]), *row[5:])
