"""R3: what a week is, in any time zone and across any change of its clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from activation.licensing.weeks import ResetWeek

ZONES = (
    "UTC",
    "Europe/Sofia",
    "America/Sao_Paulo",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Asuncion",
    "Pacific/Apia",  # skipped Friday 30 December 2011
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "Asia/Tehran",  # clocks change at midnight, on a Monday too
    "Asia/Gaza",
    "Africa/Cairo",
    "Australia/Lord_Howe",  # half an hour
    "Antarctica/Troll",  # two hours
)
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.integers(0, 2**32)


def week_of(moment: int, zone: ZoneInfo) -> tuple[int, int]:
    return datetime.fromtimestamp(moment, zone).isocalendar()[:2]


@given(zones, moments)
@example(ZoneInfo("Asia/Tehran"), 1616272200)  # 2021-03-22, a Monday, begins at 01:00
@example(ZoneInfo("Pacific/Apia"), 1325239200)  # the skipped day
def test_r3_the_next_one_is_free_when_the_next_iso_week_begins(zone, used_at):
    free_at = ResetWeek("calendar", zone).after_use(used_at)
    assert used_at < free_at
    assert week_of(free_at, zone) != week_of(used_at, zone)
    assert week_of(free_at - 1, zone) == week_of(used_at, zone)


@given(zones, moments)
def test_r3_next_free_is_monday_at_midnight_there(zone, used_at):
    free_at = datetime.fromtimestamp(ResetWeek("calendar", zone).after_use(used_at), zone)
    assert free_at.weekday() == 0
    midnight = free_at.replace(hour=0, minute=0, fold=0)
    # Where clocks jump over midnight, the day begins with the first moment there is.
    assert free_at == midnight or midnight.astimezone(UTC) == free_at.astimezone(UTC)


@given(zones, moments, st.integers(-(10**9), 10**9))
def test_r3_never_two_in_one_week(zone, used_at, later):
    week = ResetWeek("calendar", zone)
    again_at = used_at + later
    if again_at >= 0 and week.next_free(used_at, again_at) is None:
        assert again_at > used_at
        assert week_of(again_at, zone) > week_of(used_at, zone)


@given(zones, moments)
def test_r3_one_second_decides(zone, used_at):
    week = ResetWeek("calendar", zone)
    free_at = week.after_use(used_at)
    assert week.next_free(used_at, free_at - 1) == free_at
    assert week.next_free(used_at, free_at) is None


@pytest.mark.parametrize("kind", ["calendar", "rolling"])
@given(zone=zones, used_at=moments, back=st.integers(0, 2**31))
def test_r3_a_clock_that_jumps_back_never_frees_a_second_one(kind, zone, used_at, back):
    week = ResetWeek(kind, zone)
    assert week.next_free(used_at, used_at - back) == week.after_use(used_at)


@given(zones, moments, moments)
def test_r3_a_reset_never_used_is_always_free(zone, used_at, now):
    assert ResetWeek("calendar", zone).next_free(None, now) is None


@given(zones, moments)
def test_r3_rolling_weeks_are_seven_times_24_hours(zone, used_at):
    week = ResetWeek("rolling", zone)
    free_at = used_at + timedelta(days=7) // timedelta(seconds=1)
    assert week.after_use(used_at) == free_at
    assert week.next_free(used_at, free_at - 1) == free_at
    assert week.next_free(used_at, free_at) is None


@pytest.mark.parametrize(
    ("zone", "used", "free"),
    [
        ("Europe/Sofia", "2026-11-22T23:59:59+02:00", "2026-11-23T00:00:00+02:00"),  # Sunday's last second
        ("Europe/Sofia", "2026-11-23T00:00:00+02:00", "2026-11-30T00:00:00+02:00"),  # Monday's first
        ("Europe/Sofia", "2026-03-27T12:00:00+02:00", "2026-03-30T00:00:00+03:00"),  # summer begins
        ("Europe/Sofia", "2026-10-25T03:30:00+02:00", "2026-10-26T00:00:00+02:00"),  # the hour that is twice
        ("Europe/Sofia", "2026-12-31T12:00:00+02:00", "2027-01-04T00:00:00+02:00"),  # week 53
        ("Asia/Tehran", "2021-03-20T12:00:00+03:30", "2021-03-22T01:00:00+04:30"),  # midnight is skipped
        ("Pacific/Apia", "2011-12-29T12:00:00-10:00", "2012-01-02T00:00:00+14:00"),  # a day is skipped
        ("America/Sao_Paulo", "2018-11-03T23:30:00-03:00", "2018-11-05T00:00:00-02:00"),
        ("Asia/Kathmandu", "2026-06-14T23:59:59+05:45", "2026-06-15T00:00:00+05:45"),
    ],
)
def test_r3_weeks_by_hand(zone, used, free):
    used_at, free_at = (int(datetime.fromisoformat(text).timestamp()) for text in (used, free))
    assert ResetWeek("calendar", ZoneInfo(zone)).after_use(used_at) == free_at


def test_r3_the_default_is_the_calendar_week_in_sofia():
    assert ResetWeek() == ResetWeek("calendar", ZoneInfo("Europe/Sofia"))
