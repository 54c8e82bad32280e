"""D1-D4 over HTTP with simulated time: who is the same device, and what staff are told of it."""

import pytest
from aiohttp import encode_basic_auth

from activation.http.staff.telling_devices import explain_in_a_line
from activation.messages.times import from_rfc3339
from activation.service.provisioning import grant_licenses
from activation.storage.products import read_catalogue

DAY = 86400
UUIDS = "4c4c4544-0042-3510-8054-b4c04f3344{}"
PC = {
    "hdd_serial": "WD-WX32D61H7KR9",
    "system_uuid": UUIDS.format("10"),
    "board_serial": "PF2B7K91",
    "machine_id": "3d1219c7c4c5404aaa1f6d2a48adfd10",
    "mac": ["3c:52:82:11:22:10"],
    "cpu_id": "GenuineIntel 6 158 10",
}
OTHER = {
    "hdd_serial": "S4EVNX0R512345",
    "system_uuid": UUIDS.format("20"),
    "board_serial": "PF9C1D34",
    "machine_id": "9a0219c7c4c5404aaa1f6d2a48adfd20",
    "mac": ["3c:52:82:11:22:20"],
}


class Phone:
    """A softphone on a machine whose parts may be swapped."""

    def __init__(self, client, account, components, product="softphone"):
        self.client, self.account, self.product = client, account, product
        self.components, self.certificate = dict(components), None

    def _device(self, parts):
        kept = {kind: value for kind, value in self.components.items() if parts is None or kind in parts}
        return {"platform": "linux", "name": "front desk", "components": kept}

    async def _send(self, path, message):
        headers = {} if "certificate" in message else {"Authorization": self.account}
        reply = await self.client.post(path, json=message, headers=headers)
        told = await reply.json()
        self.certificate = told.get("certificate", self.certificate)
        return reply.status, told

    async def activate(self, parts=None):
        message = {"product": self.product, "version": "5.6", "device": self._device(parts)}
        return await self._send("/v1/activations", message)

    async def renew(self, parts=None):
        message = {"certificate": self.certificate, "device": self._device(parts)}
        return await self._send("/v1/renewals", message)

    async def release(self, parts=None):
        message = {"certificate": self.certificate, "device": self._device(parts)}
        return await self._send("/v1/releases", message)


@pytest.fixture
async def phone(office, client):
    async def make(components=PC, licenses=1, product="softphone", account=None):
        if account is None:
            made = await office.account(licenses)
            account = encode_basic_auth(made.login, made.password)
        return Phone(client, account, components, product)

    return make


@pytest.fixture
def later(office):
    def pass_by(days):
        office.desk.clock.shift_s += days * DAY

    return pass_by


async def shown_to(staff, told):
    _, seen = await staff.get(f"licenses/{told['license_id']}")
    return seen["devices"][0]


async def test_d4_parts_swapped_one_by_one_are_stopped_at_the_third_within_90_days(phone, later):
    one = await phone()
    assert (await one.activate())[0] == 201
    for kind in ("hdd_serial", "board_serial"):
        later(20)
        one.components[kind] = OTHER[kind]
        status, told = await one.renew()
        assert (status, [kind in notice for notice in told["notices"]]) == (200, [True])
    later(20)
    one.components["mac"] = OTHER["mac"]
    status, told = await one.renew()
    assert (status, told["code"], told["components"]) == (409, "device_mismatch", ["mac"])
    assert "90 days" in told["detail"]
    until = from_rfc3339(told["drift_limit_until"])
    status, told = await one.activate()
    assert (status, told["code"], told["components"]) == (409, "device_limit", ["mac"])
    assert from_rfc3339(told["drift_limit_until"]) == until
    assert (await one.release())[1]["components"] == ["mac"]
    later(49)
    assert (await one.renew())[0] == 409
    later(1)
    assert (await one.renew())[0] == 200


@pytest.mark.parametrize("kind", sorted(PC))
async def test_d2_one_enrolled_part_alone_neither_activates_nor_renews_nor_releases(phone, kind):
    one = await phone()
    assert (await one.activate())[0] == 201
    expected = ["device_limit", "device_mismatch", "device_mismatch"]
    if kind in {"machine_id", "cpu_id"}:
        expected = ["device_unidentifiable"] * 3
    for act, code in zip((one.activate, one.renew, one.release), expected, strict=True):
        assert (await act({kind}))[1]["code"] == code
    assert (await one.renew())[0] == 200


async def test_d4_staff_are_told_which_part_changed_since_when_and_what_is_left(phone, later, sign_in):
    staff = await sign_in("support")
    one = await phone()
    _, told = await one.activate()
    assert await shown_to(staff, told) == await shown_to(staff, told) | {
        "policy": "standard/1",
        "parts": ["hdd_serial", "system_uuid", "board_serial", "machine_id", "mac", "cpu_id"],
        "changed": [],
        "changes_left": 2,
        "change_limit_until": None,
    }
    since = {}
    for kind in ("hdd_serial", "mac"):
        later(10)
        one.components[kind] = OTHER[kind]
        _, told = await one.renew()
        since[kind] = await changed_at(staff, told, kind)
    seen = await shown_to(staff, told)
    assert [(part["part"], part["counts"]) for part in seen["changed"]] == [
        ("mac", True),
        ("hdd_serial", True),
    ]
    assert since["mac"] - since["hdd_serial"] in range(10 * DAY, 10 * DAY + 60)
    assert seen["changes_left"] == 0
    assert from_rfc3339(seen["change_limit_until"]) == since["hdd_serial"] + 90 * DAY
    assert not any(value in str(seen) for value in (PC["hdd_serial"], OTHER["hdd_serial"], *OTHER["mac"]))


async def changed_at(staff, told, kind):
    seen = await shown_to(staff, told)
    return next(from_rfc3339(part["since"]) for part in seen["changed"] if part["part"] == kind)


async def test_d4_a_machine_made_up_of_additions_is_not_the_one_that_was_enrolled(phone, later):
    one = await phone({"hdd_serial": PC["hdd_serial"]})
    assert (await one.activate())[0] == 201
    one.components = OTHER | {"hdd_serial": PC["hdd_serial"]}
    assert (await one.renew())[1]["notices"] == []
    one.components = dict(OTHER)
    status, told = await one.renew()
    assert (status, told["components"]) == (409, ["hdd_serial"])
    later(90)
    assert (await one.renew())[0] == 200


async def test_d3_a_virtual_machine_that_gains_a_network_card_keeps_its_licence(phone, office):
    naked = {"machine_id": PC["machine_id"], "install_id": "5f0d9f0e8a524a37"}
    made = await office.account(0)
    async with office.desk.pool.acquire() as connection:
        await grant_licenses(connection, office.ids, made.account_id, 2, 5, 1)
    account = encode_basic_auth(made.login, made.password)
    one = await phone(naked, product="anywhere", account=account)
    status, first = await one.activate()
    assert (status, len(first["notices"])) == (201, 1)
    one.components["mac"] = PC["mac"]
    for act in (one.renew, one.activate):
        status, told = await act()
        assert (status, told["activation_id"], told["notices"]) == (200, first["activation_id"], [])
    del one.components["mac"]
    assert (await one.renew())[0] == 200
    stranger = await phone({"mac": PC["mac"]}, product="anywhere", account=account)
    assert (await stranger.activate())[1]["code"] == "device_limit"


async def refresh(office):
    async with office.desk.pool.acquire() as connection:
        office.desk.catalogue = await read_catalogue(connection)


@pytest.mark.parametrize("licenses", [3, 30])
async def test_d2_a_policy_that_changes_counts_no_enrolled_device_twice(phone, office, sign_in, licenses):
    admin = await sign_in("admin")
    one = await phone(licenses=licenses)
    _, first = await one.activate()
    status, told = await admin.post("products/softphone/policy", {"policy": "strict"})
    assert (status, told["policy"]) == (200, "strict")
    await refresh(office)
    # Neither disk nor network card is there to find the seat by; strict would not even know the device.
    parts = {"system_uuid", "board_serial", "machine_id"}
    for act in (one.activate, one.renew):
        status, told = await act(parts)
        assert (status, told["activation_id"]) == (200, first["activation_id"])
    new = await phone(OTHER | {"mac": []}, account=one.account)
    status, told = await new.activate()
    assert (status, told["code"]) == (422, "device_unidentifiable")
    assert "strictly" in told["detail"]
    new.components = dict(OTHER)
    assert (await new.activate())[0] == 201
    status, told = await admin.post("products/softphone/policy", {"policy": "lenient"})
    await refresh(office)
    status, told = await new.activate({"system_uuid", "board_serial", "machine_id"})
    assert (status, told["activation_id"] != first["activation_id"]) == (201, True)
    assert (await one.activate(parts))[1]["activation_id"] == first["activation_id"]


async def test_d2_only_admins_change_a_policy_and_only_to_one_there_is(sign_in):
    path = "products/softphone/policy"
    assert (await (await sign_in("support")).post(path, {"policy": "lenient"}))[0] == 403
    admin = await sign_in("admin")
    assert (await admin.post(path, {"policy": "loose"}))[0] == 400
    assert (await admin.post("products/nothing/policy", {"policy": "lenient"}))[0] == 404


def test_d4_a_device_is_explained_in_a_line():
    told = {
        "policy": "standard/1",
        "parts": ["hdd_serial", "mac"],
        "changed": [{"part": "mac", "since": "2026-11-22T15:45:00Z", "counts": True}],
        "changes_left": 1,
        "change_limit_until": None,
    }
    known = "front desk: known by hdd_serial, mac under standard/1; changed: "
    line = explain_in_a_line("front desk", told)
    assert line == f"{known}mac since 2026-11-22T15:45:00Z; 1 more may change"
    spent = told | {"changes_left": 0, "change_limit_until": "2027-02-20T15:45:00Z"}
    assert explain_in_a_line("front desk", spent).endswith("no more may change until 2027-02-20T15:45:00Z")
    assert explain_in_a_line("front desk", told | {"changed": []}).startswith(f"{known}nothing;")
