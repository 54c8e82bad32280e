"""G2: when what is known of people is to go."""

import pytest

from activation.licensing.devices.enrolment import unpack
from activation.licensing.devices.matching import compare
from activation.licensing.devices.policies import POLICIES
from activation.licensing.privacy.retention import (
    DAY_S,
    FORGOTTEN_DEVICE,
    Counts,
    Keeping,
    RetentionRule,
    Standing,
    is_forgettable,
    terms,
)

NOW = 1_800_000_000
MONTH = 30 * DAY_S


@pytest.mark.parametrize(
    ("standing", "due"),
    [
        (Standing(1), False),
        (Standing(1, closed_at=NOW - MONTH), True),
        (Standing(1, closed_at=NOW - MONTH + 1), False),
        (Standing(1, over_at=NOW - MONTH), True),
        (Standing(1, over_at=NOW - MONTH + 1), False),
        (Standing(1, closed_at=NOW, over_at=NOW - MONTH), True),
        (Standing(1, closed_at=NOW - MONTH, over_at=NOW), True),
        (Standing(1, closed_at=1, busy=True), False),
        (Standing(1, closed_at=1, restricted=True), False),
        (Standing(1, closed_at=1, forgotten=True), False),
    ],
)
def test_g2_an_account_is_forgotten_a_month_after_its_end_unless_something_is_open(standing, due):
    assert is_forgettable(standing, NOW, MONTH) is due


def test_g2_every_rule_has_its_term():
    told = terms(Keeping())
    assert set(told) == set(RetentionRule)
    assert all(term.keep_s >= 30 * DAY_S and term.what and term.since and term.then for term in told.values())
    assert told[RetentionRule.BILLING].keep_s == 315_576_000  # ten years
    assert told[RetentionRule.CONSENT].keep_s == 157_788_000  # five


def test_g2_nothing_is_the_same_as_a_forgotten_device():
    forgotten = unpack(FORGOTTEN_DEVICE)
    everything = {"hdd_serial": (b"1" * 16,), "mac": (b"2" * 16,), "system_uuid": (b"3" * 16,)}
    assert forgotten.current == {}
    assert list(forgotten.digests()) == []
    assert not compare(forgotten, everything).same
    assert not compare(forgotten, {}).same
    # The index of what is still to be forgotten goes by this length.
    assert len(FORGOTTEN_DEVICE) <= 16
    assert min(len(label) for label in POLICIES) + 16 > 16


def test_counts_add_up():
    assert Counts({RetentionRule.MAILS: 2, RetentionRule.TRACES: 3}).total == 5
