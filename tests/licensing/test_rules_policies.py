"""D2: a later policy never counts old devices twice, whatever it weighs and whatever a product names."""

import pytest
from licensing.sample_holdings import DAY, device, granted, make_holding, make_license, refused
from licensing.sample_holdings import Scene as World

from activation.licensing.attempts import Activate, By, Rebinding, Renew
from activation.licensing.deciding import decide
from activation.licensing.devices.enrolment import Enrolment
from activation.licensing.devices.policies import (
    POLICIES,
    Policy,
    current_policy,
    findable,
    policy_of,
    read_policies,
)
from activation.licensing.model import LicenseKind

LATER = Policy("standard", 2, {"hdd_serial": 1, "system_uuid": 1, "mac": 9, "cpu_id": 1}, 9, 10)


@pytest.fixture
def later(monkeypatch):
    """A second version of `standard`, by which a network card is nearly all there is."""
    monkeypatch.setitem(POLICIES, LATER.label, LATER)


def activate(world, name, policy=None, digests=None):
    parts = digests or device(name)
    label = policy or current_policy("standard").label
    attempt = Activate(By.OWNER, 5, parts, label, world.new_id(), world.new_id(), name)
    return decide(attempt, world.holding, world.now, world.week)


def a_world(licenses=3):
    return World(make_holding(*(make_license(number) for number in range(1, licenses + 1))))


def test_d2_a_product_takes_the_newest_version_and_an_enrolment_keeps_its_own(later):
    assert current_policy("standard") is LATER
    assert policy_of("standard/1").weights["mac"] == 2


def test_d2_a_device_enrolled_under_1_is_the_same_under_2_though_2_would_not_know_it(later):
    world = a_world()
    first = granted(activate(world, "laptop", "standard/1"), "L1")
    repaired = device("laptop", mac="new card")
    again = granted(activate(world, "laptop", digests=repaired), "L2")
    assert again.activation is first.activation
    assert again.activation.enrolment.policy == "standard/1"
    assert sum(len(held.current) for held in world.licenses) == 1


def test_d2_one_enrolled_under_2_is_matched_by_2(later):
    world = a_world()
    granted(activate(world, "laptop"), "L1")
    granted(activate(world, "laptop", digests=device("laptop", mac="new card")), "L1")
    assert sum(len(held.current) for held in world.licenses) == 2


def test_d2_a_returning_device_keeps_its_version_and_its_changes(later):
    world = a_world(1)
    first = granted(activate(world, "laptop", "standard/1"))
    granted(world.renew(first, "laptop", digests=device("laptop", mac="new card")))
    granted(world.release(first, "laptop"))
    back = granted(activate(world, "laptop", digests=device("laptop", mac="new card")), "L1")
    assert back.activation.enrolment.policy == "standard/1"
    assert [kind for kind, _ in back.activation.enrolment.drifts] == ["mac"]


def test_d2_a_product_made_strict_refuses_only_devices_it_never_knew():
    world = a_world()
    without_disk = {"system_uuid": device("laptop")["system_uuid"], "mac": device("laptop")["mac"]}
    granted(activate(world, "laptop", "standard/1", without_disk), "L1")
    granted(activate(world, "laptop", "strict/1", without_disk), "L2")
    stranger = {"system_uuid": device("other")["system_uuid"]}
    told = refused(activate(world, "other", "strict/1", stranger), "device_unidentifiable", "D2")
    assert told.detail == "This product knows devices strictly: strict matching needs hdd_serial and mac."


def test_t5_a_device_bound_by_its_certificate_keeps_its_version_and_its_changes():
    trial = make_license(1, kind=LicenseKind.TEST, ends_at=1_800_000_000 + 14 * DAY)
    world = World(make_holding(trial, make_license(2)))
    world.licenses[1].state = type(world.licenses[1].state)(1)
    without_disk = {"system_uuid": device("laptop")["system_uuid"], "mac": device("laptop")["mac"]}
    first = granted(activate(world, "laptop", "standard/1", without_disk), "L1")
    world.licenses[1].state = type(world.licenses[1].state)(0)
    world.now += 15 * DAY
    attempt = Renew(
        first.license.license_id,
        first.activation.activation_id,
        without_disk,
        rebinding=Rebinding(world.new_id(), "laptop"),
    )
    bound = granted(decide(attempt, world.holding, world.now, world.week), "T5")
    assert bound.activation.enrolment == first.activation.enrolment


def test_d2_an_index_is_asked_for_all_parts_but_the_cpu_whatever_the_policies_weigh(later):
    parts = {**device("laptop"), "cpu_id": device("laptop")["mac"]}
    del parts["mac"]
    assert set(findable(parts)) == {*parts["hdd_serial"], *parts["system_uuid"]}
    kept = set(Enrolment("standard/2", parts).digests())
    assert kept <= set(findable(parts))


def entry(**changes):
    return {"name": "some", "version": 1, "weights": {"mac": 1}, "share": [1, 2], **changes}


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([entry(), entry()], "twice"),
        ([entry(weights={"mouse": 1})], "cannot be"),
        ([entry(required=["hdd_serial"])], "cannot be"),
        ([entry(share=[0, 2])], "share"),
        ([entry(share=[3, 2])], "share"),
        ([entry(weights={"mac": -1})], "share"),
    ],
)
def test_d2_a_list_of_policies_that_cannot_be_meant_is_refused(entries, reason):
    with pytest.raises(ValueError, match=reason):
        read_policies({"policy": entries})
