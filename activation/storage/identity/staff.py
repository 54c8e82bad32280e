"""The licensor's staff, and what a new user of theirs or of a reseller is made with."""

from collections.abc import Iterable

import asyncpg

from activation.licensing.values import value
from activation.storage.connection import Connection


class StaffExistsError(Exception):
    """The login is taken."""


@value
class Staff:
    """A person of the licensor's staff."""

    staff_id: int
    login: str
    role: str


@value
class NewUser:
    """A user to store: the password as its slow hash or else its keyed one, the TOTP secret as a sealed box.

    `totp_confirmed_at` is None for somebody who sets a second factor up at the first sign-in.
    """

    user_id: int
    login: str
    role: str
    password_hash: bytes
    totp_box: bytes
    created_at: int
    password_phc: str | None = None
    totp_confirmed_at: int | None = None


async def find_staff_by_login(connection: Connection, login: str) -> Staff | None:
    """Return the person of staff with this login who may still act, else None."""
    row = await connection.fetchrow(
        "SELECT staff_id, login, role FROM staff WHERE login = $1 AND state = 0", login
    )
    return None if row is None else Staff(*row)


async def read_logins(connection: Connection, staff_ids: Iterable[int]) -> dict[int, str]:
    """Return the logins of those of staff, whoever may still act or not."""
    rows = await connection.fetch(
        "SELECT staff_id, login FROM staff WHERE staff_id = ANY ($1::bigint[])", list(staff_ids)
    )
    return {row[0]: row[1] for row in rows}


async def add_staff(connection: Connection, user: NewUser) -> None:
    """Store a new person of staff. Raises StaffExistsError."""
    try:
        await connection.execute(
            "INSERT INTO staff (staff_id, login, role, password_hash, totp_box, created_at, password_phc,"
            " totp_confirmed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            user.user_id,
            user.login,
            user.role,
            user.password_hash,
            user.totp_box,
            user.created_at,
            user.password_phc,
            user.totp_confirmed_at,
        )
    except asyncpg.UniqueViolationError as clash:
        raise StaffExistsError("this login is taken") from clash


async def add_reseller(connection: Connection, reseller_id: int, name: str, owner: NewUser) -> None:
    """Store a new reseller with its first user, the owner."""
    await connection.execute(
        "INSERT INTO reseller (reseller_id, name, created_at) VALUES ($1, $2, $3)",
        reseller_id,
        name,
        owner.created_at,
    )
    await add_user(connection, reseller_id, owner)


async def add_user(connection: Connection, reseller_id: int, user: NewUser) -> None:
    """Store a new user of a reseller's account."""
    await connection.execute(
        "INSERT INTO reseller_user (user_id, reseller_id, login, role, password_hash, totp_box, created_at,"
        " password_phc, totp_confirmed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        user.user_id,
        reseller_id,
        user.login,
        user.role,
        user.password_hash,
        user.totp_box,
        user.created_at,
        user.password_phc,
        user.totp_confirmed_at,
    )
