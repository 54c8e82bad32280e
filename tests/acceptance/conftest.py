"""One server for all tests that do it no harm; those that kill or stop one start their own."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
import pytest_asyncio
from acceptance_api import Account, Api
from acceptance_commands import COMMAND, environment, run_cli
from acceptance_making import MakeAccount, account_maker, copy_keys
from acceptance_server import RealServer

from activation.storage.embedded import EmbeddedPostgres


@pytest.fixture(scope="session")
def unreachable(tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.Popen[str]"]:
    """A softphone that asks a server which is not there; it is patient, so it starts before all else."""
    folder = tmp_path_factory.mktemp("unreachable")
    (folder / "roots").write_text("A" * 43 + "\n")
    words = [
        "client",
        "activate",
        "--server",
        "http://localhost:1",
        "--product",
        "zoiper",
        "--version",
        "5.6.4",
    ]
    words += ["--roots", "roots", "--folder", "kept", "--login", "somebody", "--json"]
    process = subprocess.Popen(
        [COMMAND, *words],
        env=environment(folder, {"ACTIVATION_PASSWORD": "something"}),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, unreachable: "subprocess.Popen[str]"
) -> Iterator[RealServer]:
    """The demo server, which every test may use and none may harm."""
    # All tests share one agent and one address, who reset more in a minute than anybody may in a day (R5).
    unbound = {
        "ACTIVATION_RESET_AGENT_DAY": "30000",
        # A busy machine is slow, not overloaded: what races here is to be answered.
        "ACTIVATION_LONGEST_WAIT_S": "60",
        "ACTIVATION_RESET_LICENSE_MONTH": "30000",
        "ACTIVATION_LIMIT_ACCOUNT_HOUR": "1000000",
        "ACTIVATION_LIMIT_ADDRESS_HOUR": "1000000",
    }
    running = RealServer(tmp_path_factory.mktemp("server") / "data", **unbound)
    running.start()
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(running.folder)


@pytest.fixture(scope="session")
def dsn(server: RealServer) -> str:
    return server.dsn()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A look at the running server's database."""
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@pytest_asyncio.fixture(loop_scope="session")
async def api(server: RealServer) -> AsyncIterator[Api]:
    timeout = aiohttp.ClientTimeout(total=60)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        yield Api(server.url, session)


@pytest.fixture(scope="session")
def new_account(server: RealServer, database: asyncpg.Connection) -> MakeAccount:
    """Make an account with licences of the demo's product, as the command line does, only faster."""
    return account_maker(server, database)


@pytest.fixture(scope="session")
def tokens(server: RealServer) -> dict[str, str]:
    """The demo's staff tokens by role."""
    return {role: user["token"] for role, user in server.demo["staff"].items()}


@pytest.fixture
def second_server(server: RealServer, dsn: str, tmp_path: Path) -> Iterator[Callable[..., RealServer]]:
    """Starts `activation serve` on the same database with a copy of the same keys; stops it at the end.

    What stands first are a command's words, run before it starts.
    """
    started: list[RealServer] = []

    def start(*before: str, keys: str = "same", **settings: str) -> RealServer:
        folder = tmp_path / f"second-{len(started)}"
        folder.mkdir(mode=0o700)
        if keys == "same":
            copy_keys(server.folder, folder)
        if before:
            assert run_cli(folder, *before).returncode == 0
        running = RealServer(folder, "serve", ACTIVATION_DATABASE_URL=dsn, **settings)
        started.append(running)
        running.start()
        return running

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def roots(server: RealServer, tmp_path: Path) -> Path:
    """The roots' public keys, exported by the command."""
    done = run_cli(server.folder, "keys", "export")
    assert done.returncode == 0, done.stderr
    (tmp_path / "roots").write_text(done.stdout)
    return tmp_path / "roots"


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with keys, a database of its own, a product and one licence of it, to copy."""
    folder = tmp_path_factory.mktemp("furnished") / "data"
    seed = ("licenses", "seed", "--product", "softphone", "--major", "5", "--accounts", "1")
    for words in (("keys", "init", "--no-passphrase"), ("migrate",), seed):
        done = run_cli(folder, *words)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def closed_house(furnished: Path, tmp_path: Path) -> Path:
    """A furnished data folder whose database each command starts and stops for itself."""
    return shutil.copytree(furnished, tmp_path / "data")


@pytest.fixture
def house(closed_house: Path) -> Iterator[Path]:
    """A furnished data folder whose database runs, so that commands find it there."""
    embedded = EmbeddedPostgres(closed_house / "postgres")
    embedded.start()
    yield closed_house
    embedded.stop()


@pytest.fixture(scope="session")
def as_account(server: RealServer) -> Callable[[str], Account]:
    """The demo's accounts by their names in demo.json."""

    def find(name: str) -> Account:
        shown: dict[str, Any] = server.demo[name]
        licenses = tuple(shown["licenses"])
        return Account(shown["login"], shown["password"], licenses, shown.get("activation_password"))

    return find
