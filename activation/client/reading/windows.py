"""Reads a Windows machine: one PowerShell query as an ordinary user, and what its answer means."""

import socket
from pathlib import Path

from activation.client.reading.commands import Runner, ToolFailed, run_tool
from activation.client.reading.finding import (
    KINDS,
    Finding,
    Reading,
    clean_value,
    explain_all_unread,
    explain_unread,
    find_macs,
    find_value,
    gather_findings,
)
from activation.client.reading.json_answer import list_members, list_objects, parse_object

# By its full name, so that a program of the same name in the current folder is not run instead.
_POWERSHELL = Path(r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe")

# One line and no double quotes: those do not survive every way onto a Windows command line.
# Get-Disk fails where the Storage module is missing; the volume's partition then names the disk.
# Set-ups that forbid .NET calls still have Get-ItemProperty; a 32-bit PowerShell needs the .NET call.
_QUERY = "; ".join(
    (
        "$ErrorActionPreference = 'SilentlyContinue'",
        "$ProgressPreference = 'SilentlyContinue'",
        "[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false",
        "$boot = @(Get-Disk | Where-Object { $_.IsBoot } | ForEach-Object { $_.Number })",
        "if ($boot.Count -eq 0) {"
        " $volume = Get-CimInstance Win32_LogicalDisk -Filter ('DeviceID=''' + $env:SystemDrive + '''');"
        " $boot = @(Get-CimAssociatedInstance $volume -ResultClassName Win32_DiskPartition"
        " | ForEach-Object { $_.DiskIndex }) }",
        r"$key = 'SOFTWARE\Microsoft\Cryptography'",
        r"$guid = (Get-ItemProperty ('HKLM:\' + $key)).MachineGuid",
        "if (-not $guid) { $guid = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine',"
        " 'Registry64').OpenSubKey($key).GetValue('MachineGuid') }",
        "@{ ComputerName = $env:COMPUTERNAME; BootDisks = $boot; MachineGuid = $guid;"
        " Disks = @(Get-CimInstance Win32_DiskDrive"
        " | Select-Object Index, InterfaceType, SerialNumber);"
        " ProductUuid = (Get-CimInstance Win32_ComputerSystemProduct).UUID;"
        " BoardSerial = (Get-CimInstance Win32_BaseBoard).SerialNumber;"
        " Adapters = @(Get-NetAdapter -Physical | Select-Object PermanentAddress);"
        " ProcessorId = @(Get-CimInstance Win32_Processor)[0].ProcessorId }"
        " | ConvertTo-Json -Depth 4 -Compress",
    )
)

_SINGLE_VALUES = (
    ("system_uuid", "ProductUuid", "Win32_ComputerSystemProduct.UUID"),
    ("board_serial", "BoardSerial", "Win32_BaseBoard.SerialNumber"),
    ("machine_id", "MachineGuid", r"HKLM\SOFTWARE\Microsoft\Cryptography\MachineGuid"),
    ("cpu_id", "ProcessorId", "Win32_Processor.ProcessorId"),
)


def read_windows(run: Runner = run_tool) -> Reading:
    """Ask this machine; `run` starts PowerShell, and tests put their own in its place."""
    powershell = str(_POWERSHELL) if _POWERSHELL.exists() else "powershell.exe"
    try:
        text = run([powershell, "-NoProfile", "-NonInteractive", "-Command", _QUERY])
    except ToolFailed as failed:
        return gather_findings("windows", socket.gethostname(), explain_all_unread(KINDS, str(failed)))
    return parse_windows(text)


def parse_windows(text: str) -> Reading:
    """Turn PowerShell's answer into a reading, whatever state the answer is in."""
    report = parse_object(text)
    if report is None:
        unread = explain_all_unread(KINDS, "the answer of PowerShell cannot be understood")
        return gather_findings("windows", "", unread)
    findings = [_find_boot_disk_serial(report), _find_adapter_addresses(report)]
    for kind, name, source in _SINGLE_VALUES:
        findings.append(find_value(kind, _first(report.get(name)), source, f"Windows gives no {source}"))
    return gather_findings("windows", clean_value(_first(report.get("ComputerName"))) or "", findings)


def _first(value: object) -> object:
    # Two boards, or two processors, come as a list.
    return next(iter(list_members(value)), None)


def _find_boot_disk_serial(report: dict[str, object]) -> Finding:
    disks = sorted(list_objects(report.get("Disks")), key=_disk_index)
    boot = [index for index in list_members(report.get("BootDisks")) if isinstance(index, int)]
    # Without a boot disk's number the first built-in disk is the best guess.
    chosen = [disk for disk in disks if _disk_index(disk) in boot] or [
        disk for disk in disks if disk.get("InterfaceType") != "USB"
    ]
    if not chosen:
        return explain_unread("hdd_serial", "Windows shows no built-in disk")
    absent = "Windows gives no serial number of the boot disk"
    return find_value("hdd_serial", chosen[0].get("SerialNumber"), "Win32_DiskDrive.SerialNumber", absent)


def _disk_index(disk: dict[str, object]) -> float:
    index = disk.get("Index")
    return index if isinstance(index, int) else float("inf")


def _find_adapter_addresses(report: dict[str, object]) -> Finding:
    addresses = [adapter.get("PermanentAddress") for adapter in list_objects(report.get("Adapters"))]
    return find_macs(addresses, "Get-NetAdapter -Physical", "Windows shows no physical network adapter")
