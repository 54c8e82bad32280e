"""What must leave the house, written in the transaction of what it tells of; delivered later, by jobs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from activation.storage.connection import Connection


async def write_mail(
    connection: Connection,
    mail_id: int,
    subject: int,
    template: str,
    params: Mapping[str, Any],
    now: int,
    once_key: str | None = None,
) -> None:
    """Write a mail to whoever `subject` (account, reseller or staff id) is; at most one for a `once_key`."""
    await connection.execute(
        "INSERT INTO mail (mail_id, subject, template, params, once_key, written_at, next_at)"
        " VALUES ($1, $2, $3, $4::jsonb, $5, $6, $6) ON CONFLICT (once_key) DO NOTHING",
        mail_id,
        subject,
        template,
        json.dumps(params),
        once_key,
        now,
    )


async def write_mails(
    connection: Connection,
    mails: Sequence[tuple[int, int, str]],
    template: str,
    now: int,
    params: Mapping[str, Any] | None = None,
) -> None:
    """Write the same mail to many: each its id, its subject and its `once_key`."""
    told = json.dumps(params or {})
    await connection.executemany(
        "INSERT INTO mail (mail_id, subject, template, params, once_key, written_at, next_at)"
        " VALUES ($1, $2, $3, $4::jsonb, $5, $6, $6) ON CONFLICT (once_key) DO NOTHING",
        [(mail_id, subject, template, told, once_key, now) for mail_id, subject, once_key in mails],
    )


async def write_hook_message(
    connection: Connection, message_id: int, kind: str, payload: Mapping[str, Any], now: int
) -> None:
    """Write a message to every webhook of the vendor's that listens to this kind."""
    await connection.execute(
        "WITH message AS (INSERT INTO hook_message (message_id, kind, payload, written_at)"
        " VALUES ($1, $2, $3::jsonb, $4))"
        " INSERT INTO hook_delivery (message_id, hook_id, next_at)"
        " SELECT $1, hook_id, $4 FROM hook WHERE state = 0 AND ($2 = ANY (kinds) OR kinds = '{*}')",
        message_id,
        kind,
        json.dumps(payload),
        now,
    )
