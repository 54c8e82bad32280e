"""S0-S4: a subscription's periods, its grace, when it is warned of, and what is refunded at its end.

* S1 the first period starts on the day the first fee is paid; periods are calendar months counted from that
  day, so that one begun on 31 January goes on at the end of February and on 31 March.
* S2 `paid_until` is the midnight after the last paid day; 10 days of grace follow, and the licences end at
  the midnight with which the 11th begins. The day before that is the day of the warning.
* S3 a fee paid inside the grace continues from `paid_until`; after it nothing does.
* S4 the licensor's ending refunds the full months of a yearly fee that have not begun, unless for breach.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum, StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from activation.licensing.calendars import add_days, day_of, midnight, months_after
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.licensing.weeks import SOFIA

GRACE_DAYS: Final = 10
FEE_LEAD_DAYS: Final = 14
"""So many days before the paid period's end the next fee is asked for (default)."""
CENT: Final = Decimal("0.01")
_YEARLY: Final = 12


class SubscriptionState(IntEnum):
    """States as they are stored; that a grace ran out is decided when asked, never by a sweep."""

    AWAITING = 0
    RUNNING = 1
    ENDED = 2


class Standing(StrEnum):
    """How a subscription stands at a moment, in a word."""

    AWAITING = "awaiting_first_fee"
    RUNNING = "running"
    GRACE = "grace"
    LAPSED = "lapsed"
    ENDED = "ended"


class EndedBy(StrEnum):
    """Who ends a subscription, and whether for breach (S4)."""

    LICENSOR = "licensor"
    BREACH = "breach"
    CLIENT = "client"


@value
class Subscription:
    """What the rules know of a subscription. `fee` is for one period of `months` (1 or 12), in euros."""

    subscription_id: int
    account_id: int
    product_id: int
    major: int
    quantity: int
    fee: Decimal
    months: int
    state: SubscriptionState = SubscriptionState.AWAITING
    started_at: int | None = None
    paid_until: int | None = None


@value
class Period:
    """A paid period's bounds, both midnights; `service_ends_at` is when its grace is over (S2)."""

    started_at: int
    paid_until: int
    service_ends_at: int


@value
class Ending:
    """What an ending means: when the licences end, whether for good, and what is given back (S4)."""

    licenses_end_at: int
    revoke: bool
    unused_months: int
    refund: Decimal


def service_end(paid_until: int, zone: ZoneInfo = SOFIA) -> int:
    """Return when the licences of a period end: the midnight with which the 11th day begins (S2)."""
    return add_days(paid_until, GRACE_DAYS, zone)


def warning_start(paid_until: int, zone: ZoneInfo = SOFIA) -> int:
    """Return when the day before the end begins: from then on the owner is told (S2)."""
    return add_days(paid_until, GRACE_DAYS - 1, zone)


def next_fee_from(paid_until: int, zone: ZoneInfo = SOFIA) -> int:
    """Return from when on the next fee is asked for."""
    return add_days(paid_until, -FEE_LEAD_DAYS, zone)


def standing_of(subscription: Subscription, now: int, zone: ZoneInfo = SOFIA) -> Standing:
    """Tell how a subscription stands at `now`."""
    if subscription.state is SubscriptionState.ENDED:
        return Standing.ENDED
    paid_until = subscription.paid_until
    if subscription.state is SubscriptionState.AWAITING or paid_until is None:
        return Standing.AWAITING
    if now < paid_until:
        return Standing.RUNNING
    return Standing.GRACE if now < service_end(paid_until, zone) else Standing.LAPSED


def pay_fee(subscription: Subscription, paid_at: int, zone: ZoneInfo = SOFIA) -> Period | Refused:
    """Return the period that a fee paid at `paid_at` buys (S1, S3), or the refusal for one too late."""
    standing = standing_of(subscription, paid_at, zone)
    if standing is Standing.ENDED:
        return _refuse("S4", "This subscription has ended; a new one begins with a new set-up fee.")
    if standing is Standing.LAPSED:
        return _refuse("S3", "The grace is over; a new subscription begins with a new set-up fee.")
    if subscription.started_at is None or subscription.paid_until is None:
        started_at = add_days(paid_at, 0, zone)
        paid_until = _boundary(started_at, subscription.months, zone)
    else:
        started_at = subscription.started_at
        paid_until = next_boundary(started_at, subscription.paid_until, subscription.months, zone)
    return Period(started_at, paid_until, service_end(paid_until, zone))


def end(subscription: Subscription, by: EndedBy, now: int, zone: ZoneInfo = SOFIA) -> Ending | Refused:
    """Return what ending now means (S4).

    The licensor's ending is at once, with the refund; a breach's revokes, without one. A client's own
    lets what is paid for be used up, without grace and without refund.
    """
    if subscription.state is SubscriptionState.ENDED:
        return _refuse("S4", "This subscription has ended already.")
    if by is EndedBy.CLIENT:
        last = subscription.paid_until if subscription.paid_until is not None else now
        return Ending(max(last, now), False, 0, Decimal("0.00"))
    unused = unused_months(subscription, now, zone) if by is EndedBy.LICENSOR else 0
    refund = (subscription.fee * unused / _YEARLY).quantize(CENT, ROUND_HALF_UP)
    return Ending(now, by is EndedBy.BREACH, unused, refund)


def unused_months(subscription: Subscription, now: int, zone: ZoneInfo = SOFIA) -> int:
    """Return how many full months of a yearly subscription are paid for and have not begun."""
    started_at, paid_until = subscription.started_at, subscription.paid_until
    if subscription.months != _YEARLY or started_at is None or paid_until is None:
        return 0
    first = day_of(started_at, zone)
    paid = _months_between(first, day_of(paid_until, zone))
    return sum(1 for month in range(paid) if midnight(months_after(first, month), zone) > now)


def next_boundary(started_at: int, paid_until: int, months: int, zone: ZoneInfo = SOFIA) -> int:
    """Return the end of the period after the one that ends at `paid_until`, counted from the first day."""
    passed = _months_between(day_of(started_at, zone), day_of(paid_until, zone))
    return _boundary(started_at, passed + months, zone)


def _boundary(started_at: int, months: int, zone: ZoneInfo) -> int:
    return midnight(months_after(day_of(started_at, zone), months), zone)


def _months_between(first: date, last: date) -> int:
    """Return how many whole months lie from the first day of the first period to a period's end."""
    return (last.year - first.year) * 12 + last.month - first.month


def _refuse(rule: str, detail: str) -> Refused:
    return Refused(Refusal.CONFLICT, rule, detail)
