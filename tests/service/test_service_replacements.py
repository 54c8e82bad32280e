"""R2: an offline-activated licence is revoked and another given in its place, by two people."""

import json

import pytest
from sample_staff import code, hire, welcome

from activation.licensing.events import EventKind
from activation.licensing.identifiers import LICENSE, RESET, from_text, to_text
from activation.licensing.verdicts import Filed
from activation.service.activating.activations import Certified
from activation.service.resetting.overrides import Overridden


async def offline(office, licenses=1):
    """A customer whose licence was activated offline, and that licence's id."""
    anna = await welcome(office, licenses)
    done = await anna.certified()
    await office.fetch("UPDATE activation SET online = false")
    return anna, done.license.license_id


def waiting(done):
    assert isinstance(done, Filed), done
    return from_text(RESET, done.refused.facts["reset_id"])


async def test_r2_a_second_person_always_approves(office):
    _, license_id = await offline(office)
    sales, colleague = await hire(office, "sales"), await hire(office, "sales")
    asked = await sales.replace(license_id)
    reset_id = waiting(asked)
    assert (asked.refused.code, asked.refused.facts["bound"]) == ("approval_required", "replacement")
    assert code(await sales.approve(reset_id)) == "forbidden"
    assert await office.fetch("SELECT state FROM license") == [(0,)]
    done = await colleague.approve(reset_id)
    assert isinstance(done, Overridden), done
    given_id = done.override.given_id
    rows = await office.fetch("SELECT license_id, state FROM license ORDER BY created_at, license_id")
    assert {tuple(row) for row in rows} == {(license_id, 2), (given_id, 0)}


async def test_r2_the_device_that_had_it_may_take_the_one_given_instead(office):
    anna, license_id = await offline(office)
    sales, colleague = await hire(office, "sales"), await hire(office)
    done = await colleague.approve(waiting(await sales.replace(license_id)))
    again = await anna.activate()
    assert isinstance(again, Certified), again
    assert again.license.license_id == done.override.given_id
    assert code(await anna.activate("desktop")) == "device_limit"


async def test_r2_the_one_given_is_all_that_the_old_one_was(office):
    _, license_id = await offline(office)
    await office.fetch(
        "UPDATE license SET ends_at = 4000000000, updates_until = 3900000000, kind = 3, device_limit = 2,"
        " reseller_id = 5, purchase_id = 6, subscription_id = 7, holds = 1, state = 1"
    )
    sales, colleague = await hire(office, "sales"), await hire(office)
    done = await colleague.approve(waiting(await sales.replace(license_id)))
    same = (
        "account_id, product_id, major, kind, device_limit, ends_at, updates_until, reseller_id, purchase_id,"
        " subscription_id"
    )
    old, given = await office.fetch(
        f"SELECT {same} FROM license ORDER BY license_id = $1", done.override.given_id
    )
    assert tuple(old) == tuple(given)
    rows = await office.fetch(
        "SELECT state, holds FROM license ORDER BY license_id = $1", done.override.given_id
    )
    assert [tuple(row) for row in rows] == [(2, 0), (1, 1)]


async def test_r2_it_is_told_to_the_log_and_to_the_customer(office):
    anna, license_id = await offline(office)
    sales, colleague = await hire(office, "sales"), await hire(office)
    done = await colleague.approve(waiting(await sales.replace(license_id)))
    kinds = [row[0] for row in await office.fetch("SELECT kind FROM event WHERE rule = 'R2' ORDER BY kind")]
    assert kinds == [
        EventKind.LICENSES_GRANTED,
        EventKind.REVOKED,
        EventKind.REPLACED,
        EventKind.RESET_ASKED,
        EventKind.RESET_APPROVED,
    ]
    (mail,) = await office.fetch("SELECT subject, template, params FROM mail")
    assert (mail[0], mail[1]) == (anna.made.account_id, "license_replaced")
    assert json.loads(mail[2])["given_id"] == to_text(LICENSE, done.override.given_id)


async def test_r2_what_was_activated_online_is_reset_instead(office):
    anna = await welcome(office)
    done = await anna.certified()
    assert code(await (await hire(office, "sales")).replace(done.license.license_id)) == "conflict"
    assert await office.fetch("SELECT count(*) FROM override") == [(0,)]


@pytest.mark.parametrize("role", ["support", "auditor"])
async def test_r2_only_sales_and_admins_ask_for_it(office, role):
    _, license_id = await offline(office)
    assert code(await (await hire(office, role)).replace(license_id)) == "forbidden"


async def test_r2_a_replacement_is_not_undone(office):
    _, license_id = await offline(office)
    sales, colleague = await hire(office, "sales"), await hire(office)
    reset_id = waiting(await sales.replace(license_id))
    await colleague.approve(reset_id)
    assert code(await colleague.undo(reset_id)) == "conflict"


async def test_r2_what_came_online_later_stays_so(office):
    """Renewing with the server does not turn an offline activation into one that can be reset."""
    anna, license_id = await offline(office)
    assert (await anna.certified()).is_new is False
    assert code(await (await hire(office)).reset(license_id)) == "reset_offline"


async def test_r2_in_a_holding_that_grows_large_by_it_seats_are_found(office):
    anna, license_id = await offline(office, 16)
    sales, colleague = await hire(office, "sales"), await hire(office)
    await colleague.approve(waiting(await sales.replace(license_id)))
    assert await office.fetch("SELECT count(*) FROM license WHERE large") == [(17,)]
    for n in range(16):
        await anna.certified(f"pc{n}")
    assert code(await anna.activate("one more")) == "device_limit"
