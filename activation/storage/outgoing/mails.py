"""Rows of `mail`: claimed one at a time, put off, buried, listed. Addresses stand in `personal`."""

import json
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from activation.licensing.identifiers import shard_of
from activation.licensing.values import value
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection
from activation.storage.statements import statement


class Sending(StrEnum):
    """How a mail or a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


@value
class ClaimedMail:
    """A mail that is ours to send until the lease ends. `tries` counts this one."""

    mail_id: int
    subject: int
    template: str
    params: Mapping[str, Any] = field(repr=False, hash=False)
    tries: int
    written_at: int


@value
class Recipient:
    """What is known of the person a mail goes to; "" where nothing is."""

    login: str = field(repr=False, default="")
    name: str = field(repr=False, default="")
    address: str = field(repr=False, default="")


@value
class ListedMail:
    """A mail as staff see it: to whom by number, never by address, and nothing of its text."""

    mail_id: int
    subject: int
    template: str
    written_at: int
    tries: int
    next_at: int
    sent_at: int | None
    dead_at: int | None
    last_error: str | None


async def is_mail_due(connection: Connection, now: int) -> bool:
    """Tell whether any mail is to be sent."""
    due: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM mail WHERE sent_at IS NULL AND dead_at IS NULL AND next_at <= $1)", now
    )
    return due


async def claim_mail(connection: Connection, now: int, lease_s: int) -> ClaimedMail | None:
    """Claim the mail that has been due longest; nobody else gets it before the lease (seconds) ends."""
    row = await connection.fetchrow(
        "UPDATE mail SET tries = tries + 1, next_at = $1::bigint + $2 WHERE mail_id = ("
        " SELECT mail_id FROM mail WHERE sent_at IS NULL AND dead_at IS NULL AND next_at <= $1"
        " ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " RETURNING mail_id, subject, template, params, tries, written_at",
        now,
        lease_s,
    )
    return None if row is None else ClaimedMail(row[0], row[1], row[2], json.loads(row[3]), row[4], row[5])


async def read_recipient(connection: Connection, subject: int) -> Recipient:
    """Return login, name and address of an account, a reseller or a person of staff, as they are now."""
    rows = await connection.fetch(
        "SELECT field, value FROM personal WHERE shard = $1 AND subject = $2", shard_of(subject), subject
    )
    known = {row[0]: row[1] for row in rows}
    wanted = (PersonalField.LOGIN, PersonalField.NAME, PersonalField.EMAIL)
    return Recipient(*(known.get(kind, "") for kind in wanted))


async def mark_mail_sent(connection: Connection, mail_id: int, now: int) -> None:
    """Note that a mail was taken by the SMTP server, and forget what was sealed in it."""
    await connection.execute(
        "UPDATE mail SET sent_at = $2, last_error = NULL, params = params - 'sealed' WHERE mail_id = $1",
        mail_id,
        now,
    )


async def put_mail_off(connection: Connection, mail_id: int, next_at: int, error: str) -> None:
    """Note why a try failed, and when the next one is."""
    await connection.execute(
        "UPDATE mail SET next_at = $2, last_error = $3 WHERE mail_id = $1", mail_id, next_at, error
    )


async def bury_mail(connection: Connection, mail_id: int, now: int, error: str) -> None:
    """Make a mail a dead letter, and say why. What was sealed stays, for somebody may have it sent again.

    Not in a mail to nobody: what is sealed there is the address of who was erased.
    """
    await connection.execute(
        "UPDATE mail SET dead_at = $2, last_error = $3,"
        " params = CASE WHEN subject = 0 THEN params - 'sealed' ELSE params END WHERE mail_id = $1",
        mail_id,
        now,
        error,
    )


async def retry_mail(connection: Connection, mail_id: int, now: int) -> Sending | None:
    """Have a dead mail sent after all. Return how it stood (nothing happens unless dead), or None."""
    row = await connection.fetchrow(
        "SELECT sent_at, dead_at FROM mail WHERE mail_id = $1 FOR UPDATE", mail_id
    )
    if row is None:
        return None
    stood = standing(row[0], row[1])
    if stood is Sending.DEAD:
        await connection.execute(
            "UPDATE mail SET dead_at = NULL, tries = 0, next_at = $2 WHERE mail_id = $1", mail_id, now
        )
    return stood


def standing(done_at: int | None, dead_at: int | None) -> Sending:
    """Return how something stands that was done, or given up, at these times."""
    if done_at is not None:
        return Sending.SENT
    return Sending.WAITING if dead_at is None else Sending.DEAD


async def list_mails(connection: Connection, state: Sending, before: int, limit: int) -> list[ListedMail]:
    """Return mails of one state with ids below `before`, the newest first."""
    rows = await connection.fetch(statement(f"list_mails_{state}"), before, limit)
    return [ListedMail(*row) for row in rows]


async def oldest_waiting_mail(connection: Connection) -> int | None:
    """Return when the oldest mail that waits was written, None without any."""
    oldest: int | None = await connection.fetchval(
        "SELECT min(written_at) FROM mail WHERE sent_at IS NULL AND dead_at IS NULL"
    )
    return oldest
