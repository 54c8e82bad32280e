"""The embedded PostgreSQL of a server under load, from outside: its address, its durability, its counts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import asyncpg

USER: Final = "activation"
_DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")


class NotDurableError(Exception):
    """The database may lose commits: figures from it would mean nothing."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a PostgreSQL listens."""

    socket_folder: str
    port: int

    def dsn(self, database: str = USER) -> str:
        """Return the DSN of one of its databases."""
        return f"postgresql://{USER}@/{database}?host={quote(self.socket_folder, safe='')}&port={self.port}"


def find_postgres(data_dir: Path) -> Address:
    """Return where the PostgreSQL that runs in this data folder listens."""
    lines = (data_dir / "postgres" / "data" / "postmaster.pid").read_text("utf-8").splitlines()
    return Address(lines[4], int(lines[3]))


async def assert_durable(dsn: str) -> str:
    """Return PostgreSQL's version; raise NotDurableError when it may lose a commit."""
    connection = await asyncpg.connect(dsn)
    try:
        for name in _DURABLE:
            value = await connection.fetchval("SELECT current_setting($1)", name)
            if value in ("off", "local"):
                raise NotDurableError(f"PostgreSQL runs with {name}={value}")
        version: str = await connection.fetchval("SELECT current_setting('server_version')")
    finally:
        await connection.close()
    return version


@dataclass(frozen=True, slots=True)
class Counts:
    """What the database holds after a load."""

    activations: int
    current: int
    licenses_held: int
    told: int

    @property
    def one_device_each(self) -> bool:
        """Tell whether no licence is held by two devices."""
        return self.current == self.licenses_held


async def count_activations(dsn: str) -> Counts:
    """Count activations, those current, the licences they hold, and the events that tell of one."""
    connection = await asyncpg.connect(dsn)
    try:
        row = await connection.fetchrow(
            "SELECT count(*), count(*) FILTER (WHERE ended_at IS NULL),"
            " count(DISTINCT license_id) FILTER (WHERE ended_at IS NULL),"
            " (SELECT count(*) FROM event WHERE kind = 1) FROM activation",
            timeout=120,
        )
    finally:
        await connection.close()
    if row is None:
        raise LookupError("a count is a row")
    return Counts(*row)
