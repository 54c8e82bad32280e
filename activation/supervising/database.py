"""The database that a server uses: the one named, or an embedded one in the data folder."""

from collections.abc import Iterator
from contextlib import contextmanager

from activation.config import Settings
from activation.storage.embedded import EmbeddedPostgres


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Yield the database's DSN; an embedded one runs as long as this lasts."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    embedded = EmbeddedPostgres(settings.data_dir / "postgres")
    dsn = embedded.start()
    try:
        yield dsn
    finally:
        embedded.stop()
