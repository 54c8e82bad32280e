"""D3 from the other side: no entry of the list is one that a real, unique value would match.

The shapes are those that makers' labels have; what varies is drawn, leaving out what no maker would print
(one character or group repeated, counting up), which code refuses whatever the list says.
"""

import tomllib
from importlib.resources import files

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from activation.licensing.devices.kinds import MAC
from activation.licensing.devices.normalising import SHARED_BY_MANY, examine
from activation.licensing.devices.shared_values import SHARED, bare

DIGITS, LETTERS = "0123456789", "ABCDEFGHJKLMNPQRSTUVWXYZ"
DISKS = {
    "Western Digital": ("WD-WX", 10),
    "Western Digital, Blue": ("WD-WCC", 9),
    "Seagate": ("ZA", 6),
    "Samsung SATA": ("S3Z9NB0", 8),
    "Samsung NVMe": ("S4EVNX0", 8),
    "Toshiba": ("Y9", 10),
    "HGST": ("JR10", 9),
    "Intel": ("BTLA", 14),
    "Kingston": ("50026B7", 9),
    "Crucial": ("2009E2", 6),
    "SanDisk": ("1748", 8),
    "SK hynix": ("FJ", 14),
    "Micron": ("UHPVN0", 9),
    "Apple": ("0ba0", 12),
    "VirtualBox image": ("VB", 17),
    "Amazon volume": ("vol0", 16),
    "QEMU with a serial of its own": ("QMX", 8),
}
BOARDS = {
    "Dell service tag": ("", 7),
    "Dell board": ("/", 22),
    "Lenovo": ("L1HF", 7),
    "HP": ("PFK", 11),
    "ASUS": ("18", 13),
    "MSI": ("07C0", 12),
    "Gigabyte": ("SN2", 12),
    "Supermicro": ("VM1", 9),
    "Apple": ("C02", 9),
}


def tails(length):
    return st.text(DIGITS + LETTERS, min_size=length, max_size=length).filter(lambda text: len(set(text)) > 3)


@pytest.mark.parametrize("maker", DISKS)
@given(data=st.data())
def test_d3_a_disks_own_serial_counts(maker, data):
    beginning, length = DISKS[maker]
    text = beginning + data.draw(tails(length))
    assert examine("hdd_serial", text)[0] is not None


@pytest.mark.parametrize("maker", BOARDS)
@given(data=st.data())
def test_d3_a_boards_own_serial_counts(maker, data):
    beginning, length = BOARDS[maker]
    text = beginning + data.draw(tails(length))
    assume(bare(text) not in SHARED["board_serial"].runs)
    assert examine("board_serial", text)[0] is not None


@example(int("ec2a1b2c12345678aabbccddeeff0011", 16))
@given(st.integers(1 << 96, (1 << 128) - 2))
def test_d3_a_uuid_made_for_a_machine_counts(number):
    digits = f"{number:032x}"
    assume(len(set(digits)) > 6)
    assert examine("system_uuid", digits)[0] is not None


OWNERS = ["a4:bb:6d", "3c:52:82", "00:1b:21", "f8:ca:b8", "00:0e:c6", "00:e0:4c", "00:50:b6", "8c:ae:4c"]


@given(st.sampled_from(OWNERS), st.integers(0x40_0000, 0x5F_FFFF))
def test_d3_a_cards_own_mac_counts_of_makers_of_docks_too(owner, number):
    digits = owner.replace(":", "") + f"{number:06x}"
    assume(digits not in SHARED[MAC].whole)
    assert examine("mac", digits)[0] == digits


LIST = tomllib.loads(
    files("activation.licensing.devices").joinpath("shared_values.toml").read_text(encoding="utf-8")
)
ENTRIES = [
    (kind, text)
    for group in LIST["group"]
    for kind in group["kinds"]
    for text in (*group.get("values", ()), *group.get("prefixes", ()))
]


def test_d3_every_entry_of_the_list_is_seen_as_shared():
    for kind, text in ENTRIES:
        padded = f"{text}:01:02:03:04"[:17] if kind == MAC else text
        _, reason = examine(kind, padded)
        assert reason in {SHARED_BY_MANY, "multicast", "locally administered"}, (kind, text)


def test_d3_no_entry_reaches_so_far_that_a_serial_would_fall_under_it():
    """A word for nothing has no digits among its letters, or is listed whole; a beginning names its maker."""
    for group in LIST["group"]:
        for text in group.get("prefixes", ()):
            least = 4 if MAC in group["kinds"] else 5
            assert len(bare(text)) >= least, text


def test_d3_nothing_is_listed_twice_for_one_kind():
    for part in ("values", "prefixes"):
        groups = [(group["kinds"], group.get(part, ())) for group in LIST["group"]]
        seen = [(kind, bare(text.upper())) for kinds, texts in groups for kind in kinds for text in texts]
        assert [one for one in set(seen) if seen.count(one) > 1] == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("board_serial", "INVALID"),
        ("board_serial", "Chassis Serial Number"),
        ("board_serial", "Not Specified"),
        ("hdd_serial", "BHYVE-1F2A-33B4-9C2D"),
        ("hdd_serial", "drive-scsi0-0-0-0"),
        ("hdd_serial", "Amazon Elastic Block Store"),
        ("hdd_serial", "Virtual Disk"),
        ("hdd_serial", "local-ssd-0"),
        ("hdd_serial", "XENSRC PVDISK"),
        ("mac", "00:0e:c6:87:72:01"),
        ("mac", "00:0e:c6:00:00:01"),
        ("mac", "00:a0:98:12:34:56"),
    ],
)
def test_d3_virtual_machines_clouds_and_docks_are_covered(kind, text):
    assert examine(kind, text) == (None, SHARED_BY_MANY)
