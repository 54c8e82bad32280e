"""The direct way answers what the long way answers, and gives up its place whenever aiohttp's is needed."""

import asyncio
import re
import socket
from types import SimpleNamespace

import pytest
from aiohttp import web

from activation.http.bodies import read_json
from activation.http.calls import Reply
from activation.http.guarding import refuse
from activation.http.surroundings import Surroundings
from activation.http.wire.addresses import TrustedProxies
from activation.http.wire.admitting import Admission
from activation.http.wire.direct import DIRECT_WAY, DirectConnection, DirectWay
from activation.http.wire.serving import serve
from activation.http.wire.shedding import Shedding, is_whole
from activation.licensing.verdicts import Refusal
from activation.service.clock import Clock
from activation.service.overview.tallying import Tally
from activation.service.tracing.keeping import Traces

HEAD = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def request(body, *more, head=HEAD):
    return (
        head + "".join(f"{line}\r\n" for line in more) + f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def nothing_missing():
    return ""


class Crowd(Admission):
    """An admission that refuses when told so."""

    full = False

    def refuses(self):
        return self.full


class Wire:
    """A connection, byte by byte."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def send(self, data):
        self.writer.write(data)

    async def answer(self):
        async with asyncio.timeout(5):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            length = int(re.search(r"Content-Length: (\d+)", head)[1])
            return head, (await self.reader.readexactly(length)).decode()

    async def is_closed(self):
        async with asyncio.timeout(5):
            return await self.reader.read(1) == b""


@pytest.fixture
async def served(monkeypatch):
    """An echo and a slow one, both direct, and one that aiohttp has alone; how often each way was gone."""
    ways = []
    go_direct = DirectConnection._answer

    async def spy(self, *asked):
        ways.append("direct")
        await go_direct(self, *asked)

    monkeypatch.setattr(DirectConnection, "_answer", spy)
    may_answer, begun = asyncio.Event(), asyncio.Event()

    async def echo(call):
        return Reply(200, await read_json(call), headers={"X-Trace": call.trace_id, "X-From": call.address()})

    async def slow(call):
        begun.set()
        await may_answer.wait()
        return await echo(call)

    async def refusing(_call):
        raise refuse(Refusal.FORBIDDEN, "No.")

    async def the_long_way(received):
        ways.append("long")
        return web.Response(body=await received.read(), content_type="application/json")

    application = web.Application()
    for path in ("/echo", "/slow", "/refusing"):
        application.router.add_post(path, the_long_way)
    endpoints = {("POST", "/echo"): echo, ("POST", "/slow"): slow, ("POST", "/refusing"): refusing}
    # All that the connection itself asks of a desk: refusals are noted there.
    crowd = Crowd(0.1)
    desk = SimpleNamespace(traces=Traces(), tally=Tally(), clock=Clock())
    surroundings = Surroundings(TrustedProxies(), (), nothing_missing)
    application[DIRECT_WAY] = DirectWay(endpoints, desk, surroundings, Shedding(crowd, endpoints))
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)
    stop = asyncio.Event()
    running = asyncio.create_task(serve(application, [listening], None, stop, idle_s=0.5))
    wires = []

    async def connect():
        wires.append(Wire(*await asyncio.open_connection(*listening.getsockname())))
        await asyncio.sleep(0.02)
        return wires[-1]

    connect.crowd = crowd
    connect.ways, connect.stop, connect.begun, connect.may_answer = ways, stop, begun, may_answer
    yield connect
    may_answer.set()
    stop.set()
    for wire in wires:
        wire.writer.close()
    await running


async def test_one_whole_request_after_the_other_goes_directly(served):
    wire = await served()
    for body in ('{"a": 1}', "", "[2]"):
        wire.send(request(body))
        head, told = await wire.answer()
        assert told == body
        assert head.startswith("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        assert re.search(r"\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n", head)
        assert "X-From: 127.0.0.1" in head
    assert served.ways == ["direct"] * 3


async def test_a_refusal_goes_directly_too(served):
    wire = await served()
    wire.send(request("{}", head=HEAD.replace("/echo", "/refusing")))
    head, body = await wire.answer()
    assert head.startswith("HTTP/1.1 403 Forbidden\r\nContent-Type: application/problem+json\r\n")
    assert '"code":"forbidden"' in body
    assert served.ways == ["direct"]


@pytest.mark.parametrize(
    "sent",
    [
        request("{}", head=HEAD.replace("/echo", "/echo?a=1")),
        request("{}", "Expect: something"),
        b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
    ids=["query", "expect", "body to come"],
)
async def test_what_is_unusual_goes_the_long_way(served, sent):
    wire = await served()
    wire.send(sent)
    if b"chunked" in sent:
        await asyncio.sleep(0.05)
        wire.send(b"2\r\n{}\r\n0\r\n\r\n")
    async with asyncio.timeout(5):
        await wire.reader.readuntil(b"\r\n\r\n")
    assert "direct" not in served.ways


@pytest.mark.parametrize("line", ["Connection: close", "HTTP/1.0"])
async def test_a_client_that_wants_it_closed_gets_it_closed(served, line):
    wire = await served()
    head = HEAD.replace("HTTP/1.1", line) if line == "HTTP/1.0" else HEAD
    wire.send(request("{}", *([line] if line != "HTTP/1.0" else []), head=head))
    assert (await wire.answer())[1] == "{}"
    assert await wire.is_closed()
    assert served.ways == ["long"]


async def test_a_body_in_pieces_is_read_to_its_end(served):
    wire = await served()
    whole = request('{"a": "bcdefgh"}')
    for at in range(0, len(whole), 40):
        wire.send(whole[at : at + 40])
        await asyncio.sleep(0.02)
    assert (await wire.answer())[1] == '{"a": "bcdefgh"}'
    wire.send(request("[1]"))
    assert (await wire.answer())[1] == "[1]"


async def test_requests_sent_together_are_answered_in_their_order(served):
    wire = await served()
    wire.send(b"".join(request(f"[{n}]") for n in range(5)))
    assert [(await wire.answer())[1] for _ in range(5)] == [f"[{n}]" for n in range(5)]
    assert served.ways == ["long"] * 5


async def test_a_request_that_comes_during_an_answer_waits_for_its_turn(served):
    wire = await served()
    wire.send(request("[1]", head=HEAD.replace("/echo", "/slow")))
    await served.begun.wait()
    wire.send(request("[2]"))
    await asyncio.sleep(0.05)
    served.may_answer.set()
    assert [(await wire.answer())[1] for _ in range(2)] == ["[1]", "[2]"]
    wire.send(request("[3]"))
    assert (await wire.answer())[1] == "[3]"


async def test_who_idles_is_hung_up_on_but_nobody_who_waits_for_an_answer(served):
    idle, waiting = await served(), await served()
    idle.send(request("[1]"))
    waiting.send(request("[2]", head=HEAD.replace("/echo", "/slow")))
    assert (await idle.answer())[1] == "[1]"
    assert await idle.is_closed()
    await asyncio.sleep(0.7)
    served.may_answer.set()
    assert (await waiting.answer())[1] == "[2]"
    assert await waiting.is_closed()


async def test_a_server_that_stops_finishes_the_answer_and_closes(served):
    wire = await served()
    wire.send(request("[1]", head=HEAD.replace("/echo", "/slow")))
    await served.begun.wait()
    served.stop.set()
    await asyncio.sleep(0.1)
    served.may_answer.set()
    assert (await wire.answer())[1] == "[1]"
    assert await wire.is_closed()


async def test_a_client_that_has_gone_disturbs_nobody(served):
    wire, other = await served(), await served()
    wire.send(request("[1]", head=HEAD.replace("/echo", "/slow")))
    await served.begun.wait()
    wire.writer.close()
    await asyncio.sleep(0.05)
    served.may_answer.set()
    other.send(request("[2]"))
    assert (await other.answer())[1] == "[2]"


async def test_what_is_no_http_is_a_problem_here_too(served):
    wire = await served()
    wire.send(b"\x16\x03\x01 nonsense\r\n\r\n")
    head, body = await wire.answer()
    assert head.startswith("HTTP/1.0 400")
    assert '"code":"malformed"' in body
    assert await wire.is_closed()


async def test_under_overload_whole_requests_are_turned_away_unparsed(served):
    wire = await served()
    wire.send(request("{}"))
    assert (await wire.answer())[1] == "{}"
    served.crowd.full = True
    for _ in range(3):
        wire.send(request("{}"))
        head, body = await wire.answer()
        assert head.startswith(
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
        )
        assert 1 <= int(re.search(r"Retry-After: (\d+)", head)[1]) <= 15
        assert '"code":"overloaded"' in body
        assert re.search(r'"trace_id":"\w{4}-\w{4}"', body)
    served.crowd.full = False
    wire.send(request("[1]"))
    assert (await wire.answer())[1] == "[1]"
    assert served.ways == ["direct"] * 2


async def test_what_comes_in_pieces_is_never_taken_for_a_request_of_its_own(served):
    """Half a head, then what looks like a whole request: it belongs to the first, whoever hoped otherwise."""
    served.crowd.full = True
    wire = await served()
    inner = request("{}")
    wire.send(f"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {len(inner)}\r\n\r\n".encode())
    await asyncio.sleep(0.05)
    wire.send(inner)
    head, body = await wire.answer()
    assert (head.split(" ", 2)[1], body) == ("200", inner.decode())
    wire.send(request("{}"))  # after that nobody knows where the parser stands: the long way
    assert (await wire.answer())[1] == "{}"
    assert "direct" not in served.ways[:1]


async def test_a_tail_behind_a_whole_request_keeps_the_next_from_being_turned_away(served):
    wire = await served()
    wire.send(request("{}") + b"POST /echo HTTP/1.1\r\nHost: x\r\nX-Rest: ")
    await wire.answer()
    served.crowd.full = True
    wire.send(request("{}"))
    head, _ = await wire.answer()
    assert " 400 " in head or " 200 " in head  # the parser's word, not a refusal of what was never a request


def _framed(*lines, body="{}"):
    return ("POST /echo HTTP/1.1\r\n" + "".join(f"{line}\r\n" for line in lines) + "\r\n" + body).encode()


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (_framed("Content-Length: 2"), True),
        (_framed("content-length:2", "Host: x"), True),
        (_framed("Content-Length: 2", body=""), False),
        (_framed("Content-Length: 2", body="{}{}"), False),
        (_framed("Content-Length: 2", "Content-Length: 2"), False),
        (_framed("Content-Length: 2", "Transfer-Encoding: chunked"), False),
        (_framed("Content-Length: 2", "Connection: close"), False),
        (_framed("Content-Length: 2", "Expect: 100-continue"), False),
        (_framed("Content-Length: +2"), False),
        (_framed("Content-Length: 0000002"), False),
        (_framed("Content-Length : 2"), False),
        (_framed("X: y\nContent-Length: 2"), False),
        (_framed("X: y"), False),
        (_framed("Content-Length: 2")[:30], False),
        (b"", False),
    ],
)
def test_only_the_plainest_framing_counts_as_whole(data, whole):
    assert is_whole(data) is whole
