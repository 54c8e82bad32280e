"""Whole machines, read as their users would."""

from collections.abc import Callable
from pathlib import Path

import pytest

from activation.client.reading.finding import Reading
from activation.client.reading.linux import read_linux

from . import machines
from .fake_machine import FakeMachine


def reasons(reading: Reading) -> list[str]:
    return [unread.reason for unread in reading.unread]


def test_a_thinkpad_as_root_shows_all_its_parts(tmp_path: Path) -> None:
    machines.thinkpad(tmp_path)
    reading = read_linux(tmp_path)
    assert reading.components == {
        "hdd_serial": "S4EWNX0R123456",
        "system_uuid": "4c4c4544-0042-3510-8054-b4c04f564433",
        "board_serial": "L1HF8AB00XY",
        "machine_id": "b08dfa6083e7567a1921a715000001fb",
        "mac": ["8c:16:45:aa:bb:01"],
        "cpu_id": "GenuineIntel 6 142 10",
    }
    assert reading.unread == ()
    assert reading.sources["hdd_serial"] == "/sys/block/nvme0n1/device/serial"
    assert (reading.device_name, reading.platform) == ("t480s", "linux")


def test_a_thinkpad_as_an_ordinary_user_says_what_is_closed(tmp_path: Path) -> None:
    reading = machines.thinkpad(tmp_path).reading()
    assert set(reading.components) == {"hdd_serial", "machine_id", "mac", "cpu_id"}
    assert reasons(reading) == [
        "system_uuid: only root may read /sys/class/dmi/id/product_uuid",
        "board_serial: only root may read /sys/class/dmi/id/board_serial",
    ]


def test_a_dock_adds_its_network_card_but_not_its_usb_disk(tmp_path: Path) -> None:
    reading = machines.docked_thinkpad(tmp_path).reading()
    assert reading.components["mac"] == ["8c:16:45:aa:bb:01", "8c:ae:4c:dd:02:03"]
    assert reading.components["hdd_serial"] == "S4EWNX0R123456"


def test_a_desktop_takes_its_disk_from_udev(tmp_path: Path) -> None:
    reading = machines.desktop(tmp_path).reading()
    assert reading.components["hdd_serial"] == "Z9ABCDEF"
    assert reading.sources["hdd_serial"] == "/run/udev/data/b8:0"
    assert reading.components["board_serial"] == "To be filled by O.E.M."  # judged elsewhere
    assert reading.sources["machine_id"] == "/var/lib/dbus/machine-id"
    assert reading.device_name == "reception"


def test_a_raspberry_pi_has_a_card_id_and_a_board_serial(tmp_path: Path) -> None:
    reading = machines.raspberry_pi(tmp_path).reading()
    assert reading.components["hdd_serial"] == "035344534333324785a1b2c3d4014b00"
    assert reading.components["board_serial"] == "10000000f00dcafe"
    assert reading.components["cpu_id"] == "0x41 8 0x0 0xd08 3"
    assert reasons(reading) == ["system_uuid: the firmware gives no system UUID"]
    assert reading.device_name == "unnamed device"


def test_a_qemu_machine_without_a_disk_serial_says_so(tmp_path: Path) -> None:
    reading = machines.qemu_vm(tmp_path).reading()
    assert set(reading.components) == {"system_uuid", "mac", "cpu_id"}
    assert reasons(reading) == [
        "hdd_serial: /sys/block/vda/serial is empty",
        "board_serial: /sys/class/dmi/id/board_serial is empty",
        "machine_id: /etc/machine-id holds no usable value",
    ]


def test_a_container_has_no_parts_of_its_own(tmp_path: Path) -> None:
    reading = machines.docker_container(tmp_path).reading()
    assert set(reading.components) == {"cpu_id"}
    assert reasons(reading) == [
        "hdd_serial: this machine shows no physical disk",
        "system_uuid: the firmware gives no system UUID",
        "board_serial: the firmware gives no board serial number",
        "machine_id: neither systemd nor D-Bus has made a machine id",
        "mac: this machine shows no physical network interface",
    ]


def test_a_firecracker_machine_gives_its_stock_serial_as_found(tmp_path: Path) -> None:
    reading = machines.firecracker_vm(tmp_path).reading()
    assert reading.components["hdd_serial"] == "overlayblk"
    assert reading.components["mac"] == ["02:fc:00:00:00:01"]


MAKERS = [
    machines.thinkpad,
    machines.docked_thinkpad,
    machines.desktop,
    machines.raspberry_pi,
    machines.qemu_vm,
    machines.docker_container,
    machines.firecracker_vm,
]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\n",
        b"\x00" * 64,
        b"\xff\xfe\x00\x80\x7f" * 9,
        b"A" * 5000,
        b"\xef\xbb\xbf\x07",
        b"1 1 9:9 / / - x /dev/\x00x",
    ],
)
def test_garbage_in_every_file_is_unread_and_never_an_exception(
    tmp_path: Path, make: Callable[[Path], FakeMachine], garbage: bytes
) -> None:
    machine = make(tmp_path)
    reading = read_linux(tmp_path, lambda _: garbage)
    assert reading.components == {}
    assert len(reading.unread) == 6
    for path in [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]:
        path.write_bytes(garbage)
        read_linux(tmp_path, machine.open_as_user)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    "error", [PermissionError(), FileNotFoundError(), IsADirectoryError(), OSError(5, "I/O")]
)
def test_files_that_fail_are_unread(
    tmp_path: Path, make: Callable[[Path], FakeMachine], error: OSError
) -> None:
    make(tmp_path)

    def fail(path: Path) -> bytes:
        raise error

    reading = read_linux(tmp_path, fail)
    assert reading.components == {}
    assert [unread.kind for unread in reading.unread] == [
        "hdd_serial",
        "system_uuid",
        "board_serial",
        "machine_id",
        "mac",
        "cpu_id",
    ]


def test_an_empty_root_and_a_missing_one(tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "absent"):
        assert len(read_linux(root).unread) == 6
