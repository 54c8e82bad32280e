"""What a machine sends of itself, and when its install id goes along (D3)."""

import pytest

from activation.client.device import describe
from activation.client.reading import InstallIdError, Reading

NAKED = {"machine_id": "3d1219c7c4c5404aaa1f6d2a48adfda4"}
CARD = {**NAKED, "mac": ["a4:bb:6d:11:22:33"]}


def reading(components):
    return Reading(dict(components), (), {}, "vm", "linux")


def test_d3_an_install_id_made_once_is_sent_when_hardware_appears(tmp_path):
    before = describe(reading(NAKED), tmp_path)
    after = describe(reading(CARD), tmp_path)
    assert after.components["install_id"] == before.components["install_id"]
    assert "install_id" in dict(after.fingerprint.parts)


def test_d3_a_machine_with_hardware_makes_no_install_id(tmp_path):
    assert "install_id" not in describe(reading(CARD), tmp_path).components
    assert list(tmp_path.iterdir()) == []


def test_d3_a_damaged_install_id_matters_only_where_nothing_else_tells(tmp_path):
    (tmp_path / "install_id").write_text("nonsense\n")
    assert "install_id" not in describe(reading(CARD), tmp_path).components
    with pytest.raises(InstallIdError, match="damaged"):
        describe(reading(NAKED), tmp_path)
