"""A year of sums for the demo's overview: made up, the same each time but for the day that it begins on."""

from collections.abc import Iterator
from datetime import timedelta
from math import pi, sin
from typing import Final
from zoneinfo import ZoneInfo

from activation.licensing.calendars import day_of, midnight
from activation.licensing.events import EventKind
from activation.licensing.weeks import SOFIA
from activation.storage.activity import REFUSED, Span
from activation.storage.connection import Connection

DAYS: Final = 364
MINUTES: Final = 24 * 60
STORM_BEFORE: Final = (190, 186)
"""How many minutes ago a company's machines all started, from and to."""
_REFUSALS: Final = (
    ("credentials", 0.05),
    ("device_limit", 0.04),
    ("reset_limit", 0.02),
    ("superseded", 0.012),
)
_RESETS: Final = ("device_replaced", "hardware_failure", "device_lost", "reinstallation")
Row = tuple[int, int, int, str, int, int]


async def fill_activity(connection: Connection, now: int, agents: tuple[int, ...]) -> None:
    """Write the sums of a vendor's year until `now` (seconds since 1970), with resets by these agents."""
    rows = [*_days(now, SOFIA, agents), *_minutes(now)]
    await connection.executemany(
        "INSERT INTO activity (span, since, what, reason, by_id, number) VALUES ($1, $2, $3, $4, $5, $6)",
        rows,
    )


def _days(now: int, zone: ZoneInfo, agents: tuple[int, ...]) -> Iterator[Row]:
    today = day_of(now, zone)
    for back in range(1, DAYS + 1):
        day = today - timedelta(days=back)
        start = midnight(day, zone)
        calm = 0.35 if day.weekday() >= 5 else 1.0
        usual = calm * (320 + 90 * sin(day.timetuple().tm_yday / 365 * 2 * pi) - back * 0.35)
        activated = int(usual + _wobble(back, 40))
        yield Span.DAY, start, EventKind.ACTIVATED, "", 0, activated
        yield Span.DAY, start, EventKind.MOVED, "", 0, activated // 14
        yield Span.DAY, start, EventKind.RESET, "", 0, activated // 9
        for at, (code, share) in enumerate(_REFUSALS):
            yield Span.DAY, start, REFUSED, code, 0, int(activated * share) + _wobble(back + at, 6)
        for at, agent in enumerate(agents):
            reason = _RESETS[(back + at) % len(_RESETS)]
            yield Span.DAY, start, EventKind.AGENT_RESET, reason, agent, _wobble(back * 3 + at, 5 - at)
        yield Span.PEAK, start, REFUSED, "", 0, int(usual / 20) + (240 if back % 61 == 0 else 0)


def _minutes(now: int) -> Iterator[Row]:
    last = now - now % 60
    for back in range(1, MINUTES):
        start, is_stormy = last - back * 60, STORM_BEFORE[1] <= back <= STORM_BEFORE[0]
        yield Span.MINUTE, start, EventKind.ACTIVATED, "", 0, (160 if is_stormy else 1) + _wobble(back, 6)
        if back % 4 == 0:
            yield Span.MINUTE, start, EventKind.RESET, "", 0, 1
        if back % 3 == 0:
            code = _REFUSALS[back // 3 % len(_REFUSALS)][0]
            yield Span.MINUTE, start, REFUSED, code, 0, 1 + _wobble(back, 3)


def _wobble(number: int, most: int) -> int:
    """Return 0 to most - 1, seemingly at random, the same each time."""
    return (number * 2_654_435_761 >> 7) % most
