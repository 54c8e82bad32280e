"""The addresses of people who acted, as long as they are kept, with the digests in their events."""

from collections.abc import AsyncIterator
from typing import Final

from activation.licensing.values import value
from activation.storage.connection import Connection

PATIENCE_S: Final = 600.0


@value
class NotedAddress:
    """Where somebody acted from, and when the event says that it was, in seconds since 1970.

    `digest` is None where no event goes with it, or one without.
    """

    event_id: int
    address: str
    digest: bytes | None
    happened_at: int


async def read_addresses(connection: Connection) -> AsyncIterator[NotedAddress]:
    """Yield all addresses that are kept; inside a transaction."""
    # There are as many as people acted in a month, each found behind its event: read once, in one go.
    await connection.execute("SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on")
    found = connection.cursor(
        "SELECT a.event_id, a.address, e.address_digest,"
        " coalesce(floor(date_part('epoch', e.happened))::bigint, 0) FROM event_address a"
        " LEFT JOIN event e ON e.shard = a.shard AND e.event_id = a.event_id AND e.role IS NOT NULL",
        prefetch=500,
        timeout=PATIENCE_S,
    )
    async for row in found:
        yield NotedAddress(*row)
