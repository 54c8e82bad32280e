"""Resets by staff: who asked for them, who decided, and what their bounds are counted from (R4, R5)."""

from typing import Final

from activation.licensing.devices.enrolment import unpack
from activation.licensing.identifiers import shard_of
from activation.licensing.model import Activation, Ended, LicenseKind, LicenseState
from activation.licensing.overriding import MONTH_S, Override, OverrideKind, OverrideState, Tally
from activation.storage.accounts import NewLicenses, add_licenses
from activation.storage.connection import Connection, Row
from activation.storage.statements import statement

HISTORY: Final = 50
_FOR_EVER: Final = 2**63 - 1
_COLUMNS: Final = (
    "reset_id, license_id, kind, staff_id, reason, note, asked_at, state, decided_by, decided_at, undone_by,"
    " undone_at, given_id"
)


async def lock_agent(connection: Connection, staff_id: int) -> None:
    """Let this person's resets be counted and made one after the other."""
    await connection.execute("SELECT 1 FROM staff WHERE staff_id = $1 FOR NO KEY UPDATE", staff_id)


async def count_resets(
    connection: Connection, staff_id: int, license_id: int, day_began: int, now: int
) -> Tally:
    """Count what R5 bounds: this agent's resets since the day began, the licence's in 30 days."""
    row = await connection.fetchrow(
        "SELECT (SELECT count(*) FROM override WHERE staff_id = $1 AND asked_at >= $4 AND state = 1"
        " AND kind = 0), (SELECT count(*) FROM override WHERE shard = $2 AND license_id = $3 AND state = 1"
        " AND kind = 0 AND coalesce(decided_at, asked_at) > $5)",
        staff_id,
        shard_of(license_id),
        license_id,
        day_began,
        now - MONTH_S,
    )
    return Tally(row[0], row[1]) if row is not None else Tally(0, 0)


async def add_override(connection: Connection, one: Override) -> None:
    """Store a reset by staff, made or waiting."""
    await connection.execute(
        f"INSERT INTO override (shard, {_COLUMNS})"  # noqa: S608  (a constant)
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        shard_of(one.reset_id),
        one.reset_id,
        one.license_id,
        one.kind,
        one.staff_id,
        one.reason,
        one.note,
        one.asked_at,
        one.state,
        one.decided_by,
        one.decided_at,
        one.undone_by,
        one.undone_at,
        one.given_id,
    )


async def find_waiting(
    connection: Connection, license_id: int, staff_id: int, kind: OverrideKind
) -> Override | None:
    """Return what this person asked for this licence and is still waiting, or None."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM override WHERE shard = $1 AND license_id = $2 AND staff_id = $3"  # noqa: S608
        " AND kind = $4 AND state = 0 ORDER BY reset_id LIMIT 1",
        shard_of(license_id),
        license_id,
        staff_id,
        kind,
    )
    return None if row is None else _override(row)


async def lock_override(connection: Connection, reset_id: int) -> Override | None:
    """Return a reset by staff, kept from others until the transaction ends, or None."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM override WHERE shard = $1 AND reset_id = $2 FOR UPDATE",  # noqa: S608
        shard_of(reset_id),
        reset_id,
    )
    return None if row is None else _override(row)


async def decide_override(
    connection: Connection,
    reset_id: int,
    state: OverrideState,
    staff_id: int,
    now: int,
    given_id: int | None = None,
) -> None:
    """Store who approved or declined, and the licence given instead, if any."""
    await connection.execute(
        "UPDATE override SET state = $3, decided_by = $4, decided_at = $5, given_id = $6"
        " WHERE shard = $1 AND reset_id = $2",
        shard_of(reset_id),
        reset_id,
        state,
        staff_id,
        now,
        given_id,
    )


async def mark_undone(connection: Connection, reset_id: int, staff_id: int, now: int) -> None:
    """Store who undid a reset."""
    await connection.execute(
        "UPDATE override SET state = $3, undone_by = $4, undone_at = $5 WHERE shard = $1 AND reset_id = $2",
        shard_of(reset_id),
        reset_id,
        OverrideState.UNDONE,
        staff_id,
        now,
    )


async def list_overrides(
    connection: Connection, state: OverrideState, after: int, limit: int
) -> list[Override]:
    """Return the resets by staff in a state with ids above `after`, at most `limit`, by id."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM override WHERE state = $1 AND (shard, reset_id) > ($2, $3)"  # noqa: S608
        " ORDER BY shard, reset_id LIMIT $4",
        state,
        shard_of(after),
        after,
        limit,
    )
    return [_override(row) for row in rows]


async def read_override(connection: Connection, reset_id: int) -> Override | None:
    """Return a reset by staff as it stands, or None."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM override WHERE shard = $1 AND reset_id = $2",  # noqa: S608
        shard_of(reset_id),
        reset_id,
    )
    return None if row is None else _override(row)


async def list_by_time(
    connection: Connection, state: OverrideState, after: int, limit: int
) -> list[Override]:
    """Return the resets by staff in a state by when they were asked for, beyond `after`, at most `limit`.

    Those that wait come the oldest first, all others the newest first. `after` 0 is for the first page.
    """
    oldest_first = state is OverrideState.WAITING
    way, beyond = ("ASC", ">") if oldest_first else ("DESC", "<")
    edge = (0, 0) if oldest_first else (_FOR_EVER, _FOR_EVER)
    if after:
        asked_at = await connection.fetchval(
            "SELECT asked_at FROM override WHERE shard = $1 AND reset_id = $2", shard_of(after), after
        )
        edge = (asked_at, after)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM override WHERE state = $1"  # noqa: S608  (constants)
        f" AND (asked_at, reset_id) {beyond} ($2::bigint, $3::bigint)"
        f" ORDER BY asked_at {way}, reset_id {way} LIMIT $4",
        state,
        *edge,
        limit,
    )
    return [_override(row) for row in rows]


async def list_waiting_of(connection: Connection, license_id: int) -> list[int]:
    """Return the ids of what waits for approval for this licence."""
    rows = await connection.fetch(
        "SELECT reset_id FROM override WHERE shard = $1 AND license_id = $2 AND state = 0 ORDER BY reset_id",
        shard_of(license_id),
        license_id,
    )
    return [row[0] for row in rows]


async def freed_by(connection: Connection, reset_id: int) -> frozenset[int]:
    """Return the activations that a reset ended."""
    rows = await connection.fetch(
        "SELECT activation_id FROM reset WHERE shard = $1 AND reset_id = $2", shard_of(reset_id), reset_id
    )
    return frozenset(row[0] for row in rows)


async def read_history(connection: Connection, license_id: int, limit: int = HISTORY) -> list[Activation]:
    """Return a licence's activations: the current ones, then the last `limit` that ended, newest first."""
    rows = await connection.fetch(statement("read_history"), shard_of(license_id), license_id, limit)
    return [_activation(row) for row in rows]


async def give_instead(connection: Connection, old_id: int, new_id: int, now: int) -> None:
    """Revoke a licence and give another in its place, which is all that the old one was (R2)."""
    old = await connection.fetchrow(
        "SELECT account_id, product_id, major, kind, device_limit, ends_at, updates_until, reseller_id,"
        " purchase_id, subscription_id, holds FROM license WHERE shard = $1 AND license_id = $2",
        shard_of(old_id),
        old_id,
    )
    if old is None:
        raise LookupError("there is no such licence")
    await connection.execute(
        "UPDATE license SET state = $3, holds = 0 WHERE shard = $1 AND license_id = $2",
        shard_of(old_id),
        old_id,
        LicenseState.REVOKED,
    )
    account_id, product_id, major, kind, *rest, holds = old
    await add_licenses(
        connection, NewLicenses(account_id, product_id, [new_id], major, now, LicenseKind(kind), *rest)
    )
    if holds:
        await connection.execute(
            "UPDATE license SET state = $3, holds = $4 WHERE shard = $1 AND license_id = $2",
            shard_of(new_id),
            new_id,
            LicenseState.SUSPENDED,
            holds,
        )


def _override(row: Row) -> Override:
    staff_id, reason, note, asked_at = row[3:7]
    state, kind = OverrideState(row[7]), OverrideKind(row[2])
    return Override(row[0], row[1], kind, staff_id, reason, note, asked_at, state, *row[8:13])


def _activation(row: Row) -> Activation:
    ended_why = None if row[13] is None else Ended(row[13])
    ended = {"ended_at": row[12], "ended_why": ended_why}
    return Activation(row[0], row[1], row[2], unpack(row[3], row[4]), *row[5:12], **ended)
