"""A door that lets a few in at a time, so that those who need a connection for long leave some to others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class CrowdedError(Exception):
    """So many wait already that one more would wait in vain."""


class Door:
    """Lets `at_once` in; up to `waiting` more wait for their turn."""

    def __init__(self, at_once: int = 1, waiting: int = 64) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._most = waiting
        self._waiting = 0

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Wait for a turn and keep it for the block. Raises CrowdedError."""
        if self._waiting >= self._most:
            raise CrowdedError(f"{self._waiting} wait already")
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()
