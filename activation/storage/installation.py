"""Whose database this is, made by the demo's seed or somebody's own; and which."""

from activation.storage.connection import Connection


async def is_demo(connection: Connection) -> bool:
    """Tell whether the demo's seed made this database."""
    return bool(await connection.fetchval("SELECT demo FROM installation"))


async def claim_for_demo(connection: Connection) -> bool:
    """Mark an empty database as the demo's; False when it holds anything already."""
    row = await connection.fetchrow(
        "INSERT INTO installation (demo) SELECT true"
        " WHERE NOT EXISTS (SELECT FROM account) AND NOT EXISTS (SELECT FROM product)"
        " AND NOT EXISTS (SELECT FROM staff) ON CONFLICT DO NOTHING RETURNING demo"
    )
    return row is not None


async def read_database_id(connection: Connection) -> str:
    """Return the name of this database, which every copy of it has too."""
    return str(await connection.fetchval("SELECT id FROM database_id"))
