"""The licensor's staff as admins see and change them."""

from enum import IntEnum

from activation.licensing.values import value
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection, Row

_COLUMNS = (
    "staff_id, login, role, state, created_at, suspended_at, totp_confirmed_at,"
    " EXISTS (SELECT FROM personal p WHERE p.shard = 0 AND p.subject = staff_id AND p.field = $1)"
)


class StaffState(IntEnum):
    """How a person of staff stands."""

    ACTIVE = 0
    SUSPENDED = 1


@value
class Member:
    """A person of staff; times in seconds since 1970. Never the e-mail: only whether one is known."""

    staff_id: int
    login: str
    role: str
    state: StaffState
    created_at: int
    suspended_at: int | None
    factor_at: int | None
    has_email: bool

    @property
    def is_active(self) -> bool:
        """Tell whether this person may get in."""
        return self.state is StaffState.ACTIVE


async def list_members(connection: Connection) -> list[Member]:
    """Return all of staff, in the order they came; suspended ones too."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM staff ORDER BY staff_id",  # noqa: S608  (a constant)
        PersonalField.EMAIL,
    )
    return [_member(row) for row in rows]


async def read_member(connection: Connection, staff_id: int) -> Member | None:
    """Return a person of staff, or None."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM staff WHERE staff_id = $2",  # noqa: S608  (a constant)
        PersonalField.EMAIL,
        staff_id,
    )
    return None if row is None else _member(row)


async def lock_member(connection: Connection, staff_id: int) -> Member | None:
    """Return a person of staff, held until the transaction ends, or None."""
    await connection.execute("SELECT FROM staff WHERE staff_id = $1 FOR UPDATE", staff_id)
    return await read_member(connection, staff_id)


async def find_member_id(connection: Connection, login: str) -> int | None:
    """Return the id of the person of staff with this login, suspended or not, or None."""
    found: int | None = await connection.fetchval("SELECT staff_id FROM staff WHERE login = $1", login)
    return found


async def lock_admins(connection: Connection) -> set[int]:
    """Return all active admins, held until the transaction ends: nobody else changes who they are."""
    rows = await connection.fetch(
        "SELECT staff_id FROM staff WHERE role = 'admin' AND state = 0 ORDER BY staff_id FOR UPDATE"
    )
    return {row[0] for row in rows}


async def write_state(connection: Connection, staff_id: int, state: StaffState, now: int) -> None:
    """Suspend somebody from `now` on (seconds since 1970), or let them in again."""
    suspended_at = now if state is StaffState.SUSPENDED else None
    await connection.execute(
        "UPDATE staff SET state = $2, suspended_at = $3 WHERE staff_id = $1", staff_id, state, suspended_at
    )


async def write_role(connection: Connection, staff_id: int, role: str) -> None:
    """Give somebody another role."""
    await connection.execute("UPDATE staff SET role = $2 WHERE staff_id = $1", staff_id, role)


async def forget_factor(connection: Connection, staff_id: int, totp_box: bytes) -> None:
    """Have somebody set up the second factor anew, from this secret (a sealed box); recovery codes end."""
    await connection.execute(
        "UPDATE staff SET totp_box = $2, totp_confirmed_at = NULL, totp_step = 0 WHERE staff_id = $1",
        staff_id,
        totp_box,
    )
    await connection.execute("DELETE FROM recovery_code WHERE person_id = $1", staff_id)


async def write_contact(connection: Connection, staff_id: int, login: str, email: str) -> None:
    """Write what a mail to somebody of staff needs: the login, and the address if there is one."""
    for kind, text in ((PersonalField.LOGIN, login), (PersonalField.EMAIL, email)):
        if text:
            await connection.execute(
                "INSERT INTO personal (subject, shard, field, value) VALUES ($1, 0, $2, $3)"
                " ON CONFLICT (shard, subject, field) DO UPDATE SET value = $3",
                staff_id,
                kind,
                text,
            )


def _member(row: Row) -> Member:
    return Member(row[0], row[1], row[2], StaffState(row[3]), *row[4:])
