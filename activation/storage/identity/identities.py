"""What the licensor's staff and resellers' users prove themselves with: passwords, second factors, codes."""

from collections.abc import Sequence
from dataclasses import field
from enum import Enum

from activation.licensing.identity.sessions import PersonKind
from activation.licensing.values import value
from activation.storage.connection import Connection

_COLUMNS = "password_hash, password_phc, totp_box, totp_confirmed_at, totp_step"


class _Table(Enum):
    """Where each kind of person stands, and under which number."""

    STAFF = ("staff", "staff_id")
    USER = ("reseller_user", "user_id")


@value
class Proofs:
    """What is stored of somebody's password and second factor."""

    password_hash: bytes = field(repr=False)
    password_phc: str | None = field(repr=False)
    totp_box: bytes = field(repr=False)
    totp_confirmed_at: int | None
    totp_step: int

    def same_password(self, other: "Proofs") -> bool:
        """Tell whether both hold the same password, as it is stored."""
        return (self.password_hash, self.password_phc) == (other.password_hash, other.password_phc)


@value
class Identity:
    """Whom a login names among staff and resellers' users. `reseller_id` is None for staff."""

    kind: PersonKind
    person_id: int
    login: str
    role: str
    reseller_id: int | None
    proofs: Proofs


async def find_identity(connection: Connection, login: str) -> Identity | None:
    """Return whom a login names who may act; staff come first, should two have the same."""
    row = await connection.fetchrow(
        f"SELECT 1, staff_id, login, role, NULL::bigint, {_COLUMNS} FROM staff"  # noqa: S608
        " WHERE login = $1 AND state = 0 UNION ALL"
        f" SELECT 2, user_id, login, role, reseller_id, {_COLUMNS} FROM reseller_user u"
        " WHERE login = $1 AND state = 0"
        " AND EXISTS (SELECT FROM reseller r WHERE r.reseller_id = u.reseller_id AND r.state < 2)"
        " ORDER BY 1 LIMIT 1",
        login,
    )
    if row is None:
        return None
    kind, person_id, login, role, reseller_id, *proofs = row
    return Identity(PersonKind(kind), person_id, login, role, reseller_id, Proofs(*proofs))


async def lock_proofs(connection: Connection, kind: PersonKind, person_id: int) -> Proofs | None:
    """Return what somebody who may act proves themselves with, held until the transaction ends."""
    return await _read_proofs(connection, kind, person_id, " AND state = 0 FOR UPDATE")


async def read_proofs(connection: Connection, kind: PersonKind, person_id: int) -> Proofs | None:
    """Return what somebody proves themselves with."""
    return await _read_proofs(connection, kind, person_id, "")


async def _read_proofs(connection: Connection, kind: PersonKind, person_id: int, hold: str) -> Proofs | None:
    table, number = _Table[kind.name].value
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM {table} WHERE {number} = $1{hold}",  # noqa: S608
        person_id,
    )
    return None if row is None else Proofs(*row)


async def write_password(
    connection: Connection, kind: PersonKind, person_id: int, phc: str, changed_at: int | None = None
) -> None:
    """Write a password's slow hash, and forget the fast one; `changed_at` when the password itself is new."""
    table, number = _Table[kind.name].value
    await connection.execute(
        f"UPDATE {table} SET password_phc = $2, password_hash = '',"  # noqa: S608
        f" password_at = coalesce($3, password_at) WHERE {number} = $1",
        person_id,
        phc,
        changed_at,
    )


async def use_step(connection: Connection, kind: PersonKind, person_id: int, step: int) -> bool:
    """Write that the code of a time step was used; False for one that was used before, or a later one was."""
    table, number = _Table[kind.name].value
    used = await connection.fetchval(
        f"UPDATE {table} SET totp_step = $2 WHERE {number} = $1 AND totp_step < $2 RETURNING true",  # noqa: S608
        person_id,
        step,
    )
    return used is not None


async def write_factor(
    connection: Connection, kind: PersonKind, person_id: int, totp_box: bytes, step: int, now: int
) -> None:
    """Write a second factor that was shown to work, by the code of `step`."""
    table, number = _Table[kind.name].value
    await connection.execute(
        f"UPDATE {table} SET totp_box = $2, totp_step = $3, totp_confirmed_at = $4 WHERE {number} = $1",  # noqa: S608
        person_id,
        totp_box,
        step,
        now,
    )


async def replace_codes(
    connection: Connection, person_id: int, code_hashes: Sequence[bytes], now: int
) -> None:
    """Store new recovery codes in place of all that there were."""
    await forget_codes(connection, person_id)
    await connection.executemany(
        "INSERT INTO recovery_code (person_id, code_hash, made_at) VALUES ($1, $2, $3)",
        [(person_id, one, now) for one in code_hashes],
    )


async def forget_codes(connection: Connection, person_id: int) -> None:
    """Delete somebody's recovery codes."""
    await connection.execute("DELETE FROM recovery_code WHERE person_id = $1", person_id)


async def use_code(connection: Connection, person_id: int, code_hash: bytes, now: int) -> bool:
    """Use up a recovery code; False for one that is not theirs or was used."""
    used = await connection.fetchval(
        "UPDATE recovery_code SET used_at = $3 WHERE person_id = $1 AND code_hash = $2 AND used_at IS NULL"
        " RETURNING true",
        person_id,
        code_hash,
        now,
    )
    return used is not None


async def count_codes(connection: Connection, person_id: int) -> int:
    """Return how many recovery codes somebody has left."""
    left: int = await connection.fetchval(
        "SELECT count(*) FROM recovery_code WHERE person_id = $1 AND used_at IS NULL", person_id
    )
    return left
