"""One connection of a load driver: a request out, its answer in, the next request out.

It reads of an answer the status line and the length, nothing else, and does as little as Python can.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, cast

HOST: Final = "127.0.0.1"

Take = Callable[[int, bytes], None]
"""What is done with an answer: status and body."""


class DriverError(Exception):
    """A connection broke, or an answer was none that HTTP knows."""


class Connection(asyncio.Protocol):
    """Sends a request, reads the answer, tells the status and body, and so on until there are no more."""

    def __init__(self, next_request: Callable[["Connection"], bytes | None], take: Take) -> None:
        """Take the source of requests: None ends the connection, b"" lets it wait for `send`."""
        self._next_request = next_request
        self._take = take
        self._transport: asyncio.Transport | None = None
        self._head = b""
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast(asyncio.Transport, transport)

    def ask(self) -> None:
        """Send the next request; close when there is none."""
        request = self._next_request(self)
        if self._transport is None:
            raise DriverError("not connected")
        if request is None:
            self.finish()
        elif request:
            self._transport.write(request)

    def send(self, request: bytes) -> None:
        """Send a request that came later."""
        if self._transport is not None:
            self._transport.write(request)

    def finish(self) -> None:
        """Close: nothing more is asked."""
        if not self.closed.done():
            self.closed.set_result(None)
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Read an answer, or as much of it as there is."""
        if self._head:
            data = self._head + data
        end = data.find(b"\r\n\r\n")
        at = data.find(b"Content-Length: ", 0, end) if end > 0 else -1
        if at < 0:
            self._await_more(data, end)
            return
        body = end + 4
        length = int(data[at + 16 : data.index(b"\r", at)])
        if len(data) < body + length:
            self._head = data
            return
        self._head = b""
        self._take(int(data[9:12]), data[body:])
        self.ask()

    def _await_more(self, data: bytes, end: int) -> None:
        if end > 0:
            self._fail(DriverError("an answer without Content-Length"))
        self._head = data

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail, unless it was closed here."""
        self._fail(DriverError(f"the server closed a connection: {exc}"))

    def _fail(self, error: DriverError) -> None:
        if not self.closed.done():
            self.closed.set_exception(error)


async def connect(port: int, connections: int, make: Callable[[], Connection]) -> list[Connection]:
    """Open connections to this machine's `port`; nothing is sent yet."""
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(make, HOST, port))[1] for _ in range(connections)]


async def run_to_end(made: Sequence[Connection], timeout_s: float) -> None:
    """Let every connection ask, until all are done."""
    for connection in made:
        connection.ask()
    async with asyncio.timeout(timeout_s):
        await asyncio.gather(*(connection.closed for connection in made))
