"""The one clock: the database's. Tests shift it instead of sleeping."""

from dataclasses import dataclass

from activation.storage.connection import Connection


@dataclass(slots=True)
class Clock:
    """The database's clock, moved by `shift_s` seconds (always 0 but in tests)."""

    shift_s: int = 0

    async def now(self, connection: Connection) -> int:
        """Return whole seconds since 1970."""
        read: int = await connection.fetchval("SELECT floor(date_part('epoch', clock_timestamp()))::bigint")
        return read + self.shift_s
