from device_strategies import LAPTOP, device, digest, follow, followed

from activation.licensing.devices.enrolment import enrol
from activation.licensing.devices.kinds import MAC


def test_d4_new_macs_beside_a_known_one_are_no_drift():
    enrolment = enrol("standard/1", LAPTOP)
    found = follow(enrolment, mac=("dock", "a"))
    assert (found.drifted, found.changed, found.enrolment.drifts) == ((), True, ())
    assert found.enrolment.current[MAC] == (digest(MAC, "a"), digest(MAC, "dock"))
    undocked = follow(found.enrolment, mac="a")
    assert undocked.enrolment is found.enrolment


def test_d4_macs_none_of_them_known_are_one_drift():
    enrolment = enrol("standard/1", LAPTOP)
    found = follow(enrolment, mac=("b", "c"))
    assert found.drifted == (MAC,)
    assert set(found.enrolment.current[MAC]) == {digest(MAC, value) for value in "abc"}
    assert found.enrolment.current[MAC][2] == digest(MAC, "a")
    assert found.enrolment.past == {}


def test_d4_the_built_in_mac_outlives_any_number_of_docks():
    enrolment = enrol("standard/1", LAPTOP)
    for number in range(20):
        enrolment = followed(enrolment, mac=("a", f"dock {number}"))
    remembered = ("a", *(f"dock {number}" for number in range(19, 12, -1)))
    assert enrolment.current[MAC] == tuple(digest(MAC, value) for value in remembered)


def test_d4_more_macs_than_are_remembered_cause_no_write_each_time():
    macs = tuple(str(number) for number in range(16))
    enrolment = enrol("standard/1", LAPTOP | device(mac=macs))
    assert follow(enrolment, mac=macs).enrolment is enrolment
