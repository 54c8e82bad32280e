"""The way from the root file system to a physical disk, and the sources of its serial number."""

from pathlib import Path

import pytest

from activation.client.reading.system_tree import SystemTree

from .fake_machine import FakeMachine

PCI = "/sys/devices/pci0000:00"


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    return FakeMachine(tmp_path)


def add_sata(machine: FakeMachine, name: str, number: str, port: int, serial: str) -> str:
    scsi = f"{PCI}/0000:00:17.0/ata{port}/host{port}/target{port}:0:0/{port}:0:0:0"
    disk = machine.disk(f"{scsi}/block/{name}", number, device=scsi)
    page = serial.encode()
    machine.file(f"{scsi}/vpd_pg80", b"\x00\x80" + len(page).to_bytes(2, "big") + page + b"\x00junk")
    return disk


def test_a_mirror_keeps_its_serial_when_the_names_swap(tmp_path: Path) -> None:
    for order in ("ab", "ba"):
        machine = FakeMachine(tmp_path / order)
        first = add_sata(machine, f"sd{order[0]}", "8:0", 1, "   FIRST-PORT")
        second = add_sata(machine, f"sd{order[1]}", "8:16", 2, "SECOND-PORT")
        parts = [
            machine.partition(first, f"sd{order[0]}1", "8:1"),
            machine.partition(second, f"sd{order[1]}1", "8:17"),
        ]
        machine.stacked("md0", "9:0", parts)
        machine.root_mount("9:0", "/dev/md0")
        assert machine.reading().components["hdd_serial"] == "FIRST-PORT"


def test_a_volume_over_two_disks_takes_the_first_that_has_a_serial(machine: FakeMachine) -> None:
    machine.stacked(
        "dm-0", "253:0", [add_sata(machine, "sda", "8:0", 1, ""), add_sata(machine, "sdb", "8:16", 2, "S2")]
    )
    machine.root_mount("253:0", "/dev/mapper/vg-root")
    assert machine.reading().components["hdd_serial"] == "S2"


def test_btrfs_is_found_through_its_source(machine: FakeMachine) -> None:
    add_sata(machine, "sda", "8:0", 1, "OTHER")
    disk = add_sata(machine, "sdb", "8:16", 2, "ROOT")
    machine.stacked("dm-0", "253:0", [machine.partition(disk, "sdb1", "8:17")])
    machine.link("/dev/mapper/luks-root", "/dev/dm-0")
    machine.root_mount("0:33", "/dev/mapper/luks-root", "btrfs")
    assert machine.reading().components["hdd_serial"] == "ROOT"


@pytest.mark.parametrize(
    "source", ["rpool/ROOT/ubuntu", "overlay", "/dev/nothing", "server:/export", "/dev/.."]
)
def test_a_root_without_a_disk_takes_the_first_built_in_one(machine: FakeMachine, source: str) -> None:
    stick = f"{PCI}/0000:00:14.0/usb1/1-1/1-1:1.0/host9/target9:0:0/9:0:0:0"
    machine.disk(f"{stick}/block/sda", "8:0", device=stick)
    machine.file(f"{stick}/vpd_pg80", b"\x00\x80\x00\x03USB")
    add_sata(machine, "sdc", "8:32", 1, "BUILT-IN")
    drive = f"{PCI}/0000:00:17.0/ata0/host0/target0:0:0/0:0:0:0"
    machine.disk(f"{drive}/block/sr0", "11:0", device=drive, removable="1")
    machine.stacked("zram0", "254:0", [])
    machine.root_mount("0:52", source, "overlay")
    assert machine.reading().components["hdd_serial"] == "BUILT-IN"


def test_the_last_mount_on_the_root_counts(machine: FakeMachine) -> None:
    add_sata(machine, "sda", "8:0", 1, "EARLIER")
    add_sata(machine, "sdb", "8:16", 2, "LATER")
    machine.file(
        "/proc/self/mountinfo",
        "1 1 8:0 / / rw - ext4 /dev/sda rw\n"
        "2 1 8:16 / / rw - ext4 /dev/sdb rw\n"
        "3 1 8:0 / /mnt rw - ext4 x rw\n",
    )
    assert machine.reading().components["hdd_serial"] == "LATER"


def test_a_sas_disk_gives_its_own_serial_and_not_its_world_wide_name(machine: FakeMachine) -> None:
    disk = add_sata(machine, "sda", "8:0", 1, "SAME")
    machine.file("/run/udev/data/b8:0", "E:ID_SERIAL_SHORT=35000c500a1b2c3d4\nE:ID_SCSI_SERIAL=SAME\n")
    machine.root_mount("8:0", disk)
    reading = machine.reading()
    assert (reading.components["hdd_serial"], reading.sources["hdd_serial"]) == (
        "SAME",
        "/run/udev/data/b8:0",
    )


@pytest.mark.parametrize(
    "page", [b"", b"\x00\x80", b"\x00\x83\x00\x04ABCD", b"\x00\x80\x00\x00ABCD", b"\x00\x80\xff\xff"]
)
def test_a_damaged_page_leaves_the_world_wide_name(machine: FakeMachine, page: bytes) -> None:
    disk = add_sata(machine, "sda", "8:0", 1, "X")
    machine.file(f"{disk}/device/vpd_pg80", page)
    machine.file(f"{disk}/device/wwid", "naa.5000c500a1b2c3d4\n")
    machine.root_mount("8:0", "/dev/sda")
    assert machine.reading().components["hdd_serial"] == "naa.5000c500a1b2c3d4"


def test_a_closed_source_says_more_than_a_missing_one(machine: FakeMachine) -> None:
    add_sata(machine, "sda", "8:0", 1, "X")
    machine.root_mount("8:0", "/dev/sda")
    machine.close_to_users("/sys/block/sda/device/vpd_pg80")
    assert (
        machine.reading().unread[0].reason == "hdd_serial: only root may read /sys/block/sda/device/vpd_pg80"
    )


def test_a_disk_without_any_source(machine: FakeMachine) -> None:
    machine.disk(f"{PCI}/xen/block/xvda", "202:0", device=f"{PCI}/xen")
    machine.root_mount("202:0", "/dev/xvda")
    assert machine.reading().unread[0].reason == "hdd_serial: the disk xvda gives no serial number"


def test_links_in_a_circle_or_out_of_the_tree_end_the_search(machine: FakeMachine) -> None:
    machine.stacked("dm-0", "253:0", ["/sys/devices/virtual/block/dm-1"])
    machine.stacked("dm-1", "253:1", ["/sys/devices/virtual/block/dm-0"])
    machine.link("/sys/dev/block/8:0", "/sys/dev/block/8:1")
    machine.link("/sys/dev/block/8:1", "/sys/dev/block/8:0")
    (machine.root / "sys/dev/block/8:2").symlink_to("/nowhere/else")
    for number in ("253:0", "8:0", "8:2", "x:y"):
        machine.root_mount(number, "/dev/mapper/root")
        assert machine.reading().unread[0].reason == "hdd_serial: this machine shows no physical disk"


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    tree = SystemTree(tmp_path)
    assert tree.resolve("/dev/\0") is None
    assert tree.names("/dev/\0") == []
    assert not tree.has("/dev/\0")
    assert tree.text("/dev/\0") == ""
