"""API tokens of staff and of resellers' users: only their keyed hashes, what they are for, and until when.

A token's id is the beginning of its hash, so that nobody has to draw one and the token tells its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import Enum
from typing import Final

from activation.licensing.values import value
from activation.storage.connection import Connection

_ID_DIGITS: Final = 13


class Owners(Enum):
    """Whose tokens: each kind has a table of its own, and a column that names the owner."""

    STAFF = ("staff_token", "staff_id")
    USERS = ("reseller_token", "user_id")


@value
class NewToken:
    """A token to store. `scopes` are the acts it is for, None for all that its owner's role may."""

    token_hash: bytes = field(repr=False)
    name: str
    created_at: int
    expires_at: int | None = None
    scopes: Sequence[str] | None = None


@value
class Token:
    """A token as its owner sees it; times in seconds since 1970. `last_used_at` is up to an hour late."""

    token_id: int
    name: str
    scopes: Sequence[str] | None
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    revoked_at: int | None

    def holds(self, now: int) -> bool:
        """Tell whether it gets anybody in."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


def token_id_of(token_hash: bytes) -> int:
    """Return the id that a token with this hash has: its first 52 bits."""
    return int(token_hash.hex()[:_ID_DIGITS], 16)


async def add_token(connection: Connection, owners: Owners, owner_id: int, new: NewToken) -> int:
    """Store a token's hash for its owner; return the token's id."""
    table, owner = owners.value
    token_id = token_id_of(new.token_hash)
    await connection.execute(
        f"INSERT INTO {table} (token_hash, {owner}, name, created_at, expires_at, scopes, token_id)"  # noqa: S608
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        new.token_hash,
        owner_id,
        new.name,
        new.created_at,
        new.expires_at,
        None if new.scopes is None else list(new.scopes),
        token_id,
    )
    return token_id


async def list_tokens(connection: Connection, owners: Owners, owner_id: int) -> list[Token]:
    """Return somebody's tokens, ended ones too, the newest first."""
    table, owner = owners.value
    rows = await connection.fetch(
        "SELECT token_id, name, scopes, created_at, expires_at, last_used_at, revoked_at"  # noqa: S608
        f" FROM {table} WHERE {owner} = $1 ORDER BY created_at DESC, token_id",
        owner_id,
    )
    return [Token(*row) for row in rows]


async def revoke_token(
    connection: Connection, owners: Owners, owner_id: int, token_id: int, now: int
) -> bool:
    """End one of somebody's tokens; tell whether it was not revoked before."""
    table, owner = owners.value
    done = await connection.fetchval(
        f"UPDATE {table} SET revoked_at = $3 WHERE {owner} = $1 AND token_id = $2"  # noqa: S608
        " AND revoked_at IS NULL RETURNING token_id",
        owner_id,
        token_id,
        now,
    )
    return done is not None


async def revoke_tokens(connection: Connection, owners: Owners, owner_id: int, now: int) -> int:
    """End all of somebody's tokens; return how many there were."""
    table, owner = owners.value
    rows = await connection.fetch(
        f"UPDATE {table} SET revoked_at = $2 WHERE {owner} = $1 AND revoked_at IS NULL RETURNING 1",  # noqa: S608
        owner_id,
        now,
    )
    return len(rows)


async def note_uses(connection: Connection, used: Mapping[int, int]) -> None:
    """Write when tokens (by id) were last used, seconds since 1970."""
    for owners in Owners:
        table, _ = owners.value
        await connection.execute(
            f"UPDATE {table} AS t SET last_used_at = used.at"  # noqa: S608
            " FROM unnest($1::bigint[], $2::bigint[]) AS used (token_id, at)"
            " WHERE t.token_id = used.token_id AND (t.last_used_at IS NULL OR t.last_used_at < used.at)",
            list(used),
            list(used.values()),
        )
