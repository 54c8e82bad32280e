from device_strategies import DAY, LAPTOP, NOW, PARTS, WINDOW, follow, followed

from activation.licensing.devices.drift import DriftRefused, Reenrolment
from activation.licensing.devices.enrolment import enrol
from activation.licensing.devices.explaining import ChangedPart, DriftStanding, explain_drift


def test_d4_a_device_that_never_changed_has_all_changes_left():
    assert explain_drift(enrol("standard/1", LAPTOP), NOW) == DriftStanding("standard/1", PARTS, (), 2, None)


def test_d4_each_change_is_told_with_its_time_and_the_limit_with_its_end():
    enrolment = followed(enrol("standard/1", LAPTOP), NOW, hdd_serial="b")
    enrolment = followed(enrolment, NOW + 10 * DAY, cpu_id="b")
    told = explain_drift(enrolment, NOW + 20 * DAY)
    assert told.changed == (
        ChangedPart("cpu_id", NOW + 10 * DAY, counts=False),
        ChangedPart("hdd_serial", NOW, counts=True),
    )
    assert (told.left, told.until) == (1, None)
    enrolment = followed(enrolment, NOW + 30 * DAY, board_serial="b")
    told = explain_drift(enrolment, NOW + 40 * DAY)
    assert (told.left, told.until) == (0, NOW + WINDOW)


def test_d4_what_is_told_is_what_is_done():
    enrolment = followed(followed(enrol("standard/1", LAPTOP), hdd_serial="b"), NOW + DAY, mac="b")
    for now in (NOW + DAY, NOW + WINDOW - 1, NOW + WINDOW, NOW + WINDOW + DAY):
        told = explain_drift(enrolment, now)
        found = follow(enrolment, now, board_serial="b")
        assert isinstance(found, Reenrolment if told.left else DriftRefused)
        assert told.until == (None if told.left else found.until)
        assert {part.kind for part in told.changed} == {"hdd_serial", "mac"}


def test_d4_a_change_90_days_ago_is_told_and_counts_no_more():
    enrolment = followed(enrol("standard/1", LAPTOP), hdd_serial="b")
    told = explain_drift(enrolment, NOW + WINDOW)
    assert told.changed == (ChangedPart("hdd_serial", NOW, counts=False),)
    assert told.left == 2
