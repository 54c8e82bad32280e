"""D4: additions, changes and omissions together never hand a licence to a machine that shares nothing."""

from device_strategies import DAY, LAPTOP, NOW, WINDOW, device, digest, follow, followed

from activation.licensing.devices.drift import DriftRefused, Reenrolment, re_enrol
from activation.licensing.devices.enrolment import enrol
from activation.licensing.devices.matching import compare

OTHER = device(**dict.fromkeys(("system_uuid", "board_serial", "machine_id", "mac"), "other"))


def accepted(enrolment, presented, now=NOW):
    comparison = compare(enrolment, presented)
    return comparison.same and isinstance(re_enrol(enrolment, presented, comparison, now), Reenrolment)


def test_d4_a_disk_alone_does_not_become_another_machine_by_adding_that_ones_parts():
    enrolment = enrol("standard/1", device(hdd_serial="a"))
    enrolment = re_enrol(
        enrolment, enrolment.current | OTHER, compare(enrolment, enrolment.current | OTHER), NOW
    ).enrolment
    assert enrolment.drifts == ()
    found = follow(enrolment, NOW + DAY, hdd_serial="other")
    assert found == DriftRefused(("hdd_serial",), NOW + WINDOW)
    assert not accepted(enrolment, OTHER, NOW + 89 * DAY)
    assert accepted(enrolment, OTHER, NOW + WINDOW)


def test_d4_a_network_card_carried_over_does_not_carry_the_licence():
    enrolment = followed(enrol("standard/1", device(mac="built in")), mac=("built in", "usb"))
    assert accepted(enrolment, device(mac=("built in", "usb")))
    assert not accepted(enrolment, device(mac=("usb", "other")))
    assert accepted(enrolment, device(mac="usb"), NOW + WINDOW)


def test_d4_two_changed_parts_alone_are_not_the_machine_while_they_are_new():
    enrolment = followed(followed(enrol("standard/1", LAPTOP), hdd_serial="b"), system_uuid="b")
    two = device(hdd_serial="b", system_uuid="b")
    assert not accepted(enrolment, two)
    assert accepted(enrolment, two | device(mac="a"))
    assert accepted(enrolment, two, NOW + WINDOW)


def test_d4_a_value_that_came_left_and_came_back_is_as_new_as_at_first():
    enrolment = enrol("standard/1", LAPTOP)
    for day, value in enumerate("bab"):
        enrolment = followed(enrolment, NOW + day * DAY, hdd_serial=value)
        enrolment = followed(enrolment, NOW + day * DAY, system_uuid=value)
    assert len(enrolment.drifts) == 2
    assert not accepted(enrolment, device(hdd_serial="b", system_uuid="b"), NOW + 89 * DAY)


def test_d4_what_weighs_nothing_is_not_remembered_as_recent():
    assert followed(enrol("standard/1", LAPTOP), cpu_id="b").recent == ()
    assert followed(enrol("strict/1", LAPTOP), board_serial="b").recent == ()


def test_d4_recent_values_are_forgotten_at_the_next_change_after_90_days():
    enrolment = followed(enrol("standard/1", LAPTOP), hdd_serial="b")
    enrolment = followed(enrolment, NOW + WINDOW, board_serial="b")
    assert enrolment.recent == ((digest("board_serial", "b"), NOW + WINDOW),)


def test_d2_under_strict_a_second_network_card_counts_at_once():
    enrolment = followed(enrol("strict/1", device(hdd_serial="a", mac="a")), mac=("a", "b"))
    assert accepted(enrolment, device(hdd_serial="a", mac="b"))
