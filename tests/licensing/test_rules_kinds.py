"""L5-L8, S2, T5 and R9: kinds of licence, builds and terms of updates, what ends and what comes after it."""

import pytest
from sample_holdings import (
    DAY,
    FRIDAY,
    SHARD,
    Scene,
    device,
    granted,
    make_holding,
    make_license,
    refused,
    scene,
)

from activation.licensing.attempts import Activate, By, Rebinding, Renew
from activation.licensing.deciding import decide
from activation.licensing.identifiers import make_id
from activation.licensing.model import Activation, LicenseKind, LicenseState, Product
from activation.licensing.renewing import may_be_rebound
from activation.licensing.standing import ends_within_a_day
from activation.licensing.validity import certificate_validity

PRODUCT = Product(1, "softphone")


def build(world: Scene, name: str, released_at: int | None, *, move=False):
    attempt = Activate(
        By.OWNER,
        5,
        device(name),
        "standard/1",
        world.new_id(),
        world.new_id(),
        move=move,
        released_at=released_at,
    )
    return decide(attempt, world.holding, world.now, world.week)


def renewed(world: Scene, given, name: str, released_at: int | None = None, *, rebind=False, major=None):
    rebinding = Rebinding(world.new_id(), f"the {name}") if rebind else None
    attempt = Renew(
        given.license.license_id, given.activation.activation_id, device(name), major, released_at, rebinding
    )
    return decide(attempt, world.holding, world.now, world.week)


def on_trial(*regular) -> Scene:
    """A test licence, number 1, and regular ones."""
    return Scene(make_holding(make_license(1, kind=LicenseKind.TEST, ends_at=FRIDAY + 14 * DAY), *regular))


# L5 ---------------------------------------------------------------------------------------------------------


def test_l5_an_evaluation_takes_ten_devices_and_no_eleventh():
    world = scene(1, kind=LicenseKind.EVALUATION, device_limit=10, ends_at=FRIDAY + 14 * DAY)
    for number in range(10):
        granted(world.activate(f"device {number}"))
    refused(world.activate("device 10"), "device_limit", "L4")


@pytest.mark.parametrize("kind", [LicenseKind.TEST, LicenseKind.EVALUATION, LicenseKind.SUBSCRIPTION])
def test_l5_what_has_a_term_serves_until_its_last_second(kind):
    world = scene(1, kind=kind, ends_at=FRIDAY + 14 * DAY)
    first = granted(world.activate("a"))
    world.now = FRIDAY + 14 * DAY - 1
    granted(world.renew(first, "a"))
    world.now += 1
    refused(world.renew(first, "a"), "expired", "L8")
    refused(world.activate("a"), "expired", "L8")
    refused(world.activate("b"), "expired", "L8")


# Certificates never outlive the right -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(LicenseKind))
@pytest.mark.parametrize("online", [True, False])
@pytest.mark.parametrize("left", [1, 3600, DAY - 1, 8 * DAY, 29 * DAY, 400 * DAY])
def test_l8_a_certificate_never_outlives_the_right(kind, online, left):
    held = make_license(1, kind=kind, ends_at=FRIDAY + left)
    activation = Activation(1, held.license_id, 0, None, FRIDAY, online)
    validity = certificate_validity(PRODUCT, held, activation, FRIDAY)
    assert validity.expires_at <= FRIDAY + left
    assert validity.issued_at <= validity.renew_after <= validity.expires_at


def test_s2_a_certificate_is_renewed_on_the_day_before_the_grace_ends():
    held = make_license(1, kind=LicenseKind.SUBSCRIPTION, ends_at=FRIDAY + 5 * DAY)
    validity = certificate_validity(PRODUCT, held, Activation(1, held.license_id, 0, None, FRIDAY), FRIDAY)
    assert (validity.expires_at, validity.renew_after) == (FRIDAY + 5 * DAY, FRIDAY + 4 * DAY)


@pytest.mark.parametrize(
    ("kind", "left", "is_told"),
    [
        (LicenseKind.SUBSCRIPTION, DAY + 1, False),
        (LicenseKind.SUBSCRIPTION, DAY, True),
        (LicenseKind.SUBSCRIPTION, 1, True),
        (LicenseKind.SUBSCRIPTION, 0, False),
        (LicenseKind.TEST, 1, False),
    ],
)
def test_s2_the_last_24_hours_are_told(kind, left, is_told):
    assert ends_within_a_day(make_license(1, kind=kind, ends_at=FRIDAY + left), FRIDAY) is is_told


def test_s2_a_subscription_without_an_end_tells_of_none():
    assert not ends_within_a_day(make_license(1, kind=LicenseKind.SUBSCRIPTION), FRIDAY)


# L7, R9: builds and terms of updates ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("released_at", "goes"),
    [(None, True), (FRIDAY - DAY, True), (FRIDAY, True), (FRIDAY + 1, False)],
)
def test_l7_a_build_released_after_the_term_of_updates_is_refused(released_at, goes):
    world = scene(1, updates_until=FRIDAY)
    first = granted(world.activate("a"))
    if goes:
        granted(build(world, "a", released_at), "L2")
        granted(renewed(world, first, "a", released_at), "R8")
    else:
        told = refused(build(world, "a", released_at), "update_required", "L7")
        assert told.facts == {"updates_until": FRIDAY, "released_at": released_at}
        refused(renewed(world, first, "a", released_at), "update_required", "L7")
    granted(renewed(world, first, "a"), "R8")


def test_l7_a_first_activation_and_a_move_are_refused_alike():
    world = scene(1, updates_until=FRIDAY)
    refused(build(world, "a", FRIDAY + 1), "update_required", "L7")
    granted(build(world, "a", FRIDAY))
    refused(build(world, "b", FRIDAY + 1, move=True), "update_required", "L7")
    refused(build(world, "b", FRIDAY + 1), "device_limit", "L4")


def test_l7_a_new_build_takes_a_licence_that_covers_it():
    world = Scene(make_holding(make_license(1, updates_until=FRIDAY), make_license(2)))
    taken = granted(build(world, "a", FRIDAY + 1), "L1")
    assert taken.license.license_id == make_id(SHARD, 2)
    refused(build(world, "b", FRIDAY + 1), "update_required", "L7")
    assert granted(build(world, "b", FRIDAY), "L1").license.license_id == make_id(SHARD, 1)


def test_l7_without_a_term_every_build_goes():
    granted(build(scene(), "a", FRIDAY + 4000 * DAY), "L1")


def test_r9_an_orphaned_licence_goes_on_working_without_later_builds():
    world = scene(1, orphaned=True, updates_until=FRIDAY)
    first = granted(build(world, "a", FRIDAY))
    refused(renewed(world, first, "a", FRIDAY + 1), "update_required", "R9")
    granted(renewed(world, first, "a", FRIDAY), "R8")


# What is over makes way -------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [{"state": LicenseState.REVOKED}, {"ends_at": FRIDAY + DAY}])
def test_l4_a_device_whose_licence_is_over_gets_a_free_one(fields):
    world = scene(2)
    first = granted(world.activate("a"))
    for name, value in fields.items():
        setattr(first.license, name, value)
    world.now = FRIDAY + DAY
    second = granted(world.activate("a"), "L1")
    assert second.license is not first.license
    assert granted(world.activate("a"), "L2").activation is second.activation


def test_l4_a_suspended_licence_keeps_its_device_although_another_is_free():
    world = scene(2)
    first = granted(world.activate("a"))
    first.license.state = LicenseState.SUSPENDED
    refused(world.activate("a"), "suspended", "L8")


# T5 ---------------------------------------------------------------------------------------------------------


def test_t5_a_device_whose_test_ended_is_bound_to_a_free_regular_licence():
    world = on_trial()
    first = granted(world.activate("a"))
    regular = make_license(2)
    world.holding.licenses[regular.license_id] = regular
    first.license.ends_at = FRIDAY
    told = refused(renewed(world, first, "a"), "expired", "L8")
    assert may_be_rebound(told)
    second = granted(renewed(world, first, "a", rebind=True), "T5")
    assert second.license is regular
    assert second.fresh
    again = granted(renewed(world, first, "a", rebind=True), "T5")
    assert (again.activation, again.changes) == (second.activation, ())


def test_t5_a_test_that_ran_out_by_itself_is_no_different():
    world = on_trial(make_license(2))
    first = granted(world.activate("a"))
    assert first.license.kind is LicenseKind.TEST
    world.now = FRIDAY + 14 * DAY
    granted(renewed(world, first, "a", rebind=True), "T5")


def test_t5_a_test_still_running_is_renewed_as_it_is():
    world = on_trial(make_license(2))
    first = granted(world.activate("a"))
    granted(renewed(world, first, "a", rebind=True), "R8")


def test_t5_another_device_gets_nothing_by_that_certificate():
    world = on_trial(make_license(2))
    first = granted(world.activate("a"))
    world.now = FRIDAY + 14 * DAY
    refused(renewed(world, first, "b", rebind=True), "device_mismatch", "D2")


@pytest.mark.parametrize(
    "fields",
    [
        {"major": 6},
        {"kind": LicenseKind.EVALUATION},
        {"kind": LicenseKind.FREE},
        {"kind": LicenseKind.TEST, "ends_at": FRIDAY + 20 * DAY},
        {"state": LicenseState.SUSPENDED},
        {"ends_at": FRIDAY + DAY},
    ],
)
def test_t5_only_a_regular_licence_in_good_standing_of_that_major_will_do(fields):
    world = on_trial(make_license(2, **fields))
    first = granted(world.activate("a"))
    world.now = FRIDAY + 14 * DAY
    refused(renewed(world, first, "a", rebind=True), "expired", "L8")


def test_t5_where_every_regular_licence_is_taken_the_test_has_ended():
    world = on_trial(make_license(2))
    first = granted(world.activate("a"))
    granted(world.activate("b"))
    world.now = FRIDAY + 14 * DAY
    refused(renewed(world, first, "a", rebind=True), "expired", "L8")


@pytest.mark.parametrize("kind", [LicenseKind.PERPETUAL, LicenseKind.EVALUATION, LicenseKind.SUBSCRIPTION])
def test_t5_is_for_test_licences_only(kind):
    world = Scene(make_holding(make_license(1, kind=kind, ends_at=FRIDAY + DAY), make_license(2)))
    first = granted(world.activate("a"))
    world.now = FRIDAY + DAY
    told = refused(renewed(world, first, "a", rebind=True), "expired", "L8")
    assert not may_be_rebound(told)


def test_r10_after_another_device_a_release_is_given_back_no_more():
    world = scene(1, device_limit=3)
    first = granted(world.activate("a"))
    granted(world.release(first, "a"))
    granted(world.activate("b"))
    again = granted(world.activate("a"))
    assert again.license.self_reset_at == FRIDAY
    refused(world.release(again, "a"), "reset_limit", "R3")
