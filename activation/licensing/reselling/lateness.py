"""P8: how late a client is. Days are calendar days in the licensor's zone, business days Monday to Friday.

The due date is no day of lateness; the day after it is the first.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused

SUSPEND_FROM_DAY: Final = 4
END_AFTER_BUSINESS_DAYS: Final = 10
REINSTATING_S: Final = 7 * 86_400
_FRIDAY: Final = 4
_EARLY: Final = "This client may be suspended from the 4th day past due; that day has not come."
_NOT_SO_LATE: Final = "For lateness alone an agreement ends after more than 10 business days."
_OWES: Final = "This client still owes what is due."


@value
class Due:
    """An amount that is owed, and since when."""

    due_at: int
    owed: Decimal


def days_late(due_at: int, now: int, zone: ZoneInfo) -> int:
    """Return how many days past due it is: 0 on the due date itself and before."""
    return max((_date(now, zone) - _date(due_at, zone)).days, 0)


def business_days_late(due_at: int, now: int, zone: ZoneInfo) -> int:
    """Return how many of those days were Monday to Friday."""
    due, days = _date(due_at, zone), days_late(due_at, now, zone)
    weeks, rest = divmod(days, 7)
    further = (due + timedelta(days=weeks * 7 + number) for number in range(1, rest + 1))
    return weeks * 5 + sum(day.weekday() <= _FRIDAY for day in further)


def oldest_due(dues: Iterable[Due], now: int) -> int | None:
    """Return since when a client owes something that is past due, or None."""
    return min((due.due_at for due in dues if due.owed > 0 and due.due_at < now), default=None)


def refuse_suspending(oldest: int | None, now: int, zone: ZoneInfo) -> Refused | None:
    """Refuse to suspend before the 4th day past due."""
    if oldest is not None and days_late(oldest, now, zone) >= SUSPEND_FROM_DAY:
        return None
    return Refused(Refusal.CONFLICT, "P8", _EARLY)


def refuse_ending(oldest: int | None, now: int, zone: ZoneInfo) -> Refused | None:
    """Refuse to end an agreement for lateness of 10 business days or less."""
    if oldest is not None and business_days_late(oldest, now, zone) > END_AFTER_BUSINESS_DAYS:
        return None
    return Refused(Refusal.CONFLICT, "P8", _NOT_SO_LATE)


def refuse_reinstating(owed: Decimal) -> Refused | None:
    """Refuse to reinstate while anything due is owed."""
    if owed <= 0:
        return None
    return Refused(Refusal.ORDER_UNPAID, "P8", _OWES, facts={"owed": str(owed)})


def _date(moment: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(moment, zone).date()
