"""Forgetting what is known of people: accounts with all that belongs to them, devices that are gone.

Numbers, times and sums stay: pool, occasions, bills and the log need them and name nobody.
"""

import secrets as randomness
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from activation.licensing.devices.enrolment import unpack
from activation.licensing.events import EventKind
from activation.licensing.identifiers import shard_of
from activation.licensing.privacy.retention import FORGOTTEN_DEVICE, UNPAID_S, Standing
from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.statements import statement

_ENDING: Final = [EventKind.REVOKED, EventKind.REPLACED]


@value
class ForgottenDevice:
    """A device to forget: its activation and what is enrolled of it."""

    activation_id: int
    enrolment: bytes


async def read_standing(connection: Connection, account_id: int, now: int) -> Standing | None:
    """Return what decides whether an account may be forgotten, or None when there is no such account."""
    rows = await connection.fetch(
        statement("read_standings"), -1, 0, 1, account_id, now, _ENDING, now - UNPAID_S
    )
    return Standing(*list(rows[0])[1:]) if rows else None


async def read_standings(connection: Connection, after: int | None, limit: int, now: int) -> list[Standing]:
    """Return the same of at most `limit` accounts behind `after` in the order of their keys."""
    behind = (-1, 0) if after is None else (shard_of(after), after)
    rows = await connection.fetch(
        statement("read_standings"), *behind, limit, None, now, _ENDING, now - UNPAID_S
    )
    return [Standing(*list(row)[1:]) for row in rows]


async def forget_account(connection: Connection, account_id: int, now: int) -> None:
    """Delete what is known of an account's person, close it for good, and forget its devices.

    Its licences stand as they did, and its number stays taken: nobody gets its login again.
    """
    shard = shard_of(account_id)
    # The holdings' versions are raised first: no device comes in between.
    nobodys = randomness.token_bytes(32)
    await connection.execute(statement("forget_account"), shard, account_id, now, nobodys)
    rows = await connection.fetch(statement("devices_of_account"), shard, account_id)
    if rows:
        await forget_devices(connection, [ForgottenDevice(*row) for row in rows])
    await forget_person(connection, account_id)


async def forget_person(connection: Connection, person_id: int) -> None:
    """Delete what anybody who signs in leaves behind: mails, sessions, links, codes, kept answers."""
    await connection.execute(statement("forget_person"), person_id)


async def forget_devices(connection: Connection, devices: Sequence[ForgottenDevice]) -> None:
    """Delete name, digests and key of devices: no device is ever the same again."""
    ids = [one.activation_id for one in devices]
    shards = [shard_of(one) for one in ids]
    await connection.execute(
        "UPDATE activation a SET enrolment = $3, device_key = NULL, proof_counter = 0, proof_hash = NULL"
        " FROM unnest($1::smallint[], $2::bigint[]) AS k (shard, activation_id)"
        " WHERE a.shard = k.shard AND a.activation_id = k.activation_id",
        shards,
        ids,
        FORGOTTEN_DEVICE,
    )
    await connection.execute(
        "DELETE FROM personal p USING unnest($1::smallint[], $2::bigint[]) AS k (shard, activation_id)"
        " WHERE p.shard = k.shard AND p.subject = k.activation_id",
        shards,
        ids,
    )
    await connection.executemany(
        "DELETE FROM seat WHERE shard = $1 AND digest = $2 AND activation_id = $3", list(_seats(devices))
    )


def _seats(devices: Iterable[ForgottenDevice]) -> Iterable[tuple[int, UUID, int]]:
    for one in devices:
        for digest in set(unpack(one.enrolment).digests()):
            yield shard_of(one.activation_id), UUID(bytes=digest), one.activation_id
