"""The direct way: what softphones call all day, answered without aiohttp's request, writer and response.

aiohttp's parser reads every request. One that is whole, alone on its connection and for one of the endpoints
given is taken from its queue before aiohttp's own loop wakes up, and the reply is written to the socket at
once. Everything else (a body still on its way, a second request behind the first, HTTP/1.0, Expect) goes
aiohttp's way to the same endpoints. Under overload such a request is turned away unparsed
(`shedding`).

This leans on aiohttp's inner names; the tests hold what it does.
"""

from asyncio import Future, Task
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from aiohttp import hdrs, web
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import HttpVersion11
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import EmptyStreamReader, StreamReader

from activation.http.calls import SERVER, Call, Endpoint, Reply
from activation.http.guarding import answer
from activation.http.surroundings import Surroundings
from activation.http.wire.admitting import Admission
from activation.http.wire.shedding import Shedding
from activation.service.desk import Desk

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class DirectWay:
    """The endpoints that are answered directly, by method and path, and what their calls carry."""

    endpoints: Mapping[tuple[str, str], Endpoint]
    desk: Desk
    surroundings: Surroundings
    shedding: Shedding


DIRECT_WAY: Final = web.AppKey("direct_way", DirectWay)


class DirectConnection(web.RequestHandler):
    """aiohttp's connection with a direct way to some endpoints, where there is one."""

    __slots__ = ("_answering", "_direct", "_is_between", "_remote")

    def __init__(self, manager: web.Server, direct: DirectWay | None, **settings: Any) -> None:
        super().__init__(manager, **settings)
        self._direct = direct
        self._remote: str | None = None
        self._is_between = True
        """Whether the parser surely stands between two requests: what comes next begins one."""
        self._answering: Task[None] | None = None

    def data_received(self, data: bytes) -> None:
        """Take what arrives; answer it directly when it is one whole request of the kind."""
        waiter = self._waiter
        if waiter is None or waiter.done():  # aiohttp is at work on this connection, or about to be
            self._is_between = False
            super().data_received(data)
            return
        if self._is_between and self._answering is None and self._turn_away(data):
            return
        self._waiter = None  # so that what is parsed wakes nobody yet
        super().data_received(data)
        self._waiter = waiter
        was_between, self._is_between = self._is_between, False
        if self._messages and self._answering is None:
            self._go_on(waiter, was_between, data)

    def _turn_away(self, data: bytes) -> bool:
        if self._direct is None or self.transport is None or self._close or self._force_close:
            return False
        reply = self._direct.shedding.turn_away(data)
        if reply is None:
            return False
        self.transport.write(_write_reply(reply))
        self._rest()
        return True

    def _go_on(self, waiter: "Future[None]", was_between: bool, data: bytes) -> None:
        """Answer the only message directly if it may be, else wake aiohttp's loop for it."""
        messages: Any = self._messages
        message, payload = messages[0]
        direct = self._direct
        endpoint = _endpoint_for(message, direct) if direct is not None else None
        if direct is None or endpoint is None or len(messages) > 1 or not payload.is_eof() or self._paused:
            waiter.set_result(None)
            return
        messages.clear()
        if self._parser is not None and self._manager is not None:
            self._parser.message_consumed()
            self._manager.requests_count += 1
        body = _body_of(payload)
        self._is_between = was_between and data.find(b"\r\n\r\n") + 4 + len(body) == len(data)
        call = Call(
            direct.desk,
            direct.surroundings,
            f"{message.method} {message.path}",
            message.headers,
            self._remote_address(),
            body,
        )
        self._request_in_progress = True
        admission = direct.shedding.admission
        admission.begin()  # now, not in the task: of all that come in one turn of the loop each counts
        self._answering = self._loop.create_task(self._answer(call, endpoint, admission))

    async def _answer(self, call: Call, endpoint: Endpoint, admission: Admission) -> None:
        try:
            reply = await answer(call, endpoint)
            if self.transport is not None:
                self.transport.write(_write_reply(reply))
        finally:
            admission.end()
            self._answering = None
            self._request_in_progress = False
            if self._handler_waiter is not None:
                self._handler_waiter.set_result(None)
        self._rest()

    def _rest(self) -> None:
        """Wait for the next request, take the one that came meanwhile, or close if the server stops."""
        if self._close or self._force_close:
            if self.transport is not None:
                self.transport.close()
            return
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        waiter = self._waiter
        if self._messages and waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _process_keepalive(self) -> None:
        if self._answering is not None:  # aiohttp would take this connection for an idle one
            self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        super()._process_keepalive()

    def _remote_address(self) -> str | None:
        if self._remote is None and self.transport is not None:
            peer = self.transport.get_extra_info("peername")
            self._remote = peer[0] if peer else None
        return self._remote


def _endpoint_for(message: Any, direct: DirectWay) -> Endpoint | None:
    if not isinstance(message, RawRequestMessage):  # what is no HTTP
        return None
    endpoint = direct.endpoints.get((message.method, message.path))
    plain = message.version == HttpVersion11 and not message.should_close and not message.upgrade
    return endpoint if plain and hdrs.EXPECT not in message.headers else None


def _body_of(payload: StreamReader) -> bytes:
    # Reading it the usual way would have the parser look for more, in the middle of its work.
    return b"" if isinstance(payload, EmptyStreamReader) else b"".join(payload._buffer)


def _write_reply(reply: Reply) -> bytes:
    headers = "".join([f"{name}: {value}\r\n" for name, value in reply.headers.items()])
    head = (
        f"HTTP/1.1 {reply.status} {_PHRASES[reply.status]}\r\nContent-Type: {reply.content_type}\r\n"
        f"Content-Length: {len(reply.body)}\r\n{headers}Server: {SERVER}\r\n"
        f"Date: {rfc822_formatted_time()}\r\n\r\n"
    )
    return head.encode("latin-1") + reply.body
