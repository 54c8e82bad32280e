"""Days and months as people count them: calendar days in a named time zone, each beginning at its midnight.

A day is the local day: 23 or 25 hours long when the clocks change. Where midnight itself is skipped or comes
twice, a day begins at the first moment that carries its date.
"""

import calendar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from activation.licensing.weeks import SOFIA


def day_of(moment: int, zone: ZoneInfo = SOFIA) -> date:
    """Return the local date at `moment`."""
    return datetime.fromtimestamp(moment, zone).date()


def midnight(day: date, zone: ZoneInfo = SOFIA) -> int:
    """Return when `day` begins, in seconds since 1970."""
    return int(datetime.combine(day, time(), zone).timestamp())


def add_days(moment: int, days: int, zone: ZoneInfo = SOFIA) -> int:
    """Return the midnight at which the day `days` after that of `moment` begins."""
    return midnight(day_of(moment, zone) + timedelta(days=days), zone)


def months_after(day: date, months: int) -> date:
    """Return the same day `months` later, or that month's last: 31 January + 1 is 28 February."""
    whole = day.year * 12 + day.month - 1 + months
    year, month = divmod(whole, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def add_months(moment: int, months: int, zone: ZoneInfo = SOFIA) -> int:
    """Return the midnight at which the day `months` calendar months after that of `moment` begins."""
    return midnight(months_after(day_of(moment, zone), months), zone)
