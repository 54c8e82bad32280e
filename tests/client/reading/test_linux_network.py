"""Which interfaces count, and which of their addresses."""

from pathlib import Path

import pytest

from .fake_machine import FakeMachine
from .machines import PCI, RASPBERRY


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    return FakeMachine(tmp_path)


def test_virtual_interfaces_are_left_out(machine: FakeMachine) -> None:
    machine.interface("eth0", "00:1b:21:01:02:03", bus=f"{PCI}/0000:00:19.0")
    for name in ("docker0", "veth12ab", "br-lan", "tun0", "ifb0", "bond0"):
        machine.interface(name, "00:1b:21:99:99:99", bus=None)
    machine.interface("wwan0", "00:1b:21:88:88:88", bus=f"{PCI}/0000:00:14.0", kind="65534")
    assert machine.reading().components["mac"] == ["00:1b:21:01:02:03"]


def test_members_of_a_bond_show_the_address_they_were_made_with(machine: FakeMachine) -> None:
    for name, made_with in (("eth0", "00:1b:21:00:00:0a"), ("eth1", "00:1b:21:00:00:0b")):
        path = machine.interface(name, "00:1b:21:00:00:0a", bus=f"{PCI}/{name}", assigned="3")
        machine.file(f"{path}/bonding_slave/perm_hwaddr", f"{made_with}\n")
    assert machine.reading().components["mac"] == ["00:1b:21:00:00:0a", "00:1b:21:00:00:0b"]


def test_randomised_wifi_shows_the_radios_own_address(machine: FakeMachine) -> None:
    path = machine.interface("wlp2s0", "d2:01:02:03:04:05", bus=f"{PCI}/0000:02:00.0", assigned="3")
    machine.file("/sys/class/ieee80211/phy0/macaddress", "34:13:e8:01:02:03\n")
    machine.link(f"{path}/phy80211", "/sys/class/ieee80211/phy0")
    assert machine.reading().components["mac"] == ["34:13:e8:01:02:03"]


def test_an_address_that_someone_set_is_none(machine: FakeMachine) -> None:
    machine.interface("eth0", "00:1b:21:01:02:03", bus=f"{PCI}/0000:00:19.0", assigned="3")
    machine.interface("eth1", "not an address", bus=f"{PCI}/0000:00:1a.0")
    reasons = {unread.kind: unread.reason for unread in machine.reading().unread}
    assert reasons["mac"] == "mac: no network interface has a permanent address"


def test_no_more_addresses_than_a_message_takes(machine: FakeMachine) -> None:
    for number in range(20):
        machine.interface(f"eth{number}", f"00:1b:21:00:00:{19 - number:02x}", bus=f"{PCI}/{number}")
    macs = machine.reading().components["mac"]
    assert macs == [f"00:1b:21:00:00:{number:02x}" for number in range(16)]


@pytest.mark.parametrize(
    ("text", "model"),
    [
        (RASPBERRY, "0x41 8 0x0 0xd08 3"),
        (
            "\nprocessor\t: 0\nisa\t: rv64imafdc\nmvendorid\t: 0x489\nmarchid\t: 0x7\nmimpid\t: 0x1\n",
            "rv64imafdc 0x489 0x7 0x1",
        ),
        (
            "processor\t: 0\ncpu\t\t: POWER9, altivec supported\nrevision\t: 2.2 (pvr 004e 1202)\n",
            "POWER9, altivec supported 2.2 (pvr 004e 1202)",
        ),
    ],
)
def test_processors_of_other_architectures(machine: FakeMachine, text: str, model: str) -> None:
    machine.file("/proc/cpuinfo", text)
    assert machine.reading().components["cpu_id"] == model
