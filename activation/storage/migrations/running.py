"""Bring a database to the newest schema, and tell whether it is there."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import asyncpg
from alembic import command, op
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

FOLDER: Final = Path(__file__).parent


def migrate(dsn: str) -> str:
    """Run every migration that the database at `dsn` has not seen; return the newest revision."""
    asyncio.run(_migrate(dsn))
    return newest_revision()


def newest_revision() -> str:
    """Return the revision that this release needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


class NotMigratedError(Exception):
    """The database is not at this release's schema; the text says what to do."""


def assert_migrated(dsn: str) -> None:
    """Refuse a database at another schema. Raises NotMigratedError."""
    found, needed = asyncio.run(_read_revision(dsn)), newest_revision()
    if found != needed:
        raise NotMigratedError(
            f"The database is at schema {found or 'none'}, this release needs {needed}: activation migrate"
        )


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


async def _read_revision(dsn: str) -> str | None:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        found: str | None = await connection.fetchval("SELECT version_num FROM schema_version")
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()
    return found


async def _migrate(dsn: str) -> None:
    engine = create_async_engine("postgresql+asyncpg://", poolclass=NullPool, async_creator=_creator(dsn))
    async with engine.connect() as connection:
        await connection.run_sync(_upgrade)
    await engine.dispose()


def _creator(dsn: str) -> Callable[[], Awaitable[asyncpg.Connection]]:
    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(dsn, timeout=10)

    return connect


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.execute(text("SELECT 1"))
    connection.commit()
