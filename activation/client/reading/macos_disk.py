"""Finds the built-in disk of a Mac in system_profiler's report."""

import re

from activation.client.reading.finding import Finding, explain_unread, find_value
from activation.client.reading.json_answer import list_objects, parse_object

_BUSES = ("SPNVMeDataType", "SPSerialATADataType")
_BSD_NAME = re.compile(r"disk([0-9]{1,4})")


def parse_disks(text: str) -> list[Finding]:
    """Take the serial number of the built-in disk that holds the root volume."""
    report = parse_object(text)
    if report is None:
        return [explain_unread("hdd_serial", "the answer of system_profiler cannot be understood")]
    disks = [(bus, disk) for bus in _BUSES for disk in _list_disks(report.get(bus)) if _is_built_in(disk)]
    if not disks:
        return [explain_unread("hdd_serial", "system_profiler shows no built-in disk")]
    root_model = _find_root_model(report)
    bus, disk = min(disks, key=lambda pair: (_model(pair[1]) != root_model, _disk_number(pair[1])))
    absent = "system_profiler gives no serial number of the built-in disk"
    return [find_value("hdd_serial", disk.get("device_serial"), f"system_profiler {bus}", absent)]


def _list_disks(controllers: object) -> list[dict[str, object]]:
    return [
        disk for controller in list_objects(controllers) for disk in list_objects(controller.get("_items"))
    ]


def _is_built_in(disk: dict[str, object]) -> bool:
    # An optical drive stands in the same list, but it is no disk and has no BSD name.
    fixed = disk.get("detachable_drive") != "yes" and disk.get("removable_media") != "yes"
    return fixed and isinstance(disk.get("bsd_name"), str)


def _find_root_model(report: dict[str, object]) -> str | None:
    for volume in list_objects(report.get("SPStorageDataType")):
        drive = volume.get("physical_drive")
        if volume.get("mount_point") == "/" and isinstance(drive, dict):
            return str(drive.get("device_name")).strip()
    return None


def _model(disk: dict[str, object]) -> str:
    return str(disk.get("device_model") or disk.get("_name")).strip()


def _disk_number(disk: dict[str, object]) -> float:
    match = _BSD_NAME.match(str(disk.get("bsd_name")))
    return int(match[1]) if match else float("inf")
