"""Tells the vendor's webhooks when somebody meets a limit: an owner's reset (R3), or the devices (L4).

Best effort, beside the requests: a short queue, written a few a second by one task. What finds the queue
full is dropped, and the same account at the same limit is told of once an hour, however often it tries.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import Any, Final

import structlog

from activation.licensing.identifiers import ACCOUNT, LICENSE, to_text
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.ids import IdSource
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.connection import Pool
from activation.storage.lending import RowRefusedError, lend
from activation.storage.outgoing.outbox import write_hook_message

QUEUE_LIMIT: Final = 256
A_SECOND: Final = 20
AGAIN_S: Final = 3600
REMEMBERED: Final = 4096

_KINDS: Final = {Refusal.RESET_LIMIT: "limit.reset", Refusal.DEVICE_LIMIT: "limit.devices"}
_log = structlog.get_logger("activation.limits")


@value
class Notice:
    """One limit met: the kind of webhook message, what it says, when (seconds since 1970)."""

    kind: str
    payload: Mapping[str, Any]
    at: int


class LimitNotices:
    """The queue of notices of one worker."""

    def __init__(self) -> None:
        self._waiting: deque[Notice] = deque()
        self._told: OrderedDict[tuple[str, int], int] = OrderedDict()
        self.dropped = 0

    def note(self, refused: Refused, account_id: int, now: int) -> None:
        """Queue a notice of this refusal, if it is one of a limit and was not told of within the hour."""
        kind = _KINDS.get(refused.code)
        if kind is None or self._is_told(kind, account_id, now):
            return
        if len(self._waiting) >= QUEUE_LIMIT:
            self.dropped += 1
            return
        self._remember(kind, account_id, now)
        held = refused.license
        license_id = to_text(LICENSE, held.license_id) if held is not None else None
        payload = {"account_id": to_text(ACCOUNT, account_id), "license_id": license_id, "rule": refused.rule}
        self._waiting.append(Notice(kind, payload, now))

    async def run(self, pool: Pool, ids: IdSource) -> None:
        """Write what waits, a few a second, until cancelled."""
        while True:
            await asyncio.sleep(1)
            if not self._waiting:
                continue
            try:
                await self.flush(pool, ids)
            except (DatabaseUnavailableError, RowRefusedError):
                _log.warning("limit notices not written", waiting=len(self._waiting))
            except Exception:
                # One that the database will never take must not keep those after it waiting.
                _log.exception("limit notices lost", waiting=len(self._waiting))
                self._waiting.clear()

    async def flush(self, pool: Pool, ids: IdSource, most: int = A_SECOND) -> int:
        """Write at most `most` notices in one transaction; return how many."""
        batch = [self._waiting[n] for n in range(min(most, len(self._waiting)))]
        async with lend(pool) as connection, connection.transaction():
            for notice in batch:
                await write_hook_message(connection, ids.new(0), notice.kind, notice.payload, notice.at)
        for _ in batch:
            self._waiting.popleft()
        return len(batch)

    def _is_told(self, kind: str, account_id: int, now: int) -> bool:
        told_at = self._told.get((kind, account_id))
        return told_at is not None and told_at <= now < told_at + AGAIN_S

    def _remember(self, kind: str, account_id: int, now: int) -> None:
        self._told[kind, account_id] = now
        self._told.move_to_end((kind, account_id))
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
