"""A database that is not there, told apart from asyncpg's many ways to say so."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg

ABSENT: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.DiskFullError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)


class DatabaseUnavailableError(Exception):
    """The database did not answer. What was asked of it may or may not have happened."""


@contextmanager
def telling_absence() -> Iterator[None]:
    """Turn whatever says that the database is away into DatabaseUnavailableError."""
    try:
        yield
    except ABSENT as absent:
        raise DatabaseUnavailableError(f"The database does not answer ({type(absent).__name__}).") from absent
