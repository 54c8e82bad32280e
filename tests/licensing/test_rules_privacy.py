"""G4, G8: deadlines as the law counts them, answers that say what is true, whom one may write to."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from activation.licensing.privacy.consenting import MARKETING, Told, Wishes, is_given, may_write_to
from activation.licensing.privacy.deadlines import (
    WARNED_S,
    Asked,
    Deeds,
    Outcome,
    Regime,
    Request,
    due_at,
    is_overdue,
    is_urgent,
    refuse_answer,
    refuse_received,
    refuse_verification,
)

SOFIA = ZoneInfo("Europe/Sofia")


def at(text, zone=SOFIA):
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def request(kind=Asked.ACCESS, state=Outcome.OPEN, verified_at=1, due=1000):
    return Request(1, 2, kind, Regime.GDPR, state, 0, due, verified_at)


@pytest.mark.parametrize(
    ("regime", "asked", "overdue_from"),
    [
        (Regime.GDPR, "2026-03-10 09:00", "2026-04-11 00:00"),
        (Regime.GDPR, "2026-01-31 23:59", "2026-03-01 00:00"),
        (Regime.GDPR, "2028-01-30 12:00", "2028-03-01 00:00"),
        (Regime.GDPR, "2026-08-31 00:00", "2026-10-01 00:00"),
        (Regime.GDPR, "2026-12-15 12:00", "2027-01-16 00:00"),
        (Regime.GDPR, "2026-02-28 12:00", "2026-03-29 00:00"),
        (Regime.CCPA, "2026-03-10 09:00", "2026-04-24 00:00"),
        (Regime.CCPA, "2026-12-31 23:59", "2027-02-14 00:00"),
    ],
)
def test_g4_a_deadline_is_counted_in_the_vendors_days(regime, asked, overdue_from):
    assert due_at(regime, at(asked), SOFIA) == at(overdue_from)


def test_g4_the_day_of_the_request_is_the_vendors_day_not_utcs():
    late_in_utc = at("2026-05-31 22:30", ZoneInfo("UTC"))  # 1 June in Sofia
    assert due_at(Regime.GDPR, late_in_utc, SOFIA) == at("2026-07-02 00:00")
    assert due_at(Regime.GDPR, late_in_utc, ZoneInfo("UTC")) == at("2026-07-01 00:00", ZoneInfo("UTC"))


def test_g4_a_request_is_overdue_from_its_deadline_on_and_urgent_three_days_before():
    asked = request(due=WARNED_S + 10)
    assert [is_overdue(asked, now) for now in (WARNED_S + 9, WARNED_S + 10)] == [False, True]
    assert [is_urgent(asked, now) for now in (9, 10)] == [False, True]
    answered = request(state=Outcome.DONE)
    assert not is_overdue(answered, 10**9)
    assert not is_urgent(answered, 10**9)


def test_g4_a_letter_came_between_a_year_ago_and_now():
    now = 1_800_000_000
    for came in (now, now - 1, now - 366 * 86_400):
        assert refuse_received(came, now) is None
    for came in (now + 1, now - 366 * 86_400 - 1, -1):
        assert refuse_received(came, now).code == "conflict"


def test_g4_only_staff_verify_once_and_only_what_is_open():
    unknown = request(verified_at=None)
    assert refuse_verification(unknown, by_staff=True) is None
    assert refuse_verification(unknown, by_staff=False).code == "forbidden"
    assert refuse_verification(request(), by_staff=True).code == "conflict"
    assert refuse_verification(request(state=Outcome.REFUSED, verified_at=None), by_staff=True) is not None


DONE = {
    Asked.ACCESS: Deeds(copied=True),
    Asked.PORTABILITY: Deeds(copied=True),
    Asked.RECTIFICATION: Deeds(corrected=True),
    Asked.RESTRICTION: Deeds(restricted=True),
    Asked.OBJECTION: Deeds(objected=True),
    Asked.ERASURE: Deeds(erased=True),
    Asked.LIFTING: Deeds(),
}
UNDONE = dict.fromkeys(Asked, Deeds()) | {Asked.LIFTING: Deeds(restricted=True)}


@pytest.mark.parametrize("kind", list(Asked))
def test_g4_done_is_said_only_of_what_was_done_for_somebody_verified(kind):
    assert refuse_answer(request(kind), Outcome.DONE, DONE[kind]) is None
    assert refuse_answer(request(kind), Outcome.DONE, UNDONE[kind]).rule == "G3"
    assert refuse_answer(request(kind, verified_at=None), Outcome.DONE, DONE[kind]).rule == "G4"
    for outcome in (Outcome.REFUSED, Outcome.WITHDRAWN):
        assert refuse_answer(request(kind, verified_at=None), outcome, UNDONE[kind]) is None
        assert refuse_answer(request(kind, state=outcome), outcome, DONE[kind]).code == "conflict"


def told(number, given, when=5, purpose=MARKETING):
    return Told(number, purpose, given, when)


@pytest.mark.parametrize(
    ("history", "given"),
    [
        ([], False),
        ([told(1, given=True)], True),
        ([told(2, given=False, when=9), told(1, given=True)], False),
        ([told(2, given=False), told(3, given=True)], True),
        ([told(3, given=False), told(2, given=True)], False),
        ([told(1, given=True, purpose="surveys")], False),
    ],
)
def test_g8_the_newest_word_counts_and_silence_is_no_consent(history, given):
    assert is_given(history, MARKETING) is given
    assert may_write_to(history, Wishes(), MARKETING) is given
    for wishes in (Wishes(restricted_at=1), Wishes(objected_at=1), Wishes(closed=True)):
        assert not may_write_to(history, wishes, MARKETING)
