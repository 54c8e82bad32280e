"""Real PostgreSQL servers for the tests: one of each version, a migrated template, a fresh database a test.

* `postgres_version`: "18" (the wheel) unless a test asks for others, as `both_versions` in tests/storage does
* `empty_dsn`, `dsn`, `pool`, `connection`: a database without a schema, with one, and ways into it
* `office`: a whole desk on such a database, with products, keys and accounts to work with
"""

import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hasty_postgres import HASTY, TEMPLATE, Server, execute, folder_in_memory, named, run_apart, run_async

from activation.app import open_desk
from activation.config import Settings, load_settings
from activation.equipping import equip
from activation.licensing.model import Product
from activation.service.activating.activations import Wish
from activation.service.desk import Caller, Desk, DeviceReading
from activation.service.ids import IdSource
from activation.service.provisioning import (
    Hash,
    Keys,
    MadeAccount,
    MadeUser,
    grant_licenses,
    hash_in_thread,
    make_account,
    make_staff,
)
from activation.storage.embedded import EmbeddedPostgres, find_binaries
from activation.storage.migrations.running import migrate
from activation.storage.pool import close_pool, open_pool
from activation.storage.products import add_product

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


def find_version(version: str) -> Path:
    if version == "18":
        return find_binaries()
    if not DEBIAN_15.is_dir():
        pytest.skip(f"NOT TESTED on PostgreSQL 15: there is no {DEBIAN_15}")
    return DEBIAN_15


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """Start the server of a version, once in a session, with a migrated template in it."""
    started: dict[str, tuple[EmbeddedPostgres, Server]] = {}

    def start(version: str) -> Server:
        if version not in started:
            bin_dir = find_version(version)
            folder = memory / f"pg{version}"
            embedded = EmbeddedPostgres(folder, bin_dir=bin_dir, settings=HASTY)
            server = Server(embedded.start())
            started[version] = embedded, server
            run_async(lambda: execute(server.dsn, f"CREATE DATABASE {TEMPLATE}"))
            run_apart(lambda: migrate(named(server.dsn, TEMPLATE)))
        return started[version][1]

    with folder_in_memory(tmp_path_factory.mktemp("databases")) as memory:
        yield start
        for embedded, _ in started.values():
            embedded.stop()


@pytest.fixture
def postgres_version(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "18")


@pytest.fixture
def server(start_server: Callable[[str], Server], postgres_version: str) -> Server:
    return start_server(postgres_version)


@pytest.fixture
async def empty_dsn(server: Server) -> AsyncIterator[str]:
    """A database without a schema."""
    dsn = await server.create("template0")
    yield dsn
    await server.drop(dsn)


@pytest.fixture
async def dsn(server: Server) -> AsyncIterator[str]:
    """A database at the newest schema, empty."""
    dsn = await server.create(TEMPLATE)
    yield dsn
    await server.drop(dsn)


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(dsn, 12)
    yield pool
    await close_pool(pool)


@pytest.fixture
async def connection(pool: asyncpg.Pool) -> AsyncIterator[Any]:
    async with pool.acquire() as connection:
        yield connection


@pytest.fixture(scope="session")
def equipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with keys and a pepper, to copy."""
    folder = tmp_path_factory.mktemp("equipped") / "data"
    equip(load_settings(data_dir=folder), folder.parent / "roots")
    return folder


@dataclass
class Office:
    """A desk, and the people and devices that come to it."""

    desk: Desk
    settings: Settings
    keys: Keys
    ids: IdSource

    async def account(self, licenses: int = 1, *, rolled_out: bool = False, major: int = 5) -> MadeAccount:
        """Make an account with licences of the product `softphone`."""
        async with self.desk.pool.acquire() as connection:
            made = await make_account(connection, self.keys, self.ids, rolled_out=rolled_out)
            if licenses:
                await grant_licenses(connection, self.ids, made.account_id, 1, major, licenses)
        return made

    async def staff(self, role: str, slow: Hash = hash_in_thread) -> MadeUser:
        async with self.desk.pool.acquire() as connection:
            return await make_staff(connection, self.keys, self.ids, role, slow=slow)

    async def fetch(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        async with self.desk.pool.acquire() as connection:
            return await connection.fetch(sql, *values)

    def caller(self, address: str = "192.0.2.1") -> Caller:
        return Caller("7kq2-m4xd", lambda: address)

    def components(self, name: str) -> dict[str, str | list[str]]:
        """Raw components of the machine of this name."""
        last = f"{int.from_bytes(name.encode(), 'big') % 0xFFFF:04x}"
        return {
            "hdd_serial": f"SERIAL-{name}",
            "system_uuid": f"4c4c4544-0042-3510-8054-b4c04f33{last}",
            "mac": [f"3c:52:82:11:{last[:2]}:{last[2:]}"],
        }

    def device(self, name: str) -> DeviceReading:
        return DeviceReading("linux", f"the {name}", self.components(name))

    def wish(self, name: str, **fields: Any) -> Wish:
        return Wish(**{"product": "softphone", "major": 5, "device": self.device(name), **fields})


@pytest.fixture
def settings(equipped: Path, tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    shutil.copytree(equipped, folder)
    return load_settings(data_dir=folder, allow_undurable=True)


@pytest.fixture
def make_office(settings: Settings) -> Callable[[Desk], Office]:
    """Return what makes an office of an open desk, whatever its database holds."""
    return lambda desk: Office(desk, settings, Keys(desk.secrets.passwords, desk.secrets.totp), IdSource())


@pytest.fixture
async def office(
    dsn: str, settings: Settings, make_office: Callable[[Desk], Office]
) -> AsyncIterator[Office]:
    connected = await asyncpg.connect(dsn)
    await add_product(connected, Product(1, "softphone"), "Softphone")
    await add_product(
        connected, Product(2, "anywhere", install_id_platforms=frozenset({"*"})), "Softphone for containers"
    )
    await add_product(connected, Product(3, "strictly", policy="strict"), "Softphone, strictly")
    await connected.close()
    async with open_desk(settings, dsn) as desk:
        yield make_office(desk)


@pytest.fixture
def now() -> int:
    return int(time.time())
