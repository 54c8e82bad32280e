"""PowerShell's answers from several machines."""

from collections.abc import Sequence

import pytest

from activation.client.reading.commands import ToolFailed
from activation.client.reading.windows import parse_windows, read_windows

from .recordings import recorded


def test_a_consumer_laptop() -> None:
    reading = parse_windows(recorded("windows_laptop.json"))
    assert reading.components == {
        "hdd_serial": "0025_3889_01B3_C4D5.",
        "system_uuid": "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "board_serial": "Default string",
        "machine_id": "6f0c2a5e-91d4-4b7e-8a3f-2d1c0b9e8f7a",
        "mac": ["A4B1C1010203", "A4B1C1010207"],
        "cpu_id": "BFEBFBFF000906EA",
    }
    assert reading.unread == ()
    assert reading.sources["hdd_serial"] == "Win32_DiskDrive.SerialNumber"
    assert (reading.device_name, reading.platform) == ("LAPTOP-7Q2M1KAB", "windows")


def test_a_server_takes_the_disk_it_boots_from() -> None:
    reading = parse_windows(recorded("windows_server.json"))
    assert reading.components["hdd_serial"] == "00a1b2c3d4e5f60718293a4b5c6d7e8f"
    assert reading.components["board_serial"] == "..CN1374045B00A1."
    assert reading.components["mac"] == ["18-66-DA-01-02-03", "18-66-DA-01-02-04"]
    assert reading.components["cpu_id"] == "BFEBFBFF000406F1"


def test_without_a_boot_disk_the_first_built_in_one_counts_and_hex_stays_as_found() -> None:
    reading = parse_windows(recorded("windows_old_desktop.json"))
    assert reading.components["hdd_serial"] == "3253504e425830483132333435362020202020"
    assert reading.components["mac"] == ["7085C2112233"]


@pytest.mark.parametrize("name", ["windows_laptop.json", "windows_server.json", "windows_old_desktop.json"])
def test_line_ends_byte_order_marks_and_warnings_change_nothing(name: str) -> None:
    text = recorded(name)
    dressed = "\ufeffWARNING: profile not loaded\r\n" + text.replace("\n", "\r\n") + "\r\n"
    assert parse_windows(dressed) == parse_windows(text)


@pytest.mark.parametrize(
    "text",
    ["", "\ufeff", "}{", "[1]", "null", "{", "{}}", '{"a":', "{" * 100_000 + "}", '{"a":' * 50_000 + "}"],
)
def test_an_answer_that_is_no_object(text: str) -> None:
    reading = parse_windows(text)
    assert reading.components == {}
    assert reading.unread[0].reason == "hdd_serial: the answer of PowerShell cannot be understood"
    assert len(reading.unread) == 6


def test_an_answer_without_values() -> None:
    assert [unread.reason for unread in parse_windows("{}").unread] == [
        "hdd_serial: Windows shows no built-in disk",
        "system_uuid: Windows gives no Win32_ComputerSystemProduct.UUID",
        "board_serial: Windows gives no Win32_BaseBoard.SerialNumber",
        r"machine_id: Windows gives no HKLM\SOFTWARE\Microsoft\Cryptography\MachineGuid",
        "mac: Windows shows no physical network adapter",
        "cpu_id: Windows gives no Win32_Processor.ProcessorId",
    ]


def test_values_of_the_wrong_kind_are_unread() -> None:
    text = (
        '{"BootDisks": [0], "Disks": [{"Index": 0, "SerialNumber": 7}, "x", {"Index": null}],'
        ' "ProductUuid": {}, "BoardSerial": [], "MachineGuid": "\\ud800", "ComputerName": 5,'
        ' "Adapters": [{"PermanentAddress": ["A4B1C1010203"]}, 3], "ProcessorId": "\\u0007\\ufffd"}'
    )
    reading = parse_windows(text)
    assert reading.components == {}
    assert reading.unread[0].reason == "hdd_serial: Windows gives no serial number of the boot disk"
    assert reading.device_name == "unnamed device"


def test_powershell_is_asked_once_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []

    def run(arguments: Sequence[str]) -> str:
        asked.append(arguments)
        return recorded("windows_laptop.json")

    assert read_windows(run) == parse_windows(recorded("windows_laptop.json"))
    (arguments,) = asked
    assert arguments[0].endswith("powershell.exe")
    assert arguments[1:4] == ["-NoProfile", "-NonInteractive", "-Command"]
    assert '"' not in arguments[4]
    assert "\n" not in arguments[4]
    assert arguments[4].count("{") == arguments[4].count("}")
    assert arguments[4].count("(") == arguments[4].count(")")


def test_no_powershell_leaves_all_unread_with_its_reason() -> None:
    def run(arguments: Sequence[str]) -> str:
        raise ToolFailed("powershell.exe is not installed")

    reading = read_windows(run)
    assert reading.components == {}
    assert reading.unread[4].reason == "mac: powershell.exe is not installed"
    assert reading.device_name
