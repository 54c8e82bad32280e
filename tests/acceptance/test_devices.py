"""D1-D4: when two readings are the same device."""

import pytest
from acceptance_api import Api, granted, refused
from acceptance_devices import PARTS, device, only, swap, values_of, with_parts
from acceptance_making import MakeAccount
from acceptance_times import DAY_S, seconds

pytestmark = pytest.mark.asyncio(loop_scope="session")

WEIGHED = tuple(part for part in PARTS if part != "cpu_id")


@pytest.mark.parametrize("part", PARTS)
async def test_d2_with_one_part_swapped_it_is_still_the_same_device(
    api: Api, new_account: MakeAccount, part: str
) -> None:
    account, machine = await new_account(), device()
    first = granted(await api.activate(account, machine), 201)
    other = swap(machine, part) if part != "cpu_id" else with_parts(machine, cpu_id="AuthenticAMD-25-33-2")
    again = granted(await api.activate(account, other), 200)
    assert again.json["activation_id"] == first.json["activation_id"]
    assert any(part in notice for notice in again.json["notices"])
    renewed = granted(await api.renew(first.certificate, other), 200)
    changed = {
        kind
        for kind, digests in renewed.claims["dev"]["components"].items()
        if digests != first.claims["dev"]["components"][kind]
    }
    assert changed == {part}, "the new part is enrolled"
    assert renewed.json["notices"] == [], "and no longer news"


@pytest.mark.parametrize("part", PARTS)
async def test_d2_one_enrolled_part_alone_is_refused(api: Api, new_account: MakeAccount, part: str) -> None:
    account, machine = await new_account(), device()
    kept = granted(await api.activate(account, machine), 201).certificate
    told = only(machine, part)
    if part in ("machine_id", "cpu_id"):
        refused(await api.activate(account, told), "device_unidentifiable")
        refused(await api.renew(kept, told), "device_unidentifiable")
        return
    refused(await api.activate(account, told), "device_limit")
    problem = refused(await api.renew(kept, told), "device_mismatch")
    assert set(problem["components"]) == set(PARTS) - {part}


async def test_d2_what_the_request_leaves_out_counts_against_it(api: Api, new_account: MakeAccount) -> None:
    account, machine = await new_account(), device()
    kept = granted(await api.activate(account, machine), 201).certificate
    granted(await api.renew(kept, only(machine, "hdd_serial", "system_uuid")), 200)
    refused(await api.renew(kept, only(machine, "hdd_serial", "cpu_id")), "device_mismatch")
    refused(await api.renew(kept, only(machine, "board_serial", "machine_id", "mac")), "device_mismatch")


async def test_d2_another_device_is_refused_on_renewal_naming_parts_and_no_value(
    api: Api, new_account: MakeAccount
) -> None:
    account, machine, other = await new_account(), device(), device()
    kept = granted(await api.activate(account, machine), 201).certificate
    for answer in (await api.renew(kept, other), await api.release(kept, other)):
        problem = refused(answer, "device_mismatch")
        assert problem["components"] == [part for part in PARTS if part != "cpu_id"]
        text = answer.body.decode().lower()
        secrets = set(values_of(machine) + values_of(other))
        assert [secret for secret in secrets if secret.lower() in text] == []
    granted(await api.renew(kept, machine), 200)


async def test_d2_a_device_known_by_one_part_needs_that_part(api: Api, new_account: MakeAccount) -> None:
    account, machine = await new_account(), device()
    kept = granted(await api.activate(account, only(machine, "mac")), 201).certificate
    granted(await api.renew(kept, only(machine, "mac")), 200)
    refused(await api.renew(kept, only(device(), "mac")), "device_mismatch")


SHARED = {
    "hdd_serial": ["", "QM00001", "overlayblk", "0000000000", "To be filled by O.E.M."],
    "system_uuid": [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "03000200-0400-0500-0006-000700080009",
    ],
    "board_serial": ["Default string", "None", "to be filled by o.e.m.", "  "],
    "mac": [["02:42:ac:11:00:02"], ["52:54:00:12:34:56"], ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"], []],
}


@pytest.mark.parametrize(
    ("part", "value"), [(part, value) for part, values in SHARED.items() for value in values]
)
async def test_d3_a_shared_value_alone_identifies_nothing(
    api: Api, new_account: MakeAccount, part: str, value: str | list[str]
) -> None:
    account, machine = await new_account(), device()
    told = with_parts(only(machine, "machine_id", "cpu_id"), **{part: value})
    problem = refused(await api.activate(account, told), "device_unidentifiable")
    for ignored in problem["ignored"]:
        assert ignored.keys() == {"component", "reason"}
        assert ignored["component"] == part
    assert (await api.licenses(account))[0]["device"] is None


async def test_d3_a_shared_value_matches_nobody(api: Api, new_account: MakeAccount) -> None:
    account, stock = await new_account(), {"hdd_serial": "QM00001", "board_serial": "Default string"}
    granted(await api.activate(account, with_parts(device(), **stock)), 201)
    refused(await api.activate(account, with_parts(device(), **stock)), "device_limit")


async def test_d3_an_install_id_alone_is_taken_with_a_notice(api: Api, new_account: MakeAccount) -> None:
    account = await new_account()
    machine = {
        "platform": "linux",
        "name": "vm",
        "components": {"install_id": "5f0d9f0e-8a52-4a37-b8a3-11d2"},
    }
    answer = granted(await api.activate(account, machine), 201)
    assert any("install id" in notice for notice in answer.json["notices"])
    assert answer.claims["dev"]["components"].keys() == {"install_id"}
    other = {**machine, "components": {"install_id": "another-0e-8a52-4a37-b8a3-11d2"}}
    refused(await api.activate(account, other), "device_limit")


async def test_d3_an_install_id_counts_for_nothing_beside_hardware(
    api: Api, new_account: MakeAccount
) -> None:
    account, machine = await new_account(), device()
    answer = granted(await api.activate(account, with_parts(machine, install_id="5f0d9f0e-8a52-4a37")), 201)
    assert "install_id" not in answer.claims["dev"]["components"]
    refused(
        await api.activate(account, with_parts(device(), install_id="5f0d9f0e-8a52-4a37")), "device_limit"
    )


async def test_d3_unknown_kinds_of_component_are_ignored(api: Api, new_account: MakeAccount) -> None:
    account, machine = await new_account(), device()
    newer = with_parts(machine, tpm_key="a-part-of-the-future", battery="1")
    answer = granted(await api.activate(account, newer), 201)
    assert answer.claims["dev"]["components"].keys() == set(PARTS)
    granted(await api.activate(account, machine), 200)
    unknown_only = {**machine, "components": {"tpm_key": "a-part-of-the-future"}}
    refused(await api.activate(account, unknown_only), "device_unidentifiable")


@pytest.mark.parametrize("walk", [WEIGHED[:3], WEIGHED[2:], ("mac", "hdd_serial", "machine_id")])
async def test_d4_a_licence_walked_part_by_part_is_stopped_at_the_third(
    api: Api, new_account: MakeAccount, walk: tuple[str, ...]
) -> None:
    account, machine = await new_account(), device()
    kept = granted(await api.activate(account, machine), 201)
    for part in walk[:2]:
        machine = swap(machine, part)
        renewed = granted(await api.renew(kept.certificate, machine), 200)
        assert any(part in notice for notice in renewed.json["notices"])
    third = swap(machine, walk[2])
    refused(await api.activate(account, third), "device_limit")
    problem = refused(await api.renew(kept.certificate, third), "device_mismatch")
    assert problem["components"] == [walk[2]], "the parts are named"
    iat = kept.claims["iat"]
    assert abs(seconds(problem["drift_limit_until"]) - (iat + 90 * DAY_S)) < 2 * 3600
    granted(await api.renew(kept.certificate, machine), 200)


async def test_d4_a_part_added_and_one_seen_before_are_no_drift(api: Api, new_account: MakeAccount) -> None:
    account, whole = await new_account(), device()
    bare = only(whole, "hdd_serial", "system_uuid", "board_serial", "machine_id")
    kept = granted(await api.activate(account, bare), 201).certificate
    granted(await api.renew(kept, whole), 200)
    built_in = whole["components"]["mac"]
    for number in range(5):
        docked = with_parts(whole, mac=[*built_in, f"00:1b:21:00:00:{number:02x}"])
        assert granted(await api.renew(kept, docked), 200).json["notices"] == []
    repaired = swap(whole, "board_serial")
    granted(await api.renew(kept, repaired), 200)
    for _ in range(3):
        granted(await api.renew(kept, whole), 200)
        granted(await api.renew(kept, repaired), 200)


async def test_d2_a_seat_among_many_is_found_by_its_parts(api: Api, new_account: MakeAccount) -> None:
    company = await new_account(30)
    machines = [device() for _ in range(20)]
    held = [granted(await api.activate(company, one), 201).json["activation_id"] for one in machines]
    for machine, activation_id in zip(machines, held, strict=True):
        again = granted(await api.activate(company, swap(machine, "hdd_serial")), 200)
        assert again.json["activation_id"] == activation_id
    assert sum(entry["device"] is not None for entry in await api.licenses(company)) == 20
