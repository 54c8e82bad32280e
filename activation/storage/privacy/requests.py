"""What people asked for, as it stands in `privacy_request` (G4)."""

from collections.abc import Sequence
from dataclasses import field
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import shard_of
from activation.licensing.privacy.deadlines import Asked, Deeds, Outcome, Regime, Request
from activation.licensing.values import value
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection, Row

_COLUMNS: Final = (
    "request_id, account_id, kind, regime, state, asked_at, due_at, verified_at, asked_how, verified_by,"
    " verified_how, answered_at, answered_by, answer, told_overdue_at"
)


@value
class KeptRequest:
    """A request and how it went: how it came, who verified and answered it, and the answer."""

    request: Request
    asked_how: str = field(repr=False)
    verified_by: int | None = None
    verified_how: str | None = field(repr=False, default=None)
    answered_at: int | None = None
    answered_by: int | None = None
    answer: str | None = field(repr=False, default=None)
    told_overdue_at: int | None = None


async def add_request(connection: Connection, kept: KeptRequest) -> None:
    """Store a new request."""
    one = kept.request
    await connection.execute(
        f"INSERT INTO privacy_request (shard, {_COLUMNS})"  # noqa: S608  (constants)
        " VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10, $11, NULL, NULL, NULL, NULL)",
        shard_of(one.account_id),
        one.request_id,
        one.account_id,
        one.kind,
        one.regime,
        one.asked_at,
        one.due_at,
        one.verified_at,
        kept.asked_how,
        kept.verified_by,
        kept.verified_how,
    )


async def lock_request(connection: Connection, request_id: int) -> KeptRequest | None:
    """Return a request, held until the transaction ends, or None."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM privacy_request WHERE shard = $1 AND request_id = $2 FOR UPDATE",  # noqa: S608
        shard_of(request_id),
        request_id,
    )
    return None if row is None else _kept(row)


async def requests_of(connection: Connection, account_id: int) -> list[KeptRequest]:
    """Return all that an account's person asked for, the oldest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM privacy_request WHERE shard = $1 AND account_id = $2"  # noqa: S608
        " ORDER BY asked_at, request_id",
        shard_of(account_id),
        account_id,
    )
    return [_kept(row) for row in rows]


async def list_requests(
    connection: Connection, state: Outcome, after: tuple[int, int], limit: int
) -> list[KeptRequest]:
    """Return requests of a state behind `after` (due at, id), those due first before others."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM privacy_request WHERE state = $1"  # noqa: S608
        " AND (due_at, request_id) > ($2, $3) ORDER BY due_at, request_id LIMIT $4",
        state,
        *after,
        limit,
    )
    return [_kept(row) for row in rows]


async def mark_verified(connection: Connection, request_id: int, at: int, by: int | None, how: str) -> None:
    """Note who verified the identity of who asks, and how."""
    await connection.execute(
        "UPDATE privacy_request SET verified_at = $3, verified_by = $4, verified_how = $5"
        " WHERE shard = $1 AND request_id = $2",
        shard_of(request_id),
        request_id,
        at,
        by,
        how,
    )


async def mark_answered(
    connection: Connection, request_id: int, at: int, by: int | None, outcome: Outcome, answer: str
) -> None:
    """Keep the written answer, which closes the request."""
    await connection.execute(
        "UPDATE privacy_request SET answered_at = $3, answered_by = $4, state = $5, answer = $6"
        " WHERE shard = $1 AND request_id = $2",
        shard_of(request_id),
        request_id,
        at,
        by,
        outcome,
        answer,
    )


async def claim_urgent(connection: Connection, due_before: int, now: int) -> list[KeptRequest]:
    """Return the open requests due before then that nobody was told of yet, and note that somebody is."""
    rows = await connection.fetch(
        "UPDATE privacy_request SET told_overdue_at = $2 WHERE state = 0 AND due_at <= $1"  # noqa: S608
        f" AND told_overdue_at IS NULL RETURNING {_COLUMNS}",
        due_before,
        now,
    )
    return sorted((_kept(row) for row in rows), key=lambda kept: kept.request.due_at)


async def staff_with_address(connection: Connection, roles: Sequence[str]) -> list[int]:
    """Return staff in these roles who may act and whose e-mail is known."""
    rows = await connection.fetch(
        "SELECT staff_id FROM staff JOIN personal p ON p.shard = 0 AND p.subject = staff_id AND p.field = $2"
        " WHERE role = ANY ($1) AND state = 0 ORDER BY staff_id",
        roles,
        PersonalField.EMAIL,
    )
    return [row[0] for row in rows]


async def read_deeds(connection: Connection, account_id: int, since: int) -> Deeds:
    """Return what was done for an account's person from `since` on (seconds), and how it stands now."""
    row = await connection.fetchrow(
        "SELECT e.copied, e.corrected, a.restricted_at IS NOT NULL, a.objected_at IS NOT NULL,"
        " a.erased_at IS NOT NULL FROM account a, LATERAL"
        " (SELECT coalesce(bool_or(kind = $4), false) AS copied,"
        " coalesce(bool_or(kind = $5), false) AS corrected FROM event"
        " WHERE shard = a.shard AND about = a.account_id AND kind IN ($4, $5)"
        " AND (details->>'at')::bigint >= $3) e WHERE a.shard = $1 AND a.account_id = $2",
        shard_of(account_id),
        account_id,
        since,
        EventKind.EXPORTED,
        EventKind.RECTIFIED,
    )
    return Deeds() if row is None else Deeds(*row)


def _kept(row: Row) -> KeptRequest:
    request = Request(row[0], row[1], Asked(row[2]), Regime(row[3]), Outcome(row[4]), *list(row)[5:8])
    return KeptRequest(request, *list(row)[8:])
