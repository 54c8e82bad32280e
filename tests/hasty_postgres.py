"""A real PostgreSQL for tests, in haste, and its databases: one for each test, copied from a migrated one."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg

TEMPLATE = "migrated"
# Nobody's data: what a crash would cost is a test run.
HASTY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    # Its worker is the superuser's: a database that it is in cannot be dropped by us.
    "autovacuum": "off",
}

MEMORY = Path("/dev/shm")
ROOM = 2 << 30
PREFIX = "activation-tests-"

Result = TypeVar("Result")


@contextmanager
def folder_in_memory(otherwise: Path) -> Iterator[Path]:
    """Lend a folder in memory if there is room: a database is copied there in a tenth of the time.

    What a killed run left behind is swept away first.
    """
    if not (os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free > ROOM):
        yield otherwise
        return
    for left in MEMORY.glob(f"{PREFIX}*"):
        if not Path("/proc", left.name.removeprefix(PREFIX)).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = MEMORY / f"{PREFIX}{os.getpid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_apart(work: Callable[[], Result]) -> Result:
    """Run what brings its own event loop where no other loop is in its way."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(work).result()


def run_async(work: Callable[[], Awaitable[Result]]) -> Result:
    return run_apart(lambda: asyncio.run(work()))


def named(dsn: str, database: str) -> str:
    """Return the DSN of another database of the same server."""
    return dsn.replace("/activation?", f"/{database}?")


def name_in(dsn: str) -> str:
    """Return the name of the database that a DSN is of."""
    return dsn.split("?", maxsplit=1)[0].rsplit("/", 1)[1]


async def execute(dsn: str, *statements: str) -> None:
    connected = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connected.execute(statement)
    finally:
        await connected.close()


@dataclass
class Server:
    """A running server and the DSN of its own database."""

    dsn: str
    databases: int = 0

    async def create(self, template: str) -> str:
        self.databases += 1
        name = f"test_{self.databases}"
        await execute(self.dsn, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return named(self.dsn, name)

    async def back_up(self, dsn: str) -> str:
        """Return the DSN of a copy of a database as it is now; whoever was connected to it is sent away.

        They may come back at once, and a copy needs to be alone.
        """
        name = name_in(dsn)
        await execute(named(self.dsn, name), "CHECKPOINT")
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        copy = f"CREATE DATABASE backup_of_{name} TEMPLATE {name} STRATEGY file_copy"
        for _ in range(50):
            with suppress(asyncpg.ObjectInUseError):
                await execute(self.dsn, end, copy)
                return named(self.dsn, f"backup_of_{name}")
        raise TimeoutError(f"{name} is never alone")

    async def drop(self, dsn: str) -> None:
        name = name_in(dsn)
        await execute(self.dsn, f"DROP DATABASE {name} WITH (FORCE)")
