"""D4 as properties: a licence is not walked to another machine part by part."""

from device_strategies import (
    DAY,
    LABELS,
    LAPTOP,
    NOW,
    WINDOW,
    device,
    enrollable,
    follow,
    followed,
    presented,
)
from hypothesis import event, given
from hypothesis import strategies as st

from activation.licensing.devices.drift import Reenrolment, re_enrol
from activation.licensing.devices.enrolment import enrol, unpack
from activation.licensing.devices.kinds import MAC
from activation.licensing.devices.matching import compare
from activation.licensing.devices.policies import policy_of

COUNTED = ("hdd_serial", "system_uuid", "board_serial", "machine_id", "mac")


def unseen(before, given_parts):
    """Say anew which parts changed to something never seen, from the enrolment alone."""
    for kind in given_parts.keys() & before.current.keys():
        known = {*before.current[kind], *before.past.get(kind, ())}
        if known.isdisjoint(given_parts[kind]) and policy_of(before.policy).weights.get(kind):
            yield kind


def walk(enrolment, steps):
    """Send one request after the other; yield each that was accepted with what was enrolled before and after.

    A step names the parts that differ from what is enrolled by then: what a walk would look like.
    """
    for now, changes, alone in steps:
        given_parts = changes if alone else {**enrolment.current, **changes}
        comparison = compare(enrolment, given_parts)
        if comparison.same:
            found = re_enrol(enrolment, given_parts, comparison, now)
            if isinstance(found, Reenrolment):
                yield now, enrolment, given_parts, found
                enrolment = found.enrolment


def few(parts):
    """Pick at most two parts of a request."""
    return st.permutations(sorted(parts)).map(lambda kinds: {kind: parts[kind] for kind in kinds[:2]})


ANY_STEPS = st.lists(st.tuples(presented(values=3, macs=4).flatmap(few), st.booleans()), max_size=12)
SWAPS = st.lists(
    st.tuples(st.sampled_from(COUNTED), st.integers(1, 3)).map(lambda swap: (device(**dict([swap])), False)),
    max_size=12,
)


@st.composite
def walks(draw, days, settled):
    """Give a device, and steps within so many days, in order of time (`settled`) or in any order."""
    label = draw(LABELS)
    start = draw(enrollable(label, values=3, macs=4) | st.just(LAPTOP))
    steps = draw(ANY_STEPS | SWAPS)
    times = draw(st.lists(st.integers(0, days), min_size=len(steps), max_size=len(steps)))
    times = sorted(times) if settled else times
    return enrol(label, start), [(NOW + day * DAY, *step) for day, step in zip(times, steps, strict=True)]


@given(walks(days=200, settled=True))
def test_d4_no_chain_changes_more_than_2_counted_parts_in_90_days(walked):
    weights = policy_of(walked[0].policy).weights
    counted = []
    for at, before, given_parts, found in walk(*walked):
        new = set(unseen(before, given_parts))
        assert {kind for kind in found.drifted if weights.get(kind)} == new
        counted += [at] * len(new)
    event(f"{len(counted)} counted")
    for first in counted:
        assert sum(first <= at < first + WINDOW for at in counted) <= 2


@given(walks(days=89, settled=False))
def test_d4_in_90_days_all_but_2_single_parts_stay_what_they_were_whatever_the_clock_does(walked):
    first, steps = walked
    weighing = [kind for kind in policy_of(first.policy).weighted(first.current) if kind != MAC]
    for _, _, _, found in walk(first, steps):
        current = found.enrolment.current
        assert sum(current[kind] != first.current[kind] for kind in weighing) <= 2


def shares(parts, enrolment):
    """Tell whether a request agrees with what is or was enrolled in a part that weighs."""
    held = [enrolment.current, enrolment.past]
    return any(
        not set(parts[kind]).isdisjoint(one.get(kind, ()))
        for kind in policy_of(enrolment.policy).weighted(parts)
        for one in held
    )


@given(walks(days=89, settled=False))
def test_d4_in_90_days_no_machine_is_accepted_that_shares_nothing_with_the_first(walked):
    first, steps = walked
    for _, _, given_parts, _ in walk(first, steps):
        assert shares(given_parts, first)


@given(walks(days=400, settled=True))
def test_d4_nor_ever_one_that_shares_nothing_with_what_stood_90_days_before(walked):
    stood = [(NOW, walked[0])]
    for at, _, given_parts, found in walk(*walked):
        before = [one for since, one in stood if since <= at - WINDOW]
        assert shares(given_parts, before[-1] if before else walked[0])
        stood.append((at, found.enrolment))


@given(walks(days=200, settled=True), st.data())
def test_d4_one_more_part_that_agrees_never_turns_a_yes_into_a_no(walked, data):
    for at, before, given_parts, _ in walk(*walked):
        kind = data.draw(st.sampled_from(sorted(before.current)))
        closer = {**given_parts, kind: before.current[kind]}
        comparison = compare(before, closer)
        assert comparison.same
        assert isinstance(re_enrol(before, closer, comparison, at), Reenrolment)


@given(walks(days=400, settled=False))
def test_d4_however_the_clock_jumps_drifts_stand_in_order_of_time(walked):
    for at, _, _, found in walk(*walked):
        times = [time for _, time in found.enrolment.drifts]
        assert times == sorted(times, reverse=True)
        assert not found.drifted or times[0] >= at


@given(st.permutations(COUNTED), st.lists(st.integers(0, 29), min_size=4, max_size=4))
def test_d4_parts_swapped_one_by_one_are_stopped_at_the_third(kinds, days):
    enrolment, now = enrol("standard/1", LAPTOP), NOW
    for kind, wait in zip(kinds[:2], days, strict=False):
        now += wait * DAY
        enrolment = followed(enrolment, now, **{kind: "b"})
    for kind, wait in zip(kinds[2:4], days[2:], strict=True):
        assert follow(enrolment, now + wait * DAY, **{kind: "b"}).kinds == (kind,)


@given(walks(days=200, settled=False))
def test_d4_what_was_accepted_is_recognised_with_nothing_left_to_write(walked):
    for at, _, given_parts, found in walk(*walked):
        again = compare(found.enrolment, given_parts)
        assert again.same
        assert re_enrol(found.enrolment, given_parts, again, at).enrolment is found.enrolment
        assert unpack(found.enrolment.pack()) == found.enrolment


@given(walks(days=200, settled=False))
def test_d4_changed_says_whether_there_is_something_to_write(walked):
    for _, before, _, found in walk(*walked):
        assert found.changed == (found.enrolment is not before) == (found.enrolment != before)
        assert found.changed or found.drifted == ()


@given(walks(days=200, settled=False))
def test_d4_no_value_is_both_current_and_past(walked):
    for _, _, _, found in walk(*walked):
        for kind, past in found.enrolment.past.items():
            assert len({*past, *found.enrolment.current[kind]}) == len(past) + 1


@given(walks(days=200, settled=False))
def test_order_of_parts_and_values_never_matters(walked):
    for at, before, given_parts, found in walk(*walked):
        turned = {kind: sent[::-1] for kind, sent in reversed(given_parts.items())}
        assert re_enrol(before, turned, compare(before, turned), at) == found
