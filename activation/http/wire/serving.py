"""Serving an application on sockets that somebody else opened, until told to stop."""

import asyncio
import ssl
from collections.abc import Sequence
from socket import socket
from typing import Final

from aiohttp import http_parser, web

from activation.http.wire.connections import Runner

IDLE_S: Final = 30.0
"""A connection may idle, or take over a request's head, for so long (slow heads end here too)."""
STOP_S: Final = 20.0


def assert_fast_parser() -> None:
    """Refuse to serve on aiohttp's Python parser, which reads requests more leniently and slowly."""
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        raise RuntimeError("aiohttp runs without its C parser: install it from a wheel")


async def serve(
    application: web.Application,
    sockets: Sequence[socket],
    tls: ssl.SSLContext | None,
    stop: asyncio.Event,
    *,
    idle_s: float = IDLE_S,
) -> None:
    """Serve until `stop` is set; then take no new connection and finish what was begun."""
    assert_fast_parser()
    runner = Runner(
        application,
        access_log=None,
        keepalive_timeout=idle_s,
        lingering_time=2.0,
        auto_decompress=False,
        handler_cancellation=False,
        shutdown_timeout=STOP_S,
    )
    await runner.setup()
    for listening in sockets:
        await web.SockSite(runner, listening, ssl_context=tls, backlog=1024).start()
    await stop.wait()
    await runner.cleanup()
