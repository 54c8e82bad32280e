"""The answers of macOS tools on Apple silicon and on Intel."""

from collections.abc import Callable, Sequence

import pytest

from activation.client.reading.commands import ToolFailed
from activation.client.reading.finding import Unread
from activation.client.reading.macos import parse_platform, parse_ports, parse_processor, read_macos
from activation.client.reading.macos_disk import parse_disks

from .recordings import recorded


def answer_as(model: str, processor: str, name: str) -> Callable[[Sequence[str]], str]:
    def run(arguments: Sequence[str]) -> str:
        return {
            "/usr/sbin/ioreg": recorded(f"macos_{model}_ioreg.txt"),
            "/usr/sbin/system_profiler": recorded(f"macos_{model}_disks.json"),
            "/usr/sbin/networksetup": recorded(f"macos_{model}_ports.txt"),
            "/usr/sbin/sysctl": f"{processor}\n",
            "/usr/sbin/scutil": f"{name}\n",
        }[arguments[0]]

    return run


def test_apple_silicon() -> None:
    reading = read_macos(
        answer_as("apple_silicon", "Apple M1 Pro", "Anna’s MacBook Pro \N{ZERO WIDTH JOINER}")
    )
    assert reading.components == {
        "hdd_serial": "0ba01a2b3c4d5e6f",
        "system_uuid": "5C8E0D6B-1F2A-5B3C-9D4E-6F7A8B9C0D1E",
        "board_serial": "J0Z9Y1N4G3",
        "mac": ["00:e0:4c:68:01:02", "f4:d4:88:61:02:03"],
        "cpu_id": "Apple M1 Pro",
    }
    assert reading.unread == (Unread("machine_id", "machine_id: macOS has none beside the system UUID"),)
    assert reading.sources["hdd_serial"] == "system_profiler SPNVMeDataType"
    assert (reading.device_name, reading.platform) == ("Anna’s MacBook Pro", "macos")


def test_intel_with_a_small_ssd_beside_the_root_disk() -> None:
    reading = read_macos(answer_as("intel", "Intel(R) Core(TM) i5-7600K CPU @ 3.80GHz", "imac"))
    assert reading.components["hdd_serial"] == "Z9A0BCDE"
    assert reading.sources["hdd_serial"] == "system_profiler SPSerialATADataType"
    assert reading.components["mac"] == [
        "38:c9:86:01:02:03",
        "38:c9:86:01:02:04",
        "38:c9:86:01:02:05",
        "98:5a:eb:01:02:03",
    ]


def test_without_a_root_volume_the_lowest_disk_counts() -> None:
    text = recorded("macos_intel_disks.json").replace('"mount_point" : "/"', '"mount_point" : "/elsewhere"')
    (finding,) = parse_disks(text)
    assert "value='" not in repr(finding)
    assert finding.kind == "hdd_serial"
    assert not isinstance(finding, Unread)
    assert finding.value == "C0294610012HK9X1Z"


def test_no_tool_leaves_all_unread_with_its_reason() -> None:
    def run(arguments: Sequence[str]) -> str:
        name = arguments[0].rpartition("/")[2]
        raise ToolFailed(f"{name} is not installed")

    reading = read_macos(run)
    assert [unread.reason for unread in reading.unread] == [
        "hdd_serial: system_profiler is not installed",
        "system_uuid: ioreg is not installed",
        "board_serial: ioreg is not installed",
        "machine_id: macOS has none beside the system UUID",
        "mac: networksetup is not installed",
        "cpu_id: sysctl is not installed",
    ]
    assert reading.device_name


@pytest.mark.parametrize(
    "text", ["", "\n", "\x00\x01\ufffd", '"IOPlatformUUID" = ""', "Device: en0", '"IOPlatformUUID']
)
def test_damaged_listings_are_unread(text: str) -> None:
    findings = parse_platform(text) + parse_ports(text) + parse_disks(text)
    assert [type(finding) for finding in findings] == [Unread] * 4


def test_an_empty_processor_name_is_unread() -> None:
    assert parse_processor("\n") == [Unread("cpu_id", "cpu_id: sysctl gives no processor name")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "the answer of system_profiler cannot be understood"),
        ("{}", "system_profiler shows no built-in disk"),
        (
            '{"SPNVMeDataType": [{"_items": 5}, 7, {"_items": [{"bsd_name": 3}]}]}',
            "system_profiler shows no built-in disk",
        ),
        (
            '{"SPNVMeDataType": [{"_items": [{"bsd_name": "x"}]}],'
            ' "SPStorageDataType": [{"mount_point": "/"}]}',
            "system_profiler gives no serial number of the built-in disk",
        ),
    ],
)
def test_reports_without_a_disk(text: str, reason: str) -> None:
    assert parse_disks(text) == [Unread("hdd_serial", f"hdd_serial: {reason}")]
