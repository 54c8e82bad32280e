"""D4 as properties: a licence is not walked to another machine part by part."""

from device_strategies import (
    DAY,
    LABELS,
    LAPTOP,
    NOW,
    WINDOW,
    enrollable,
    follow,
    followed,
    presented,
)
from hypothesis import event, given
from hypothesis import strategies as st

from activation.licensing.devices.drift import Reenrolment, re_enrol
from activation.licensing.devices.enrolment import enrol, unpack
from activation.licensing.devices.kinds import KINDS, MAC
from activation.licensing.devices.matching import compare
from activation.licensing.devices.policies import policy_of

COUNTED = ("hdd_serial", "system_uuid", "board_serial", "machine_id", "mac")


def unseen(before, given_parts):
    """Say anew which parts changed to something never seen, from the enrolment alone."""
    for kind in given_parts.keys() & before.current.keys():
        known = {*before.current[kind], *before.past.get(kind, ())}
        if known.isdisjoint(given_parts[kind]) and policy_of(before.policy).weights.get(kind):
            yield kind


def walk(enrolment, requests):
    """Send one request after the other; yield what was accepted, with the time that had passed at least."""
    highest = 0
    for now, given_parts in requests:
        highest = max(highest, now)
        comparison = compare(enrolment, given_parts)
        if comparison.same:
            found = re_enrol(enrolment, given_parts, comparison, now)
            if isinstance(found, Reenrolment):
                yield highest, enrolment, given_parts, found
                enrolment = found.enrolment


TIMES = st.integers(0, 200).map(lambda days: NOW + days * DAY)
CLOSE = st.integers(0, 89).map(lambda days: NOW + days * DAY)
HYBRIDS = presented(values=3, macs=4)


def requests(start, times):
    """Mostly the enrolled device with a few parts of another: what a walk would look like."""
    hybrid = HYBRIDS.flatmap(
        lambda other: st.sets(st.sampled_from(KINDS), max_size=3).map(
            lambda kinds: start | {kind: other[kind] for kind in kinds if kind in other}
        )
    )
    return st.lists(st.tuples(times, hybrid | HYBRIDS), max_size=12)


@given(LABELS, st.data())
def test_d4_no_chain_changes_more_than_2_counted_parts_in_90_days(label, data):
    start = data.draw(enrollable(label, values=3, macs=4))
    times = data.draw(st.lists(TIMES, min_size=12, max_size=12).map(sorted))
    chain = [(now, each) for now, (_, each) in zip(times, data.draw(requests(start, TIMES)), strict=False)]
    counted = []
    for at, before, given_parts, found in walk(enrol(label, start), chain):
        new = sorted(unseen(before, given_parts))
        assert {kind for kind in found.drifted if policy_of(label).weights.get(kind)} == set(new)
        counted += [at] * len(new)
        event(f"{len(counted)} counted")
    for first in counted:
        assert sum(first <= at < first + WINDOW for at in counted) <= 2


@given(LABELS, st.data())
def test_d4_within_90_days_of_any_clock_all_but_2_single_parts_are_the_enrolled_ones(label, data):
    start = data.draw(enrollable(label, values=3, macs=4))
    first = enrol(label, start)
    weighing = [kind for kind in policy_of(label).weighted(first.current) if kind != MAC]
    seen = first
    for _, _, _, found in walk(first, data.draw(requests(start, CLOSE))):
        seen = found.enrolment
        assert sum(seen.current[kind] != first.current[kind] for kind in weighing) <= 2


@given(st.permutations(COUNTED), st.lists(st.integers(0, 29), min_size=4, max_size=4))
def test_d4_parts_swapped_one_by_one_are_stopped_at_the_third(kinds, days):
    enrolment, now = enrol("standard/1", LAPTOP), NOW
    for kind, wait in zip(kinds[:2], days, strict=False):
        now += wait * DAY
        enrolment = followed(enrolment, now, **{kind: "b"})
    for kind, wait in zip(kinds[2:4], days[2:], strict=True):
        assert follow(enrolment, now + wait * DAY, **{kind: "b"}).kinds == (kind,)


@given(LABELS, st.data())
def test_d4_what_was_accepted_is_recognised_with_nothing_left_to_write(label, data):
    start = data.draw(enrollable(label, values=3, macs=4))
    for at, _, given_parts, found in walk(enrol(label, start), data.draw(requests(start, TIMES))):
        again = compare(found.enrolment, given_parts)
        assert again.same
        assert re_enrol(found.enrolment, given_parts, again, at).enrolment is found.enrolment
        assert unpack(found.enrolment.pack()) == found.enrolment


@given(LABELS, st.data())
def test_d4_changed_says_whether_there_is_something_to_write(label, data):
    start = data.draw(enrollable(label, values=3, macs=4))
    for _, before, _, found in walk(enrol(label, start), data.draw(requests(start, TIMES))):
        assert found.changed == (found.enrolment is not before) == (found.enrolment != before)
        assert found.changed or found.drifted == ()


@given(LABELS, st.data())
def test_order_of_parts_and_values_never_matters(label, data):
    start = data.draw(enrollable(label, values=3, macs=4))
    enrolment = enrol(label, start)
    for now, given_parts in data.draw(requests(start, TIMES)):
        turned = {kind: sent[::-1] for kind, sent in reversed(given_parts.items())}
        comparison = compare(enrolment, given_parts)
        if comparison.same:
            found = re_enrol(enrolment, given_parts, comparison, now)
            assert re_enrol(enrolment, turned, compare(enrolment, turned), now) == found
