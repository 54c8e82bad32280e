"""Reads a Linux machine from its /sys, /proc, /etc and udev's database; needs no tool and no root."""

import re
from pathlib import Path

from activation.client.reading.finding import Finding, Reading, gather_findings
from activation.client.reading.linux_disk import find_disk_serial
from activation.client.reading.linux_network import find_network_addresses
from activation.client.reading.linux_processor import find_processor
from activation.client.reading.system_tree import (
    ReadBytes,
    SystemTree,
    convert_text,
    find_first,
    read_beginning,
)

_MACHINE_ID = re.compile(r"[0-9a-fA-F]{32}")


def read_linux(root: Path = Path("/"), read: ReadBytes = read_beginning) -> Reading:
    """Read the machine below `root`; `read` opens each file, and tests put their own in its place."""
    tree = SystemTree(root, read)
    findings = [
        find_disk_serial(tree),
        _find_system_uuid(tree),
        _find_board_serial(tree),
        _find_machine_id(tree),
        find_network_addresses(tree),
        find_processor(tree),
    ]
    return gather_findings("linux", _read_device_name(tree), findings)


def _find_system_uuid(tree: SystemTree) -> Finding:
    sources = [("/sys/class/dmi/id/product_uuid", convert_text)]
    return find_first(tree, "system_uuid", sources, "the firmware gives no system UUID")


def _find_board_serial(tree: SystemTree) -> Finding:
    sources = [
        ("/sys/class/dmi/id/board_serial", convert_text),
        ("/sys/firmware/devicetree/base/serial-number", convert_text),
    ]
    return find_first(tree, "board_serial", sources, "the firmware gives no board serial number")


def _find_machine_id(tree: SystemTree) -> Finding:
    sources = [("/etc/machine-id", _convert_machine_id), ("/var/lib/dbus/machine-id", _convert_machine_id)]
    return find_first(tree, "machine_id", sources, "neither systemd nor D-Bus has made a machine id")


def _convert_machine_id(content: bytes) -> str | None:
    # An image waiting for its first boot says "uninitialized" here, like all its copies.
    value = convert_text(content)
    return value if value is not None and _MACHINE_ID.fullmatch(value) else None


def _read_device_name(tree: SystemTree) -> str:
    return tree.text("/proc/sys/kernel/hostname").strip() or tree.text("/etc/hostname").strip()
