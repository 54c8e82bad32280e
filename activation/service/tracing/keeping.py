"""Traces of refusals: what staff see when somebody reads a trace id out on the phone.

Best effort, beside the requests: a bounded queue, written by one task. What finds the queue full, or comes
faster than its code may, is dropped and counted: an attack must not fill the database. What needs neither a
password nor a certificate may come slowly, all else faster.
"""

import asyncio
import time
from collections import deque
from collections.abc import Set
from dataclasses import replace
from typing import Final

import structlog

from activation.licensing.traces import kept_of
from activation.licensing.values import value
from activation.licensing.verdicts import Outcome, Refusal, Refused, Weighed
from activation.service import measures
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.connection import Pool
from activation.storage.lending import RowRefusedError, lend
from activation.storage.traces import Trace, add_traces, find_known

QUEUE_LIMIT: Final = 2_000
AT_ONCE: Final = 500
LAST_S: Final = 5.0
_log = structlog.get_logger("activation.traces")


@value
class Pace:
    """How many traces of one code may come: so many at once, then so many a second, in each worker."""

    burst: int
    a_second: float


STRANGERS: Final = Pace(100, 1.0)
KNOWN: Final = Pace(500, 20.0)
ANYBODYS: Final = frozenset(
    {
        Refusal.MALFORMED,
        Refusal.CERTIFICATE_INVALID,
        Refusal.CREDENTIALS,
        Refusal.NOT_FOUND,
        Refusal.METHOD_NOT_ALLOWED,
        Refusal.TOO_LARGE,
        Refusal.MEDIA_TYPE,
        Refusal.DEVICE_UNIDENTIFIABLE,
        Refusal.RATE_LIMITED,
        Refusal.UNAVAILABLE,
        Refusal.OVERLOADED,
    }
)
"""Refusals that anybody can have as many of as they like."""
REQUEST: Final = "request"
"""The rule of what is refused before anybody is known, whatever its code: another site's page, say."""


class Traces:
    """The traces of one worker that wait to be written."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Trace, bool]] = deque()
        self._left: dict[tuple[Refusal, Pace], tuple[float, float]] = {}
        self._writing = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """Return how many wait to be written."""
        return len(self._waiting)

    def wants(self, code: Refusal) -> bool:
        """Tell whether a trace of this code would be kept now, so that it is worth weighing again."""
        pace = _pace_of(code)
        return len(self._waiting) < QUEUE_LIMIT and self._allowance(code, pace, time.monotonic()) >= 1

    def note(self, trace_id: str, route: str, refused: Refused, shift_s: int = 0) -> None:
        """Queue the trace of a refusal that goes out; `shift_s` moves the clock in tests."""
        moment = time.monotonic()
        pace = _pace_of(refused.code, refused.rule)
        allowance = self._allowance(refused.code, pace, moment)
        if allowance < 1:
            measures.TRACES.labels("too_fast").inc()
            return
        if len(self._waiting) >= QUEUE_LIMIT:
            measures.TRACES.labels("full").inc()
            return
        self._left[refused.code, pace] = allowance - 1, moment
        trace = _trace_of(trace_id, route, refused, int(time.time()) + shift_s)
        self._waiting.append((trace, refused.background.is_claimed))

    async def run(self, pool: Pool) -> None:
        """Write what waits, every second, until cancelled."""
        while True:
            await asyncio.sleep(1)
            await self._try(pool)

    async def close(self, pool: Pool) -> None:
        """Write what waits at the end, as far as the database lets it within a few seconds."""
        try:
            async with asyncio.timeout(LAST_S):
                await self._try(pool)
        except TimeoutError:
            _log.warning("traces lost", waiting=len(self._waiting))

    async def _try(self, pool: Pool) -> None:
        try:
            while self._waiting:
                await self.flush(pool)
        except (DatabaseUnavailableError, RowRefusedError):
            _log.warning("traces not written", waiting=len(self._waiting))
        except Exception:
            # One that the database will never take must not keep those after it waiting.
            _log.exception("traces lost", waiting=len(self._waiting))
            self._waiting.clear()

    async def flush(self, pool: Pool) -> int:
        """Write what has waited longest, at most 500 in one statement; return how many.

        One at a time: two would write the same, and take away twice as much.
        """
        async with self._writing:
            return await self._flush(pool)

    async def _flush(self, pool: Pool) -> int:
        batch = [self._waiting[n] for n in range(min(AT_ONCE, len(self._waiting)))]
        if batch:
            async with lend(pool) as connection:
                asked = [trace.account_id for trace, is_claimed in batch if is_claimed and trace.account_id]
                known = await find_known(connection, asked) if asked else set()
                await add_traces(
                    connection,
                    [_settled(trace, known) if is_claimed else trace for trace, is_claimed in batch],
                )
            measures.TRACES.labels("kept").inc(len(batch))
        for _ in batch:
            self._waiting.popleft()
        return len(batch)

    def _allowance(self, code: Refusal, pace: Pace, moment: float) -> float:
        left, since = self._left.get((code, pace), (float(pace.burst), moment))
        return min(float(pace.burst), left + (moment - since) * pace.a_second)


def _pace_of(code: Refusal, rule: str = "") -> Pace:
    return STRANGERS if code in ANYBODYS or rule == REQUEST else KNOWN


def _trace_of(trace_id: str, route: str, refused: Refused, now: int) -> Trace:
    background = refused.background
    weighed = background.weighed or (_sole(refused),)
    return Trace(
        trace_id,
        now,
        route,
        str(refused.code),
        refused.rule,
        background.account_id,
        refused.license.license_id if refused.license is not None else None,
        background.person_id,
        [_written(one) for one in weighed],
    )


def _settled(trace: Trace, known: Set[int]) -> Trace:
    """Say whether the login was unknown or its password wrong; of an unknown one nothing is kept.

    It is found out here, beside the requests: the answer itself must not take longer for one of the two.
    """
    is_known = trace.account_id in known
    found = Outcome.PASSED if is_known else Outcome.REFUSED
    weighed = [Weighed("credentials", "Is there an account of this login?", found, {"login_known": is_known})]
    if is_known:
        wrong: dict[str, object] = {"password_right": False}
        asked = "Is this one of its passwords?"
        weighed.append(Weighed("credentials", asked, Outcome.REFUSED, wrong))
    written = [_written(one) for one in weighed]
    if trace.rule != "credentials":  # one wrong try too many
        written += trace.weighed
    return replace(trace, account_id=trace.account_id if is_known else None, weighed=written)


def _sole(refused: Refused) -> Weighed:
    """Return what is known of a refusal by a rule that weighs nothing else: what it told.

    What the caller sent is not ours to keep: of a message that cannot be understood only the field is.
    """
    question = refused.detail if refused.rule != REQUEST else "Can the request be understood?"
    return Weighed(refused.rule, question, Outcome.REFUSED, refused.facts)


def _written(weighed: Weighed) -> dict[str, object]:
    return {
        "rule": weighed.rule,
        "question": weighed.question,
        "outcome": str(weighed.outcome),
        "facts": kept_of(weighed.facts),
    }
