"""normalisation.json and fingerprints.json: what a component's value comes to, and what counts of a device.

What is expected is written by hand, from docs/protocol.md, and not asked of the code.
"""

from collections.abc import Iterator
from typing import Any

from writing import Build, Case, subject

EMPTY, MALFORMED, SHARED = "empty", "not readable", "shared by many machines"
SHORT, LONG, LOCAL, MULTICAST = "too short", "too long", "locally administered", "multicast"

UUID = "4c4c4544-0051-3010-8052-b4c04f4d3332"
BARE_UUID = UUID.replace("-", "")

COUNTING: dict[str, list[tuple[str, str]]] = {
    "hdd_serial": [
        ("WD-WCC4N7XXXXX1", "WD-WCC4N7XXXXX1"),
        ("  wd-wcc4n7 XXXXX1\t", "WD-WCC4N7XXXXX1"),
        ("S3Z8\0NB0K\0\0", "S3Z8NB0K"),
        ("2020 2020 5635", "202020205635"),
        ("\x1cAB12\x1f", "AB12"),
        ("0025_38b1_71b0_2c5e.", "0025_38B1_71B0_2C5E."),
        ("vol0123456789abcdef0", "VOL0123456789ABCDEF0"),
        ("S" + "1A2B" * 63 + "9" * 3, "S" + "1A2B" * 63 + "9" * 3),
    ],
    "board_serial": [
        ("/8JQ0T32/CNFCW0061B00E7/", "/8JQ0T32/CNFCW0061B00E7/"),
        (" mb  8827 \t x1 ", "MB 8827 X1"),
        ("10000000c0ffee42\0", "10000000C0FFEE42"),
    ],
    "cpu_id": [
        ("GenuineIntel 6 158 10", "GENUINEINTEL 6 158 10"),
        ("bfebfbff000906ea", "BFEBFBFF000906EA"),
    ],
    "install_id": [
        ("605667771a94cee463b10eaee48e3a48", "605667771A94CEE463B10EAEE48E3A48"),
        ("My  Phone 17", "MY PHONE 17"),
    ],
    "system_uuid": [
        (UUID, UUID),
        (UUID.upper(), UUID),
        (BARE_UUID, UUID),
        ("{" + UUID.upper() + "}", UUID),
        ("urn:uuid:" + UUID, UUID),
        ("URN:UUID:" + UUID, UUID),
        (f"\t{UUID}\r\n\0", UUID),
        ("4C4C454400513010-8052B4C0-4F4D3332", UUID),
        ("00000000-0000-0000-0000-ac1f6b123456", "00000000-0000-0000-0000-ac1f6b123456"),
    ],
    "machine_id": [
        ("3d1219c7c4c5404aaa1f6d2a48adfda4\n", "3d1219c7c4c5404aaa1f6d2a48adfda4"),
        ("3D1219C7-C4C5-404A-AA1F-6D2A48ADFDA4", "3d1219c7c4c5404aaa1f6d2a48adfda4"),
    ],
    "mac": [
        ("a4:bb:6d:12:34:56", "a4bb6d123456"),
        ("A4-BB-6D-12-34-56", "a4bb6d123456"),
        ("a4bb.6d12.3456", "a4bb6d123456"),
        ("A4BB6D123456", "a4bb6d123456"),
        (" a4:bb:6d:12:34:56\n", "a4bb6d123456"),
    ],
}

NOT_COUNTING: dict[str, list[tuple[str, str]]] = {
    "hdd_serial": [
        ("", EMPTY),
        (" \t\r\n\0", EMPTY),
        ("---", EMPTY),
        ("To be filled by O.E.M.", SHARED),
        ("TO_BE_FILLED_BY_OEM", SHARED),
        ("Default string", SHARED),
        ("None", SHARED),
        ("n/a", SHARED),
        ("QM00001", SHARED),
        ("qm00013", SHARED),
        ("overlayblk", SHARED),
        ("VMware Virtual NVMe Disk", SHARED),
        ("drive-scsi0", SHARED),
        ("00000000", SHARED),
        ("FFFFFFFF", SHARED),
        ("0101010101", SHARED),
        ("deadbeefdeadbeef", SHARED),
        ("0123456789", SHARED),
        ("DB9876543214E", SHARED),
        ("X7Q", SHORT),
        ("Zoë-1234", MALFORMED),
        ("WD\u00a0WCC4N7XXXXX1", MALFORMED),
        ("WD\x01WCC4N7", MALFORMED),
        ("WD\x7fWCC4N7", MALFORMED),
        ("\uff37\uff24\uff17\uff18\uff19\uff12", MALFORMED),
        ("\u212a1234", MALFORMED),
        ("S3Z8" * 64 + "1", LONG),
        ("é" * 257, LONG),
    ],
    "board_serial": [("BSN12345678901234567", SHARED), ("Base Board Serial Number", SHARED), ("..", EMPTY)],
    "cpu_id": [("Unknown", SHARED), ("i7", SHORT)],
    "install_id": [("a1b2c3", SHORT), ("Zoë's laptop 17", MALFORMED), ("", EMPTY)],
    "system_uuid": [
        ("", EMPTY),
        ("{}", EMPTY),
        ("00000000-0000-0000-0000-000000000000", SHARED),
        ("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", SHARED),
        ("03000200-0400-0500-0006-000700080009", SHARED),
        ("00020003-0004-0005-0006-000700080009", SHARED),
        ("Not Settable", SHARED),
        (UUID[:-1], MALFORMED),
        (UUID + "0", MALFORMED),
        (UUID.replace("4", "g", 1), MALFORMED),
        (UUID.replace("-", " "), MALFORMED),
        (UUID.replace("-", "\u2010"), MALFORMED),
        ("urn:uuid:urn:uuid:" + UUID, MALFORMED),
        ("\uff14" + UUID[1:], MALFORMED),
    ],
    "machine_id": [
        ("uninitialized", SHARED),
        ("b08dfa6083e7567a1921a715000001fb", SHARED),
        ("3d1219c7c4c5404a", MALFORMED),
    ],
    "mac": [
        ("", EMPTY),
        ("::", EMPTY),
        ("00:00:00:00:00:00", SHARED),
        ("ff:ff:ff:ff:ff:ff", MULTICAST),
        ("01:00:5e:00:00:01", MULTICAST),
        ("02:42:ac:11:00:02", LOCAL),
        ("52:54:00:12:34:56", LOCAL),
        ("fa:16:3e:aa:bb:cc", LOCAL),
        ("08:00:27:12:34:56", SHARED),
        ("00-50-56-12-34-56", SHARED),
        ("00:15:5d:01:2a:3b", SHARED),
        ("00:ff:12:34:56:78", SHARED),
        ("a4:bb:6d:12:34", MALFORMED),
        ("a4:bb:6d:12:34:56:78", MALFORMED),
        ("a4 bb 6d 12 34 56", MALFORMED),
        ("g4:bb:6d:12:34:56", MALFORMED),
        ("a4:bb:6d:12:34:5\u0666", MALFORMED),
    ],
    "gpu_serial": [("AB12CD34", "unknown kind")],
}


def normalisation_cases() -> Iterator[Case]:
    for kind, pairs in COUNTING.items():
        for number, (value, text) in enumerate(pairs, 1):
            yield {"name": f"{kind} {number}", "kind": kind, "value": value, "text": text, "why": None}
    for kind, reasons in NOT_COUNTING.items():
        for number, (value, why) in enumerate(reasons, 1):
            name = f"{kind} {number}, {why}"
            yield {"name": name, "kind": kind, "value": value, "text": None, "why": why}


DISK, MAC, BOARD = "WD-WCC4N7XXXXX1", "a4:bb:6d:12:34:56", "/8JQ0T32/"
MACS = [f"a4:bb:6d:00:00:{number:02x}" for number in range(20)]
NAME = "605667771a94cee463b10eaee48e3a48"


def _whole(
    name: str, sent: dict[str, Any], parts: dict[str, list[str]], ignored: list[list[str]], **other: bool
) -> Case:
    return {
        "name": name,
        "components": sent,
        "install_id_allowed": other.get("allowed", False),
        "parts": parts,
        "ignored": ignored,
        "identifiable": other.get("identifiable", True),
    }


def fingerprint_cases() -> Iterator[Case]:
    bare = [mac.replace(":", "") for mac in MACS]
    machine = "3d1219c7c4c5404aaa1f6d2a48adfda4"
    upper = NAME.upper()
    for name, sent, parts, ignored in [
        ("one disk", {"hdd_serial": DISK}, {"hdd_serial": [DISK]}, []),
        ("a MAC alone", {"mac": MAC}, {"mac": ["a4bb6d123456"]}, []),
        ("a list of one", {"mac": [MAC]}, {"mac": ["a4bb6d123456"]}, []),
        (
            "MACs sorted, each once",
            {"mac": [MACS[3], MACS[1], MACS[3].upper()]},
            {"mac": [bare[1], bare[3]]},
            [],
        ),
        (
            "canonical order of kinds",
            {"cpu_id": "Intel 6", "mac": MAC, "board_serial": BOARD, "hdd_serial": DISK},
            {"hdd_serial": [DISK], "board_serial": [BOARD], "mac": ["a4bb6d123456"], "cpu_id": ["INTEL 6"]},
            [],
        ),
        ("unknown kinds are passed over", {"hdd_serial": DISK, "gpu": "x"}, {"hdd_serial": [DISK]}, []),
        ("more than 16 MACs", {"mac": MACS}, {"mac": bare[:16]}, [["mac", "more than 16 values"]]),
        (
            "virtual MACs beside a real one",
            {"mac": [MAC, "02:42:ac:11:00:02", "08:00:27:00:00:01"]},
            {"mac": ["a4bb6d123456"]},
            [["mac", LOCAL], ["mac", SHARED]],
        ),
        (
            "install id beside hardware, not allowed",
            {"hdd_serial": DISK, "install_id": NAME},
            {"hdd_serial": [DISK]},
            [["install_id", "not allowed for this product"]],
        ),
        ("an empty part beside another", {"hdd_serial": DISK, "mac": []}, {"hdd_serial": [DISK]}, []),
    ]:
        yield _whole(name, sent, parts, ignored)
    for name, sent, parts, ignored, allowed, identifiable in [
        ("nothing", {}, {}, [], True, False),
        ("a machine id is no hardware", {"machine_id": machine}, {"machine_id": [machine]}, [], True, False),
        ("nor is a processor", {"cpu_id": "Intel 6"}, {"cpu_id": ["INTEL 6"]}, [], False, False),
        ("all shared", {"hdd_serial": "QM00001"}, {}, [["hdd_serial", SHARED]], False, False),
        ("install id", {"install_id": NAME}, {"install_id": [upper]}, [], True, True),
        (
            "install id not allowed",
            {"install_id": NAME},
            {},
            [["install_id", "not allowed for this product"]],
            False,
            False,
        ),
        (
            "virtual machine with install id",
            {"hdd_serial": "overlayblk", "machine_id": machine, "install_id": NAME},
            {"machine_id": [machine], "install_id": [upper]},
            [["hdd_serial", SHARED]],
            True,
            True,
        ),
        (
            "install id beside hardware",
            {"hdd_serial": DISK, "install_id": NAME},
            {"hdd_serial": [DISK], "install_id": [upper]},
            [],
            True,
            True,
        ),
        ("install id too short", {"install_id": "a1b2"}, {}, [["install_id", SHORT]], True, False),
    ]:
        yield _whole(name, sent, parts, ignored, allowed=allowed, identifiable=identifiable)


FILES: dict[str, Build] = {
    "normalisation.json": lambda: subject(
        "Component values as machines give them, and the canonical text that is digested; text null: it "
        "counts for nothing, and why.",
        normalisation_cases(),
    ),
    "fingerprints.json": lambda: subject(
        "All components of a request together: what counts (kinds in canonical order, values sorted), what "
        "was ignored and why, and whether the machine can be told from others.",
        fingerprint_cases(),
    ),
}
