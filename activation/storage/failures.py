"""Failed credentials, counted for all workers together. The formula (GCRA) is in count_failures.sql."""

from collections.abc import Sequence

from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.statements import statement


@value
class Limit:
    """At most `burst` failures at once, then one every `interval_s` seconds."""

    burst: int
    interval_s: float

    @property
    def burst_s(self) -> float:
        """Return the burst as time, in seconds."""
        return self.burst * self.interval_s


@value
class Failure:
    """One key's count after a failure: whether it is past its limit, and when to come back (seconds)."""

    over: bool
    retry_after_s: float


async def count_failures(connection: Connection, keys: Sequence[tuple[bytes, Limit]]) -> dict[bytes, Failure]:
    """Count one failure for each key (all different) and tell how each stands."""
    limits = dict(keys)
    rows = await connection.fetch(
        statement("count_failures"),
        list(limits),
        [limit.interval_s for limit in limits.values()],
        [limit.burst_s for limit in limits.values()],
    )
    return {
        row[0]: Failure(row[1], max(0.0, row[2] - limits[row[0]].burst_s + limits[row[0]].interval_s))
        for row in rows
    }
