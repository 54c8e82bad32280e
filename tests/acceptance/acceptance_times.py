"""Times as the protocol tells them, worked out apart from the product."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SOFIA = ZoneInfo("Europe/Sofia")
HOUR_S = 3600
DAY_S = 86400


def rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def seconds(text: str) -> int:
    assert text.endswith("Z")
    return int(datetime.fromisoformat(text).timestamp())


def next_monday() -> int:
    """Return when the next ISO week begins in Sofia, walking there hour by hour."""
    moment = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while (moment.astimezone(SOFIA).isoweekday(), moment.astimezone(SOFIA).hour) != (1, 0):
        moment += timedelta(hours=1)
    return int(moment.timestamp())


def this_monday() -> int:
    """Return when this ISO week began in Sofia, walking back hour by hour."""
    moment = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    while (moment.astimezone(SOFIA).isoweekday(), moment.astimezone(SOFIA).hour) != (1, 0):
        moment -= timedelta(hours=1)
    return int(moment.timestamp())


async def within_one_hour(needed_s: float = 15) -> None:
    """Wait for the next hour if this one is about to end: `iat` is cut to the hour."""
    left = HOUR_S - time.time() % HOUR_S
    if left < needed_s:
        await asyncio.sleep(left + 0.5)


async def within_one_week(needed_s: float = 15) -> None:
    """Wait for the next week if this one is about to end."""
    left = next_monday() - time.time()
    if left < needed_s:
        await asyncio.sleep(left + 0.5)
