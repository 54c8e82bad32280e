"""Lending connections, and asyncpg's many errors told apart as the few that matter to a use case."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from activation.storage.absence import DatabaseUnavailableError, telling_absence
from activation.storage.connection import Connection, Pool
from activation.storage.pool import ACQUIRE_TIMEOUT_S


class RowRefusedError(Exception):
    """A unique index refused a row; the whole statement was taken back."""


@asynccontextmanager
async def lend(pool: Pool) -> AsyncIterator[Connection]:
    """Lend a connection. Raises DatabaseUnavailableError and RowRefusedError for what goes wrong in it."""
    try:
        with telling_absence():
            async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                yield connection
    except asyncpg.UniqueViolationError as refused:
        raise RowRefusedError(refused.constraint_name or "") from refused
    except asyncpg.ReadOnlySQLTransactionError as demoted:
        # After a failover the old connections still reach the server that is no longer the primary.
        await pool.expire_connections()
        raise DatabaseUnavailableError(type(demoted).__name__) from demoted


async def is_ready(pool: Pool, revision: str) -> str:
    """Return "" when the database answers and has the schema `revision`, else what is wrong."""
    try:
        async with lend(pool) as connection:
            found = await connection.fetchval("SELECT version_num FROM schema_version", timeout=2)
    except DatabaseUnavailableError:
        return "the database does not answer"
    except asyncpg.PostgresError:
        return "the database has no schema"
    return "" if found == revision else f"the database is at schema {found}, not {revision}"
