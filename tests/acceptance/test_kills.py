"""F2, F9 in short: kill -9 of a worker and of PostgreSQL under load; SIGTERM with requests in flight."""

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import asyncpg
import psutil
import pytest
import pytest_asyncio
from acceptance_api import PRODUCT, VERSION, Account, Answer, Api, granted, refused
from acceptance_devices import device
from acceptance_making import account_maker
from acceptance_raw import head, wire
from acceptance_server import RealServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLIENTS = 16
SEATS = 400
BROUGHT_BACK_S = 8.0


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """A server with a database of its own, for tests that kill either."""
    running = RealServer(tmp_path_factory.mktemp("mortal") / "data")
    running.start()
    try:
        yield running
    finally:
        running.stop()


@dataclass
class Load:
    """Softphones that activate one after the other, and all that they were told."""

    url: str
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    bad: list[Answer] = field(default_factory=list)
    refused_connections: int = 0
    cut: int = 0
    is_over: bool = False

    async def run(self, account: Account) -> None:
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            api = Api(self.url, session)
            while not self.is_over:
                await self._activate(api, account, device())
                await asyncio.sleep(0.05)

    async def _activate(self, api: Api, account: Account, machine: dict[str, Any]) -> None:
        """Activate one device, asking again after whatever is temporary, as softphones do."""
        while not self.is_over:
            try:
                answer = await api.activate(account, machine)
            except aiohttp.ClientConnectorError:
                self.refused_connections += 1
            except aiohttp.ClientError:
                self.cut += 1
            else:
                self.statuses[answer.status] += 1
                if answer.status in (200, 201):
                    self.held[answer.certificate] = machine
                    return
                if answer.status != 503 or "Retry-After" not in answer.headers:
                    self.bad.append(answer)
            await asyncio.sleep(0.1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fleet(mortal: RealServer) -> list[Account]:
    """Accounts of many seats, found by index, and of few, read whole."""
    connection = await asyncpg.connect(mortal.dsn())
    make = account_maker(mortal, connection)
    accounts = [await make(SEATS) for _ in range(CLIENTS)]
    await connection.close()
    return accounts


@asynccontextmanager
async def under_load(running: RealServer, accounts: list[Account]) -> AsyncIterator[Load]:
    load = Load(running.url)
    clients = [asyncio.create_task(load.run(account)) for account in accounts]
    try:
        await until(lambda: load.statuses[201] >= 2 * CLIENTS, 10)
        yield load
    finally:
        load.is_over = True
        await asyncio.gather(*clients)


async def until(is_so: Any, timeout_s: float) -> bool:
    """Wait until it is so; tell whether it came to be."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


async def assert_all_known(running: RealServer, load: Load, least: int = 4 * CLIENTS) -> None:
    """Promise 2: every certificate that a client holds is known to the server."""
    assert len(load.held) >= least
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        api = Api(running.url, session)
        answers = await asyncio.gather(*(api.renew(*one) for one in load.held.items()))
    lost = [answer for answer in answers if answer.status != 200]
    assert lost == []


async def test_f2_kill_9_of_a_worker_under_load_loses_nothing_and_refuses_no_connection(
    mortal: RealServer, fleet: list[Account]
) -> None:
    async with under_load(mortal, fleet) as load:
        for _ in range(2):
            before = set(mortal.workers())
            os.kill(min(before), signal.SIGKILL)
            await assert_replaced(mortal, before, load)
    assert load.bad == []
    assert load.refused_connections == 0
    assert set(load.statuses) <= {200, 201, 503}
    await assert_all_known(mortal, load)


async def assert_replaced(running: RealServer, before: set[int], load: Load) -> None:
    """See that a new worker comes, answers, and that activations go on."""
    since = load.statuses[201]
    assert await until(lambda: len(set(running.workers()) - before) == 1, 10), "not replaced"
    new = next(iter(set(running.workers()) - before))
    assert await until(lambda: running.requests_by_worker().get(new, 0) > 0, 10), "it answers nothing"
    assert await until(lambda: load.statuses[201] > since + 2 * CLIENTS, 10)


async def test_f2_kill_9_of_postgresql_under_load_loses_nothing_and_looks_like_no_refusal(
    mortal: RealServer, fleet: list[Account]
) -> None:
    async with under_load(mortal, fleet) as load:
        kill_postgresql(mortal)
        since = load.statuses[201]
        is_back = await until(lambda: load.statuses[201] > since + 2 * CLIENTS, BROUGHT_BACK_S)
        if not is_back:
            # The load goes on while the server is started again, on the port that the clients know.
            mortal.settings["ACTIVATION_PORT"] = mortal.url.rpartition(":")[2]
            await asyncio.to_thread(mortal.stop)
            await asyncio.to_thread(mortal.start)
            assert await until(lambda: load.statuses[201] > since + 2 * CLIENTS, 30)
    assert load.bad == []
    assert set(load.statuses) <= {200, 201, 503}
    await assert_all_known(mortal, load)
    assert is_back, "the running server does not bring back a PostgreSQL that was killed"


def kill_postgresql(running: RealServer) -> None:
    """SIGKILL for every process of the database; the postmaster first, so that it cannot react."""
    for process in running.postgres():
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


async def test_readiness_tells_of_a_killed_database_and_health_does_not(
    mortal: RealServer, fleet: list[Account]
) -> None:
    async with aiohttp.ClientSession() as session:
        api = Api(mortal.url, session)
        stopped = mortal.postgres()
        try:
            for process in stopped:
                process.suspend()
            problem = refused(await api.call("GET", "/readyz"), "unavailable")
            assert "database" in problem["detail"]
            assert (await api.call("GET", "/healthz")).status == 200
        finally:
            for process in stopped:
                process.resume()
        granted(await api.activate(fleet[0], device()), 201)


async def test_f9_sigterm_answers_what_waits_for_the_database(
    mortal: RealServer, fleet: list[Account]
) -> None:
    machines = [device() for _ in range(32)]
    connection = await asyncpg.connect(mortal.dsn())
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        api = Api(mortal.url, session)
        async with connection.transaction():
            await connection.execute("SELECT FROM holding FOR UPDATE")
            asking = [asyncio.create_task(api.activate(fleet[0], one)) for one in machines]
            await asyncio.sleep(0.5)
            assert not any(task.done() for task in asking)
            mortal.terminate()
            await asyncio.sleep(0.5)
        answers = await asyncio.gather(*asking)
    await connection.close()
    await start_again(mortal)
    load = Load(mortal.url)
    for answer, machine in zip(answers, machines, strict=True):
        load.held[granted(answer, 201).certificate] = machine
    await assert_all_known(mortal, load, least=32)


async def test_f9_sigterm_answers_requests_whose_bodies_are_under_way(
    mortal: RealServer, fleet: list[Account]
) -> None:
    machines = [device() for _ in range(8)]
    bodies = [
        json.dumps({"product": PRODUCT, "version": VERSION, "device": one}).encode() for one in machines
    ]
    lines = ("Content-Type: application/json", f"Authorization: {fleet[1].header}")
    try:
        async with wires(mortal.url, len(bodies)) as under_way:
            for one, body in zip(under_way, bodies, strict=True):
                await one.send(head("/v1/activations", *lines, f"Content-Length: {len(body)}") + body[:100])
            await asyncio.sleep(0.3)
            mortal.terminate()
            await asyncio.sleep(0.3)
            for one, body in zip(under_way, bodies, strict=True):
                await one.send(body[100:])
            for one in under_way:
                granted(await one.read_answer(5), 201)
    finally:
        await start_again(mortal)


async def start_again(running: RealServer) -> None:
    await asyncio.to_thread(running.stop)
    await asyncio.to_thread(running.start)


@asynccontextmanager
async def wires(url: str, number: int) -> AsyncIterator[list[Any]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(wire(url)) for _ in range(number)]
