"""S5, P10 and the days of P8, pure."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.licensing.calendars import midnight
from activation.licensing.reselling.lateness import business_days_late, days_late
from activation.licensing.reselling.ordering import Method, OrderState
from activation.licensing.update_plans import PlanStanding, PlanState, UpdatePlan, pay_updates, plan_standing
from activation.licensing.verdicts import Refused
from activation.licensing.withdrawal import Bought, refuse_withdrawal

SOFIA = ZoneInfo("Europe/Sofia")


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=SOFIA).timestamp())


def plan(**fields):
    given_ = {"started_at": at("2026-01-31"), "paid_until": at("2026-02-28"), **fields}
    return UpdatePlan(1, 2, 1, Decimal("20.00"), 1, **given_)


@pytest.mark.parametrize(
    ("moment", "standing"),
    [
        ("2026-02-27 23:59", PlanStanding.RUNNING),
        ("2026-02-28 00:00", PlanStanding.SUSPENDED),
        ("2026-03-13 23:59", PlanStanding.SUSPENDED),
        ("2026-03-14 00:00", PlanStanding.ENDED),
    ],
)
def test_s5_unpaid_it_is_suspended_and_ends_14_days_later(moment, standing):
    assert plan_standing(plan(), at(moment)) is standing


def test_s5_a_fee_within_the_14_days_continues_from_the_paid_end():
    assert pay_updates(plan(), at("2026-03-13 23:59")) == at("2026-03-31")
    refused = pay_updates(plan(), at("2026-03-14"))
    assert isinstance(refused, Refused)
    assert refused.rule == "S5"
    assert isinstance(pay_updates(plan(state=PlanState.ENDED), at("2026-02-01")), Refused)


def bought(**fields):
    facts = {
        "placed_at": at("2026-03-20 15:00"),
        "method": Method.ONLINE,
        "state": OrderState.PAID,
        "consumer": True,
        "downloaded": False,
        "activated": False,
        **fields,
    }
    return Bought(**facts)


def test_p10_a_consumer_may_withdraw_until_the_end_of_the_14th_day():
    assert refuse_withdrawal(bought(), at("2026-03-20 15:01")) is None
    assert refuse_withdrawal(bought(), at("2026-04-03 23:59")) is None
    late = refuse_withdrawal(bought(), at("2026-04-04 00:00"))
    assert (late.code, late.rule, late.detail) == ("conflict", "P10", "The 14 days are over.")


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"consumer": False}, "consumer"),
        ({"method": Method.MAIL}, "online"),
        ({"method": Method.PURCHASE_ORDER}, "online"),
        ({"downloaded": True}, "downloaded"),
        ({"activated": True}, "activated"),
        ({"state": OrderState.OPEN}, "not paid"),
        ({"state": OrderState.CANCELLED}, "not paid"),
        ({"state": OrderState.WITHDRAWN}, "already"),
    ],
)
def test_p10_is_refused_with_the_reason(fields, word):
    refused = refuse_withdrawal(bought(**fields), at("2026-03-21"))
    assert refused.code == "conflict"
    assert word in refused.detail


def test_p8_direct_days_late_are_the_zones_days():
    due = at("2026-03-27 15:00")  # a Friday; the clocks change on Sunday
    assert days_late(due, at("2026-03-27 23:59"), SOFIA) == 0
    assert days_late(due, at("2026-03-30 23:59"), SOFIA) == 3
    assert days_late(due, at("2026-03-31 00:00"), SOFIA) == 4
    assert business_days_late(due, at("2026-03-29 23:00"), SOFIA) == 0
    assert business_days_late(due, at("2026-04-10 23:00"), SOFIA) == 10
    assert business_days_late(due, at("2026-04-12 23:00"), SOFIA) == 10
    assert business_days_late(due, at("2026-04-13 00:00"), SOFIA) == 11


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 400))
def test_p8_direct_business_days_are_those_of_a_walk_through_the_calendar(day, late):
    now = midnight(day + timedelta(days=late)) + 7200
    walked = [day + timedelta(days=number) for number in range(1, late + 1)]
    assert days_late(midnight(day), now, SOFIA) == late
    assert business_days_late(midnight(day), now, SOFIA) == sum(1 for one in walked if one.isoweekday() <= 5)
