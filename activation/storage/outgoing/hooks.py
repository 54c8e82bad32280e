"""Webhooks of the vendor's systems, and what is to be delivered to them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.outgoing.mails import Sending, standing
from activation.storage.statements import statement


@value
class Hook:
    """One webhook: where to, and which kinds of message. `state` 0 listens, 1 is stopped."""

    hook_id: int
    url: str
    kinds: Sequence[str] = field(hash=False)
    state: int
    created_at: int
    created_by: int | None


@value
class ClaimedDelivery:
    """A message for one webhook that is ours to deliver until the lease ends. `tries` counts this one."""

    message_id: int
    hook_id: int
    url: str
    secret_box: bytes = field(repr=False)
    kind: str
    payload: Mapping[str, Any] = field(repr=False, hash=False)
    written_at: int
    tries: int


@value
class ListedDelivery:
    """How one message stands with one webhook."""

    message_id: int
    hook_id: int
    kind: str
    written_at: int
    tries: int
    next_at: int
    delivered_at: int | None
    dead_at: int | None
    last_status: int | None
    last_error: str | None


@value
class Tried:
    """What one try came to: the HTTP status if there was an answer, else what went wrong."""

    status: int | None
    error: str | None = None


async def add_hook(connection: Connection, hook: Hook, secret_box: bytes) -> None:
    """Store a webhook with its sealed secret."""
    await connection.execute(
        "INSERT INTO hook (hook_id, url, secret_box, kinds, state, created_at, created_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        hook.hook_id,
        hook.url,
        secret_box,
        list(hook.kinds),
        hook.state,
        hook.created_at,
        hook.created_by,
    )


async def list_hooks(connection: Connection) -> list[Hook]:
    """Return all webhooks, the oldest first, without their secrets."""
    rows = await connection.fetch(
        "SELECT hook_id, url, kinds, state, created_at, created_by FROM hook ORDER BY hook_id"
    )
    return [Hook(*row) for row in rows]


async def stop_hook(connection: Connection, hook_id: int, now: int) -> bool:
    """Deliver nothing more to a webhook: what waits for it is dead. Tell whether there is such a hook."""
    known = await connection.fetchval("UPDATE hook SET state = 1 WHERE hook_id = $1 RETURNING true", hook_id)
    await connection.execute(
        "UPDATE hook_delivery SET dead_at = $2, last_error = 'the webhook was stopped'"
        " WHERE hook_id = $1 AND delivered_at IS NULL AND dead_at IS NULL",
        hook_id,
        now,
    )
    return bool(known)


async def claim_deliveries(
    connection: Connection, now: int, lease_s: int, limit: int
) -> list[ClaimedDelivery]:
    """Claim deliveries that are due; nobody else gets them before the lease (seconds) ends."""
    rows = await connection.fetch(
        "WITH due AS (SELECT d.message_id, d.hook_id FROM hook_delivery d JOIN hook h USING (hook_id)"
        " WHERE d.delivered_at IS NULL AND d.dead_at IS NULL AND d.next_at <= $1 AND h.state = 0"
        " ORDER BY d.next_at LIMIT $3 FOR UPDATE OF d SKIP LOCKED),"
        " claimed AS (UPDATE hook_delivery d SET tries = d.tries + 1, next_at = $1::bigint + $2 FROM due"
        " WHERE d.message_id = due.message_id AND d.hook_id = due.hook_id"
        " RETURNING d.message_id, d.hook_id, d.tries)"
        " SELECT c.message_id, c.hook_id, h.url, h.secret_box, m.kind, m.payload, m.written_at, c.tries"
        " FROM claimed c JOIN hook h USING (hook_id) JOIN hook_message m USING (message_id)",
        now,
        lease_s,
        limit,
    )
    return [
        ClaimedDelivery(row[0], row[1], row[2], row[3], row[4], json.loads(row[5]), row[6], row[7])
        for row in rows
    ]


async def mark_delivered(
    connection: Connection, message_id: int, hook_id: int, now: int, status: int
) -> None:
    """Note that a webhook took a message."""
    await connection.execute(
        "UPDATE hook_delivery SET delivered_at = $3, dead_at = NULL, last_status = $4, last_error = NULL"
        " WHERE message_id = $1 AND hook_id = $2",
        message_id,
        hook_id,
        now,
        status,
    )


async def put_delivery_off(
    connection: Connection, message_id: int, hook_id: int, next_at: int, tried: Tried
) -> None:
    """Note why a try failed, and when the next one is."""
    await connection.execute(
        "UPDATE hook_delivery SET next_at = $3, last_status = $4, last_error = $5"
        " WHERE message_id = $1 AND hook_id = $2 AND dead_at IS NULL",
        message_id,
        hook_id,
        next_at,
        tried.status,
        tried.error,
    )


async def bury_delivery(
    connection: Connection, message_id: int, hook_id: int, now: int, tried: Tried
) -> None:
    """Make a delivery a dead letter, and say why."""
    await connection.execute(
        "UPDATE hook_delivery SET dead_at = $3, last_status = $4, last_error = $5"
        " WHERE message_id = $1 AND hook_id = $2",
        message_id,
        hook_id,
        now,
        tried.status,
        tried.error,
    )


async def retry_delivery(
    connection: Connection, message_id: int, hook_id: int, now: int
) -> tuple[Sending, bool] | None:
    """Have a dead letter delivered after all, if its webhook listens.

    Return how it stood (nothing happens unless dead) and whether the webhook listens, or None.
    """
    row = await connection.fetchrow(
        "SELECT d.delivered_at, d.dead_at, h.state FROM hook_delivery d JOIN hook h USING (hook_id)"
        " WHERE d.message_id = $1 AND d.hook_id = $2 FOR UPDATE OF d",
        message_id,
        hook_id,
    )
    if row is None:
        return None
    stood, listens = standing(row[0], row[1]), row[2] == 0
    if stood is Sending.DEAD and listens:
        await connection.execute(
            "UPDATE hook_delivery SET dead_at = NULL, tries = 0, next_at = $3"
            " WHERE message_id = $1 AND hook_id = $2",
            message_id,
            hook_id,
            now,
        )
    return stood, listens


async def list_deliveries(
    connection: Connection, state: Sending, before: tuple[int, int], limit: int
) -> list[ListedDelivery]:
    """Return deliveries of one state below `before` (message and hook), the newest first."""
    rows = await connection.fetch(statement(f"list_deliveries_{state}"), *before, limit)
    return [ListedDelivery(*row) for row in rows]


async def oldest_waiting_delivery(connection: Connection) -> int | None:
    """Return when the oldest message that waits to be delivered was written, None without any."""
    oldest: int | None = await connection.fetchval(
        "SELECT min(m.written_at) FROM hook_delivery d JOIN hook_message m USING (message_id)"
        " WHERE d.delivered_at IS NULL AND d.dead_at IS NULL"
    )
    return oldest
