"""Machines whose root lies under several layers, as kernels show them; all serial numbers are made up."""

from pathlib import Path

from .fake_machine import FakeMachine
from .machines import INTEL, PCI

SUBSYSTEM = "/sys/devices/virtual/nvme-subsystem/nvme-subsys0"


def multipath_laptop(root: Path) -> FakeMachine:
    """Kernels with native NVMe multipath hang the disk below its subsystem, which bears the serial number."""
    machine = FakeMachine(root)
    disk = machine.disk(f"{SUBSYSTEM}/nvme0n1", "259:0", device=SUBSYSTEM)
    machine.file(f"{SUBSYSTEM}/serial", "7KLRQ0A2F1 \n")
    machine.file(f"{disk}/wwid", "eui.00a075013c4e5f60\n")
    crypt = machine.stacked("dm-0", "254:0", [machine.partition(disk, "nvme0n1p2", "259:2")])
    machine.root_mount("0:25", crypt.replace("/sys/devices/virtual/block/", "/dev/"), "btrfs")
    machine.file("/dev/dm-0", "")
    machine.file("/proc/cpuinfo", INTEL)
    return machine


def mirrored_server(root: Path) -> FakeMachine:
    """A logical volume on a mirror of two SATA disks, and a third disk that only holds data."""
    machine = FakeMachine(root)
    members = []
    for port, (name, number, serial) in enumerate(
        [("sda", "8:0", "WD-WX12A3456789"), ("sdb", "8:16", "WD-WX12A3456790"), ("sdc", "8:32", "ZA1B2C3D")]
    ):
        scsi = f"{PCI}/0000:00:17.0/ata{port + 1}/host{port}/target{port}:0:0/{port}:0:0:0"
        disk = machine.disk(f"{scsi}/block/{name}", number, device=scsi)
        machine.file(f"{scsi}/vpd_pg80", b"\x00\x80\x00" + bytes((len(serial),)) + serial.encode())
        if name != "sdc":
            members.append(machine.partition(disk, f"{name}2", f"8:{port * 16 + 2}"))
    mirror = machine.stacked("md1", "9:1", members)
    machine.stacked("dm-2", "253:2", [mirror])
    machine.root_mount("253:2", "/dev/mapper/vg0-root")
    machine.file("/proc/cpuinfo", INTEL)
    return machine


def cloud_instance(root: Path) -> FakeMachine:
    """A virtual machine of Amazon's: the volume's own number is the disk's serial number."""
    machine = FakeMachine(root)
    nvme = f"{PCI}/0000:00:04.0/nvme/nvme0"
    disk = machine.disk(f"{nvme}/nvme0n1", "259:0", device=nvme)
    machine.file(f"{nvme}/serial", "vol0a1b2c3d4e5f60718\n")
    machine.partition(disk, "nvme0n1p1", "259:1")
    machine.root_mount("259:1", "/dev/nvme0n1p1", "xfs")
    machine.firmware("ec2a1b2c-3d4e-5f60-7182-93a4b5c6d7e8", "")
    machine.close_to_users("/sys/class/dmi/id/product_uuid", "/sys/class/dmi/id/board_serial")
    machine.interface("ens5", "06:1a:2b:3c:4d:5e", bus=f"{PCI}/0000:00:05.0")
    machine.file("/etc/machine-id", "ec2a1b2c3d4e5f60718293a4b5c6d7e8\n")
    machine.file("/proc/cpuinfo", INTEL)
    return machine


def tablet_with_container(root: Path) -> FakeMachine:
    """A container's overlay over an eMMC disk with its two boot areas, and a USB stick beside."""
    machine = FakeMachine(root)
    card = f"{PCI}/0000:00:1c.0/mmc_host/mmc0/mmc0:0001"
    for name, number in (("mmcblk0", "179:0"), ("mmcblk0boot0", "179:8"), ("mmcblk0boot1", "179:16")):
        machine.disk(f"{card}/block/{name}", number, device=card)
    machine.file(f"{card}/cid", "150100424a54443452073a2c9e4f7100\n")
    stick = f"{PCI}/0000:00:14.0/usb1/1-1/1-1:1.0/host0/target0:0:0/0:0:0:0"
    machine.disk(f"{stick}/block/sda", "8:0", device=stick)
    machine.file(f"{stick}/vpd_pg80", b"\x00\x80\x00\x05STICK")
    machine.root_mount("0:52", "overlay", "overlay")
    machine.file("/proc/cpuinfo", INTEL)
    return machine
