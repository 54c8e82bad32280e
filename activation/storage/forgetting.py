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
from activation.licensing.retention import FORGOTTEN_DEVICE, UNPAID_S, Standing
from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.statements import statement

_ENDING: Final = [EventKind.REVOKED, EventKind.REPLACED]
_OF_LICENSES: Final = ("license_note", "reset", "override")
# $1 is the shard, $2 the account.
_OF_ACCOUNT: Final = (
    "DELETE FROM personal WHERE shard = $1 AND subject = $2",
    "UPDATE consent SET how = '' WHERE shard = $1 AND account_id = $2",
    "UPDATE privacy_request SET asked_how = '', verified_how = NULL, answer = NULL"
    " WHERE shard = $1 AND account_id = $2",
    "UPDATE subscription SET ended_why = split_part(ended_why, ':', 1) WHERE shard = $1 AND account_id = $2",
    "UPDATE offline_file SET answer = '', request_hash = sha256(request_hash || convert_to(jti, 'UTF8'))"
    " WHERE shard = $1 AND license_id IN"
    " (SELECT license_id FROM license WHERE shard = $1 AND account_id = $2) AND answer <> ''",
    "DELETE FROM refusal_trace WHERE shard = $1 AND (account_id = $2 OR person_id = $2 OR license_id IN"
    " (SELECT license_id FROM license WHERE shard = $1 AND account_id = $2))",
    # Where staff and resellers were is theirs: it goes by its own rule.
    "DELETE FROM event_address WHERE shard = $1 AND event_id IN"
    " (SELECT event_id FROM event WHERE shard = $1 AND actor < 4 AND about IN"
    " (SELECT $2::bigint UNION SELECT license_id FROM license WHERE shard = $1 AND account_id = $2))",
)
# $1 is the person: an account, one of staff, a reseller's user.
_OF_PERSON: Final = (
    "DELETE FROM mail WHERE subject = $1",
    "DELETE FROM session WHERE person_id = $1",
    "DELETE FROM password_link WHERE person_id = $1",
    "DELETE FROM recovery_code WHERE person_id = $1",
    "DELETE FROM idempotency WHERE person_id = $1",
    "DELETE FROM account_by_email WHERE account_id = $1",
    "UPDATE acceptance SET address = '' WHERE subject = $1 OR accepted_by = $1",
    "UPDATE charge SET note = '' WHERE account_id = $1",
)


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
    await connection.execute(
        # What a batch has read of it meanwhile is decided again.
        "UPDATE holding SET version = version + 1 WHERE shard = $1 AND account_id = $2",
        shard,
        account_id,
    )
    rows = await connection.fetch(statement("devices_of_account"), shard, account_id)
    await forget_devices(connection, [ForgottenDevice(*row) for row in rows])
    await connection.execute(
        "UPDATE account SET state = 1, closed_at = coalesce(closed_at, $3), erased_at = $3, owner_hash = $4,"
        " activation_hash = NULL WHERE shard = $1 AND account_id = $2",
        shard,
        account_id,
        now,
        randomness.token_bytes(32),
    )
    for sql in _OF_ACCOUNT:
        await connection.execute(sql, shard, account_id)
    for table in _OF_LICENSES:
        await connection.execute(
            f"UPDATE {table} SET note = '' WHERE shard = $1 AND note <> '' AND license_id IN"  # noqa: S608
            " (SELECT license_id FROM license WHERE shard = $1 AND account_id = $2)",
            shard,
            account_id,
        )
    await forget_person(connection, account_id)


async def forget_person(connection: Connection, person_id: int) -> None:
    """Delete what anybody who signs in leaves behind: mails, sessions, links, codes, kept answers."""
    for sql in _OF_PERSON:
        await connection.execute(sql, person_id)


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
