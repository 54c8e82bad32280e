"""Whatever a tool or a file says, readers answer and keep values out of their reasons."""

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activation.client.reading.finding import KINDS, Finding, Found
from activation.client.reading.linux import read_linux
from activation.client.reading.macos import parse_platform, parse_ports, parse_processor
from activation.client.reading.macos_disk import parse_disks
from activation.client.reading.windows import parse_windows

WORDS = st.sampled_from(
    [
        "BootDisks", "Disks", "Index", "SerialNumber", "InterfaceType", "ProductUuid", "BoardSerial",
        "Adapters", "PermanentAddress", "MachineGuid", "ProcessorId", "ComputerName", "value", "Count",
        "SPNVMeDataType", "SPSerialATADataType", "SPStorageDataType", "_items", "bsd_name", "device_serial",
        "device_model", "physical_drive", "mount_point", "device_name", "/", "disk0", "yes", "A4B1C1010203",
    ]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS
REPORTS = st.dictionaries(
    WORDS,
    st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner), max_leaves=12),
)
# Making such reports takes longer than reading them, and longer still on a busy machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ANY_TEXT = st.text(st.characters(exclude_categories=()))


def assert_sound(findings: list[Finding]) -> None:
    for finding in findings:
        assert finding.kind in KINDS
        if isinstance(finding, Found):
            values = finding.value if isinstance(finding.value, list) else [finding.value]
            assert all(value and value.isprintable() and len(value) <= 256 for value in values)


@unhurried
@given(ANY_TEXT | st.builds(json.dumps, REPORTS))
def test_windows_answers_any_text(text: str) -> None:
    reading = parse_windows(text)
    assert set(reading.components) | {unread.kind for unread in reading.unread} == set(KINDS)
    assert reading.device_name
    json.dumps(reading.components, ensure_ascii=False).encode()


@unhurried
@given(ANY_TEXT | st.builds(json.dumps, REPORTS))
def test_macos_answers_any_text(text: str) -> None:
    assert_sound(parse_platform(text) + parse_ports(text) + parse_processor(text) + parse_disks(text))


@unhurried
@given(st.binary())
def test_linux_answers_any_bytes(content: bytes) -> None:
    reading = read_linux(Path("/nonexistent"), lambda _: content)
    assert set(reading.components) | {unread.kind for unread in reading.unread} == set(KINDS)


@unhurried
@given(st.text(st.characters(categories=["Lu", "Nd"]), min_size=12, max_size=40))
def test_no_value_gets_into_reasons_or_a_repr(serial: str) -> None:
    too_long = {"SerialNumber": serial * 30}
    report = {"Disks": [too_long], "ProductUuid": f"{serial}\a", "BoardSerial": serial}
    reading = parse_windows(json.dumps(report))
    assert reading.components == {"board_serial": serial}
    assert serial not in repr(reading)
