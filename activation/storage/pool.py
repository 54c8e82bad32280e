"""Connections: how many, how long anything may take, and the settings they refuse to work without."""

import asyncio
from collections.abc import Mapping
from typing import Final

import asyncpg

from activation.storage.absence import telling_absence
from activation.storage.connection import Connection, Pool

COMMAND_TIMEOUT_S: Final = 10.0
ACQUIRE_TIMEOUT_S: Final = 3.0
CLOSE_TIMEOUT_S: Final = 5.0

# Every statement is a lookup by key for a handful of rows; a plan made while the tables were still empty
# must not become a scan that stays.
_PLANNER: Final = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off"}

_DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")


class NotDurableError(RuntimeError):
    """The database may lose what it has acknowledged."""


async def open_pool(dsn: str, size: int, *, name: str = "activation") -> Pool:
    """Open a pool of `size` connections.

    Raises DatabaseUnavailableError when the database cannot be reached.
    """
    pool = asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        command_timeout=COMMAND_TIMEOUT_S,
        timeout=ACQUIRE_TIMEOUT_S,
        max_inactive_connection_lifetime=0,
        reset=_leave_as_it_is,
        server_settings={**_PLANNER, "application_name": name, "timezone": "UTC"},
    )
    with telling_absence():
        await pool
    return pool


async def _leave_as_it_is(_connection: Connection) -> None:
    """Spare the round trip that resets a connection's settings: nobody here changes any."""


async def close_pool(pool: Pool) -> None:
    """Close all connections; those that do not close in time are cut."""
    try:
        await asyncio.wait_for(pool.close(), timeout=CLOSE_TIMEOUT_S)
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        pool.terminate()  # close() can wait for ever on a connection that is half gone


async def assert_durable(connection: Connection) -> None:
    """Refuse a database that may lose acknowledged work; name the settings that are off."""
    rows = await connection.fetch(
        "SELECT name, setting FROM pg_settings WHERE name = ANY($1::text[])", list(_DURABLE)
    )
    off = undurable({row["name"]: row["setting"] for row in rows})
    if off:
        raise NotDurableError(
            f"PostgreSQL runs with {', '.join(off)}: acknowledged activations could be lost. "
            "Turn it on, or set ACTIVATION_ALLOW_UNDURABLE=true for tests."
        )


def undurable(settings: Mapping[str, str]) -> list[str]:
    """Return the settings under which a commit may be lost, as `name=value`."""
    return [f"{name}={settings[name]}" for name in _DURABLE if settings.get(name) in ("off", "local")]
