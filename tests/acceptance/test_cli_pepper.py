"""The pepper is rotated under a server that runs, by the commands; nobody activates again."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
import pytest_asyncio
from acceptance_api import Api, claims_of, granted, refused
from acceptance_commands import Done, run_cli
from acceptance_devices import device, with_parts
from acceptance_making import MakeAccount, account_maker
from acceptance_server import RealServer

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

VERSION = "5.6.4"
SOON_S = 30.0  # a second for the look, the rest for a busy machine


@pytest.fixture
def running(closed_house: Path) -> Iterator[RealServer]:
    server = RealServer(closed_house, "serve")
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def new_here(running: RealServer) -> AsyncIterator[MakeAccount]:
    connection = await asyncpg.connect(running.dsn())
    yield account_maker(running, connection)
    await connection.close()


async def pepper(server: RealServer, *words: str) -> Done:
    return await asyncio.to_thread(run_cli, server.folder, "pepper", *words)


async def listed(server: RealServer) -> dict[int, dict[str, Any]]:
    done = await pepper(server, "list", "--json")
    assert done.returncode == 0, done.stderr
    return {row["version"]: row for row in json.loads(done.stdout)}


async def test_rotated_and_retired_and_nobody_activates_again(
    running: RealServer, new_here: MakeAccount
) -> None:
    account = await new_here(2)
    there, away = device(), device()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        api = Api(running.url, session)
        first = granted(await api.activate(account, there, product="softphone"), 201)
        second = granted(await api.activate(account, away, product="softphone"), 201)
        workers = running.workers()

        assert (await pepper(running, "rotate", "--after", "1")).returncode == 0
        deadline = time.monotonic() + SOON_S
        while (
            claims_of((renewed := await api.renew(first.certificate, there)).certificate)["dev"]["salt"]
            == (claims_of(first.certificate)["dev"]["salt"])
        ):
            assert time.monotonic() < deadline, "workers still use the old pepper"
            await asyncio.sleep(0.2)
        granted(renewed, 200)
        refused(await api.activate(account, device(), product="softphone"), "device_limit")
        rows = await listed(running)
        assert [rows[2][name] for name in ("state", "share", "devices")] == ["in use", "50.0 %", 1]
        assert [rows[1][name] for name in ("state", "share", "devices")] == ["old", "50.0 %", 1]

        for wrong in ("2", "7"):
            assert (await pepper(running, "retire", "--version", wrong)).returncode == 1
        kept = await pepper(running, "retire", "--version", "1")
        assert kept.returncode == 1
        assert "1 devices are taken for new ones" in kept.stderr
        fewer = with_parts(away, mac=None)
        granted(await api.renew(second.certificate, fewer), 200)  # stays where it was
        assert (await listed(running))[1]["devices"] == 1
        granted(await api.renew(second.certificate, away), 200)
        assert (await listed(running))[1]["devices"] == 0

        forced = await pepper(running, "retire", "--version", "1", "--force")
        assert forced.returncode == 0, forced.stderr
        assert "passwords no longer work" in forced.stderr  # the account that nobody asked for
        await asyncio.sleep(2.0)  # a second for the worker that nobody happened to ask
        granted(await api.renew(second.certificate, away), 200)  # of the pepper that is gone
        granted(await api.activate(account, there, product="softphone"), 200)
        assert running.workers() == workers, "nobody was restarted"
        assert list(await listed(running)) == [2, 1]
