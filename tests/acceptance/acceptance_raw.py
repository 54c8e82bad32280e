"""Connections by hand: for what no HTTP library would send."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from acceptance_api import Answer


class Wire:
    """One connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened_at = time.monotonic()
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def drip(self, data: bytes, pause_s: float) -> None:
        """Send byte by byte until all is sent or the other side hangs up."""
        for number in range(len(data)):
            try:
                await self.send(data[number : number + 1])
            except ConnectionError:
                return
            await asyncio.sleep(pause_s)

    async def read_to_end(self, timeout_s: float) -> tuple[bytes, float]:
        """Return all that comes until the server hangs up, and the connection's age then."""
        data = b""
        async with asyncio.timeout(timeout_s):
            with suppress(ConnectionError):
                data = await self._reader.read()
        return data, time.monotonic() - self.opened_at

    async def read_answer(self, timeout_s: float = 10) -> Answer:
        """Return one answer; the connection may stay open."""
        async with asyncio.timeout(timeout_s):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.split(": ", 1) for line in head[1:] if line)
            body = await self._reader.readexactly(int(headers.get("Content-Length", "0")))
        return Answer(int(head[0].split()[1]), headers, body)


@asynccontextmanager
async def wire(url: str) -> AsyncIterator[Wire]:
    """Open a connection to the server at `url`."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def head(path: str, *lines: str, method: str = "POST") -> bytes:
    """Return a request's head, complete with its blank line."""
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", "")).encode()
