"""W4 in short: who sends slowly is hung up on, and nobody else notices."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from acceptance_api import PROBLEM_TYPE, Account, Api, granted
from acceptance_devices import device
from acceptance_making import MakeAccount, copy_keys
from acceptance_raw import Wire, head, wire
from acceptance_server import RealServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

IDLE_S = 2
BODY_S = 1
SLACK_S = 2.5
SLOW = 100

HEAD = head("/v1/activations", "Content-Type: application/json", "Content-Length: 400")


@pytest.fixture(scope="module")
def impatient(server: RealServer, dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """A server that waits for nobody for long."""
    folder = tmp_path_factory.mktemp("impatient") / "data"
    folder.mkdir()
    copy_keys(server.folder, folder)
    limits = {"ACTIVATION_IDLE_S": str(IDLE_S), "ACTIVATION_BODY_S": str(BODY_S)}
    running = RealServer(folder, "serve", ACTIVATION_DATABASE_URL=dsn, **limits)
    running.start()
    yield running
    running.stop()


@asynccontextmanager
async def healthy(running: RealServer, account: Account) -> AsyncIterator[list[float]]:
    """A softphone that asks all the while; how long each answer took, in seconds."""
    times: list[float] = []
    machine = device()
    done = asyncio.Event()

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            api = Api(running.url, session)
            granted(await api.activate(account, machine), 201)
            while not done.is_set():
                began = time.monotonic()
                granted(await api.activate(account, machine), 200)
                times.append(time.monotonic() - began)
                await asyncio.sleep(0.01)

    asking = asyncio.create_task(ask())
    try:
        yield times
    finally:
        done.set()
        await asking


Slowness = Callable[[Wire], Awaitable[None]]


async def nothing(connection: Wire) -> None:
    await connection.send(b"")


async def half_a_head(connection: Wire) -> None:
    await connection.send(HEAD[:60])


async def a_dripped_head(connection: Wire) -> None:
    await connection.drip(HEAD[:-4], 0.3)


async def half_a_body(connection: Wire) -> None:
    await connection.send(HEAD + b'{"product": "zoiper", ')


async def a_dripped_body(connection: Wire) -> None:
    await connection.send(HEAD)
    await connection.drip(b'{"product": "zoiper", "version": "5"', 0.2)


async def idle_after_an_answer(connection: Wire) -> None:
    await connection.send(head("/healthz", method="GET"))
    assert (await connection.read_answer()).status == 200
    connection.opened_at = time.monotonic()


@pytest.mark.parametrize(
    ("slowness", "limit_s"),
    [
        (nothing, IDLE_S),
        (half_a_head, IDLE_S),
        (a_dripped_head, IDLE_S),
        (half_a_body, BODY_S),
        (a_dripped_body, BODY_S),
        (idle_after_an_answer, IDLE_S),
    ],
)
async def test_w4_slow_clients_are_hung_up_on_while_a_healthy_one_is_served(
    impatient: RealServer, new_account: MakeAccount, slowness: Slowness, limit_s: float
) -> None:
    async with healthy(impatient, await new_account()) as times, AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(wire(impatient.url)) for _ in range(SLOW)]
        dripping = [asyncio.create_task(slowness(one)) for one in wires]
        if slowness is idle_after_an_answer:
            await asyncio.gather(*dripping)
        try:
            ends = await asyncio.gather(*(one.read_to_end(limit_s + 6) for one in wires[: SLOW // 2]))
        except TimeoutError:
            pytest.fail(f"still connected after {limit_s + 6} s, where {limit_s} s are allowed")
        finally:
            for task in dripping:
                task.cancel()
            await asyncio.gather(*dripping, return_exceptions=True)
    for data, age in ends:
        assert age < limit_s + SLACK_S
        assert data == b"" or (data.startswith(b"HTTP/1.1 4") and PROBLEM_TYPE.encode() in data), data
    assert len(times) > 20
    assert sorted(times)[int(len(times) * 0.95)] < 0.5


async def test_a_head_that_comes_in_pieces_but_in_time_is_served(impatient: RealServer) -> None:
    async with wire(impatient.url) as connection:
        await connection.drip(head("/healthz", method="GET"), 0.01)
        assert (await connection.read_answer()).status == 200


async def test_a_body_that_comes_in_pieces_but_in_time_is_served(
    impatient: RealServer, new_account: MakeAccount, tmp_path: Path
) -> None:
    account = await new_account()
    body = b'{"license_id": "%s"}' % account.licenses[0].encode()
    lines = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    async with wire(impatient.url) as connection:
        await connection.send(head("/v1/resets", f"Authorization: {account.header}", *lines))
        await connection.drip(body, 0.01)
        answer = await connection.read_answer()
    assert answer.json["code"] == "reset_unused"


async def test_slowness_leaves_no_fault_in_the_log(impatient: RealServer) -> None:
    assert [line for line in impatient.log() if line["level"] not in ("info",)] == []
