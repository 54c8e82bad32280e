"""What `activation client fingerprint` tells of a machine."""

import pytest

from activation.client.device import describe
from activation.client.explaining import explain
from activation.client.reading import Reading, Unread
from activation.licensing.devices.policies import current_policy

LAPTOP = {
    "hdd_serial": "WD-WX32D61H7KR9",
    "system_uuid": "4c4c4544-0042-3510-8054-b4c04f334410",
    "board_serial": "Default string",
    "machine_id": "3d1219c7c4c5404aaa1f6d2a48adfda4",
    "mac": ["a4:bb:6d:11:22:33"],
    "cpu_id": "GenuineIntel 6 158 10",
}


@pytest.fixture
def told(tmp_path):
    def tell(components, policy="standard", unread=()):
        device = describe(Reading(dict(components), unread, {}, "pc", "linux"), tmp_path)
        return explain(device, current_policy(policy))

    return tell


def by_part(explained):
    return {part.part: part for part in explained.parts}


def test_each_part_says_what_it_weighs_and_what_its_change_would_mean(told):
    explained = told(LAPTOP)
    parts = by_part(explained)
    assert [(kind, one.counts, one.weight) for kind, one in parts.items()] == [
        ("hdd_serial", "yes", 4),
        ("system_uuid", "yes", 3),
        ("board_serial", "no", 0),
        ("machine_id", "yes", 2),
        ("mac", "yes", 2),
        ("cpu_id", "no", 0),
    ]
    assert parts["board_serial"].why == "shared by many machines"
    assert parts["hdd_serial"].if_changed == "still this device: one of 2 changes in 90 days"
    assert parts["cpu_id"].if_changed == "noted, nothing else"
    assert (
        explained.summary == "known while parts of weight 6 of 11 agree, hdd_serial or two others among them"
    )


def test_strict_asks_for_disk_and_mac_alone(told):
    explained = told(LAPTOP, "strict")
    parts = by_part(explained)
    assert parts["hdd_serial"].if_changed == parts["mac"].if_changed == "another device: a reset is needed"
    assert parts["system_uuid"].counts == "no"
    assert explained.summary == "known while hdd_serial and mac both agree"
    without = {kind: value for kind, value in LAPTOP.items() if kind != "mac"}
    assert told(without, "strict").summary == "refused: strict matching needs mac"


def test_d3_where_nothing_can_be_read_the_install_id_alone_tells(told):
    explained = told({}, unread=(Unread("hdd_serial", "hdd_serial: this machine shows no physical disk"),))
    parts = by_part(explained)
    assert (parts["install_id"].counts, parts["install_id"].weight) == ("yes", 4)
    assert parts["install_id"].if_changed == "another device: a reset is needed"
    assert parts["hdd_serial"].why == "this machine shows no physical disk"
    assert explained.summary == "known by install_id alone: it must agree"


def test_what_only_root_may_read_is_said(told):
    closed = Unread("system_uuid", "system_uuid: only root may read /sys/class/dmi/id/product_uuid")
    assert told(LAPTOP, unread=(closed,)).advice == (
        "Only root may read system_uuid: run by anybody else, a softphone is known without."
    )


def test_an_install_id_beside_hardware_is_told_as_spare(told):
    told({})  # makes the install id
    part = by_part(told(LAPTOP))["install_id"]
    assert (part.counts, part.why) == ("no", "sent, but counts only for a device that was first known by it")
