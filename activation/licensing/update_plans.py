"""S5: the right to updates for a fee. Unpaid it is suspended; 14 days later it ends.

`paid_until` is the midnight after the last paid day, and the licences' `updates_until`: a build released
later is refused by L7, so the suspension needs nobody to carry it out.
"""

from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from activation.licensing.calendars import add_days
from activation.licensing.subscriptions import next_boundary
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.licensing.weeks import SOFIA

SUSPENDED_DAYS: Final = 14
_OVER = "The right to updates has ended; a new plan begins it anew."


class PlanState(IntEnum):
    """States as they are stored."""

    RUNNING = 0
    ENDED = 2


class PlanStanding(StrEnum):
    """How a plan stands at a moment."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    ENDED = "ended"


@value
class UpdatePlan:
    """One account's right to updates of one product; periods count from the day of `started_at`."""

    plan_id: int
    account_id: int
    product_id: int
    fee: Decimal
    months: int
    started_at: int
    paid_until: int
    state: PlanState = PlanState.RUNNING


def plan_end(paid_until: int, zone: ZoneInfo = SOFIA) -> int:
    """Return when an unpaid plan ends: the midnight 14 days after its paid time."""
    return add_days(paid_until, SUSPENDED_DAYS, zone)


def plan_standing(plan: UpdatePlan, now: int, zone: ZoneInfo = SOFIA) -> PlanStanding:
    """Tell how a plan stands at `now`."""
    if plan.state is PlanState.ENDED or now >= plan_end(plan.paid_until, zone):
        return PlanStanding.ENDED
    return PlanStanding.RUNNING if now < plan.paid_until else PlanStanding.SUSPENDED


def pay_updates(plan: UpdatePlan, paid_at: int, zone: ZoneInfo = SOFIA) -> int | Refused:
    """Return until when updates are paid once a fee is paid at `paid_at`, or the refusal of one too late."""
    if plan_standing(plan, paid_at, zone) is PlanStanding.ENDED:
        return Refused(Refusal.CONFLICT, "S5", _OVER)
    return next_boundary(plan.started_at, plan.paid_until, plan.months, zone)
