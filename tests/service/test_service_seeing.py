"""A device as the rules see it: what counts (D1, D3), and where a reinstall is another device (L3)."""

import pytest

from activation.licensing.model import Product
from activation.service.activating.asking import refuse_unidentifiable, see_device
from activation.service.desk import DeviceReading

SALT = bytes(range(16))
PARTS = {
    "hdd_serial": "S3Z9NB0K512345",
    "system_uuid": "4c4c4544-0051-3510-8052-b9c04f564433",
    "board_serial": "L1HF65E00X9",
    "machine_id": "0123456789abcdef0123456789abcde1",
    "mac": ["3c:97:0e:12:34:56"],
    "cpu_id": "GenuineIntel 6 142 10",
}


def reading(platform="linux", **components):
    return DeviceReading(platform, "pc", components)


def test_d1_a_device_is_known_by_its_disk_first_then_by_its_other_parts():
    seen = see_device(reading(**PARTS), Product(1, "zoiper"), SALT)
    assert tuple(seen.digests) == tuple(PARTS)
    assert all(len(digest) == 16 for digests in seen.digests.values() for digest in digests)


@pytest.mark.parametrize(("platform", "is_known"), [("ios", True), ("android", False)])
def test_l3_an_install_id_is_a_device_only_where_the_product_says_so(platform, is_known):
    product = Product(1, "zoiper", install_id_platforms=frozenset({"ios"}))
    seen = see_device(reading(platform, install_id="9f3c0a7e55d14b1c8a2e6f7d01b2c3d4"), product, SALT)
    assert (refuse_unidentifiable(seen) is None) is is_known


def test_l3_there_a_reinstall_is_another_device():
    product = Product(1, "zoiper", install_id_platforms=frozenset({"*"}))
    before = see_device(reading("ios", install_id="9f3c0a7e55d14b1c8a2e6f7d01b2c3d4"), product, SALT)
    after = see_device(reading("ios", install_id="1d2c3b4a59687f6e5d4c3b2a19080706"), product, SALT)
    assert before.digests != after.digests
