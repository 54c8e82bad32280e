"""L1, L2, L4, L6, L8, R7: which licence an activating device gets."""

import copy

import pytest
from licensing.sample_holdings import (
    DAY,
    FRIDAY,
    MONDAY,
    Scene,
    device,
    granted,
    holders,
    make_holding,
    make_license,
    refused,
    scene,
)

from activation.licensing.attempts import By
from activation.licensing.model import AccountState, Ended, LicenseKind, LicenseState
from activation.licensing.verdicts import Bind, End, Mark, Reenrol


def test_l1_a_licence_is_for_a_single_device():
    world = scene()
    first = granted(world.activate("laptop"), "L1")
    assert first.fresh
    assert first.license.current == [first.activation]
    refused(world.activate("desktop"), "device_limit", "L4")
    assert holders(world.licenses[0]) == [first.activation.activation_id]


def test_l1_a_licence_of_several_devices_takes_so_many_and_no_more():
    world = scene(kind=LicenseKind.EVALUATION, device_limit=3)
    slots = [granted(world.activate(name)).activation.slot for name in "abc"]
    assert slots == [0, 1, 2]
    refused(world.activate("d"), "device_limit")


def test_l2_the_same_device_again_is_the_same_activation():
    world = scene(2)
    first = granted(world.activate("laptop"))
    world.now += 3 * DAY
    again = granted(world.activate("laptop"), "L2")
    assert again.activation is first.activation
    assert not again.fresh
    assert again.changes == ()


def test_l2_the_same_device_again_touches_no_limit():
    world = scene()
    granted(world.activate("laptop"))
    before = copy.deepcopy(world.holding)
    for _ in range(20):
        granted(world.activate("laptop", move=True), "L2")
    assert world.holding == before


def test_l2_a_device_with_one_changed_part_is_the_same_and_enrolled_anew():
    world = scene()
    first = granted(world.activate("laptop"))
    again = granted(world.activate("", digests=device("laptop", mac="new card")), "L2")
    assert [type(change) for change in again.changes] == [Reenrol]
    assert again.drifted == ("mac",)
    assert (
        first.activation.enrolment.current["mac"]
        == (
            *device("", mac="new card")["mac"],
            *device("laptop")["mac"],
        )
        or first.activation.enrolment.current["mac"] == device("", mac="new card")["mac"]
    )


def test_l4_each_device_takes_another_licence_lowest_first():
    world = scene(3)
    taken = [granted(world.activate(name)).license.license_id for name in "abc"]
    assert taken == sorted(world.holding.licenses)
    refused(world.activate("d"), "device_limit", "L4")


def test_l4_the_licence_whose_current_device_this_is_comes_before_a_free_one():
    world = scene(3)
    granted(world.activate("a"))
    second = granted(world.activate("b"))
    world.reset_by_staff(world.licenses[0])
    assert granted(world.activate("b"), "L2").license is second.license


def test_l4_of_free_licences_the_one_this_device_had_last_comes_first():
    world = scene(3)
    for name in "abc":
        granted(world.activate(name))
    for held in world.licenses:
        granted(world.reset_by_staff(held))
    assert granted(world.activate("c")).license is world.licenses[2]


def test_l4_a_named_licence_is_the_only_one_looked_at():
    world = scene(3)
    assert granted(world.activate("a", named=world.licenses[2])).license is world.licenses[2]
    refused(world.activate("b", named=world.licenses[2]), "device_limit")


@pytest.mark.parametrize("named", [0, 1, (8 << 55) | 1])
def test_l4_a_licence_of_somebody_else_is_not_found(named):
    refused(scene(2).activate("a", named=named), "not_found", "L4")


def test_l4_an_account_without_a_licence_of_the_product_gets_none():
    refused(Scene(make_holding()).activate("a"), "no_license", "L4")


def test_l4_a_refusal_for_devices_says_since_when_and_when_the_next_reset_is_free():
    world = scene()
    granted(world.activate("laptop"))
    facts = refused(world.activate("desktop"), "device_limit").facts
    assert facts == {"since": FRIDAY, "resets": {"available": True, "next_at": None}}
    granted(world.reset(world.licenses[0]))
    granted(world.activate("desktop"))
    assert refused(world.activate("laptop"), "device_limit").facts["resets"] == {
        "available": False,
        "next_at": MONDAY,
    }


def test_l4_a_refusal_for_devices_speaks_of_the_licence_that_is_free_soonest():
    world = scene(2)
    used = granted(world.activate("a")).license
    granted(world.reset(used))
    granted(world.activate("a"))
    world.now += 60
    other = granted(world.activate("b")).license
    verdict = refused(world.activate("c"), "device_limit")
    assert verdict.license is other
    assert verdict.facts["resets"]["available"]


def test_l4_a_licence_activated_offline_is_never_free_by_waiting():
    world = scene()
    granted(world.activate("a")).activation.online = False
    resets = refused(world.activate("b"), "device_limit").facts["resets"]
    assert resets == {"available": False, "next_at": None}


def test_l6_a_licence_covers_its_major_version_alone():
    world = scene(2)
    verdict = refused(world.activate("a", major=6), "version_not_covered", "L6")
    assert verdict.facts == {"majors": [5]}
    first = granted(world.activate("a", major=5))
    refused(world.renew(first, "a", major=6), "version_not_covered", "L6")
    granted(world.renew(first, "a", major=5))
    granted(world.renew(first, "a"))


def test_l6_a_named_licence_of_another_major_is_refused_though_others_cover():
    world = Scene(make_holding(make_license(1), make_license(2, major=6)))
    refused(world.activate("a", major=6, named=world.licenses[0]), "version_not_covered", "L6")


def test_l6_one_device_may_hold_one_licence_of_each_major():
    world = Scene(make_holding(make_license(1), make_license(2, major=6)))
    five, six = granted(world.activate("a", major=5)), granted(world.activate("a", major=6))
    assert (five.license.major, six.license.major) == (5, 6)


def test_l4_a_device_that_holds_two_majors_is_known_in_both():
    world = Scene(make_holding(make_license(1), make_license(2, major=6), make_license(3, major=6)))
    granted(world.activate("a", major=5))
    six = granted(world.activate("a", major=6))
    assert granted(world.activate("a", major=6), "L2").activation is six.activation
    assert world.licenses[2].current == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"state": LicenseState.SUSPENDED}, "suspended"),
        ({"state": LicenseState.REVOKED}, "revoked"),
        ({"ends_at": FRIDAY}, "expired"),
    ],
)
def test_l8_a_licence_in_bad_standing_serves_nobody(fields, code):
    world = scene(**fields)
    refused(world.activate("a"), code, "L8")
    refused(world.activate("a", move=True), code, "L8")


@pytest.mark.parametrize(
    ("licenses", "state"),
    [(2, LicenseState.SUSPENDED), (1, LicenseState.SUSPENDED), (1, LicenseState.REVOKED)],
)
def test_l8_a_device_whose_licence_came_into_bad_standing_is_told_so(licenses, state):
    world = scene(licenses)
    first = granted(world.activate("a"))
    first.license.state = state
    refused(world.activate("a"), state.name.lower(), "L8")
    refused(world.renew(first, "a"), state.name.lower(), "L8")
    refused(world.release(first, "a"), state.name.lower(), "L8")
    refused(world.reset(first.license), state.name.lower(), "L8")


def test_l8_suspending_and_reinstating_keep_the_device():
    world = scene()
    first = granted(world.activate("a"))
    first.license.state = LicenseState.SUSPENDED
    refused(world.activate("b"), "suspended")
    first.license.state = LicenseState.ACTIVE
    assert granted(world.activate("a"), "L2").activation is first.activation


def test_l8_a_licence_ends_with_the_second_it_names():
    world = scene(ends_at=FRIDAY + 10)
    world.now = FRIDAY + 9
    first = granted(world.activate("a"))
    world.now = FRIDAY + 10
    verdict = refused(world.activate("a"), "expired", "L8")
    assert verdict.facts == {"license_ends_at": FRIDAY + 10}
    refused(world.renew(first, "a"), "expired", "L8")


def test_l8_a_free_licence_in_good_standing_is_found_behind_bad_ones():
    bad = [make_license(1, state=LicenseState.REVOKED), make_license(2, ends_at=FRIDAY)]
    world = Scene(make_holding(*bad, make_license(3)))
    assert granted(world.activate("a")).license is world.licenses[2]
    refused(world.activate("b"), "device_limit")


def test_l8_a_closed_account_gets_nothing():
    world = scene()
    first = granted(world.activate("a"))
    world.holding.account.state = AccountState.CLOSED
    for verdict in (
        world.activate("a"),
        world.renew(first, "a"),
        world.release(first, "a"),
        world.reset(first.license),
    ):
        refused(verdict, "account_closed", "L8")
    assert granted(world.reset_by_staff(first.license), "R4")


def test_r7_a_move_frees_the_old_device_and_binds_the_new_one():
    world = scene()
    old = granted(world.activate("old")).activation
    world.now += 60
    moved = granted(world.activate("new", move=True), "R7")
    assert moved.fresh
    assert [type(change) for change in moved.changes] == [End, Mark, Bind]
    assert world.licenses[0].current == [moved.activation]
    assert (old.ended_at, old.ended_why) == (FRIDAY + 60, Ended.MOVED)
    assert (world.licenses[0].moves, world.licenses[0].moved_at) == (1, FRIDAY + 60)
    assert moved.next_reset_at == MONDAY


def test_r7_move_is_both_or_neither():
    world = scene()
    granted(world.activate("old"))
    granted(world.reset(world.licenses[0]))
    granted(world.activate("old"))
    before = copy.deepcopy(world.holding)
    verdict = refused(world.activate("new", move=True), "reset_limit", "R3")
    assert verdict.facts == {"next_at": MONDAY}
    assert world.holding == before


def test_r7_a_move_counts_as_one_reset():
    world = scene()
    granted(world.activate("old"))
    granted(world.activate("new", move=True), "R7")
    refused(world.reset(world.licenses[0]), "reset_limit", "R3")
    refused(world.activate("third", move=True), "reset_limit", "R3")


def test_r7_a_move_while_a_licence_is_free_takes_the_free_one_and_costs_nothing():
    world = scene(2)
    granted(world.activate("a"))
    granted(world.activate("b", move=True, named=world.licenses[1]), "L1")
    assert [held.self_reset_at for held in world.licenses] == [None, None]


@pytest.mark.parametrize("used", [0, 1, 2])
def test_r7_a_move_needs_the_licence_named_unless_the_account_holds_one(used):
    world = scene(2)
    for name in "ab"[:used]:
        granted(world.activate(name))
    refused(world.activate("c", move=True), "license_ambiguous", "R7")
    granted(world.activate("c", move=True, named=world.licenses[0]))


def test_r7_a_move_needs_the_owners_password():
    world = scene()
    granted(world.activate("old", by=By.ACTIVATOR))
    refused(world.activate("new", move=True, by=By.ACTIVATOR), "forbidden", "R7")


def test_r7_a_licence_activated_offline_does_not_move():
    world = scene()
    granted(world.activate("old")).activation.online = False
    refused(world.activate("new", move=True), "reset_offline", "R2")
