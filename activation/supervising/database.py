"""The database that a server uses: the one named, or an embedded one in the data folder, kept running."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from activation.config import Settings
from activation.storage.embedded import EmbeddedPostgres, EmbeddedPostgresError

LOOK_S: Final = 1.0
_log = structlog.get_logger("activation.database")


@dataclass(frozen=True, slots=True)
class Database:
    """Where the database is, and the server that we run for it, if it is ours."""

    dsn: str
    embedded: EmbeddedPostgres | None = None

    async def keep(self) -> None:
        """Start the embedded server again whenever it is gone, until cancelled; somebody else's is theirs."""
        while self.embedded is not None:
            await asyncio.sleep(LOOK_S)
            if not self.embedded.is_running():
                await self._start_again(self.embedded)

    async def _start_again(self, embedded: EmbeddedPostgres) -> None:
        _log.warning("database died", restart="now")
        starting = asyncio.create_task(asyncio.to_thread(embedded.start))
        try:
            await asyncio.shield(starting)
        except EmbeddedPostgresError as failed:
            _log.error("database not started", reason=type(failed).__name__)
        except asyncio.CancelledError:
            await asyncio.wait([starting])  # whoever stops the server next must find it whole
            raise


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """Yield the database; an embedded one runs as long as this lasts. Raises EmbeddedPostgresError."""
    if settings.database_url is not None:
        yield Database(settings.database_url.get_secret_value())
        return
    embedded = EmbeddedPostgres(settings.data_dir / "postgres")
    dsn = embedded.start()
    try:
        yield Database(dsn, embedded)
    finally:
        embedded.stop()
