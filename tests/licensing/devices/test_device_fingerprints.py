import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.licensing.devices.fingerprints import (
    BY_INSTALL_ID,
    NO_HARDWARE,
    NOT_ALLOWED,
    SEVERAL,
    TOO_MANY,
    identify,
)
from activation.licensing.devices.kinds import HARDWARE, KINDS

UUID = "4c4c4544-0042-3510-8052-b3c04f4b4e32"
MACHINE = "3d1219c7c4c5404aaa1f6d2a48adfda4"
LAPTOP = {
    "install_id": "a name made once",
    "cpu_id": "BFEBFBFF000906EA",
    "mac": ["a4:bb:6d:11:22:34", "A4-BB-6D-11-22-33", "02:42:ac:11:00:02", "a4bb6d112233"],
    "machine_id": MACHINE,
    "board_serial": "Default string",
    "system_uuid": UUID.upper(),
    "hdd_serial": " WD-WX32D61H7KR9",
}
VIRTUAL = {"hdd_serial": "overlayblk", "mac": ["52:54:00:12:34:56"], "machine_id": MACHINE}


def test_d3_a_laptop_is_known_by_its_hardware():
    found = identify(LAPTOP, install_id_allowed=True)
    assert found.parts == (
        ("hdd_serial", ("WD-WX32D61H7KR9",)),
        ("system_uuid", (UUID,)),
        ("machine_id", (MACHINE,)),
        ("mac", ("a4bb6d112233", "a4bb6d112234")),
        ("cpu_id", ("BFEBFBFF000906EA",)),
        ("install_id", ("A NAME MADE ONCE",)),
    )
    assert found.ignored == (
        ("board_serial", "shared by many machines"),
        ("mac", "locally administered"),
    )
    assert found.identifiable
    assert found.note == ""


def test_d3_without_hardware_nothing_identifies():
    found = identify(VIRTUAL, install_id_allowed=True)
    assert found.parts == (("machine_id", (MACHINE,)),)
    assert not found.identifiable
    assert found.note == NO_HARDWARE


def test_d3_install_id_stands_in_where_the_product_allows_it():
    given_once = VIRTUAL | {"install_id": "a name made once"}
    allowed = identify(given_once, install_id_allowed=True)
    assert allowed.parts == (("machine_id", (MACHINE,)), ("install_id", ("A NAME MADE ONCE",)))
    assert allowed.identifiable
    assert allowed.note == BY_INSTALL_ID
    refused = identify(given_once, install_id_allowed=False)
    assert refused.parts == (("machine_id", (MACHINE,)),)
    assert not refused.identifiable
    assert ("install_id", NOT_ALLOWED) in refused.ignored


def test_d3_a_meaningless_install_id_does_not_stand_in():
    found = identify({"install_id": "00000000"}, install_id_allowed=True)
    assert not found.identifiable
    assert found.ignored == (("install_id", "shared by many machines"),)


@pytest.mark.parametrize("kind", ["machine_id", "cpu_id"])
def test_d3_what_images_copy_or_models_share_identifies_nothing(kind):
    assert not identify({kind: LAPTOP[kind]}, install_id_allowed=False).identifiable


@pytest.mark.parametrize("kind", sorted(HARDWARE - {"board_serial"}))
def test_d3_one_hardware_part_is_enough(kind):
    assert identify({kind: LAPTOP[kind]}, install_id_allowed=False).identifiable


def test_d3_unknown_kinds_are_passed_over_in_silence():
    newer = identify(LAPTOP | {"tpm_key": "abc", "display": ["x"]}, install_id_allowed=False)
    assert newer.parts == identify(LAPTOP, install_id_allowed=False).parts
    assert {kind for kind, _ in newer.ignored} <= set(KINDS)


def test_d3_a_single_part_in_two_values_is_not_chosen_between():
    one = identify({"hdd_serial": ["wd-wx32d61h7kr9", "WD-WX32D61H7KR9 ", ""]}, install_id_allowed=False)
    assert one.parts == (("hdd_serial", ("WD-WX32D61H7KR9",)),)
    two = identify({"hdd_serial": ["WD-WX32D61H7KR9", "WD-WX32D61H7KR8"]}, install_id_allowed=False)
    assert two.parts == ()
    assert two.ignored == (("hdd_serial", SEVERAL),)


def test_d3_at_most_16_macs_count():
    macs = [f"a4:bb:6d:11:22:{number:02x}" for number in range(17)]
    found = identify({"mac": macs}, install_id_allowed=False)
    assert found.parts == (("mac", tuple(sorted(mac.replace(":", "") for mac in macs)[:16])),)
    assert found.ignored == (("mac", TOO_MANY),)
    assert identify({"mac": macs[:16]}, install_id_allowed=False).ignored == ()


def test_d3_each_reason_is_given_once_in_a_settled_order():
    macs = ["02:42:ac:11:00:02", "", "00:0c:29:62:fb:04", "01:00:5e:00:00:01", "02:42:ac:11:00:03", "no"]
    found = identify({"mac": macs}, install_id_allowed=False)
    reasons = ["empty", "locally administered", "multicast", "not readable", "shared by many machines"]
    assert found.ignored == tuple(("mac", reason) for reason in reasons)


def test_a_mac_may_come_alone():
    assert identify({"mac": "a4:bb:6d:11:22:33"}, install_id_allowed=False).parts == (
        ("mac", ("a4bb6d112233",)),
    )
    assert identify({"mac": []}, install_id_allowed=False).parts == ()


SECRETS = st.text(st.sampled_from("WDX7Q?é0-"), min_size=5, max_size=12)
COMPONENTS = st.fixed_dictionaries(
    {}, optional={kind: SECRETS | st.lists(SECRETS, max_size=4) for kind in (*KINDS, "colour")}
)


@given(COMPONENTS, st.booleans())
def test_order_never_matters_and_no_value_shows_in_a_reason(components, allowed):
    found = identify(components, install_id_allowed=allowed)
    turned = {
        kind: sent if isinstance(sent, str) else sent[::-1] for kind, sent in reversed(components.items())
    }
    assert identify(turned, install_id_allowed=allowed) == found
    values = [each for sent in components.values() for each in ([sent] if isinstance(sent, str) else sent)]
    reasons = " ".join(reason for _, reason in found.ignored) + found.note
    assert not any(value in reasons for value in values)


@given(COMPONENTS, st.booleans())
def test_d3_install_id_identifies_only_where_it_is_allowed(components, allowed):
    found = identify(components, install_id_allowed=allowed)
    kinds = {kind for kind, _ in found.parts}
    assert found.identifiable == bool(kinds & (HARDWARE | {"install_id"}))
    assert (found.note == BY_INSTALL_ID) == ("install_id" in kinds and not kinds & HARDWARE)
    assert allowed or "install_id" not in kinds
