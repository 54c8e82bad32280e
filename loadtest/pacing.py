"""An open-loop driver: requests leave at a fixed rate, however long the answers take.

The time of an answer counts from the moment its request was due, so a server that stalls is charged for all
that should have happened meanwhile. (A closed loop would simply have asked less.)
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from loadtest.connection import Connection, DriverError, connect

TICK_S: Final = 0.001
PATIENCE_S: Final = 30.0


@dataclass(slots=True)
class Paced:
    """Answers by status, and the seconds that each took, in no order."""

    times: dict[int, list[float]] = field(default_factory=dict)

    @property
    def statuses(self) -> Counter[int]:
        """Return how many answers had each status."""
        return Counter({status: len(times) for status, times in self.times.items()})

    def percentile_ms(self, share: float, status: int | None = None) -> float:
        """Return the time in milliseconds below which `share` of the answers (of this status) came."""
        ordered = sorted(chain(*self.times.values()) if status is None else self.times.get(status, ()))
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class PacedConnection(Connection):
    """A connection that rests between answers until it is given a request."""

    def __init__(self, paced: Paced, idle: "deque[PacedConnection]") -> None:
        super().__init__(self._rest, self._note)
        self._paced = paced
        self._idle = idle
        self._due_at = 0.0

    def send_due(self, request: bytes, due_at: float) -> None:
        """Send a request that was due at this moment of the performance counter."""
        self._due_at = due_at
        self.send(request)

    def _rest(self, _connection: Connection) -> bytes:
        self._idle.append(self)
        return b""

    def _note(self, status: int, _body: bytes) -> None:
        self._paced.times.setdefault(status, []).append(time.perf_counter() - self._due_at)


async def pace(port: int, requests: Sequence[bytes], rate: float, connections: int) -> Paced:
    """Send every request when it is due, `rate` a second. Raises DriverError."""
    paced = Paced()
    idle: deque[PacedConnection] = deque()
    made = await connect(port, connections, lambda: PacedConnection(paced, idle))
    for connection in made:
        connection.ask()
    sending = asyncio.create_task(_send_all(requests, rate, idle, len(made)))
    breaking = asyncio.create_task(_all_closed(made))
    timeout_s = len(requests) / rate + PATIENCE_S
    await asyncio.wait({sending, breaking}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    if not sending.done():
        sending.cancel()
        if breaking.done():
            breaking.result()
        raise DriverError("the server fell behind and did not catch up")
    for connection in made:
        connection.finish()
    await breaking
    return paced


async def _all_closed(made: Sequence[Connection]) -> None:
    await asyncio.gather(*(connection.closed for connection in made))


async def _send_all(
    requests: Sequence[bytes], rate: float, idle: deque[PacedConnection], connections: int
) -> None:
    """Send what is due as connections come free; return when the last answer is in."""
    began = time.perf_counter()
    sent = 0
    while sent < len(requests) or len(idle) < connections:
        due = min(len(requests), int((time.perf_counter() - began) * rate) + 1)
        while sent < due and idle:
            idle.popleft().send_due(requests[sent], began + sent / rate)
            sent += 1
        await asyncio.sleep(TICK_S)
