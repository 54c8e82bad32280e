"""Seven machines as a Linux kernel shows them; all serial numbers are made up."""

from pathlib import Path

from .fake_machine import FakeMachine

INTEL = (
    "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 142\n"
    "model name\t: Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz\nstepping\t: 10\n\n"
    "processor\t: 1\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 142\nstepping\t: 10\n\n"
)
RASPBERRY = (
    "processor\t: 0\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd evtstrm crc32 cpuid\n"
    "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd08\n"
    "CPU revision\t: 3\n\nRevision\t: c03114\nSerial\t\t: 10000000f00dcafe\n"
)
PCI = "/sys/devices/pci0000:00"
USB_DOCK = f"{PCI}/0000:00:14.0/usb2/2-3/2-3:1.0"


def thinkpad(root: Path) -> FakeMachine:
    machine = FakeMachine(root)
    nvme = f"{PCI}/0000:00:1d.0/0000:3d:00.0/nvme/nvme0"
    disk = machine.disk(f"{nvme}/nvme0n1", "259:0", device=nvme)
    machine.file(f"{nvme}/serial", "S4EWNX0R123456      \n")
    machine.file(f"{disk}/wwid", "eui.0025388b91b3c4d5\n")
    machine.partition(disk, "nvme0n1p1", "259:1")
    luks = machine.stacked("dm-0", "253:0", [machine.partition(disk, "nvme0n1p3", "259:3")])
    machine.stacked("dm-1", "253:1", [luks])
    machine.root_mount("253:1", "/dev/mapper/vgubuntu-root")
    machine.firmware("4c4c4544-0042-3510-8054-b4c04f564433", "L1HF8AB00XY")
    machine.close_to_users("/sys/class/dmi/id/product_uuid", "/sys/class/dmi/id/board_serial")
    machine.file("/etc/machine-id", "b08dfa6083e7567a1921a715000001fb\n")
    machine.interface("lo", "00:00:00:00:00:00", bus=None, kind="772")
    machine.interface("enp0s31f6", "8c:16:45:aa:bb:01", bus=f"{PCI}/0000:00:1f.6")
    machine.interface("docker0", "02:42:ac:11:00:01", bus=None, assigned="3")
    machine.file("/proc/cpuinfo", INTEL)
    machine.file("/proc/sys/kernel/hostname", "t480s\n")
    return machine


def docked_thinkpad(root: Path) -> FakeMachine:
    machine = thinkpad(root)
    machine.interface("enx8cae4cdd0203", "8c:ae:4c:dd:02:03", bus=USB_DOCK)
    stick = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host5/target5:0:0/5:0:0:0"
    machine.disk(f"{stick}/block/sda", "8:0", device=stick)
    machine.file(f"{stick}/vpd_pg80", b"\x00\x80\x00\x08BACKUP01")
    return machine


def desktop(root: Path) -> FakeMachine:
    machine = FakeMachine(root)
    scsi = f"{PCI}/0000:00:17.0/ata3/host2/target2:0:0/2:0:0:0"
    disk = machine.disk(f"{scsi}/block/sda", "8:0", device=scsi)
    machine.file(f"{scsi}/wwid", "naa.5000c500a1b2c3d4\n")
    machine.file(
        "/run/udev/data/b8:0",
        "S:disk/by-id/ata-ST1000DM010-2EP102_Z9ABCDEF\nI:1712345\nE:ID_ATA=1\n"
        "E:ID_SERIAL=ST1000DM010-2EP102_Z9ABCDEF\nE:ID_SERIAL_SHORT=Z9ABCDEF\nG:systemd\n",
    )
    machine.partition(disk, "sda2", "8:2")
    machine.root_mount("8:2", "/dev/sda2")
    machine.firmware("03000200-0400-0500-0006-000700080009", "To be filled by O.E.M.")
    machine.file("/var/lib/dbus/machine-id", "5f2e0c6b7a1d4f3e9b8c7d6e5f4a3b2c\n")
    machine.interface("enp3s0", "70:85:c2:11:22:33", bus=f"{PCI}/0000:00:1c.0/0000:03:00.0")
    machine.file("/proc/cpuinfo", INTEL)
    machine.file("/etc/hostname", "reception\n")
    return machine


def raspberry_pi(root: Path) -> FakeMachine:
    machine = FakeMachine(root)
    card = "/sys/devices/platform/emmc2bus/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa"
    disk = machine.disk(f"{card}/block/mmcblk0", "179:0", device=card)
    machine.file(f"{card}/cid", "035344534333324785a1b2c3d4014b00\n")
    machine.file(f"{card}/serial", "0xa1b2c3d4\n")
    machine.partition(disk, "mmcblk0p2", "179:2")
    machine.root_mount("179:2", "/dev/root")
    machine.file("/sys/firmware/devicetree/base/serial-number", b"10000000f00dcafe\0")
    machine.file("/etc/machine-id", "0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f6\n")
    machine.interface("eth0", "dc:a6:32:01:02:03", bus="/sys/devices/platform/scb/fd580000.ethernet")
    machine.file("/proc/cpuinfo", RASPBERRY)
    return machine


def qemu_vm(root: Path) -> FakeMachine:
    machine = FakeMachine(root)
    virtio = f"{PCI}/0000:00:05.0/virtio2"
    disk = machine.disk(f"{virtio}/block/vda", "252:0", device=virtio)
    machine.file(f"{disk}/serial", "\n")
    machine.partition(disk, "vda1", "252:1")
    machine.root_mount("252:1", "/dev/vda1")
    machine.firmware("a3b8f7c2-1d4e-4f5a-9b6c-7d8e9f0a1b2c", "")
    machine.file("/etc/machine-id", "uninitialized\n")
    machine.interface("ens3", "52:54:00:12:34:56", bus=f"{PCI}/0000:00:03.0/virtio0")
    machine.file("/proc/cpuinfo", INTEL)
    return machine


def docker_container(root: Path) -> FakeMachine:
    machine = FakeMachine(root)
    machine.root_mount("0:52", "overlay", "overlay")
    machine.interface("eth0", "02:42:ac:11:00:02", bus=None, assigned="3")
    machine.file("/proc/cpuinfo", INTEL)
    machine.file("/proc/sys/kernel/hostname", "3f2a9c1b7d5e\n")
    return machine


def firecracker_vm(root: Path) -> FakeMachine:
    machine = FakeMachine(root)
    virtio = f"{PCI}/0000:00:02.0/virtio1"
    machine.disk(f"{virtio}/block/vda", "254:0", device=virtio)
    machine.file(f"{virtio}/block/vda/serial", "overlayblk")
    machine.stacked("loop0", "7:0", [])
    machine.root_mount("254:0", "/dev/vda")
    machine.interface("eth0", "02:fc:00:00:00:01", bus=f"{PCI}/0000:00:03.0/virtio2")
    machine.interface("ifb0", "c6:5d:01:02:03:04", bus=None, assigned="1")
    machine.file("/etc/machine-id", "3c1219c7c4c5404aaa1f6d2a48adfda4\n")
    machine.file("/proc/cpuinfo", INTEL)
    return machine
