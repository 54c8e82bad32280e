"""S0-S4, pure: a year of a subscription, the 11th day, clocks that change, refunds."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.licensing.calendars import add_days, add_months, day_of, midnight, months_after
from activation.licensing.subscriptions import (
    EndedBy,
    Period,
    Standing,
    Subscription,
    SubscriptionState,
    end,
    next_fee_from,
    pay_fee,
    service_end,
    standing_of,
    unused_months,
    warning_start,
)
from activation.licensing.verdicts import Refused

SOFIA = ZoneInfo("Europe/Sofia")
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=SOFIA).timestamp())


def text_of(moment):
    return datetime.fromtimestamp(moment, SOFIA).strftime("%Y-%m-%d %H:%M")


def subscription(months=1, **fields):
    return Subscription(1, 2, 1, 5, 10, Decimal("120.00"), months, **fields)


def paid(one, period):
    return subscription(
        one.months,
        state=SubscriptionState.RUNNING,
        started_at=period.started_at,
        paid_until=period.paid_until,
    )


def test_s1_the_first_period_starts_on_the_day_the_first_fee_is_paid():
    period = pay_fee(subscription(), at("2026-03-10 17:45"))
    assert text_of(period.started_at) == "2026-03-10 00:00"
    assert text_of(period.paid_until) == "2026-04-10 00:00"
    assert text_of(period.service_ends_at) == "2026-04-20 00:00"


def test_s1_a_year_that_began_on_the_31st_has_its_ends_where_the_months_end():
    one = subscription()
    period = pay_fee(one, at("2026-01-31 09:00"))
    ends = [text_of(period.paid_until)[:10]]
    for _ in range(12):
        one = paid(one, period)
        period = pay_fee(one, period.paid_until - 3600)
        ends.append(text_of(period.paid_until)[:10])
    assert ends[:4] == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
    assert ends[-2:] == ["2027-01-31", "2027-02-28"]


def test_s1_a_yearly_one_begun_on_a_leap_day_ends_on_28_february_and_comes_back_to_the_29th():
    one = subscription(12)
    period = pay_fee(one, at("2024-02-29 12:00"))
    assert text_of(period.paid_until) == "2025-02-28 00:00"
    for _ in range(3):
        one = paid(one, period)
        period = pay_fee(one, period.paid_until)
    assert text_of(period.paid_until) == "2028-02-29 00:00"


def test_s1_the_day_is_the_one_of_the_zone():
    late = int(datetime.fromisoformat("2026-03-09T22:30:00+00:00").timestamp())
    assert text_of(pay_fee(subscription(), late).started_at) == "2026-03-10 00:00"
    other = pay_fee(subscription(), late, ZoneInfo("America/New_York"))
    assert other.started_at == int(datetime.fromisoformat("2026-03-09T04:00:00+00:00").timestamp())


def test_s1_each_next_fee_is_asked_for_two_weeks_before_it_is_due():
    assert text_of(next_fee_from(at("2026-04-10 00:00"))) == "2026-03-27 00:00"


@pytest.mark.parametrize(
    ("moment", "standing"),
    [
        ("2026-04-09 23:59", Standing.RUNNING),
        ("2026-04-10 00:00", Standing.GRACE),
        ("2026-04-19 23:59", Standing.GRACE),
        ("2026-04-20 00:00", Standing.LAPSED),
    ],
)
def test_s2_ten_days_of_grace_and_deactivated_on_the_11th(moment, standing):
    one = subscription(
        state=SubscriptionState.RUNNING, started_at=at("2026-03-10"), paid_until=at("2026-04-10")
    )
    assert standing_of(one, at(moment)) is standing


@pytest.mark.parametrize(
    ("paid_until", "hours"),
    [("2026-03-20", 239), ("2026-10-18", 241), ("2026-06-01", 240), ("2026-03-29", 239), ("2026-10-25", 241)],
)
def test_s2_the_grace_is_counted_in_days_when_the_clocks_change(paid_until, hours):
    until = at(paid_until)
    assert service_end(until) - until == hours * 3600
    assert text_of(service_end(until))[11:] == "00:00"


@pytest.mark.parametrize(
    ("paid_until", "hours"), [("2026-03-20", 23), ("2026-10-16", 25), ("2026-06-01", 24)]
)
def test_s2_the_warning_begins_with_the_day_before_the_end(paid_until, hours):
    until = at(paid_until)
    assert service_end(until) - warning_start(until) == hours * 3600
    assert text_of(warning_start(until))[11:] == "00:00"


def test_s3_renewal_on_the_last_moment_of_the_grace_continues_without_a_gap():
    one = subscription(
        state=SubscriptionState.RUNNING, started_at=at("2026-03-10"), paid_until=at("2026-04-10")
    )
    period = pay_fee(one, at("2026-04-19 23:59"))
    assert period == Period(at("2026-03-10"), at("2026-05-10"), at("2026-05-20"))


def test_s3_after_the_grace_only_a_new_subscription_helps():
    one = subscription(
        state=SubscriptionState.RUNNING, started_at=at("2026-03-10"), paid_until=at("2026-04-10")
    )
    refused = pay_fee(one, at("2026-04-20 00:00"))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.rule) == ("conflict", "S3")
    assert "new set-up fee" in refused.detail


def test_s4_the_licensor_refunds_full_unused_months_of_a_yearly_one():
    one = subscription(
        12, state=SubscriptionState.RUNNING, started_at=at("2026-01-31"), paid_until=at("2027-01-31")
    )
    ending = end(one, EndedBy.LICENSOR, at("2026-03-15 12:00"))
    assert (ending.unused_months, ending.refund) == (10, Decimal("100.00"))
    assert (ending.licenses_end_at, ending.revoke) == (at("2026-03-15 12:00"), False)
    # A month that began at this very midnight has begun.
    assert end(one, EndedBy.LICENSOR, at("2026-02-28 00:00")).unused_months == 10
    assert end(one, EndedBy.LICENSOR, at("2026-02-27 23:59")).unused_months == 11
    assert end(one, EndedBy.LICENSOR, at("2027-01-15 00:00")).refund == Decimal("0.00")


def test_s4_a_refund_is_rounded_to_the_cent():
    one = Subscription(
        1,
        2,
        1,
        5,
        1,
        Decimal("100.00"),
        12,
        SubscriptionState.RUNNING,
        at("2026-01-01"),
        at("2027-01-01"),
    )
    assert end(one, EndedBy.LICENSOR, at("2026-04-15")).refund == Decimal("66.67")


def test_s4_a_breach_and_a_monthly_one_refund_nothing():
    yearly = subscription(
        12, state=SubscriptionState.RUNNING, started_at=at("2026-01-31"), paid_until=at("2027-01-31")
    )
    breach = end(yearly, EndedBy.BREACH, at("2026-03-15 12:00"))
    assert (breach.refund, breach.revoke) == (0, True)
    monthly = subscription(
        state=SubscriptionState.RUNNING, started_at=at("2026-01-31"), paid_until=at("2026-02-28")
    )
    assert end(monthly, EndedBy.LICENSOR, at("2026-02-01 12:00")).refund == 0


def test_s4_the_client_uses_up_what_is_paid_for_without_refund():
    yearly = subscription(
        12, state=SubscriptionState.RUNNING, started_at=at("2026-01-31"), paid_until=at("2027-01-31")
    )
    ending = end(yearly, EndedBy.CLIENT, at("2026-03-15 12:00"))
    assert (ending.refund, ending.licenses_end_at, ending.revoke) == (0, at("2027-01-31"), False)
    in_grace = end(yearly, EndedBy.CLIENT, at("2027-02-02 12:00"))
    assert in_grace.licenses_end_at == at("2027-02-02 12:00")


def test_s4_what_has_ended_neither_ends_again_nor_is_paid():
    one = subscription(state=SubscriptionState.ENDED, started_at=1, paid_until=2)
    assert end(one, EndedBy.CLIENT, 3).rule == "S4"
    assert pay_fee(one, 3).rule == "S4"


def test_s4_one_that_never_began_ends_without_refund():
    ending = end(subscription(12), EndedBy.LICENSOR, 1000)
    assert (ending.refund, ending.licenses_end_at) == (0, 1000)
    assert standing_of(subscription(), 1000) is Standing.AWAITING


@given(DAYS, st.integers(0, 600))
def test_s1_months_keep_the_day_or_take_the_months_last(day, months):
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(DAYS, st.integers(0, 86_399), st.sampled_from([1, 12]), st.integers(1, 30))
def test_s1_periods_follow_each_other_whenever_they_are_paid(day, second, months, count):
    one = subscription(months)
    period = pay_fee(one, midnight(day) + second)
    for number in range(2, count + 1):
        one = paid(one, period)
        # Paid in the grace's last second: nothing is lost, nothing is given.
        period = pay_fee(one, period.service_ends_at - 1)
        assert period.paid_until == midnight(months_after(day_of(one.started_at), months * number))
        assert period.service_ends_at > one.paid_until


@given(DAYS, st.sampled_from(["Europe/Sofia", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"]))
def test_s2_the_eleventh_day_is_the_eleventh_in_every_zone(day, name):
    zone = ZoneInfo(name)
    until = midnight(day, zone)
    end_at = service_end(until, zone)
    assert day_of(end_at, zone) == day + timedelta(days=10)
    assert day_of(end_at - 1, zone) == day + timedelta(days=9)
    assert warning_start(until, zone) < end_at
    assert day_of(warning_start(until, zone), zone) == day + timedelta(days=9)


@given(DAYS, st.integers(0, 370))
def test_s4_unused_months_never_exceed_what_is_left(day, passed):
    started = midnight(day)
    one = subscription(
        12, state=SubscriptionState.RUNNING, started_at=started, paid_until=add_months(started, 12)
    )
    now = add_days(started, passed) + 60
    unused = unused_months(one, now)
    assert 0 <= unused <= 11
    # That many months back from the paid end is still ahead; one more is not.
    left = midnight(months_after(day, 12 - unused))
    assert unused == 0 or left > now
    assert midnight(months_after(day, 11 - unused)) <= now
