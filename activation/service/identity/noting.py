"""What is noted beside the requests: that a session was used, that somebody's password was tried in vain.

Written in one go every few seconds. So a wrong password is answered as soon as an unknown login, and a flood
of wrong ones becomes one event a person. What a killed worker has not written is lost.
"""

import asyncio
from dataclasses import dataclass
from json import dumps
from typing import Final

import structlog

from activation.licensing.events import Actor, Event, EventKind
from activation.licensing.identity.sessions import SEEN_S
from activation.service.ids import IdSource
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.connection import Pool
from activation.storage.events import add_events
from activation.storage.identity.sessions import note_seen_many
from activation.storage.lending import lend

FLUSH_S: Final = 5.0
MOST: Final = 4096
_log = structlog.get_logger("activation.identity")


@dataclass(slots=True)
class _Tried:
    """How often somebody's sign-in failed since the last writing, and as what the last try is known."""

    times: int
    trace_id: str


class SignInNotes:
    """What one worker has not written yet."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._tried: dict[int, _Tried] = {}

    def note_seen(self, session_id: int, seen_at: int, now: int) -> None:
        """Note that a session is in use, unless that is written within the minute."""
        if now - seen_at >= SEEN_S and len(self._seen) < MOST:
            self._seen[session_id] = now

    def note_failure(self, person_id: int, trace_id: str) -> None:
        """Note that somebody known was tried to be signed in as, in vain."""
        before = self._tried.get(person_id)
        if before is not None:
            before.times, before.trace_id = before.times + 1, trace_id
        elif len(self._tried) < MOST:
            self._tried[person_id] = _Tried(1, trace_id)

    async def run(self, pool: Pool, ids: IdSource) -> None:
        """Write what waits, every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            try:
                await self.flush(pool, ids)
            except Exception:  # else every session that is used would seem to lie idle
                _log.exception("sign-ins not noted")

    async def flush(self, pool: Pool, ids: IdSource) -> None:
        """Write what waits; without a database it waits on."""
        if not (self._seen or self._tried):
            return
        seen, tried = self._seen, self._tried
        self._seen, self._tried = {}, {}
        try:
            async with lend(pool) as connection, connection.transaction():
                await note_seen_many(connection, seen)
                await add_events(connection, [_event(ids, person, one) for person, one in tried.items()])
        except DatabaseUnavailableError:
            self._seen, self._tried = {**seen, **self._seen}, {**tried, **self._tried}
            _log.warning("sign-ins not noted", waiting=len(self._seen) + len(self._tried))


def _event(ids: IdSource, person_id: int, tried: _Tried) -> Event:
    return Event(
        person_id,
        ids.new(person_id >> 55),
        EventKind.SIGN_IN_FAILED,
        Actor.SYSTEM,
        "identity",
        tried.trace_id,
        None,
        None,
        dumps({"times": tried.times}),
    )
