"""R1-R4, R8, R10: freeing a licence from its device."""

import copy

import pytest
from licensing.sample_holdings import (
    DAY,
    FRIDAY,
    MONDAY,
    Scene,
    device,
    granted,
    make_holding,
    make_license,
    refused,
    scene,
)

from activation.licensing.attempts import By
from activation.licensing.model import Ended, LicenseState
from activation.licensing.verdicts import End, Mark


def used_licence(**fields):
    """A scene whose one licence is held by `laptop`, and the verdict that bound it."""
    world = scene(**fields)
    return world, granted(world.activate("laptop"))


def test_r1_a_reset_frees_the_licence_for_any_device():
    world, first = used_licence()
    done = granted(world.reset(world.licenses[0]), "R3")
    assert [type(change) for change in done.changes] == [End, Mark]
    assert world.licenses[0].current == []
    assert first.activation.ended_why is Ended.RESET
    granted(world.activate("desktop"), "L1")


def test_r1_a_reset_keeps_the_licence_in_the_account():
    world, _ = used_licence()
    granted(world.reset(world.licenses[0]))
    assert list(world.holding.licenses) == [world.licenses[0].license_id]


def test_r1_a_reset_frees_all_devices_of_a_licence():
    world, _ = used_licence(device_limit=2)
    granted(world.activate("desktop"))
    done = granted(world.reset(world.licenses[0]))
    assert [type(change) for change in done.changes] == [End, End, Mark]
    assert world.licenses[0].current == []


def test_r1_another_accounts_licence_is_not_found():
    world, _ = used_licence()
    refused(world.reset(world.licenses[0], account_id=1), "not_found", "R1")
    refused(world.reset(make_license(99)), "not_found", "R1")
    assert len(world.licenses[0].current) == 1


def test_r1_the_activation_password_resets_nothing():
    world, _ = used_licence()
    refused(world.reset(world.licenses[0], by=By.ACTIVATOR), "forbidden", "R1")


def test_r2_an_offline_activation_is_reset_by_nobody():
    world, first = used_licence()
    first.activation.online = False
    refused(world.reset(world.licenses[0]), "reset_offline", "R2")
    refused(world.reset_by_staff(world.licenses[0]), "reset_offline", "R2")
    refused(world.release(first, "laptop"), "reset_offline", "R2")


def test_r2_one_offline_device_of_several_keeps_the_licence():
    world, _ = used_licence(device_limit=2)
    granted(world.activate("desktop")).activation.online = False
    refused(world.reset(world.licenses[0]), "reset_offline", "R2")
    assert len(world.licenses[0].current) == 2


def test_r3_second_reset_in_same_week_is_refused():
    world, _ = used_licence()
    assert granted(world.reset(world.licenses[0])).next_reset_at == MONDAY
    granted(world.activate("laptop"))
    world.now = MONDAY - 1
    before = copy.deepcopy(world.holding)
    assert refused(world.reset(world.licenses[0]), "reset_limit", "R3").facts == {"next_at": MONDAY}
    assert world.holding == before
    world.now = MONDAY
    granted(world.reset(world.licenses[0]), "R3")


def test_r3_reset_of_unused_licence_is_refused_and_costs_nothing():
    world = scene()
    assert refused(world.reset(world.licenses[0]), "reset_unused", "R3").facts == {
        "last_reset": None,
        "next_at": None,
    }
    granted(world.activate("laptop"))
    granted(world.reset(world.licenses[0]), "R3")


def test_r3_a_repeated_reset_tells_when_the_last_one_was():
    world, _ = used_licence()
    granted(world.reset(world.licenses[0]))
    world.now += 5
    assert refused(world.reset(world.licenses[0]), "reset_unused", "R3").facts == {
        "last_reset": FRIDAY,
        "next_at": MONDAY,
    }
    assert refused(world.reset_by_staff(world.licenses[0]), "reset_unused").facts == {
        "last_reset": FRIDAY,
        "next_at": MONDAY,
    }


def test_r3_the_week_is_each_licences_own():
    world = scene(2)
    for name in "ab":
        granted(world.activate(name))
    for held in world.licenses:
        granted(world.reset(held), "R3")


def test_r3_a_clock_that_goes_back_frees_no_second_reset():
    world, _ = used_licence()
    granted(world.reset(world.licenses[0]))
    granted(world.activate("laptop"))
    world.now -= 30 * DAY
    assert refused(world.reset(world.licenses[0]), "reset_limit").facts == {"next_at": MONDAY}


def test_r4_staff_reset_leaves_the_weeks_own_reset_alone():
    world, _ = used_licence()
    done = granted(world.reset_by_staff(world.licenses[0]), "R4")
    assert done.next_reset_at is None
    granted(world.activate("laptop"))
    granted(world.reset(world.licenses[0]), "R3")


def test_r4_staff_reset_again_in_the_week_whose_own_reset_is_used():
    world, _ = used_licence()
    granted(world.reset(world.licenses[0]))
    for name in "abc":
        granted(world.activate(name))
        assert granted(world.reset_by_staff(world.licenses[0]), "R4").next_reset_at == MONDAY


def test_r4_who_and_why_go_with_the_change():
    world, first = used_licence()
    (end,) = granted(world.reset_by_staff(world.licenses[0])).changes
    assert (end.staff_id, end.reason, end.note) == (77, "device_lost", "lost on a train")
    assert (end.why, first.activation.ended_why) == (Ended.AGENT_RESET, Ended.AGENT_RESET)


def test_r4_staff_may_reset_a_suspended_licence_but_no_revoked_one():
    world, _ = used_licence()
    world.licenses[0].state = LicenseState.SUSPENDED
    granted(world.reset_by_staff(world.licenses[0]), "R4")
    world, _ = used_licence()
    world.licenses[0].state = LicenseState.REVOKED
    refused(world.reset_by_staff(world.licenses[0]), "revoked", "L8")


@pytest.mark.parametrize("how", ["reset", "reset_by_staff", "move"])
def test_r8_the_old_devices_renewal_is_superseded(how):
    world, first = used_licence()
    granted(world.renew(first, "laptop"), "R8")
    if how == "move":
        granted(world.activate("desktop", move=True))
    else:
        granted(getattr(world, how)(world.licenses[0]))
    refused(world.renew(first, "laptop"), "superseded", "R8")
    refused(world.release(first, "laptop"), "superseded", "R8")


def test_r8_a_superseded_device_does_not_take_a_free_licence_back_by_renewing():
    world, first = used_licence()
    granted(world.reset(world.licenses[0]))
    refused(world.renew(first, "laptop"), "superseded", "R8")
    assert world.licenses[0].current == []


def test_r8_a_renewal_changes_nothing_and_needs_the_same_device():
    world, first = used_licence()
    assert granted(world.renew(first, "laptop"), "R8").changes == ()
    verdict = refused(world.renew(first, "desktop"), "device_mismatch", "D2")
    assert verdict.facts == {"components": ["hdd_serial", "system_uuid", "mac"]}


def test_r8_a_renewal_follows_drift_until_the_limit_and_says_until_when():
    world, first = used_licence()
    granted(world.renew(first, "", digests=device("laptop", hdd_serial="1")), "R8")
    world.now += DAY
    granted(world.renew(first, "", digests=device("laptop", hdd_serial="2")), "R8")
    verdict = refused(
        world.renew(first, "", digests=device("laptop", hdd_serial="3")), "device_mismatch", "D4"
    )
    assert verdict.facts == {"components": ["hdd_serial"], "drift_limit_until": FRIDAY + 90 * DAY}


def test_r8_a_renewal_of_no_licence_is_not_found():
    _, first = used_licence()
    refused(Scene(make_holding()).renew(first, "laptop"), "not_found", "R8")
    refused(Scene(make_holding()).release(first, "laptop"), "not_found", "R10")


def test_r10_a_release_needs_and_uses_the_weeks_reset():
    world, first = used_licence()
    done = granted(world.release(first, "laptop"), "R10")
    assert done.next_reset_at == MONDAY
    assert world.licenses[0].current == []
    second = granted(world.activate("desktop"))
    refused(world.reset(world.licenses[0]), "reset_limit", "R3")
    refused(world.release(second, "desktop"), "reset_limit", "R3")


def test_r10_release_is_given_back_to_the_same_device():
    world, first = used_licence()
    for _ in range(5):
        granted(world.release(first, "laptop"), "R10")
        first = granted(world.activate("laptop"), "L1")
    assert (world.licenses[0].self_reset_at, world.licenses[0].moves) == (None, 0)
    granted(world.reset(world.licenses[0]), "R3")


def test_r10_giving_back_restores_the_reset_of_the_week_before():
    world, _ = used_licence()
    granted(world.reset(world.licenses[0]))
    first = granted(world.activate("laptop"))
    world.now = MONDAY
    granted(world.release(first, "laptop"))
    granted(world.activate("laptop"))
    assert (world.licenses[0].self_reset_at, world.licenses[0].self_reset_before) == (FRIDAY, None)


def test_r10_nothing_is_given_back_once_another_device_came_between():
    world, first = used_licence()
    granted(world.release(first, "laptop"))
    granted(world.activate("desktop"))
    granted(world.reset_by_staff(world.licenses[0]))
    granted(world.activate("laptop"))
    refused(world.reset(world.licenses[0]), "reset_limit", "R3")


def test_r10_only_a_release_is_given_back_never_a_reset():
    world, _ = used_licence()
    granted(world.reset(world.licenses[0]))
    granted(world.activate("laptop"))
    refused(world.reset(world.licenses[0]), "reset_limit", "R3")


def test_r10_a_release_may_be_repeated():
    world, first = used_licence()
    done = granted(world.release(first, "laptop"))
    again = granted(world.release(first, "laptop"), "R10")
    assert (again.changes, again.fresh) == ((), False)
    assert again.next_reset_at == done.next_reset_at == MONDAY
    refused(world.release(first, "desktop"), "device_mismatch", "D2")


def test_r10_another_device_releases_nothing():
    world, first = used_licence()
    refused(world.release(first, "desktop"), "device_mismatch", "D2")
    assert len(world.licenses[0].current) == 1


def test_moves_are_counted_when_the_licence_comes_to_another_device():
    world, first = used_licence()
    granted(world.release(first, "laptop"))
    granted(world.activate("laptop"))
    assert (first.license.moves, first.license.moved_at) == (0, None)
    granted(world.reset(world.licenses[0]))
    world.now += 60
    granted(world.activate("desktop"))
    assert (first.license.moves, first.license.moved_at) == (1, FRIDAY + 60)
