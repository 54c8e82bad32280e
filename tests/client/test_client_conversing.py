"""Talking to the server: what is temporary is tried again, a refusal never is."""

import asyncio
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from activation.client import conversing
from activation.client.conversing import Server, ServerAwayError, ServerRefusedError


def problem(status: int, code: str, **headers: str) -> Callable[[], web.Response]:
    body = json.dumps({"code": code, "detail": f"It is {code}.", "trace_id": "7kq2-m4xd"})
    return lambda: web.Response(
        text=body, status=status, headers=headers, content_type="application/problem+json"
    )


def plain(status: int, **headers: str) -> Callable[[], web.Response]:
    return lambda: web.Response(text="<html>", status=status, headers=headers, content_type="text/html")


AT_ONCE = {"Retry-After": "0"}


@dataclass
class Script:
    """A server that gives these answers one after the other, the last for ever."""

    answers: list[Callable[[], web.Response]]
    requests: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append(
            {"path": request.path, "body": await request.json(), "headers": dict(request.headers)}
        )
        return self.answers[min(len(self.requests), len(self.answers)) - 1]()


@pytest.fixture
async def serve():
    servers = []

    async def start(*answers):
        script = Script(list(answers))
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", script.answer)
        server = TestServer(application)
        await server.start_server()
        servers.append(server)
        return script, str(server.make_url("")).rstrip("/")

    yield start
    for server in servers:
        await server.close()


async def test_a_message_goes_as_json_with_its_credentials(serve):
    script, url = await serve(plain(201))
    reply = await Server(url).post("/v1/activations", {"name": "ü"}, ("Ёлка", "pass:word"))
    assert (reply.status, reply.body) == (201, b"<html>")
    (request,) = script.requests
    assert (request["path"], request["body"]) == ("/v1/activations", {"name": "ü"})
    assert request["headers"]["Content-Type"] == "application/json"
    assert request["headers"]["Authorization"] == "Basic 0IHQu9C60LA6cGFzczp3b3Jk"


async def test_without_credentials_none_are_sent(serve):
    script, url = await serve(plain(200))
    await Server(url).post("/v1/renewals", {})
    assert "Authorization" not in script.requests[0]["headers"]


@pytest.mark.parametrize(
    "temporary",
    [
        problem(503, "unavailable", **AT_ONCE),
        problem(429, "rate_limited", **AT_ONCE),
        plain(503, **AT_ONCE),
        plain(500, **AT_ONCE),
        plain(502, **AT_ONCE),
        plain(504, **AT_ONCE),
    ],
)
async def test_a_temporary_error_is_tried_again_until_it_succeeds(serve, temporary):
    script, url = await serve(temporary, temporary, temporary, plain(200))
    assert (await Server(url).post("/x", {"n": 1})).status == 200
    assert [request["body"] for request in script.requests] == [{"n": 1}] * 4


async def test_a_pause_that_was_asked_for_is_kept(serve):
    script, url = await serve(problem(503, "overloaded", **{"Retry-After": "1"}), plain(200))
    began = time.monotonic()
    await Server(url).post("/x", {})
    assert 1 <= time.monotonic() - began < 3
    assert len(script.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 422])
async def test_a_refusal_is_never_repeated(serve, status):
    script, url = await serve(problem(status, "some_code", **AT_ONCE))
    with pytest.raises(ServerRefusedError, match="It is some_code") as caught:
        await Server(url).post("/x", {})
    assert (caught.value.code, caught.value.problem["trace_id"]) == ("some_code", "7kq2-m4xd")
    assert len(script.requests) == 1


async def test_a_refusal_in_words_of_somebody_else_is_one_too(serve):
    script, url = await serve(plain(404))
    with pytest.raises(ServerRefusedError) as caught:
        await Server(url).post("/x", {})
    assert caught.value.code == "unknown"
    assert len(script.requests) == 1


@pytest.mark.parametrize("body", ["", "[]", "<html>", '{"code": '])
async def test_a_refusal_that_is_no_problem_document_is_final_too(serve, body):
    _, url = await serve(lambda: web.Response(text=body, status=409, content_type="application/problem+json"))
    with pytest.raises(ServerRefusedError) as caught:
        await Server(url).post("/x", {})
    assert caught.value.code == "unknown"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_temporary_and_never_followed(serve, status):
    away, elsewhere = await serve(plain(200))
    redirect = plain(status, Location=f"{elsewhere}/evil")
    _, url = await serve(redirect)
    with pytest.raises(ServerAwayError, match=f"sends elsewhere .{status}."):
        await Server(url, patience_s=0.1).post("/x", {}, ("login", "password"))
    script, url = await serve(redirect, plain(200))
    assert (await Server(url).post("/x", {})).status == 200
    assert len(script.requests) == 2
    assert away.requests == []


@pytest.mark.parametrize("compressed", [False, True])
async def test_an_answer_longer_than_any_of_ours_is_not_read(compressed):
    async def answer(request):
        response = web.Response(body=bytes(conversing.MAX_BYTES + (request.path == "/long")))
        if compressed:
            response.enable_compression(web.ContentCoding.gzip)
        return response

    application = web.Application()
    application.router.add_get("/{path}", answer)
    async with TestServer(application) as server:
        url = str(server.make_url("")).rstrip("/")
        assert len((await Server(url).get("/full")).body) == conversing.MAX_BYTES
        with pytest.raises(ServerAwayError, match="longer than any"):
            await Server(url).get("/long")


async def test_a_slow_list_arrives_and_one_that_stalls_is_given_up(monkeypatch):
    async def drip(request):
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(6):
            await response.write(b"x")
            await asyncio.sleep(0.1 if request.path == "/slow" else 5)
        return response

    limits = conversing.GET_TIMEOUT
    assert (limits.total, limits.connect, limits.sock_read) == (600, 5, 5)
    monkeypatch.setattr(conversing, "GET_TIMEOUT", aiohttp.ClientTimeout(sock_read=0.4))
    application = web.Application()
    application.router.add_get("/{path}", drip)
    async with TestServer(application, shutdown_timeout=0) as server:
        url = str(server.make_url("")).rstrip("/")
        assert (await Server(url).get("/slow")).body == b"xxxxxx"
        with pytest.raises(ServerAwayError):
            async with asyncio.timeout(3):
                await Server(url).get("/stalled")


async def test_a_refused_connection_is_tried_again_until_the_server_is_there():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = Script([plain(200)])
    application = web.Application()
    application.router.add_route("POST", "/x", script.answer)
    server = TestServer(application, port=port)
    posting = asyncio.create_task(Server(f"http://127.0.0.1:{port}").post("/x", {}))
    await asyncio.sleep(0.1)
    assert not posting.done()
    await server.start_server()
    assert (await asyncio.wait_for(posting, 10)).status == 200
    await server.close()


async def test_a_server_that_stays_away_is_given_up_after_the_patience(serve):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    began = time.monotonic()
    with pytest.raises(ServerAwayError, match=f"No answer from {url}"):
        await Server(url, patience_s=0.1).post("/x", {})
    assert time.monotonic() - began < 3
    script, url = await serve(problem(503, "unavailable", **AT_ONCE))
    with pytest.raises(ServerAwayError) as caught:
        await Server(url, patience_s=0.2).post("/x", {})
    assert caught.value.retry_after_s == 0
    assert len(script.requests) > 1


async def test_a_pause_longer_than_the_patience_is_not_waited_for(serve):
    """After too many failures the server asks for two minutes: nobody is kept waiting beyond what was set."""
    script, url = await serve(problem(429, "rate_limited", **{"Retry-After": "120"}))
    with pytest.raises(ServerAwayError) as caught:
        async with asyncio.timeout(3):
            await Server(url, patience_s=0.3).post("/x", {})
    assert caught.value.retry_after_s == 120
    assert len(script.requests) == 1


@pytest.mark.parametrize("header", ["", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1.5"])
async def test_a_pause_that_cannot_be_read_is_ours_to_choose(serve, header):
    _, url = await serve(problem(503, "unavailable", **{"Retry-After": header}))
    with pytest.raises(ServerAwayError) as caught:
        await Server(url, patience_s=0.01).post("/x", {})
    assert caught.value.retry_after_s is None
