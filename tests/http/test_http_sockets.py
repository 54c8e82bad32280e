"""Listening: sockets opened once, for each worker its own, and a port that is taken is told."""

import asyncio
import socket

import pytest
from aiohttp import ClientSession, web

from activation.http.wire import serving
from activation.http.wire.serving import serve
from activation.supervising.sockets import PortTakenError, open_sockets


def close_all(workers):
    for sockets in workers:
        for each in sockets:
            each.close()


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_each_worker_has_its_own_sockets_on_one_port():
    workers = open_sockets("localhost", 0, 3)
    names = [[each.getsockname()[:2] for each in sockets] for sockets in workers]
    assert names[0] == names[1] == names[2]
    assert names[0][0][0] == "127.0.0.1"
    assert len({port for _, port in names[0]}) == 1
    assert len({each.fileno() for sockets in workers for each in sockets}) == 3 * len(names[0])
    assert all(not each.getblocking() for sockets in workers for each in sockets)
    close_all(workers)


@pytest.mark.parametrize("reuse", [False, True])
def test_a_port_that_is_taken_is_told_with_what_to_do(reuse):
    with socket.socket() as other:
        if reuse:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"Port {port} on 127.0.0.1 is taken .*ACTIVATION_PORT"):
            open_sockets("127.0.0.1", port, 2)


@pytest.mark.skipif(not has_ipv6(), reason="NOT TESTED: this machine has no IPv6")
def test_a_port_that_is_taken_on_one_of_several_addresses_is_told_and_nothing_stays_open(monkeypatch):
    both = [
        (family, socket.SOCK_STREAM, 0, "", (address, 0))
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with socket.socket(socket.AF_INET6) as other:
        other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        other.bind(("::1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError):
            open_sockets("localhost", port, 2)
        with socket.socket() as free:
            free.bind(("127.0.0.1", port))


async def test_serving_ends_after_finishing_what_was_begun():
    begun, go_on, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(_request):
        begun.set()
        await go_on.wait()
        return web.Response(text="done")

    application = web.Application()
    application.router.add_get("/", slow)
    (sockets,) = open_sockets("127.0.0.1", 0, 1)
    port = sockets[0].getsockname()[1]
    serving_task = asyncio.create_task(serve(application, sockets, None, stop))
    async with ClientSession() as session:
        answer = asyncio.create_task(session.get(f"http://127.0.0.1:{port}/"))
        await begun.wait()
        stop.set()
        await asyncio.sleep(0.05)
        assert not serving_task.done()
        go_on.set()
        response = await answer
        assert await response.text() == "done"
    await asyncio.wait_for(serving_task, 5)
    with pytest.raises(OSError, match=r"."):
        await asyncio.open_connection("127.0.0.1", port)


def test_the_lenient_parser_is_refused(monkeypatch):
    serving.assert_fast_parser()
    monkeypatch.setattr(serving.http_parser, "HttpRequestParser", serving.http_parser.HttpRequestParserPy)
    with pytest.raises(RuntimeError, match="C parser"):
        serving.assert_fast_parser()
