"""Standing and kinds of licence (L5-L8, R9, S2, T5) on a real database."""

import asyncio
import time

import pytest

from activation.licensing.model import Hold, LicenseKind
from activation.licensing.verdicts import Refusal, Refused
from activation.service.activating.activations import activate
from activation.service.licenses.standing import (
    end_licenses,
    extend_licenses,
    hold_licenses,
    orphan_licenses,
    release_hold,
    revoke_licenses,
)
from activation.service.provisioning import grant_licenses
from activation.service.working import act_as_system
from activation.storage.licenses.standing import Where

# Reseller, order, subscription and kind of four licences.
BELONGINGS = [(7, 70, None, 0), (7, 70, None, 0), (7, 71, 700, 3), (None, None, None, 1)]


async def do(office, run):
    done = await act_as_system(office.desk, run)
    assert not isinstance(done, Refused), done
    return done


async def standing(office, account_id):
    rows = await office.fetch(
        "SELECT license_id, state, holds, ends_at, updates_until, orphaned FROM license"
        " WHERE account_id = $1 ORDER BY license_id",
        account_id,
    )
    return [tuple(row)[1:] for row in rows]


async def test_l8_two_holds_keep_a_licence_suspended_until_both_are_gone(office):
    made = await office.account(2)
    where = Where(account_id=made.account_id)
    assert len(await do(office, lambda work: hold_licenses(work, where, Hold.LATE, "P8"))) == 2
    assert len(await do(office, lambda work: hold_licenses(work, where, Hold.LATE, "P8"))) == 0
    assert len(await do(office, lambda work: hold_licenses(work, where, Hold.STAFF))) == 2
    assert await standing(office, made.account_id) == [(1, 5, None, None, False)] * 2
    await do(office, lambda work: release_hold(work, where, Hold.LATE))
    assert await standing(office, made.account_id) == [(1, 4, None, None, False)] * 2
    assert len(await do(office, lambda work: release_hold(work, where, Hold.STAFF))) == 2
    assert await standing(office, made.account_id) == [(0, 0, None, None, False)] * 2
    events = await office.fetch("SELECT kind, rule, actor FROM event WHERE kind IN (20, 21)")
    assert sorted(map(tuple, events)) == sorted(
        [(20, "P8", 0), (20, "L8", 0), (21, "L8", 0), (21, "L8", 0)] * 2
    )


async def test_l8_revoked_is_final(office):
    made = await office.account(1)
    where = Where(account_id=made.account_id, product_id=1)
    await do(office, lambda work: hold_licenses(work, where, Hold.PENALTY))
    assert len(await do(office, lambda work: revoke_licenses(work, where))) == 1
    assert await standing(office, made.account_id) == [(2, 0, None, None, False)]
    for again in (
        lambda work: hold_licenses(work, where, Hold.STAFF),
        lambda work: release_hold(work, where, Hold.PENALTY),
        lambda work: revoke_licenses(work, where),
        lambda work: end_licenses(work, where, 5),
    ):
        assert await do(office, again) == []


async def test_l8_a_change_of_standing_raises_the_version_of_the_holdings_it_touches_only(office):
    made, other = await office.account(3), await office.account(1)
    ids = [
        row[0]
        for row in await office.fetch("SELECT license_id FROM license WHERE account_id = $1", made.account_id)
    ]
    before = dict(await office.fetch("SELECT account_id, version FROM holding"))
    await do(office, lambda work: revoke_licenses(work, Where(license_ids=ids[:2])))
    after = dict(await office.fetch("SELECT account_id, version FROM holding"))
    assert after[made.account_id] == before[made.account_id] + 1
    assert after[other.account_id] == before[other.account_id]


async def test_l8_an_end_is_only_brought_forward_and_an_extension_only_put_off(office):
    made = await office.account(1)
    where = Where(account_id=made.account_id)
    assert len(await do(office, lambda work: extend_licenses(work, where, 9))) == 0
    assert len(await do(office, lambda work: end_licenses(work, where, 1000))) == 1
    assert len(await do(office, lambda work: end_licenses(work, where, 1001))) == 0
    assert len(await do(office, lambda work: extend_licenses(work, where, 999))) == 0
    assert len(await do(office, lambda work: extend_licenses(work, where, 2000))) == 1
    assert await standing(office, made.account_id) == [(0, 0, 2000, None, False)]


async def test_r9_an_orphaned_licence_gets_no_later_builds(office):
    made = await office.account(1)
    where = Where(account_id=made.account_id)
    assert len(await do(office, lambda work: orphan_licenses(work, where, 1000))) == 1
    assert len(await do(office, lambda work: orphan_licenses(work, where, 2000))) == 0
    assert await standing(office, made.account_id) == [(0, 0, None, 1000, True)]


async def test_l8_no_condition_at_all_is_no_way_to_choose_every_licence(office):
    await office.account(1)
    with pytest.raises(ValueError, match="must be said"):
        await act_as_system(office.desk, lambda work: revoke_licenses(work, Where()))


async def test_l8_a_hundred_thousand_licences_are_suspended_in_seconds(office):
    made = await office.account(0)
    async with office.desk.pool.acquire() as connection:
        for _ in range(10):
            await grant_licenses(connection, office.ids, made.account_id, 1, 5, 10_000)
    await office.fetch("UPDATE license SET reseller_id = 77 WHERE account_id = $1", made.account_id)
    began = time.monotonic()
    held = await do(office, lambda work: hold_licenses(work, Where(reseller_id=77), Hold.LATE))
    assert len(held) == 100_000
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("hold", list(Hold))
async def test_l8_suspending_keeps_the_device_and_reinstating_gives_it_back(office, hold):
    made = await office.account(1)
    first = await activate(office.desk, office.caller(), made.login, made.password, office.wish("desk"))
    where = Where(account_id=made.account_id)
    await do(office, lambda work: hold_licenses(work, where, hold))
    refused = await activate(office.desk, office.caller(), made.login, made.password, office.wish("desk"))
    assert refused.code == "suspended"
    await do(office, lambda work: release_hold(work, where, hold))
    again = await activate(office.desk, office.caller(), made.login, made.password, office.wish("desk"))
    assert (again.is_new, again.activation.activation_id) == (False, first.activation.activation_id)


async def waiting(office):
    """Wait until a statement waits for a lock that another transaction has."""
    async with asyncio.timeout(10):
        while not await office.fetch(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ):
            await asyncio.sleep(0.01)


async def test_l8_an_activation_under_way_is_decided_again_when_its_licence_is_suspended(office):
    made = await office.account(1)
    wish, under_way = office.wish("desk"), []

    async def hold_meanwhile(work):
        held = await hold_licenses(work, Where(account_id=made.account_id), Hold.LATE)
        activating = activate(office.desk, office.caller(), made.login, made.password, wish)
        under_way.append(asyncio.create_task(activating))
        await waiting(office)
        return held

    await do(office, hold_meanwhile)
    assert (await under_way[0]).code == "suspended"
    assert await office.fetch("SELECT 1 FROM activation") == []


async def test_l8_a_refusal_leaves_nothing_of_a_change_of_standing(office):
    made = await office.account(1)

    async def change_their_mind(work):
        await revoke_licenses(work, Where(account_id=made.account_id))
        return Refused(Refusal.CONFLICT, "L8", "not after all")

    assert (await act_as_system(office.desk, change_their_mind)).code == "conflict"
    assert await standing(office, made.account_id) == [(0, 0, None, None, False)]
    assert await office.fetch("SELECT 1 FROM event WHERE kind = 22") == []


@pytest.mark.parametrize(
    ("fields", "hit"),
    [
        ({"reseller_id": 7}, {1, 2, 3}),
        ({"reseller_id": 7, "purchase_id": 70}, {1, 2}),
        ({"purchase_id": 70}, {1, 2}),
        ({"reseller_id": 8}, set()),
        ({"account_id": "own"}, {1, 2, 3, 4}),
        ({"account_id": "own", "kind": LicenseKind.TEST}, {4}),
        ({"account_id": "own", "subscription_id": 700}, {3}),
        ({"account_id": "own", "product_id": 2}, set()),
        ({"license_ids": []}, set()),
    ],
)
async def test_l8_licences_are_chosen_by_all_that_is_said_of_them(office, fields, hit):
    made, _ = await office.account(4), await office.account(2)
    rows = await office.fetch(
        "SELECT license_id FROM license WHERE account_id = $1 ORDER BY 1", made.account_id
    )
    ids = [row[0] for row in rows]
    for license_id, (reseller_id, purchase_id, subscription_id, kind) in zip(ids, BELONGINGS, strict=True):
        await office.fetch(
            "UPDATE license SET reseller_id = $2, purchase_id = $3, subscription_id = $4, kind = $5"
            " WHERE license_id = $1",
            license_id,
            reseller_id,
            purchase_id,
            subscription_id,
            kind,
        )
    chosen = {name: made.account_id if said == "own" else said for name, said in fields.items()}
    revoked = await do(office, lambda work: revoke_licenses(work, Where(**chosen)))
    assert {ids.index(license_id) + 1 for license_id in revoked} == hit
