"""Requests for a link to a new password, on their way: taken at once, looked into one after the other later.

So the answer takes as long for a login that nobody has. Later is some seconds later, by chance: who asks for
something else at once would wait for the mail of somebody known, and see it by the clock. What a killed
worker has not looked into is lost: who gets no mail asks again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import field
from random import SystemRandom
from typing import Final

import structlog

from activation.licensing.values import value
from activation.storage.absence import DatabaseUnavailableError

MOST: Final = 256
ENDING_S: Final = 5.0
SPREAD_S: Final = 5.0
_CHANCE: Final = SystemRandom()
_log = structlog.get_logger("activation.identity")


@value
class AskedLink:
    """What somebody asked: for which login or e-mail, and as what the request is known."""

    name: str = field(repr=False)
    trace_id: str


class LinkRequests:
    """The requests that one worker has not looked into yet."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[AskedLink] = asyncio.Queue(MOST)
        self._hurry = asyncio.Event()

    def put(self, asked: AskedLink) -> bool:
        """Take a request; False when too many wait."""
        try:
            self._waiting.put_nowait(asked)
        except asyncio.QueueFull:
            return False
        return True

    async def run(self, send: Callable[[AskedLink], Awaitable[None]]) -> None:
        """Look into what comes, until cancelled."""
        while True:
            asked = [await self._waiting.get()]
            await self._linger()
            asked += [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]
            for one in asked:
                await self._look_into(one, send)

    async def _linger(self) -> None:
        """Wait some seconds, unless the worker is about to end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CHANCE.uniform(0, SPREAD_S)):
                await self._hurry.wait()

    async def _look_into(self, asked: AskedLink, send: Callable[[AskedLink], Awaitable[None]]) -> None:
        try:
            await send(asked)
        except DatabaseUnavailableError:
            _log.warning("password link not sent", trace_id=asked.trace_id)
        except Exception:  # whatever it was: the next one is somebody else's
            _log.exception("password link failed", trace_id=asked.trace_id)
        finally:
            self._waiting.task_done()

    async def settle(self) -> None:
        """Have all that was taken looked into now, and wait for it, for a few seconds at most."""
        self._hurry.set()
        try:
            async with asyncio.timeout(ENDING_S):
                await self._waiting.join()
        except TimeoutError:
            _log.warning("password links not sent", waiting=self._waiting.qsize())
        finally:
            self._hurry.clear()
