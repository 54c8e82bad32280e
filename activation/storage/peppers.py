"""D5: the highest version of the pepper that anything here was ever keyed under, told before the first is."""

from typing import Final

from activation.storage.connection import Connection

_READ: Final = (
    "SELECT floor(date_part('epoch', clock_timestamp()))::bigint, (SELECT version FROM pepper_used)::integer"
)


async def read_clock_and_pepper(connection: Connection) -> tuple[int, int]:
    """Return the database's clock (whole seconds since 1970), and the highest version used."""
    [row] = await connection.fetch(_READ)
    return row[0], row[1]


async def note_pepper(connection: Connection, version: int) -> None:
    """Say that things are about to be keyed under a version. In no transaction: all must see it at once."""
    # Looked at first: a server that starts beside a standby has nothing to write.
    if await connection.fetchval("SELECT version < $1::integer FROM pepper_used", version):
        await connection.execute("UPDATE pepper_used SET version = $1 WHERE version < $1", version)
