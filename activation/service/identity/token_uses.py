"""When tokens were last used: noted beside the requests, written at most once an hour for each.

Best effort: what the worker has noted when it is killed is lost, and the next use is written instead.
"""

import asyncio
from typing import Final

import structlog

from activation.storage.absence import DatabaseUnavailableError
from activation.storage.connection import Pool
from activation.storage.identity.tokens import note_uses
from activation.storage.lending import RowRefusedError, lend

AGAIN_S: Final = 3600
"""How late `last used` may be, in seconds."""
FLUSH_S: Final = 5.0
MOST: Final = 4096
_log = structlog.get_logger("activation.tokens")


class TokenUses:
    """The uses that one worker has not written yet."""

    def __init__(self) -> None:
        self._waiting: dict[int, int] = {}

    def note(self, token_id: int, last_used_at: int | None, now: int) -> None:
        """Note a use, unless one within the hour is written already; the first of an hour is what counts."""
        if last_used_at is not None and now - last_used_at < AGAIN_S:
            return
        if len(self._waiting) < MOST:
            self._waiting.setdefault(token_id, now)

    async def run(self, pool: Pool) -> None:
        """Write what waits, every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush(pool)

    async def flush(self, pool: Pool) -> None:
        """Write what waits; without a database it waits on. What it will never take is lost, and no more."""
        if not self._waiting:
            return
        used, self._waiting = self._waiting, {}
        try:
            async with lend(pool) as connection:
                await note_uses(connection, used)
        except (DatabaseUnavailableError, RowRefusedError):
            self._waiting = {**self._waiting, **used}
            _log.warning("uses of tokens not written", waiting=len(used))
