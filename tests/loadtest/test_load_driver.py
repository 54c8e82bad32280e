"""Our own driver and the pacer, against a tiny server that counts what reaches it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from loadtest.connection import DriverError
from loadtest.driver import collect, drive
from loadtest.pacing import pace


class TinyServer:
    """Answers its request's body; what ends in an odd digit is refused, what says `hang up` gets nothing."""

    def __init__(self) -> None:
        self.port = 0
        self.seen: list[bytes] = []
        self.delay_s = 0.0

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.seen.append(body)
        if body == b"hang up":
            assert request.transport is not None
            request.transport.close()
        await asyncio.sleep(self.delay_s)
        return web.Response(status=201 if body[-1:] in b"02468" else 409, body=body * 1000)


@asynccontextmanager
async def tiny_server() -> AsyncIterator[TinyServer]:
    server = TinyServer()
    application = web.Application()
    application.add_routes([web.post("/", server.answer)])
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    yield server
    await runner.cleanup()


def post(body: bytes) -> bytes:
    return b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def test_every_request_is_sent_once_and_every_answer_counted() -> None:
    async with tiny_server() as server:
        bodies = [b"%d" % n for n in range(500)]
        done = await drive(server.port, iter(map(post, bodies)), 16, 30)
    assert sorted(server.seen) == sorted(bodies)
    assert done.issued == 500
    assert done.statuses == {201: 250, 409: 250}
    assert 0 < done.seconds < 30


async def test_time_ends_a_drive_and_its_last_answers_are_waited_for() -> None:
    async with tiny_server() as server:
        server.delay_s = 0.05
        done = await drive(server.port, itertools.repeat(post(b"0")), 8, 0.3)
    assert done.issued == len(server.seen) == done.statuses[201]
    assert 8 < done.issued <= 8 * 8
    assert done.seconds == pytest.approx(0.3, abs=0.2)


async def test_collected_answers_are_those_of_their_requests() -> None:
    async with tiny_server() as server:
        answers = await collect(server.port, [post(b"%d" % n) for n in range(300)], 7)
    assert [body for _, body in answers] == [(b"%d" % n) * 1000 for n in range(300)]
    assert [status for status, _ in answers] == [201, 409] * 150


async def test_a_connection_that_breaks_is_an_error_and_no_figure() -> None:
    async with tiny_server() as server:
        with pytest.raises(DriverError):
            await drive(server.port, itertools.repeat(post(b"hang up")), 4, 5)


async def test_the_pacer_keeps_its_rate_and_charges_for_a_slow_answer() -> None:
    async with tiny_server() as server:
        began = asyncio.get_running_loop().time()
        paced = await pace(server.port, [post(b"0")] * 200, 400.0, 32)
        lasted = asyncio.get_running_loop().time() - began
        assert paced.statuses == {201: 200}
        assert 0.45 < lasted < 2
        quick = paced.percentile_ms(0.5)
        server.delay_s = 0.1
        slow = await pace(server.port, [post(b"0")] * 40, 400.0, 2)
    # Two connections, 100 ms each: 20 answers a second. The last of 40 was due at once and comes after 2 s.
    assert quick < 100
    assert slow.percentile_ms(0.99) > 1000


async def test_the_pacer_tells_of_a_connection_that_breaks() -> None:
    async with tiny_server() as server:
        with pytest.raises(DriverError):
            await pace(server.port, [post(b"hang up")] * 3, 100.0, 1)
