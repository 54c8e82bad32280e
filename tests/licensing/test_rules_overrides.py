"""R2, R4-R6, R9: what staff do to a licence: its bounds, its undoing, what it leaves open."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from licensing.sample_holdings import DAY, FRIDAY, device, granted, make_license, refused, scene

from activation.licensing.deciding import apply_changes
from activation.licensing.devices.enrolment import unpack
from activation.licensing.exposing import expose
from activation.licensing.model import Ended, LicenseKind, LicenseState, Product
from activation.licensing.overriding import (
    Bounds,
    Override,
    OverrideKind,
    OverrideState,
    Tally,
    bound_reached,
    day_began,
    decide_undo,
    left_of,
    refuse_approval,
    refuse_decline,
    refuse_undo,
    require_approval,
)
from activation.licensing.privacy.retention import FORGOTTEN_DEVICE
from activation.licensing.replacing import decide_replacement
from activation.licensing.resetting import next_self_reset
from activation.licensing.verdicts import Granted, Refused, Resume

SOFIA = ZoneInfo("Europe/Sofia")
ASKER, OTHER = 77, 78
PRODUCT = Product(1, "softphone")


def override(held=None, state=OverrideState.WAITING, kind=OverrideKind.RESET, reset_id=1):
    license_id = held.license_id if held is not None else 1
    return Override(reset_id, license_id, kind, ASKER, "device_lost", "lost on a train", FRIDAY, state)


def reset_scene(**fields):
    """A licence that staff just freed from `laptop`: the scene, the override, what it freed."""
    world = scene(**fields)
    first = granted(world.activate("laptop"))
    granted(world.reset_by_staff(world.licenses[0]), "R4")
    done = override(world.licenses[0], OverrideState.DONE)
    return world, done, first.activation


def undo(world, done, *freed, history=None, peppers=(1,)):
    ids = frozenset(one.activation_id for one in freed)
    known = freed if history is None else history
    verdict = decide_undo(done, ids, world.holding, known, world.now, peppers)
    if isinstance(verdict, Granted):
        apply_changes(world.holding, verdict.changes)
    return verdict


@pytest.mark.parametrize(
    ("tally", "reached"),
    [
        (Tally(0, 0), None),
        (Tally(49, 3), None),
        (Tally(50, 3), ("agent_day", 50)),
        (Tally(51, 0), ("agent_day", 50)),
        (Tally(49, 4), ("license_month", 4)),
        (Tally(50, 4), ("license_month", 4)),
    ],
)
def test_r5_an_agent_has_a_bound_by_the_day_and_a_licence_by_30_days(tally, reached):
    assert bound_reached(Bounds(), tally) == reached


def test_r5_bounds_are_settings_and_none_at_all_is_one_too():
    assert bound_reached(Bounds(0, 9), Tally(0, 0)) == ("agent_day", 0)
    assert bound_reached(Bounds(9, 1), Tally(8, 0)) is None
    assert left_of(Bounds(50, 4), Tally(49, 9)) == Bounds(1, 0)


def test_r5_what_waits_is_named_with_the_bound():
    told = refused(require_approval(5, "agent_day", 50), "approval_required", "R5")
    assert told.facts == {"reset_id": "rst_0000000000005", "bound": "agent_day", "limit": 50}
    assert "rst_0000000000005" in told.detail
    assert "50" in told.detail
    assert require_approval(5, "replacement", 0).rule == "R2"


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=SOFIA).timestamp())


@pytest.mark.parametrize(
    ("moment", "began"),
    [
        ("2027-01-15 00:00:00", "2027-01-15 00:00:00"),
        ("2027-01-15 23:59:59", "2027-01-15 00:00:00"),
        ("2027-03-28 12:00:00", "2027-03-28 00:00:00"),  # 23 hours long
        ("2027-10-31 23:59:59", "2027-10-31 00:00:00"),  # 25 hours long
    ],
)
def test_r5_an_agents_day_is_the_calendar_day_where_the_week_is(moment, began):
    assert day_began(at(moment), SOFIA) == at(began)


def test_r5_a_day_of_25_hours_is_one_day():
    assert (
        day_began(at("2027-11-01 00:00:00"), SOFIA) - day_began(at("2027-10-31 12:00:00"), SOFIA) == 25 * 3600
    )


def test_r5_nobody_approves_their_own():
    refused(refuse_approval(override(), ASKER), "forbidden", "R5")
    assert refuse_approval(override(), OTHER) is None


def test_r5_one_may_take_ones_own_request_back():
    assert refuse_decline(override()) is None


@pytest.mark.parametrize("state", [OverrideState.DONE, OverrideState.DECLINED, OverrideState.UNDONE])
def test_r5_what_is_decided_is_decided(state):
    refused(refuse_approval(override(state=state), OTHER), "conflict", "R5")
    refused(refuse_decline(override(state=state)), "conflict", "R5")


@pytest.mark.parametrize("state", [OverrideState.WAITING, OverrideState.DECLINED, OverrideState.UNDONE])
def test_r5_only_what_was_made_can_be_undone(state):
    refused(refuse_undo(override(state=state)), "conflict", "R5")
    assert refuse_undo(override(state=OverrideState.DONE)) is None


def test_r5_a_replacement_is_not_undone():
    refused(refuse_undo(override(state=OverrideState.DONE, kind=OverrideKind.REPLACEMENT)), "conflict", "R5")


def test_r5_undone_the_old_activation_is_current_again():
    world, done, first = reset_scene()
    verdict = granted(undo(world, done, first), "R5")
    assert [type(change) for change in verdict.changes] == [Resume]
    assert world.licenses[0].current == [first]
    assert (first.ended_at, first.ended_why, world.licenses[0].last) == (None, None, None)
    assert granted(world.renew(granted(world.activate("laptop"), "L2"), "laptop"), "R8").activation is first


def test_r5_undoing_gives_back_all_devices_and_the_last_one_before():
    world = scene(device_limit=3)
    early = granted(world.activate("early"))
    granted(world.release(early, "early"))
    firsts = [granted(world.activate(name)).activation for name in "ab"]
    granted(world.reset_by_staff(world.licenses[0]))
    done = override(world.licenses[0], OverrideState.DONE)
    granted(undo(world, done, *firsts, history=[*firsts, early.activation]))
    assert world.licenses[0].current == firsts
    assert world.licenses[0].last is early.activation


@pytest.mark.parametrize("name", ["laptop", "desktop"])
def test_r5_not_undone_once_a_device_has_activated(name):
    world, done, first = reset_scene()
    granted(world.activate(name))
    refused(undo(world, done, first), "conflict", "R5")


def test_r5_not_undone_even_if_the_new_device_is_gone_again():
    world, done, first = reset_scene()
    granted(world.activate("desktop"))
    granted(world.reset_by_staff(world.licenses[0]))
    refused(undo(world, done, first), "conflict", "R5")


def test_r5_not_undone_when_the_device_holds_another_licence_by_now():
    world = scene(2)
    first = granted(world.activate("laptop"))
    granted(world.reset_by_staff(world.licenses[0]))
    granted(world.activate("laptop", named=world.licenses[1]))
    refused(undo(world, override(world.licenses[0], OverrideState.DONE), first.activation), "conflict", "R5")
    assert world.licenses[0].current == []


def test_r5_a_revoked_licence_is_not_given_back_but_a_suspended_one_is():
    world, done, first = reset_scene()
    world.licenses[0].state = LicenseState.REVOKED
    refused(undo(world, done, first), "revoked", "L8")
    world.licenses[0].state = LicenseState.SUSPENDED
    granted(undo(world, done, first), "R5")


@pytest.mark.parametrize("how", ["reset", "reset_by_staff", "move", "release"])
def test_r9_an_orphaned_licence_stays_where_it_is_and_goes_on_working(how):
    world = scene()
    first = granted(world.activate("laptop"))
    (held,) = world.licenses
    held.orphaned = True
    asked = {
        "reset": lambda: world.reset(held),
        "reset_by_staff": lambda: world.reset_by_staff(held),
        "move": lambda: world.activate("desktop", move=True),
        "release": lambda: world.release(first, "laptop"),
    }
    refused(asked[how](), "reset_forbidden", "R9")
    assert held.current == [first.activation]
    granted(world.renew(first, "laptop"), "R8")
    granted(world.activate("laptop"), "L2")
    assert next_self_reset(held, world.now, world.week) == (False, None)


def test_r9_an_orphaned_licence_that_is_free_may_be_activated():
    world = scene(orphaned=True)
    granted(world.activate("laptop"), "L1")


def test_r9_an_orphaned_licence_is_not_replaced():
    world = scene(orphaned=True)
    granted(world.activate("laptop")).activation.online = False
    verdict = decide_replacement(override(world.licenses[0]), world.holding, world.now)
    refused(verdict, "reset_forbidden", "R9")


def test_r2_only_what_was_activated_offline_is_replaced():
    world = scene()
    wanted = override(world.licenses[0], kind=OverrideKind.REPLACEMENT)
    refused(decide_replacement(wanted, world.holding, world.now), "reset_unused", "R2")
    first = granted(world.activate("laptop")).activation
    refused(decide_replacement(wanted, world.holding, world.now), "conflict", "R2")
    first.online = False
    verdict = granted(decide_replacement(wanted, world.holding, world.now), "R2")
    assert [(end.why, end.staff_id, end.reset_id) for end in verdict.changes] == [(Ended.REPLACED, ASKER, 1)]


def test_r2_a_licence_that_is_no_more_or_nobodys_is_not_replaced():
    world = scene()
    granted(world.activate("laptop")).activation.online = False
    world.licenses[0].state = LicenseState.REVOKED
    refused(decide_replacement(override(world.licenses[0]), world.holding, world.now), "revoked", "L8")
    refused(decide_replacement(override(make_license(9)), world.holding, world.now), "not_found", "R2")


def figures(world, *history):
    return expose(PRODUCT, world.licenses[0], history, world.now)


HOUR = FRIDAY - FRIDAY % 3600


def test_r6_nothing_is_open_where_nothing_was_activated():
    shown = figures(scene())
    assert (shown.certificate_until, shown.for_ever, shown.live_certificates) == (None, False, 0)
    assert (shown.moves, shown.moved_at, shown.differing) == (0, (), None)


def test_r6_the_old_devices_certificate_works_for_30_days_from_its_last_renewal():
    world = scene()
    first = granted(world.activate("laptop")).activation
    assert figures(world, first).certificate_until == HOUR + 30 * DAY
    world.now += 5 * DAY  # it may have renewed just now
    assert figures(world, first).certificate_until == HOUR + 35 * DAY
    granted(world.reset_by_staff(world.licenses[0]))
    world.now += 3 * DAY  # since then it may not
    shown = figures(world, first)
    assert (shown.certificate_until, shown.live_certificates) == (HOUR + 35 * DAY, 1)
    world.now += 60 * DAY
    assert figures(world, first).live_certificates == 0


def test_r6_a_move_since_shortens_no_certificate_that_is_out():
    world = scene()
    first = granted(world.activate("laptop")).activation
    granted(world.reset_by_staff(world.licenses[0]))
    world.now += DAY
    second = granted(world.activate("desktop")).activation
    shown = figures(world, second, first)
    assert shown.certificate_until == HOUR + 9 * DAY  # the current device's, while it moves
    assert shown.live_certificates == 2
    world.now = FRIDAY + 29 * DAY
    assert expose(PRODUCT, world.licenses[0], [first], world.now).certificate_until == HOUR + 30 * DAY


def test_r6_a_certificate_never_outlives_the_licence():
    world = scene(ends_at=FRIDAY + 3 * DAY, kind=LicenseKind.TEST)
    assert figures(world, granted(world.activate("laptop")).activation).certificate_until == FRIDAY + 3 * DAY


def test_r6_what_was_activated_offline_works_for_ever():
    world = scene()
    first = granted(world.activate("laptop")).activation
    first.online = False
    shown = figures(world, first)
    assert (shown.certificate_until, shown.for_ever, shown.live_certificates) == (None, True, 1)


def test_r6_moves_are_told_with_their_times_for_30_days():
    world, history, times = scene(), [], []
    for name in "aab":
        history.insert(0, granted(world.activate(name)).activation)
        times.insert(0, world.now)
        granted(world.reset_by_staff(world.licenses[0]))
        world.now += 10 * DAY
    shown = figures(world, *history)
    assert (shown.moves, shown.moved_at) == (1, (times[0],))
    world.now = times[0] + 30 * DAY
    assert figures(world, *history).moved_at == ()


def test_r6_the_parts_that_differ_between_the_last_two_devices_are_named_not_shown():
    world = scene()
    first = granted(world.activate("laptop")).activation
    granted(world.reset_by_staff(world.licenses[0]))
    other = granted(world.activate("", digests=device("laptop", hdd_serial="x", mac="y"))).activation
    shown = figures(world, other, first)
    assert shown.differing == ("hdd_serial", "mac")
    assert figures(world, first).differing is None


def test_r4_an_override_says_who_and_why():
    world = scene()
    granted(world.activate("laptop"))
    verdict = world.reset_by_staff(world.licenses[0])
    assert not isinstance(verdict, Refused)
    assert {(end.staff_id, end.reason, end.note) for end in verdict.changes} == {
        (ASKER, "device_lost", "lost on a train")
    }


def test_g2_a_reset_is_not_undone_once_its_device_was_forgotten():
    world, done, freed = reset_scene()
    freed.enrolment = unpack(FORGOTTEN_DEVICE)
    refused = undo(world, done, freed)
    assert (refused.code, refused.rule) == ("conflict", "R5")
    assert "deleted" in refused.detail


def test_r5_by_a_pepper_that_is_gone_nothing_is_given_back():
    world, done, activation = reset_scene()
    refused = undo(world, done, activation, peppers=(2, 3))
    assert (refused.code, "deleted meanwhile" in refused.detail) == ("conflict", True)
    assert isinstance(undo(world, done, activation, peppers=(1, 3)), Granted)
