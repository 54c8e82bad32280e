"""The one clock: the database's. Tests shift it instead of sleeping."""

from dataclasses import dataclass

from activation.storage.connection import Connection
from activation.storage.peppers import read_clock_and_pepper


@dataclass(slots=True)
class Clock:
    """The database's clock, moved by `shift_s` seconds (always 0 but in tests)."""

    shift_s: int = 0

    async def now(self, connection: Connection) -> int:
        """Return whole seconds since 1970."""
        read: int = await connection.fetchval("SELECT floor(date_part('epoch', clock_timestamp()))::bigint")
        return read + self.shift_s

    async def now_and_pepper(self, connection: Connection) -> tuple[int, int]:
        """Return whole seconds since 1970, and the highest version of the pepper that was ever used (D5)."""
        read, used = await read_clock_and_pepper(connection)
        return read + self.shift_s, used
