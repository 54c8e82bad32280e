from fractions import Fraction
from itertools import combinations

import pytest
from device_strategies import LABELS, LAPTOP, PARTS, device, digest, enrollable, presented
from hypothesis import assume, given
from hypothesis import strategies as st

from activation.licensing.devices.enrolment import Enrolment, enrol
from activation.licensing.devices.kinds import KINDS, MAC
from activation.licensing.devices.matching import Comparison, compare
from activation.licensing.devices.policies import UnknownPolicyError

WEIGHTS = {"hdd_serial": 4, "system_uuid": 3, "board_serial": 2, "machine_id": 2, "mac": 2, "install_id": 4}


def is_same(enrolled, agreeing, policy="standard/1"):
    enrolment = enrol(policy, device(**dict.fromkeys(enrolled, "a")))
    return compare(enrolment, device(**{kind: "a" if kind in agreeing else "b" for kind in enrolled})).same


def test_d2_the_same_machine_agrees_in_everything():
    assert compare(enrol("standard/1", LAPTOP), LAPTOP) == Comparison(True, PARTS, (), (), ())


def test_d2_each_part_is_told_apart():
    enrolment = enrol("standard/1", device(hdd_serial="a", system_uuid="a", board_serial="a"))
    found = compare(enrolment, device(mac="a", board_serial="b", hdd_serial="a"))
    assert found == Comparison(False, ("hdd_serial",), ("board_serial",), ("system_uuid",), ("mac",))


@pytest.mark.parametrize(
    ("agreeing", "same"),
    [
        (("hdd_serial", "system_uuid"), True),
        (("hdd_serial", "mac"), False),
        (("hdd_serial", "machine_id", "mac"), True),
        (("system_uuid", "board_serial", "machine_id"), True),
        (("board_serial", "machine_id", "mac"), False),
        (("system_uuid", "machine_id", "cpu_id"), False),
        (("system_uuid", "board_serial", "machine_id", "mac"), True),
    ],
)
def test_d2_standard_wants_half_of_the_enrolled_weight_of_13(agreeing, same):
    assert is_same(PARTS, agreeing) is same


def test_d2_half_is_enough_when_the_disk_agrees_or_two_others_do():
    assert is_same(("hdd_serial", "board_serial", "mac"), ("hdd_serial",))
    assert is_same(("hdd_serial", "board_serial", "mac"), ("board_serial", "mac"))
    assert not is_same(("system_uuid", "mac"), ("system_uuid",))
    assert not is_same(("system_uuid", "mac", "cpu_id"), ("system_uuid", "cpu_id"))


@pytest.mark.parametrize("kind", ["hdd_serial", "system_uuid", "board_serial", "mac", "install_id"])
def test_d2_the_only_part_enrolled_must_agree_and_suffices(kind):
    assert is_same((kind,), (kind,))
    assert not is_same((kind,), ())
    assert is_same((kind, "cpu_id"), (kind,))
    assert not is_same((kind, "cpu_id"), ("cpu_id",))


def test_d2_install_id_stands_in_the_disks_place():
    assert is_same(("install_id", "machine_id"), ("install_id",))
    assert not is_same(("install_id", "machine_id"), ("machine_id",))


def test_d2_lenient_is_content_with_a_third():
    assert is_same(PARTS, ("system_uuid", "board_serial"), "lenient/1")
    assert not is_same(PARTS, ("board_serial", "mac"), "lenient/1")
    assert is_same(("system_uuid", "board_serial", "machine_id", "mac"), ("board_serial", "mac"), "lenient/1")
    assert not is_same(("system_uuid", "mac"), ("system_uuid",), "lenient/1")


def test_d2_strict_wants_disk_and_mac_whatever_else_says():
    assert is_same(PARTS, ("hdd_serial", "mac"), "strict/1")
    assert not is_same(PARTS, set(PARTS) - {"mac"}, "strict/1")
    assert not is_same(PARTS, set(PARTS) - {"hdd_serial"}, "strict/1")


@pytest.mark.parametrize("policy", ["standard/1", "strict/1"])
def test_d2_one_mac_of_many_is_enough(policy):
    enrolment = enrol(policy, device(hdd_serial="a", mac=("a", "b", "c")))
    assert compare(enrolment, device(hdd_serial="a", mac=("x", "b"))).agreed == ("hdd_serial", "mac")
    assert compare(enrolment, device(hdd_serial="a", mac=("x", "y"))).differing == ("mac",)


def test_d2_a_serial_cannot_be_guessed_by_sending_many():
    found = compare(enrol("standard/1", device(hdd_serial="a")), device(hdd_serial=("a", "b", "c")))
    assert (found.same, found.differing) == (False, ("hdd_serial",))


def test_d4_a_past_value_does_not_agree():
    current, past = device(hdd_serial="new", mac="m"), device(hdd_serial="old")
    enrolment = Enrolment("strict/1", current, past)
    assert compare(enrolment, device(hdd_serial="old", mac="m")).differing == ("hdd_serial",)


def test_d3_kinds_that_nobody_knows_are_passed_over():
    assert compare(enrol("standard/1", LAPTOP), LAPTOP | device(tpm="a")).added == ()


def test_d2_an_enrolment_under_an_unknown_policy_is_not_guessed_at():
    with pytest.raises(UnknownPolicyError, match="'loose/7'"):
        compare(Enrolment("loose/7", LAPTOP), LAPTOP)


@pytest.mark.parametrize(("label", "share"), [("standard/1", Fraction(1, 2)), ("lenient/1", Fraction(1, 3))])
def test_d2_every_combination_is_decided_as_the_rule_is_worded(label, share):
    subsets = [set(some) for size in range(1, 7) for some in combinations(PARTS, size)]
    for enrolled in (some for some in subsets if some & {"hdd_serial", "system_uuid", "board_serial", "mac"}):
        for agreeing in (some for some in [set(), *subsets] if some <= enrolled):
            weighing, agreed = enrolled - {"cpu_id"}, agreeing - {"cpu_id"}
            total, weight = sum(WEIGHTS[kind] for kind in weighing), sum(WEIGHTS[kind] for kind in agreed)
            disk_or_two = "hdd_serial" in agreed or len(agreed) >= 2
            expected = agreed == weighing if len(weighing) == 1 else weight >= share * total and disk_or_two
            assert is_same(enrolled, agreeing, label) is expected, (enrolled, agreeing)


ENROLMENTS = LABELS.flatmap(lambda label: enrollable(label).map(lambda given: enrol(label, given)))


@given(LABELS, st.data())
def test_enrolled_and_compared_is_the_same(label, data):
    given_parts = data.draw(enrollable(label))
    assert compare(enrol(label, given_parts), given_parts).same


@given(ENROLMENTS, presented(), st.data())
def test_one_more_part_that_agrees_never_makes_another_device(enrolment, given_parts, data):
    before = compare(enrolment, given_parts)
    assume(before.differing or before.missing)
    kind = data.draw(st.sampled_from(before.differing + before.missing))
    after = compare(enrolment, given_parts | {kind: enrolment.current[kind]})
    assert after.same >= before.same
    assert set(after.agreed) == {*before.agreed, kind}


@given(ENROLMENTS, presented(), st.data())
def test_sending_less_never_makes_the_same_device(enrolment, given_parts, data):
    kept = data.draw(st.sets(st.sampled_from(KINDS)))
    fewer = {kind: sent for kind, sent in given_parts.items() if kind in kept}
    if MAC in fewer:
        fewer[MAC] = fewer[MAC][: data.draw(st.integers(1, len(fewer[MAC])))]
    assert compare(enrolment, fewer).same <= compare(enrolment, given_parts).same


@given(ENROLMENTS, presented(), presented())
def test_what_was_not_enrolled_has_no_say(enrolment, given_parts, more):
    additional = {kind: sent for kind, sent in more.items() if kind not in enrolment.current}
    without = {kind: sent for kind, sent in given_parts.items() if kind in enrolment.current}
    assert compare(enrolment, without | additional).same == compare(enrolment, without).same


@given(ENROLMENTS, presented())
def test_order_of_parts_and_values_never_matters(enrolment, given_parts):
    turned = {kind: sent[::-1] for kind, sent in reversed(given_parts.items())}
    assert compare(enrolment, turned) == compare(enrolment, given_parts)


def test_a_part_named_but_empty_is_a_part_not_sent():
    enrolment = enrol("standard/1", device(hdd_serial="a", mac="a"))
    found = compare(enrolment, {"hdd_serial": (digest("hdd_serial", "a"),), "mac": (), "cpu_id": ()})
    assert found == Comparison(True, ("hdd_serial",), (), ("mac",), ())
