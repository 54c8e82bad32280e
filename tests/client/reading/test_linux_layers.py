"""Roots under LUKS, LVM, RAID, multipath and overlays lead to the disk that carries them."""

from pathlib import Path

from activation.licensing.devices.fingerprints import identify

from . import layered_machines as machines


def test_an_nvme_disk_under_multipath_and_luks_is_found_by_btrfs_source(tmp_path: Path) -> None:
    reading = machines.multipath_laptop(tmp_path).reading()
    assert reading.components["hdd_serial"] == "7KLRQ0A2F1"
    assert reading.sources["hdd_serial"] == "/sys/block/nvme0n1/device/serial"


def test_a_volume_on_a_mirror_takes_its_first_member_and_no_disk_beside(tmp_path: Path) -> None:
    reading = machines.mirrored_server(tmp_path).reading()
    assert reading.components["hdd_serial"] == "WD-WX12A3456789"


def test_a_mirror_whose_first_member_is_gone_takes_the_second(tmp_path: Path) -> None:
    machine = machines.mirrored_server(tmp_path)
    (tmp_path / "sys/devices/virtual/block/md1/slaves/sda2").unlink()
    assert machine.reading().components["hdd_serial"] == "WD-WX12A3456790"


def test_a_cloud_instance_is_known_by_its_volume_not_by_its_made_up_mac(tmp_path: Path) -> None:
    reading = machines.cloud_instance(tmp_path).reading()
    found = identify(reading.components, install_id_allowed=False)
    assert found.identifiable
    assert dict(found.parts)["hdd_serial"] == ("VOL0A1B2C3D4E5F60718",)
    assert ("mac", "locally administered") in found.ignored
    assert [unread.kind for unread in reading.unread] == ["system_uuid", "board_serial"]


def test_a_container_on_an_emmc_tablet_takes_the_card_and_never_the_stick(tmp_path: Path) -> None:
    reading = machines.tablet_with_container(tmp_path).reading()
    assert reading.components["hdd_serial"] == "150100424a54443452073a2c9e4f7100"
