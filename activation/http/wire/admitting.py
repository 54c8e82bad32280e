"""Who is let in: everyone in a burst, and under lasting overload only as many as are soon served.

What counts is how long one more would wait: those under way before it, by the pace at which answers leave. A
crowd that is soon gone (an office at nine, a roll-out of 500 seats) refuses nobody. Once one more would have
waited longer than `wait_s` again and again for `patience_s`, it is told to come back later, until it has been
calm as long. (Length alone says little: a thousand are a second here and a minute there. RFC 8289 judges
queues by time for the same reason.)
"""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 2.0
WINDOW_S: Final = 0.25
FEW: Final = 64
"""So many in a worker are no crowd, however slow the machine is for the moment."""
_MOSTLY: Final = 0.8
_NEWS: Final = 0.3
"""How much of the pace comes from the last window."""


class Admission:
    """Counts requests under way in one worker, and learns at what pace they are answered."""

    def __init__(
        self, wait_s: float, patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._wait_s = wait_s
        self._patience_s = patience_s
        self._clock = clock
        self._under_way = 0
        self._pace = 0.0
        self._is_shedding = False
        self._is_late = False
        self._since = self._idle_since = self._began = clock()
        self._idle_s, self._answered, self._most, self._has_refused = 0.0, 0, 0, False

    def refuses(self) -> bool:
        """Tell whether one more is to come back later."""
        if self._is_shedding and self._under_way >= self._limit():
            self._has_refused = True
            return True
        return False

    def begin(self) -> None:
        """Count one that is let in."""
        if not self._under_way:
            self._idle_s += self._clock() - max(self._idle_since, self._began)
        self._under_way += 1
        self._most = max(self._most, self._under_way)

    def end(self) -> None:
        """Count one that was answered."""
        self._under_way -= 1
        self._answered += 1
        now = self._clock()
        if not self._under_way:
            self._idle_since = now
        if now - self._began >= WINDOW_S:
            self._close_window(now)

    def _limit(self) -> float:
        return max(FEW, self._pace * self._wait_s)

    def _open_window(self, now: float) -> None:
        self._began, self._idle_s, self._answered = now, 0.0, 0
        self._most, self._has_refused = self._under_way, False

    def _close_window(self, now: float) -> None:
        lasted = now - self._began
        is_busy = self._idle_s < lasted * (1 - _MOSTLY)
        if is_busy:
            pace = self._answered / (lasted - self._idle_s)
            self._pace = pace if not self._pace else self._pace + _NEWS * (pace - self._pace)
        is_late = is_busy and (self._has_refused or self._most > self._limit())
        if is_late is not self._is_late:
            self._is_late, self._since = is_late, self._began
        if now - self._since >= self._patience_s:
            self._is_shedding = is_late
        self._open_window(now)
