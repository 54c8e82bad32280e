"""Bring a database to the newest schema."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import asyncpg
from alembic import command, op
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from activation.storage.absence import telling_absence

FOLDER: Final = Path(__file__).parent


def migrate(dsn: str) -> None:
    """Run every migration that the database at `dsn` has not seen."""
    asyncio.run(_migrate(dsn))


def run_sql_file(name: str) -> None:
    """Run a SQL file of many statements, from inside a migration."""
    sql = (FOLDER / "versions" / name).read_text(encoding="utf-8")
    driver = op.get_bind().connection.dbapi_connection
    if driver is None:
        raise RuntimeError("a migration runs on an open connection")
    # The driver's own execute takes many statements; SQLAlchemy's prepares, which takes one.
    driver.run_async(lambda connection: connection.execute(sql))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


async def _migrate(dsn: str) -> None:
    engine = create_async_engine("postgresql+asyncpg://", poolclass=NullPool, async_creator=_creator(dsn))
    async with engine.connect() as connection:
        await connection.run_sync(_upgrade)
    await engine.dispose()


def _creator(dsn: str) -> Callable[[], Awaitable[asyncpg.Connection]]:
    async def connect() -> asyncpg.Connection:
        with telling_absence():
            return await asyncpg.connect(dsn, timeout=10)

    return connect


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
