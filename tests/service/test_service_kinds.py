"""Kinds of licence, builds and the end of test licences, as softphones meet them (L5, L7, R9, S2, T5)."""

import asyncio

import pytest
from sample_acts import DAY, again, begin, do, give, know_build, now_of, refusal

from activation.licensing.kinds import CORRECTED_BUILD_S, EVALUATION_S, extend_evaluation, term_of
from activation.licensing.model import Hold, LicenseKind, LicenseState
from activation.licensing.verdicts import Refused
from activation.service.activating.activations import activate
from activation.service.licenses.finding import find_licenses, see_history
from activation.service.licenses.giving import Gift, give_licenses
from activation.service.licenses.standing import (
    hold_licenses,
    orphan_licenses,
    set_updates_until,
)
from activation.service.licenses.tending import (
    extend_license,
    reinstate_license,
    revoke_license,
    suspend_license,
)
from activation.service.products import NewProduct, make_build, make_product, see_builds
from activation.storage.licenses.standing import Where
from activation.storage.products import read_catalogue

# L5: terms ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "devices", "ends_at", "updates"),
    [
        (LicenseKind.PERPETUAL, 1, None, True),
        (LicenseKind.TEST, 1, 1_800_000_000 + 14 * DAY, False),
        (LicenseKind.FREE, 1, None, False),
        (LicenseKind.SUBSCRIPTION, 1, None, True),
        (LicenseKind.EVALUATION, 10, 1_800_000_000 + 14 * DAY, False),
    ],
)
def test_l5_each_kind_comes_with_its_term(kind, devices, ends_at, updates):
    term = term_of(kind, 1_800_000_000, 12)
    assert (term.device_limit, term.ends_at, term.updates_until is not None) == (devices, ends_at, updates)
    assert term_of(kind, 1_800_000_000).updates_until is None


def test_l5_more_devices_than_the_kind_takes_are_refused():
    assert term_of(LicenseKind.EVALUATION, 0, None, 10).device_limit == 10
    assert term_of(LicenseKind.EVALUATION, 0, None, 3).device_limit == 3
    assert term_of(LicenseKind.EVALUATION, 0, None, 11).rule == "L5"
    assert term_of(LicenseKind.PERPETUAL, 0, None, 2).rule == "L5"
    assert term_of(LicenseKind.PERPETUAL, 0, None, 0).rule == "L5"


def test_l5_a_corrected_build_gives_an_evaluation_seven_days_more():
    active = LicenseState.ACTIVE
    assert extend_evaluation(LicenseKind.EVALUATION, active, 1000, 10) == 1000 + CORRECTED_BUILD_S
    assert extend_evaluation(LicenseKind.EVALUATION, active, 1000, 5000) == 5000 + CORRECTED_BUILD_S
    assert extend_evaluation(LicenseKind.TEST, active, 1000, 10).rule == "L5"
    assert extend_evaluation(LicenseKind.EVALUATION, LicenseState.REVOKED, 1000, 10).rule == "L8"


async def test_l5_an_evaluation_serves_ten_devices_for_fourteen_days_and_seven_more(office):
    made = await office.account(0)
    gift = Gift("softphone", 5, LicenseKind.EVALUATION)
    given = await do(office, lambda work: give_licenses(work, made.login, gift))
    (license_id,) = given.license_ids
    devices = [await begin(office, made, f"desk {n}") for n in range(10)]
    assert {one.license.license_id for one in devices} == {license_id}
    assert (await begin(office, made, "desk 10")).code == "device_limit"
    assert all(one.issued.validity.expires_at <= given.ends_at for one in devices)
    office.desk.clock.shift_s += EVALUATION_S
    assert (await again(office, devices[0], "desk 0")).code == "expired"
    before = await now_of(office)
    seen = await do(office, lambda work: extend_license(work, license_id, "build 5.7"))
    assert seen.state == "active"
    assert before <= seen.license.ends_at - CORRECTED_BUILD_S <= await now_of(office)
    assert (await again(office, devices[0], "desk 0")).activation.activation_id > 0
    office.desk.clock.shift_s += CORRECTED_BUILD_S
    assert (await again(office, devices[0], "desk 0")).code == "expired"


async def test_l5_only_an_evaluation_is_extended(office):
    made = await office.account(1)
    held = await do(office, lambda work: find_licenses(work, made.login))
    license_id = held.rows[0].license.license_id
    assert (await refusal(office, lambda work: extend_license(work, license_id, "why"))).rule == "L5"


@pytest.mark.parametrize("kind", [LicenseKind.TEST, LicenseKind.SUBSCRIPTION])
async def test_l5_tests_and_subscriptions_are_not_given_by_hand(office, kind):
    made = await office.account(0)
    gift = Gift("softphone", 5, kind)
    assert (await refusal(office, lambda work: give_licenses(work, made.login, gift))).rule == "L5"


async def test_l5_a_gift_needs_an_account_and_a_product(office):
    made = await office.account(0)
    gift = Gift("softphone", 5)
    assert (await refusal(office, lambda work: give_licenses(work, "nobody", gift))).code == "not_found"
    other = Gift("nothing", 5)
    assert (await refusal(office, lambda work: give_licenses(work, made.login, other))).code == "not_found"


async def test_l6_a_gift_covers_its_major_only(office):
    made = await office.account(0)
    await do(office, lambda work: give_licenses(work, made.login, Gift("softphone", 4)))
    assert (await begin(office, made)).code == "version_not_covered"


# L7 -------------------------------------------------------------------------------------------------------


async def test_l7_a_new_licence_has_its_products_term_and_the_certificate_says_so(office):
    await do(office, lambda work: make_product(work, NewProduct("yearly", "Yearly", update_months=12)))
    async with office.desk.pool.acquire() as connection:
        office.desk.catalogue = await read_catalogue(connection)
    made = await office.account(0)
    given = await do(office, lambda work: give_licenses(work, made.login, Gift("yearly", 5)))
    wish = office.wish("desk", product="yearly")
    first = await activate(office.desk, office.caller(), made.login, made.password, wish)
    terms = office.desk.maker.ring.verify_own(first.issued.certificate, office.desk.secrets.tags)
    assert terms.updates_until == given.updates_until
    assert 364 * DAY < given.updates_until - await now_of(office) < 367 * DAY


async def test_l7_a_later_build_is_refused_and_an_older_or_unknown_one_goes_on(office):
    made = await office.account(1)
    first = await begin(office, made)
    now = await now_of(office)
    await do(office, lambda work: set_updates_until(work, Where(account_id=made.account_id), now))
    await know_build(office, "5.9", now + 1)
    await know_build(office, "5.8", now)
    refused = await again(office, first, version="5.9")
    assert (refused.code, refused.rule, refused.facts["updates_until"]) == ("update_required", "L7", now)
    assert (await begin(office, made, version="5.9")).code == "update_required"
    assert (await again(office, first, version="5.8")).license.updates_until == now
    assert (await again(office, first, version="5.8.1")).license.updates_until == now
    assert (await again(office, first)).license.updates_until == now


async def test_l7_in_a_large_holding_a_new_build_finds_the_seats_that_cover_it(office):
    made = await office.account(40)
    now = await now_of(office)
    held = await do(office, lambda work: find_licenses(work, made.login))
    old = [row.license.license_id for row in held.rows[:39]]
    await do(office, lambda work: set_updates_until(work, Where(license_ids=old), now))
    await know_build(office, "5.9", now + 1)
    first = await begin(office, made, "desk", version="5.9")
    assert first.license.license_id not in old
    assert (await begin(office, made, "other", version="5.9")).code == "update_required"
    assert (await begin(office, made, "other")).license.license_id in old


async def test_l7_a_build_is_said_once(office):
    assert (await do(office, lambda work: make_build(work, "softphone", "5.6", 1000))).released_at == 1000
    assert (await do(office, lambda work: make_build(work, "softphone", "5.6", 1000))).released_at == 1000
    assert (await refusal(office, lambda work: make_build(work, "softphone", "5.6", 2000))).code == "conflict"
    assert (await refusal(office, lambda work: make_build(work, "nothing", "5.6", 1))).code == "not_found"
    builds = await do(office, lambda work: see_builds(work, "softphone"))
    assert [(one.version, one.released_at) for one in builds] == [("5.6", 1000)]
    assert len(await office.fetch("SELECT 1 FROM event WHERE kind = 72")) == 1


async def test_r9_an_orphaned_licence_goes_on_working_but_gets_no_later_build(office):
    made = await office.account(1)
    first = await begin(office, made)
    now = await now_of(office)
    await do(office, lambda work: orphan_licenses(work, Where(account_id=made.account_id), now))
    await know_build(office, "5.9", now + 1)
    assert (await again(office, first, version="5.9")).rule == "R9"
    going_on = await again(office, first, version="5.8")
    assert going_on.license.orphaned
    assert not going_on.can_reset


# L8: by staff ---------------------------------------------------------------------------------------------


async def test_l8_staff_suspend_reinstate_and_revoke_with_a_note_that_is_kept(office):
    made = await office.account(1)
    first = await begin(office, made)
    license_id = first.license.license_id
    seen = await do(office, lambda work: suspend_license(work, license_id, "asked for"))
    assert seen.state == "suspended"
    assert (await again(office, first)).code == "suspended"
    seen = await do(office, lambda work: reinstate_license(work, license_id, "solved"))
    assert seen.state == "active"
    assert (await again(office, first)).activation.activation_id == first.activation.activation_id
    await do(office, lambda work: revoke_license(work, license_id, "for good"))
    assert (await again(office, first)).code == "revoked"
    history = await do(office, lambda work: see_history(work, license_id))
    assert [noted.note for noted in history.notes] == ["for good", "solved", "asked for"]
    assert [event.kind for event in history.events] == [22, 21, 20, 1]
    for tend in (suspend_license, reinstate_license, revoke_license, extend_license):
        refused = await refusal(office, lambda work, tend=tend: tend(work, license_id, "again"))
        assert (refused.code, refused.rule) == ("conflict", "L8")


async def test_l8_staff_reinstate_only_what_staff_suspended(office):
    made = await office.account(1)
    where = Where(account_id=made.account_id)
    held = await do(office, lambda work: find_licenses(work, made.login))
    license_id = held.rows[0].license.license_id
    await do(office, lambda work: hold_licenses(work, where, Hold.LATE, "P8"))
    refused = await refusal(office, lambda work: reinstate_license(work, license_id, "why"))
    assert "late" in refused.detail
    await do(office, lambda work: suspend_license(work, license_id, "why"))
    seen = await do(office, lambda work: reinstate_license(work, license_id, "why"))
    assert (seen.state, seen.license.holds) == ("suspended", Hold.LATE)


async def test_l8_a_licence_that_is_not_there_is_not_found(office):
    for tend in (suspend_license, reinstate_license, revoke_license, extend_license):
        assert (await refusal(office, lambda work, tend=tend: tend(work, 5, "why"))).code == "not_found"


# S2 -------------------------------------------------------------------------------------------------------


async def test_s2_on_the_day_before_the_end_activation_and_renewal_say_so(office):
    made = await office.account(0)
    ends_at = await now_of(office) + 3 * DAY
    await give(office, made, LicenseKind.SUBSCRIPTION, ends_at)
    first = await begin(office, made)
    assert first.notices == ()
    assert first.issued.validity.expires_at <= ends_at
    office.desk.clock.shift_s += 2 * DAY + 60
    assert "24 hours" in (await again(office, first)).notices[0]
    assert "24 hours" in (await begin(office, made)).notices[0]
    office.desk.clock.shift_s += DAY
    assert (await again(office, first)).code == "expired"


# T5 -------------------------------------------------------------------------------------------------------


async def test_t5_a_device_whose_test_ended_gets_a_free_regular_licence_without_a_password(office):
    made = await office.account(0)
    (test_id,) = await give(office, made, LicenseKind.TEST, await now_of(office) + 14 * DAY)
    first = await begin(office, made)
    assert first.license.license_id == test_id
    given = await do(office, lambda work: give_licenses(work, made.login, Gift("softphone", 5)))
    assert given.ended_tests == [test_id]
    second = await again(office, first)
    assert second.license.license_id == given.license_ids[0]
    terms = office.desk.maker.ring.verify_own(second.issued.certificate, office.desk.secrets.tags)
    assert terms.kind == "perpetual"
    third = await again(office, first)
    assert third.activation.activation_id == second.activation.activation_id
    assert (await again(office, second)).activation.activation_id == second.activation.activation_id
    assert (await begin(office, made)).activation.activation_id == second.activation.activation_id
    rebound = await office.fetch("SELECT about, actor FROM event WHERE kind = 26")
    assert [tuple(row) for row in rebound] == [(second.license.license_id, 3)]
    names = await office.fetch(
        "SELECT value FROM personal WHERE subject = $1", second.activation.activation_id
    )
    assert names[0][0] == "the desk"


async def test_t5_without_a_free_regular_licence_the_test_has_ended(office):
    made = await office.account(0)
    await give(office, made, LicenseKind.TEST, await now_of(office) + 14 * DAY)
    first = await begin(office, made)
    office.desk.clock.shift_s += 14 * DAY
    assert (await again(office, first)).code == "expired"
    await do(office, lambda work: give_licenses(work, made.login, Gift("softphone", 6)))
    assert (await again(office, first)).code == "expired"


async def test_t5_each_device_of_a_large_holding_gets_its_own_regular_licence(office):
    made = await office.account(0)
    await give(office, made, LicenseKind.TEST, await now_of(office) + 14 * DAY, count=20)
    firsts = [await begin(office, made, f"desk {n}") for n in range(3)]
    await do(office, lambda work: give_licenses(work, made.login, Gift("softphone", 5, count=2)))
    done = [await again(office, first, f"desk {n}") for n, first in enumerate(firsts)]
    assert len({one.license.license_id for one in done[:2]}) == 2
    assert done[2].code == "expired"


async def test_t5_of_many_devices_at_once_as_many_are_bound_as_there_are_regular_licences(office):
    made = await office.account(0)
    await give(office, made, LicenseKind.TEST, await now_of(office) + 14 * DAY, count=8)
    firsts = [await begin(office, made, f"desk {n}") for n in range(8)]
    await do(office, lambda work: give_licenses(work, made.login, Gift("softphone", 5, count=3)))
    done = await asyncio.gather(*(again(office, first, f"desk {n}") for n, first in enumerate(firsts)))
    bound = [one for one in done if not isinstance(one, Refused)]
    assert len({one.license.license_id for one in bound}) == len(bound) == 3
    assert {one.code for one in done if isinstance(one, Refused)} == {"expired"}
