"""Devices of whose key a copy showed (D6). There are few; an index of their own finds them."""

from collections.abc import Sequence

from activation.licensing.identifiers import shard_of
from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.statements import statement


@value
class ForkedDevice:
    """A device that holds a licence, and of whose key a copy showed; its name is personal data.

    `forked_at` is when it first showed, `told_at` when that was last told; both in seconds since 1970.
    """

    activation_id: int
    license_id: int
    account_id: int
    login: str
    product: str
    name: str
    since: int
    proofs: int
    forked_at: int
    told_at: int
    restricted: bool = False


async def list_forked(connection: Connection, after: int, limit: int) -> Sequence[ForkedDevice]:
    """Return the forked devices that hold a licence, with activations above `after`, at most `limit`."""
    rows = await connection.fetch(statement("list_forked"), shard_of(after), after, limit)
    return [ForkedDevice(*row) for row in rows]
