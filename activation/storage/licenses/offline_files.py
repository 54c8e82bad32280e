"""Request files of offline activations, each with the certificate file that it got, for ever."""

from dataclasses import field
from typing import Final

from activation.licensing.identifiers import shard_of
from activation.licensing.values import value
from activation.storage.connection import Connection

_COLUMNS: Final = (
    "request_hash, account_id, license_id, activation_id, actor_id, made_at, issued_at, expires_at, kid, jti,"
    " pepper, answer"
)
_ADD: Final = (
    f"INSERT INTO offline_file (shard, {_COLUMNS})"  # noqa: S608  (a constant)
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
)


@value
class OfflineFile:
    """One request file and its answer, sealed. `actor_id` is who of staff passed it on; times in seconds."""

    request_hash: bytes
    account_id: int
    license_id: int
    activation_id: int
    actor_id: int | None
    made_at: int
    issued_at: int
    expires_at: int | None
    kid: str
    jti: str
    pepper: int
    answer: bytes = field(repr=False)


async def find_offline_file(
    connection: Connection, account_id: int, request_hash: bytes
) -> OfflineFile | None:
    """Return what this request of this account got, or None."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM offline_file WHERE shard = $1 AND request_hash = $2",  # noqa: S608  (constant)
        shard_of(account_id),
        request_hash,
    )
    return None if row is None else OfflineFile(*row)


async def find_file_by_name(connection: Connection, license_id: int, jti: str) -> OfflineFile | None:
    """Return the file that was issued for a licence under this certificate's id, or None."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM offline_file WHERE shard = $1 AND jti = $3"  # noqa: S608  (a constant)
        " AND license_id = $2 AND answer <> '' LIMIT 1",
        shard_of(license_id),
        license_id,
        jti,
    )
    return None if row is None else OfflineFile(*row)


async def add_offline_file(connection: Connection, one: OfflineFile) -> None:
    """Store an answer. Raises asyncpg's UniqueViolationError for a request that has one."""
    await connection.execute(_ADD, *_row(one))


async def note_offline_file(connection: Connection, one: OfflineFile) -> None:
    """Store what was issued, if it is not there yet."""
    await connection.execute(f"{_ADD} ON CONFLICT DO NOTHING", *_row(one))


def _row(one: OfflineFile) -> tuple[object, ...]:
    return (
        shard_of(one.account_id),
        one.request_hash,
        one.account_id,
        one.license_id,
        one.activation_id,
        one.actor_id,
        one.made_at,
        one.issued_at,
        one.expires_at,
        one.kid,
        one.jti,
        one.pepper,
        one.answer,
    )


async def list_offline_files(connection: Connection, license_id: int, most: int) -> list[OfflineFile]:
    """Return the files that were issued for a licence, the newest first, at most so many."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM offline_file WHERE shard = $1 AND license_id = $2"  # noqa: S608  (a constant)
        # What a device got online later is kept for the list of revocations; it is no file.
        " AND answer <> '' ORDER BY issued_at DESC, request_hash LIMIT $3",
        shard_of(license_id),
        license_id,
        most,
    )
    return [OfflineFile(*row) for row in rows]
