"""Finds the serial number of the disk that holds the root file system.

The way: the mount table names a block device; from there up through partitions, device mapper (LVM,
LUKS) and md to the physical disks. Where that leads nowhere (overlay of a container, ZFS, NFS), the
machine's own built-in disks take its place.
"""

import re
from collections.abc import Iterator
from functools import partial

from activation.client.reading.finding import Finding, Found, clean_value, explain_unread
from activation.client.reading.system_tree import Source, SystemTree, convert_text, find_first

_DEVICE_NUMBER = re.compile(r"[0-9]{1,9}:[0-9]{1,9}")
# The unit's own serial number first: on SAS disks the short one is the world wide name instead.
_UDEV_PROPERTIES = ("E:ID_SCSI_SERIAL=", "E:ID_SERIAL_SHORT=")


def find_disk_serial(tree: SystemTree) -> Finding:
    """Return the root disk's serial number, or why there is none."""
    disks = _find_root_disks(tree) or _list_built_in_disks(tree)
    if not disks:
        return explain_unread("hdd_serial", "this machine shows no physical disk")
    findings = [_read_serial(tree, disk) for disk in disks]
    return next((finding for finding in findings if isinstance(finding, Found)), findings[0])


def _find_root_disks(tree: SystemTree) -> list[str]:
    for path in _root_device_paths(tree):
        # A mount source can be any text, such as the name of a pool: only block devices count.
        device = tree.resolve(path) if tree.has(path) else None
        if device is not None and (disks := _climb_to_disks(tree, device)):
            return disks
    return []


def _root_device_paths(tree: SystemTree) -> Iterator[str]:
    for line in reversed(tree.text("/proc/self/mountinfo").split("\n")):
        mount, _, volume = line.partition(" - ")
        fields, origin = mount.split(" "), volume.split(" ")
        if len(fields) < 5 or fields[4] != "/":
            continue
        if _DEVICE_NUMBER.fullmatch(fields[2]):
            yield f"/sys/dev/block/{fields[2]}"
        # btrfs has a number of its own that no block device bears; its source names the device.
        if len(origin) > 1 and origin[1].startswith("/dev/") and (target := tree.resolve(origin[1])):
            yield f"/sys/class/block/{target.rpartition('/')[2]}"


def _climb_to_disks(tree: SystemTree, device: str) -> list[str]:
    waiting, seen, disks = [device], {device}, []
    while waiting:
        here = waiting.pop()
        carriers = _list_carriers(tree, here)
        if not carriers and tree.has(f"{here}/device"):
            disks.append(here)
        waiting += [path for path in carriers if path not in seen]
        seen.update(carriers)
    # Kernel names swap between boots, the place on the bus does not: members of a RAID stay in order.
    return sorted(disks)


def _list_carriers(tree: SystemTree, device: str) -> list[str]:
    if tree.has(f"{device}/partition"):
        return [device.rpartition("/")[0]]
    links = (tree.resolve(f"{device}/slaves/{name}") for name in tree.names(f"{device}/slaves"))
    return [link for link in links if link is not None]


def _list_built_in_disks(tree: SystemTree) -> list[str]:
    resolved = (tree.resolve(f"/sys/block/{name}") for name in tree.names("/sys/block"))
    return sorted(disk for disk in resolved if disk is not None and _is_built_in(tree, disk))


def _is_built_in(tree: SystemTree, disk: str) -> bool:
    # A USB hard disk calls itself fixed, but it is not part of this machine.
    removable = tree.text(f"{disk}/removable").strip() == "1"
    return not removable and "/usb" not in disk and tree.has(f"{disk}/device")


def _read_serial(tree: SystemTree, disk: str) -> Finding:
    name = disk.rpartition("/")[2]
    absent = f"the disk {name} gives no serial number"
    return find_first(tree, "hdd_serial", _serial_sources(tree, name), absent)


def _serial_sources(tree: SystemTree, name: str) -> list[Source]:
    block = f"/sys/block/{name}"
    number = tree.text(f"{block}/dev").strip()
    return [
        # Memory cards: the whole card id, since their serial number has only 32 bits.
        (f"{block}/device/cid", convert_text),
        (f"{block}/device/serial", convert_text),
        (f"{block}/serial", convert_text),
        *((f"/run/udev/data/b{number}", partial(_convert_udev, line)) for line in _UDEV_PROPERTIES),
        (f"{block}/device/vpd_pg80", _convert_serial_page),
        (f"{block}/device/wwid", convert_text),
        (f"{block}/wwid", convert_text),
    ]


def _convert_udev(beginning: str, content: bytes) -> str | None:
    lines = content.decode("utf-8", errors="replace").split("\n")
    values = (line.removeprefix(beginning) for line in lines if line.startswith(beginning))
    return clean_value(next(values, None))


def _convert_serial_page(content: bytes) -> str | None:
    """SCSI vital product data page 80h: four bytes of header, the last two the length, then the text."""
    if len(content) < 4 or content[1] != 0x80:
        return None
    length = int.from_bytes(content[2:4], "big")
    return convert_text(content[4 : 4 + length])
