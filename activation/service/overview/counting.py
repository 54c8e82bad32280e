"""Counting events into sums: each event once, in the transaction that moves the mark on.

Only what is complete is counted, as it is sealed (`service/auditing/sealing.py`). While nobody can tell which
database this is, neither is done.
"""

from typing import Final

from activation.licensing.events import EventKind
from activation.service.auditing.sealing import is_strange, last_of
from activation.service.desk import Desk
from activation.storage.activity import REFUSED, count_events, forget_minutes, lock_counted, note_peaks
from activation.storage.auditing.seals import read_horizon, read_last_seal
from activation.storage.connection import Connection
from activation.storage.lending import lend
from crypto.errors import CertificateError

COUNTED: Final = (
    EventKind.ACTIVATED,
    EventKind.RESET,
    EventKind.AGENT_RESET,
    EventKind.RELEASED,
    EventKind.MOVED,
    EventKind.DEVICE_FORKED,
    EventKind.TEST_REBOUND,
    EventKind.RESET_UNDONE,
)
BINDINGS: Final = (EventKind.ACTIVATED, EventKind.MOVED, EventKind.TEST_REBOUND)
"""What gives a device a licence."""
LOAD: Final = (REFUSED, *BINDINGS)
"""What a storm is made of."""
KEPT_S: Final = 2 * 86_400


async def count_activity(desk: Desk) -> int:
    """Count what happened since the last time; return how many events. Raises DatabaseUnavailableError."""
    async with lend(desk.pool) as connection, connection.transaction():
        start = await lock_counted(connection)
        end = await _complete_until(connection)
        if start is None or end is None:
            return 0
        now = await desk.clock.now(connection)
        zone, first = desk.week.zone, now - KEPT_S
        counted = 0
        if end > start:
            counted = await count_events(
                connection, start, end, zone, first, COUNTED, [EventKind.AGENT_RESET]
            )
        await note_peaks(connection, now, zone, LOAD)
        await forget_minutes(connection, first)
        return counted


async def _complete_until(connection: Connection) -> int | None:
    """Return the first transaction that is not complete, as events number them; None when nobody can tell."""
    row, horizon = await read_last_seal(connection), await read_horizon(connection)
    try:
        if row is not None and is_strange(row, horizon):
            return None
        return horizon.open_xid + last_of(row).offset
    except CertificateError:
        return None
