"""Refusals of one worker, counted beside the requests: all of them, also those whose traces are not kept."""

import asyncio
import time
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from activation.licensing.verdicts import Refusal
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.activity import add_refusals
from activation.storage.connection import Pool
from activation.storage.lending import RowRefusedError, lend

EVERY_S: Final = 5.0
MOST: Final = 10_000
"""How many sums of minutes wait at most while the database is away."""
_log = structlog.get_logger("activation.worker")


class Tally:
    """How many refusals of which code there were in which minute, as far as that is not written yet."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[int, str], int] = {}

    def note(self, code: Refusal, shift_s: int = 0) -> None:
        """Count a refusal; `shift_s` moves the clock in tests."""
        moment = int(time.time()) + shift_s
        key = moment - moment % 60, str(code)
        if key in self._waiting or len(self._waiting) < MOST:
            self._waiting[key] = self._waiting.get(key, 0) + 1

    async def flush(self, pool: Pool, zone: ZoneInfo) -> None:
        """Write what waits. Raises DatabaseUnavailableError; then it goes on waiting."""
        if not self._waiting:
            return
        taken, self._waiting = self._waiting, {}
        try:
            async with lend(pool) as connection:
                await add_refusals(connection, taken, zone)
        except BaseException:
            for key, number in taken.items():
                self._waiting[key] = self._waiting.get(key, 0) + number
            raise

    async def run(self, pool: Pool, zone: ZoneInfo) -> None:
        """Write what waits every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.write(pool, zone)

    async def write(self, pool: Pool, zone: ZoneInfo) -> None:
        """Write what waits, as far as the database lets it now."""
        try:
            await self.flush(pool, zone)
        except (DatabaseUnavailableError, RowRefusedError):
            _log.warning("refusals not counted", sums=len(self._waiting))
