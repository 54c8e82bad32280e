import pytest
from device_strategies import DAY, LAPTOP, NOW, PARTS, WINDOW, device, digest, follow, followed

from activation.licensing.devices.drift import DriftRefused, Reenrolment, re_enrol
from activation.licensing.devices.enrolment import Enrolment, enrol
from activation.licensing.devices.kinds import MAC
from activation.licensing.devices.matching import compare


def test_d4_nothing_new_is_nothing_to_write():
    enrolment = enrol("standard/1", LAPTOP)
    found = re_enrol(enrolment, LAPTOP, compare(enrolment, LAPTOP), NOW)
    assert found == Reenrolment(enrolment, (), False)
    assert found.enrolment is enrolment


def test_d4_a_changed_part_is_enrolled_anew_and_counts():
    enrolment = enrol("standard/1", LAPTOP)
    found = follow(enrolment, hdd_serial="b")
    assert found.drifted == ("hdd_serial",)
    assert found.changed
    assert found.enrolment == Enrolment(
        "standard/1",
        LAPTOP | device(hdd_serial="b"),
        device(hdd_serial="a"),
        (("hdd_serial", NOW),),
        ((digest("hdd_serial", "b"), NOW),),
    )
    assert list(found.enrolment.current) == list(PARTS)


def test_d4_two_parts_changed_at_once_count_two():
    enrolment = followed(enrol("standard/1", LAPTOP), system_uuid="b", board_serial="b")
    assert enrolment.drifts == (("system_uuid", NOW), ("board_serial", NOW))
    assert follow(enrolment, machine_id="b") == DriftRefused(("machine_id",), NOW + WINDOW)


def test_d4_three_parts_changed_at_once_are_another_device_for_good():
    enrolment = enrol("standard/1", LAPTOP)
    refused = follow(enrolment, board_serial="b", machine_id="b", mac="b")
    assert refused == DriftRefused(("board_serial", "machine_id", "mac"), None)


def test_d4_the_third_change_waits_until_the_oldest_leaves_the_window():
    enrolment = followed(enrol("standard/1", LAPTOP), NOW, hdd_serial="b")
    enrolment = followed(enrolment, NOW + 10 * DAY, system_uuid="b")
    refused = follow(enrolment, NOW + 89 * DAY, board_serial="b")
    assert refused == DriftRefused(("board_serial",), NOW + WINDOW)
    assert isinstance(follow(enrolment, refused.until - 1, board_serial="b"), DriftRefused)
    assert followed(enrolment, refused.until, board_serial="b").drifts[0] == ("board_serial", refused.until)


def test_d4_two_more_changes_wait_until_both_fit():
    enrolment = followed(enrol("standard/1", LAPTOP), NOW, hdd_serial="b")
    enrolment = followed(enrolment, NOW + 10 * DAY, system_uuid="b")
    refused = follow(enrolment, NOW + 20 * DAY, board_serial="b", machine_id="b")
    assert refused == DriftRefused(("board_serial", "machine_id"), NOW + 10 * DAY + WINDOW)


def test_d4_a_value_seen_before_is_no_drift():
    enrolment = followed(enrol("standard/1", LAPTOP), NOW, hdd_serial="b")
    back = follow(enrolment, NOW + 1, hdd_serial="a")
    assert back.drifted == ()
    assert back.changed
    assert back.enrolment.current["hdd_serial"] == (digest("hdd_serial", "a"),)
    assert back.enrolment.past["hdd_serial"] == (digest("hdd_serial", "b"),)
    assert back.enrolment.drifts == enrolment.drifts


def test_d4_a_value_seen_before_comes_back_even_past_the_limit():
    enrolment = followed(enrol("standard/1", LAPTOP), hdd_serial="b", machine_id="b")
    assert followed(enrolment, hdd_serial="a").current["hdd_serial"] == (digest("hdd_serial", "a"),)


def test_d4_three_earlier_values_are_remembered_newest_first():
    enrolment = enrol("standard/1", LAPTOP)
    for number, value in enumerate("bcde"):
        enrolment = followed(enrolment, NOW + number * WINDOW, hdd_serial=value)
    assert enrolment.past["hdd_serial"] == tuple(digest("hdd_serial", value) for value in "dcb")


def test_d4_a_part_added_is_no_drift():
    enrolment = enrol("standard/1", device(hdd_serial="a", mac="a"))
    found = follow(enrolment, hdd_serial="a", system_uuid="a")
    assert (found.drifted, found.changed, found.enrolment.drifts) == ((), True, ())
    assert list(found.enrolment.current) == ["hdd_serial", "system_uuid", "mac"]


def test_d3_an_install_id_is_never_added_to_hardware():
    enrolment = enrol("standard/1", LAPTOP)
    found = follow(enrolment, install_id="a")
    assert found.enrolment is enrolment
    assert not found.changed


def test_d4_a_missing_part_stays_enrolled():
    enrolment = enrol("standard/1", LAPTOP)
    found = follow(enrolment, board_serial=())
    assert found.enrolment is enrolment
    assert isinstance(follow(followed(enrolment, hdd_serial="b", mac="b"), board_serial="b"), DriftRefused)


def test_d4_the_cpu_changes_without_counting():
    enrolment = followed(enrol("standard/1", LAPTOP), hdd_serial="b", mac="b")
    found = follow(enrolment, NOW + 1, cpu_id="b")
    assert found.drifted == ("cpu_id",)
    assert found.enrolment.drifts[0] == ("cpu_id", NOW + 1)
    assert follow(found.enrolment, NOW + 2, system_uuid="b").kinds == ("system_uuid",)


def test_d4_changes_of_the_cpu_leave_the_limit_whole():
    enrolment = followed(followed(enrol("standard/1", LAPTOP), cpu_id="b"), cpu_id="c")
    assert followed(enrolment, hdd_serial="b", mac="b").drifts[:2] == (("hdd_serial", NOW), ("mac", NOW))


def test_d4_changes_that_do_not_count_never_push_out_those_that_do():
    enrolment = followed(enrol("standard/1", LAPTOP), hdd_serial="b", mac="b")
    for number in range(1, 10):
        enrolment = followed(enrolment, NOW + number, cpu_id=str(number))
    assert enrolment.drifts[-2:] == (("hdd_serial", NOW), ("mac", NOW))
    assert len(enrolment.drifts) == 8
    assert enrolment.drifts[0] == ("cpu_id", NOW + 9)
    assert isinstance(follow(enrolment, NOW + 10, system_uuid="b"), DriftRefused)


def test_d4_the_newest_8_drifts_are_kept():
    enrolment = enrol("standard/1", LAPTOP)
    for number in range(1, 11):
        enrolment = followed(enrolment, NOW + number * WINDOW, hdd_serial=str(number))
    assert [at for _, at in enrolment.drifts] == [NOW + number * WINDOW for number in range(10, 2, -1)]


def test_d4_under_strict_only_disk_and_mac_weigh():
    enrolment = enrol("strict/1", LAPTOP)
    found = follow(enrolment, system_uuid="b", board_serial="b", machine_id="b")
    assert found.drifted == ("system_uuid", "board_serial", "machine_id")
    assert found.changed


def test_d4_a_clock_set_back_frees_no_drift():
    enrolment = followed(enrol("standard/1", LAPTOP), hdd_serial="b", mac="b")
    for now in (NOW - 1, NOW - WINDOW, NOW - 10 * WINDOW, 0):
        assert follow(enrolment, now, board_serial="b") == DriftRefused(("board_serial",), NOW + WINDOW)


def test_d4_a_drift_while_the_clock_is_back_is_not_older_than_the_one_before():
    enrolment = followed(enrol("standard/1", LAPTOP), NOW, hdd_serial="b")
    enrolment = followed(enrolment, NOW - 80 * DAY, mac="b")
    assert enrolment.drifts[0] == (MAC, NOW)
    assert isinstance(follow(enrolment, NOW + 89 * DAY, board_serial="b"), DriftRefused)


def test_d4_limit_and_window_are_settings():
    enrolment = enrol("standard/1", LAPTOP)
    assert follow(enrolment, hdd_serial="b", limit=0) == DriftRefused(("hdd_serial",), None)
    changed = LAPTOP | device(hdd_serial="b")
    once = re_enrol(enrolment, changed, compare(enrolment, changed), NOW, 1, 60).enrolment
    changed |= device(mac="b")
    comparison = compare(once, changed)
    assert re_enrol(once, changed, comparison, NOW + 59, 1, 60) == DriftRefused((MAC,), NOW + 60)
    assert re_enrol(once, changed, comparison, NOW + 60, 1, 60).changed


def test_d4_a_limit_lowered_later_refuses_nothing_that_does_not_count():
    enrolment = followed(enrol("standard/1", LAPTOP), hdd_serial="b", mac="b")
    assert follow(enrolment, hdd_serial="a", limit=1).drifted == ()
    assert follow(enrolment, cpu_id="b", limit=0).drifted == ("cpu_id",)


def test_d4_a_limit_beyond_what_is_remembered_is_refused():
    enrolment = enrol("standard/1", LAPTOP)
    with pytest.raises(ValueError, match="at most 8 drifts"):
        follow(enrolment, limit=9)
    assert follow(enrolment, limit=8).enrolment is enrolment


def test_d4_another_device_is_not_followed():
    enrolment, other = enrol("standard/1", LAPTOP), device(hdd_serial="b")
    with pytest.raises(ValueError, match="accepted"):
        re_enrol(enrolment, other, compare(enrolment, other), NOW)


def test_d3_a_device_known_by_its_install_id_gains_its_first_hardware_part():
    enrolment = enrol("standard/1", device(install_id="a", machine_id="a"))
    found = follow(enrolment, mac="card")
    assert found.drifted == ()
    assert list(found.enrolment.current) == ["machine_id", "mac", "install_id"]
    assert follow(found.enrolment, NOW + DAY, mac=()).enrolment is found.enrolment
    reinstalled = device(machine_id="b", mac="card")
    assert not compare(found.enrolment, reinstalled).same
