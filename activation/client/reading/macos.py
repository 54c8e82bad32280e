"""Reads a Mac through its own tools: ioreg, system_profiler, networksetup, sysctl and scutil."""

import re
import socket
from collections.abc import Callable, Sequence

from activation.client.reading.commands import Runner, ToolFailed, run_tool
from activation.client.reading.finding import (
    Finding,
    Reading,
    explain_all_unread,
    explain_unread,
    find_macs,
    find_value,
    gather_findings,
)
from activation.client.reading.macos_disk import parse_disks

_PLATFORM = ("/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice")
_DISKS = (
    "/usr/sbin/system_profiler",
    "-json",
    "SPNVMeDataType",
    "SPSerialATADataType",
    "SPStorageDataType",
)
_PORTS = ("/usr/sbin/networksetup", "-listallhardwareports")
_PROCESSOR = ("/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string")
_NAME = ("/usr/sbin/scutil", "--get", "ComputerName")

_PORT = re.compile(r"Hardware Port: (.*)\r?\nDevice: (en[0-9]+)\r?\nEthernet Address: (\S+)")
# Thunderbolt sockets and Apple silicon's inner "Ethernet Adapter (en4)" have made-up addresses, and a
# phone on a cable is another device. A Thunderbolt network card keeps its own.
_NOT_AN_ADAPTER = re.compile(r"Thunderbolt (?!.*Ethernet)|Ethernet Adapter \(en|iPhone|iPad")


def read_macos(run: Runner = run_tool) -> Reading:
    """Ask this machine; `run` starts the tools, and tests put their own in its place."""
    findings = [
        *_ask(run, _PLATFORM, ("system_uuid", "board_serial"), parse_platform),
        *_ask(run, _DISKS, ("hdd_serial",), parse_disks),
        *_ask(run, _PORTS, ("mac",), parse_ports),
        *_ask(run, _PROCESSOR, ("cpu_id",), parse_processor),
        explain_unread("machine_id", "macOS has none beside the system UUID"),
    ]
    return gather_findings("macos", _read_computer_name(run), findings)


def parse_platform(text: str) -> list[Finding]:
    """Take the system UUID and the Mac's serial number out of ioreg's listing."""
    return [
        _find_property(text, "system_uuid", "IOPlatformUUID"),
        _find_property(text, "board_serial", "IOPlatformSerialNumber"),
    ]


def parse_ports(text: str) -> list[Finding]:
    """Take the hardware addresses of real adapters out of networksetup's listing."""
    ports = [match.groups() for match in _PORT.finditer(text)]
    addresses = [address for name, _, address in ports if not _NOT_AN_ADAPTER.match(name)]
    return [find_macs(addresses, "networksetup", "networksetup shows no network adapter")]


def parse_processor(text: str) -> list[Finding]:
    """Take the processor's name from sysctl."""
    return [find_value("cpu_id", text, "sysctl machdep.cpu.brand_string", "sysctl gives no processor name")]


def _find_property(text: str, kind: str, name: str) -> Finding:
    match = re.search(rf'"{name}" = "([^"\n]*)"', text)
    return find_value(kind, match and match[1], f"ioreg {name}", f"ioreg shows no {name}")


def _ask(
    run: Runner, tool: Sequence[str], kinds: Sequence[str], parse: Callable[[str], list[Finding]]
) -> list[Finding]:
    try:
        return parse(run(tool))
    except ToolFailed as failed:
        return explain_all_unread(kinds, str(failed))


def _read_computer_name(run: Runner) -> str:
    try:
        return run(_NAME).strip() or socket.gethostname()
    except ToolFailed:
        return socket.gethostname()
