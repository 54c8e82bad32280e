import pytest

from activation.licensing.devices.normalising import SHARED_BY_MANY, examine
from activation.licensing.devices.shared_values import other_byte_order, read_shared_values

SHARED_TEXTS = [
    "To be filled by O.E.M.",
    "TO BE FILLED BY O.E.M",
    "to be filled by oem",
    "To_Be_Filled_By_O.E.M.",
    "Default string",
    "DEFAULT_STRING",
    "None",
    "N/A",
    "Not Specified",
    "System Serial Number",
    "Base Board Serial Number",
    "0123456789",
    "123456789",
    "12345678",
    "1234567890",
    "123456789ABCDEF",
    "00000000",
    "ffffffff",
    "XXXXXXXXXX",
    "00-00-00-00",
    "ABABABAB",
    "0x00000000",
]


@pytest.mark.parametrize("kind", ["hdd_serial", "board_serial", "cpu_id", "install_id"])
@pytest.mark.parametrize("value", SHARED_TEXTS)
def test_d3_what_firmware_ships_with_counts_for_nothing(kind, value):
    assert examine(kind, value) == (None, SHARED_BY_MANY)


@pytest.mark.parametrize(
    "value",
    ["QM00001", "QM00013", "overlayblk", "BXHD00011", "VMware NVME_0000", "drive-scsi0", "nvme_card-pd"],
)
def test_d3_stock_disk_serials_of_virtual_machines_count_for_nothing(value):
    assert examine("hdd_serial", value) == (None, SHARED_BY_MANY)


@pytest.mark.parametrize(
    "value", ["VB1a2b3c4d-5e6f7a8b", "vol0f1e2d3c4b5a69788", "WD-WX32D61H7KR9", "S3Z8NB0K123456X", "QM5K7731"]
)
def test_d3_disk_serials_made_anew_for_each_disk_count(value):
    assert examine("hdd_serial", value) == (value.upper(), "")


def test_d3_a_shared_disk_name_means_nothing_of_a_board():
    assert examine("board_serial", "QM00001") == ("QM00001", "")


@pytest.mark.parametrize(
    "value",
    [
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "{03000200-0400-0500-0006-000700080009}",
        "12345678-1234-5678-90AB-CDDEEFAABBCC",
        "78563412-3412-7856-90AB-CDDEEFAABBCC",
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "01010101-0101-0101-0101-010101010101",
        "DEADBEEF-DEAD-BEEF-DEAD-BEEFDEADBEEF",
        "4C4C4544-0000-2010-8020-80C04F202020",
        "Not Settable",
        "To be filled by O.E.M.",
    ],
)
def test_d3_uuids_of_boards_without_one_count_for_nothing(value):
    assert examine("system_uuid", value) == (None, SHARED_BY_MANY)


@pytest.mark.parametrize(
    "value", ["00000000-0000-0000-0000-ac1f6b123456", "4c4c4544-0042-3510-8052-b3c04f4b4e32"]
)
def test_d3_uuids_around_a_mac_or_service_tag_count(value):
    assert examine("system_uuid", value) == (value, "")


def test_d3_the_machine_id_that_anonymous_systems_share_counts_for_nothing():
    assert examine("machine_id", "b08dfa6083e7567a1921a715000001fb") == (None, SHARED_BY_MANY)


@pytest.mark.parametrize(
    "value",
    [
        "00:0c:29:62:fb:04",
        "00:50:56:c0:00:08",
        "08:00:27:cc:c8:fb",
        "00:15:5d:0a:c8:00",
        "00:1c:42:00:00:08",
        "00:16:3e:12:34:56",
        "bc:24:11:9a:3f:06",
        "00:ff:9b:12:34:56",
        "00:05:9a:3c:7a:00",
        "00:09:0f:fe:00:01",
        "0c:5b:8f:27:9a:64",
        "ac:de:48:00:11:22",
        "00:e0:4c:68:00:01",
        "00:00:00:00:00:00",
        "44:44:44:44:44:44",
    ],
)
def test_d3_virtual_adapters_tunnels_and_cloned_dongles_count_for_nothing(value):
    assert examine("mac", value) == (None, SHARED_BY_MANY)


@pytest.mark.parametrize("value", ["a4:bb:6d:11:22:33", "00:e0:4c:11:22:33", "00:05:9a:3c:7a:01"])
def test_d3_neighbours_of_shared_macs_count(value):
    assert examine("mac", value) == (value.replace(":", ""), "")


def test_the_other_byte_order_turns_the_first_three_fields_and_back():
    digits = "00112233445566778899aabbccddeeff"
    assert other_byte_order(digits) == "33221100554477668899aabbccddeeff"
    assert other_byte_order(other_byte_order(digits)) == digits


def test_a_list_that_names_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="serial_of_mouse"):
        read_shared_values({"runs": [], "group": [{"kinds": ["serial_of_mouse"], "values": ["x"]}]})


def test_a_beginning_too_short_to_tell_anything_is_refused():
    with pytest.raises(ValueError, match="'WD'"):
        read_shared_values({"runs": [], "group": [{"kinds": ["hdd_serial"], "prefixes": ["W.D."]}]})
