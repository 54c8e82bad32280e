"""Sessions as rules: when one is over, how long a second factor counts; and whose each is."""

import pytest

from activation.licensing.identity.sessions import (
    STEP_UP_S,
    UNFINISHED_S,
    PersonKind,
    SessionAge,
    SessionLimits,
    Stage,
    ends_at,
    has_stepped_up,
    is_over,
    kind_of,
)
from activation.licensing.roles import STAFF, Role

NOW = 1_780_000_000
LIMITS = SessionLimits(staff_idle_s=100, idle_s=1000, staff_s=5000, longest_s=9000)
IDLE = {PersonKind.STAFF: 100, PersonKind.USER: 1000, PersonKind.END_USER: 1000}
LONGEST = {PersonKind.STAFF: 5000, PersonKind.USER: 9000, PersonKind.END_USER: 9000}


def session(kind=PersonKind.STAFF, seen_at=NOW, until=NOW + 10_000, ended_at=None):
    return SessionAge(kind, Stage.SIGNED_IN, seen_at, until, ended_at)


@pytest.mark.parametrize("kind", list(PersonKind))
def test_an_idle_session_is_over_to_the_second(kind):
    one = session(kind)
    assert not is_over(one, LIMITS, NOW + IDLE[kind] - 1)
    assert is_over(one, LIMITS, NOW + IDLE[kind])


def test_use_does_not_move_a_sessions_end():
    one = session(seen_at=NOW + 49, until=NOW + 50)
    assert not is_over(one, LIMITS, NOW + 49)
    assert is_over(one, LIMITS, NOW + 50)


def test_an_ended_session_stays_so_also_when_the_clock_is_set_back():
    assert is_over(session(ended_at=NOW), LIMITS, NOW - 86_400)


@pytest.mark.parametrize("kind", list(PersonKind))
@pytest.mark.parametrize("stage", list(Stage))
def test_only_who_is_signed_in_has_long(kind, stage):
    lasts = ends_at(kind, stage, LIMITS, NOW) - NOW
    assert lasts == (LONGEST[kind] if stage is Stage.SIGNED_IN else UNFINISHED_S)


def test_a_second_factor_counts_for_ten_minutes():
    assert not has_stepped_up(None, NOW)
    assert has_stepped_up(NOW, NOW + STEP_UP_S - 1)
    assert not has_stepped_up(NOW, NOW + STEP_UP_S)


def test_everybody_has_sessions_of_one_kind():
    kinds = {role: kind_of(role) for role in Role}
    assert {role for role, kind in kinds.items() if kind is PersonKind.STAFF} == STAFF
    assert kinds[Role.OWNER] is kinds[Role.OPERATOR] is PersonKind.USER
    assert kinds[Role.END_USER] is PersonKind.END_USER
