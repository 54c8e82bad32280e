import pytest
from device_strategies import device

from activation.licensing.devices.kinds import KINDS
from activation.licensing.devices.policies import (
    POLICIES,
    UnknownPolicyError,
    current_policy,
    fits,
    policy_of,
    unfit,
)


def test_d2_standard_weighs_as_the_rules_say():
    standard = policy_of("standard/1")
    assert [standard.weights[kind] for kind in KINDS] == [4, 3, 2, 2, 2, 0, 4]
    assert (standard.numerator, standard.denominator) == (1, 2)


def test_d2_lenient_is_content_with_a_third():
    lenient = policy_of("lenient/1")
    assert lenient.weights == policy_of("standard/1").weights
    assert (lenient.numerator, lenient.denominator) == (1, 3)


@pytest.mark.parametrize("name", ["strict", "standard", "lenient"])
def test_d2_a_product_names_a_policy_and_an_enrolment_its_version(name):
    assert current_policy(name).label == f"{name}/1"
    assert policy_of(f"{name}/1") is current_policy(name)


def test_d2_labels_are_the_keys():
    assert all(policy.label == label for label, policy in POLICIES.items())


@pytest.mark.parametrize("find", [current_policy, policy_of])
def test_d2_an_unknown_policy_is_named(find):
    with pytest.raises(UnknownPolicyError, match="'loose/7'"):
        find("loose/7")


@pytest.mark.parametrize("label", ["standard/1", "lenient/1"])
@pytest.mark.parametrize("kind", ["hdd_serial", "system_uuid", "board_serial", "mac", "install_id"])
def test_d3_one_part_that_identifies_fits(label, kind):
    assert fits(policy_of(label), device(**{kind: "a"}))


@pytest.mark.parametrize("label", sorted(POLICIES))
@pytest.mark.parametrize("given", [{}, device(machine_id="a", cpu_id="a"), {"mac": (), "hdd_serial": ()}])
def test_d3_nothing_that_identifies_does_not_fit(label, given):
    assert not fits(policy_of(label), given)


def test_d2_strict_needs_a_disk_and_a_mac():
    strict = policy_of("strict/1")
    assert fits(strict, device(hdd_serial="a", mac="a"))
    assert unfit(strict, device(hdd_serial="a", system_uuid="a")) == "strict matching needs mac"
    assert unfit(strict, device(install_id="a")) == "strict matching needs hdd_serial and mac"


def test_an_index_holds_only_what_weighs_something():
    given = device(hdd_serial="a", machine_id="b", mac=("c", "d"), cpu_id="e")
    standard = [*given["hdd_serial"], *given["machine_id"], *given["mac"]]
    assert list(policy_of("standard/1").digests(given)) == standard
    assert list(policy_of("strict/1").digests(given)) == [*given["hdd_serial"], *given["mac"]]
