"""D5: from an older pepper to the one in use; and that nobody gains anything by it (D2, D4)."""

import pytest
from device_strategies import DAY, LABELS, NOW, digest
from hypothesis import event, given
from hypothesis import strategies as st

from activation.licensing.devices.enrolment import enrol, unpack
from activation.licensing.devices.kinds import KINDS, MAC
from activation.licensing.devices.matching import compare
from activation.licensing.devices.policies import policy_of, unfit
from activation.licensing.devices.sightings import PepperUnknownError, Sighting
from activation.licensing.recognising import Known, Stranger, recognise

STANDARD = "standard/1"
LAPTOP = {"hdd_serial": ("h",), "system_uuid": ("u",), "mac": ("m1", "m2")}


def seen(values, pepper=1):
    """A request's device under this pepper; others can be had."""

    def under(version, _account):
        return {kind: tuple(digest(version, kind, each) for each in given) for kind, given in values.items()}

    return Sighting(under(pepper, 0), pepper, (2, 1), under, 7)


def requests():
    one = st.integers(1, 3).map(lambda value: (value,))
    several = st.lists(st.integers(1, 5), min_size=1, max_size=5, unique=True).map(tuple)
    return st.fixed_dictionaries({}, optional=dict.fromkeys(KINDS, one) | {MAC: several})


def enrolled(label, values, steps=()):
    """Enrol under the first pepper and follow some requests."""
    enrolment = enrol(label, seen(values))
    for at, step in enumerate(steps):
        known = recognise(enrolment, seen(step), NOW + at * DAY)
        if isinstance(known, Known):
            enrolment = known.enrolment
    return enrolment


def known(enrolment, values, pepper=2, now=NOW + 30 * DAY):
    found = recognise(enrolment, seen(values, pepper), now)
    assert isinstance(found, Known), found
    return found


def test_a_device_that_shows_all_moves_on():
    before = enrolled(STANDARD, LAPTOP)
    found = known(before, LAPTOP)
    assert found.changed
    assert not found.drifted
    assert found.enrolment.pepper == 2
    assert found.enrolment.current == dict(seen(LAPTOP, 2))
    assert not known(found.enrolment, LAPTOP).changed
    assert unpack(found.enrolment.pack(), 2) == found.enrolment


@pytest.mark.parametrize("left_out", ["hdd_serial", "system_uuid", "mac"])
def test_a_device_that_leaves_something_out_stays(left_out):
    before = enrolled("lenient/1", LAPTOP)
    fewer = {kind: given for kind, given in LAPTOP.items() if kind != left_out}
    found = recognise(before, seen(fewer, 2), NOW)
    if isinstance(found, Known):
        assert found.enrolment is before


def test_a_device_of_which_a_part_changed_stays_till_it_comes_by_again():
    before = enrolled(STANDARD, LAPTOP)
    changed = LAPTOP | {"system_uuid": ("other",)}
    found = known(before, changed)
    assert (found.enrolment.pepper, found.drifted) == (1, ("system_uuid",))
    again = known(found.enrolment, changed)
    assert (again.enrolment.pepper, again.drifted) == (2, ())
    assert again.enrolment.drifts == found.enrolment.drifts
    assert not again.enrolment.past


def test_a_part_added_comes_along_and_stays_young():
    added = LAPTOP | {"board_serial": ("b",)}
    found = known(enrolled(STANDARD, LAPTOP), added)
    assert found.enrolment.pepper == 2
    assert found.enrolment.recent == ((digest(2, "board_serial", "b"), NOW + 30 * DAY),)


def test_a_dock_that_is_away_is_forgotten_where_the_device_needs_no_mac():
    found = known(enrolled(STANDARD, LAPTOP), LAPTOP | {"mac": ("m2",)})
    assert found.enrolment.current[MAC] == (digest(2, MAC, "m2"),)
    assert not known(
        found.enrolment, LAPTOP
    ).drifted  # back on the dock: free, as a new MAC beside a known one


@pytest.mark.parametrize("values", [{"mac": ("m1", "m2")}, {"system_uuid": ("u",), "mac": ("m1", "m2")}])
def test_a_dock_that_is_away_is_waited_for_where_the_device_is_known_by_its_macs(values):
    before = enrolled(STANDARD, values)
    assert known(before, values | {"mac": ("m2",)}).enrolment is before
    assert known(before, values).enrolment.pepper == 2


def test_digests_of_a_later_pepper_are_never_taken_back():
    later = enrol(STANDARD, seen(LAPTOP, 2))
    assert known(later, LAPTOP, pepper=1).enrolment is later


def test_an_enrolment_is_compared_under_its_own_pepper_alone():
    one, two = enrol(STANDARD, seen(LAPTOP, 1)), enrol(STANDARD, seen(LAPTOP, 2))
    assert compare(one, one.as_seen()).same
    assert not compare(one, two.as_seen()).agreed


def test_digests_from_before_there_was_another_pepper_judge_no_later_enrolment():
    with pytest.raises(PepperUnknownError):
        recognise(enrol(STANDARD, seen(LAPTOP, 2)), dict(seen(LAPTOP, 1)), NOW)


@st.composite
def visits(draw, first):
    """A later request: often the enrolled device, whole or nearly, with something new."""
    if draw(st.booleans()):
        return draw(requests())
    changed = draw(requests())
    kept = {kind: given for kind, given in first.items() if draw(st.integers(0, 9)) or kind not in changed}
    return changed | kept


@given(LABELS, requests(), st.data())
def test_whoever_is_accepted_after_a_re_key_would_have_been_before(label, first, data):
    if unfit(policy_of(label), seen(first)) is not None:
        return
    before = enrolled(label, first, data.draw(st.lists(visits(first), max_size=4)))
    shown, other = data.draw(visits(first)), data.draw(visits(first))
    at = NOW + data.draw(st.integers(0, 120)) * DAY
    found = recognise(before, seen(shown, 2), at)
    same = recognise(before, seen(shown, 1), at)
    assert isinstance(found, Known) == isinstance(same, Known)
    if isinstance(found, Stranger) or found.enrolment.pepper == 1:
        event("stays")
        return
    event("moves")
    after, kept = found.enrolment, same.enrolment
    assert after.current.keys() == kept.current.keys()
    assert not any(shown.get(kind, ()) == () for kind in before.current)
    later = recognise(after, seen(other, 2), at + DAY)
    would = recognise(kept, seen(other, 1), at + DAY)
    if isinstance(later, Known):
        event("accepted later")
        assert isinstance(would, Known)
        assert set(would.drifted) <= set(later.drifted)
