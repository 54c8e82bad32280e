"""Which schema a database has, and which one this release needs. Without Alembic: it is slow to import."""

import asyncio
from pathlib import Path
from typing import Final

import asyncpg

from activation.storage.absence import telling_absence

VERSIONS: Final = Path(__file__).parent / "versions"


class NotMigratedError(Exception):
    """The database is not at this release's schema; the text says what to do."""


def newest_revision() -> str:
    """Return the revision that this release needs: the last of `versions/`, which are numbered."""
    return max(path.stem.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def read_revision(dsn: str) -> str | None:
    """Return the revision of the database at `dsn`, None for an empty one."""
    return asyncio.run(_read_revision(dsn))


def assert_migrated(dsn: str) -> None:
    """Refuse a database at another schema. Raises NotMigratedError."""
    found, needed = read_revision(dsn), newest_revision()
    if found != needed:
        raise NotMigratedError(
            f"The database is at schema {found or 'none'}, this release needs {needed}: activation migrate"
        )


def ensure_migrated(dsn: str) -> str:
    """Bring a database to this release's schema unless it is there already; return the revision."""
    if read_revision(dsn) != newest_revision():
        from activation.storage.migrations.running import migrate  # noqa: PLC0415  (slow, seldom needed)

        migrate(dsn)
    return newest_revision()


async def _read_revision(dsn: str) -> str | None:
    with telling_absence():
        connection = await asyncpg.connect(dsn, timeout=10)
    try:
        found: str | None = await connection.fetchval("SELECT version_num FROM schema_version")
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()
    return found
