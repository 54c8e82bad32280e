"""D5: what else a rotation leaves as it was: undone resets, files, test licences' successors, mails."""

import json
import time

import pytest
from sample_staff import code, hire, welcome
from service.sample_offline import LonelyMachine, bring

from activation.licensing.model import LicenseKind
from activation.service.activating.activations import Certified, activate
from activation.service.activating.renewals import renew
from activation.service.mailing.sealing import seal, unseal
from activation.service.peppering.counting import count_by_version
from activation.service.peppering.sweeping import rekey_stored
from activation.service.provisioning import grant_licenses
from activation.service.resetting.overrides import Overridden
from crypto.pepper import retire_pepper, rotate_pepper


async def rotate(office):
    rotate_pepper(office.settings.pepper_file, int(time.time()))
    await office.desk.peppers.look()
    assert office.desk.secrets.version == office.desk.pepper_version


@pytest.mark.parametrize("seats", [2, 30])
@pytest.mark.parametrize("elsewhere", ["nowhere", "before", "since"])
async def test_r5_a_reset_is_undone_unless_its_device_may_be_elsewhere(office, seats, elsewhere):
    made = await office.account(seats)
    agent = await hire(office, "support")

    async def come(name, **fields):
        wish = office.wish(name, **fields)
        done = await activate(office.desk, office.caller(), made.login, made.password, wish)
        assert isinstance(done, Certified), done
        return done

    held = (await come("laptop")).license.license_id
    other = await come("desktop") if elsewhere == "before" else None
    office.desk.clock.shift_s += 60
    done = await agent.reset(held)
    assert isinstance(done, Overridden), done
    await rotate(office)
    if other is not None:
        await come("desktop")  # re-keyed, but there before the reset: no doubt about it
    if elsewhere == "since":
        [free] = await office.fetch(
            "SELECT license_id FROM license WHERE license_id <> $1 ORDER BY license_id LIMIT 1", held
        )
        await come("laptop", license_id=free[0])
    undone = await agent.undo(done.override.reset_id)
    if elsewhere == "since":
        assert code(undone) == "conflict"
        return
    assert isinstance(undone, Overridden), undone
    assert (await come("laptop")).license.license_id == held


async def test_r5_by_a_retired_pepper_a_reset_is_not_undone(office):
    made = await office.account(1)
    agent = await hire(office, "support")
    wish = office.wish("laptop")
    before = await activate(office.desk, office.caller(), made.login, made.password, wish)
    await rotate(office)
    office.desk.clock.shift_s += 60
    done = await agent.reset(before.license.license_id)
    await office.desk.rekeying.flush(office.desk.pool)  # the agent's token
    retire_pepper(office.settings.pepper_file, 1, int(time.time()))
    await office.desk.peppers.look()
    refused = await agent.undo(done.override.reset_id)
    assert (code(refused), "deleted meanwhile" in refused.detail) == ("conflict", True)


async def test_r2_the_same_request_file_gets_the_same_bytes(office):
    machine = LonelyMachine(office, await office.account(1))
    file = machine.file(int(time.time()))
    answer = await bring(office, file)
    await rotate(office)
    assert await bring(office, file) == answer
    second = LonelyMachine(office, await office.account(1))
    newer = await bring(office, second.file(int(time.time())))
    assert isinstance(newer, bytes)
    rows = await office.fetch("SELECT pepper FROM offline_file ORDER BY pepper")
    assert [row[0] for row in rows] == [1, 2]


async def test_t5_an_ended_test_licence_leads_to_a_regular_one(office):
    made = await office.account(1)
    await office.fetch("UPDATE license SET kind = $1", LicenseKind.TEST)
    wish = office.wish("laptop")
    before = await activate(office.desk, office.caller(), made.login, made.password, wish)
    await rotate(office)
    await office.fetch("UPDATE license SET ends_at = 1")
    async with office.desk.pool.acquire() as connection:
        await grant_licenses(connection, office.ids, made.account_id, 1, 5, 1)
    done = await renew(office.desk, office.caller(), before.issued.certificate, wish.device, 5)
    assert isinstance(done, Certified), done
    assert done.license.license_id != before.license.license_id
    rows = await office.fetch("SELECT pepper FROM activation ORDER BY activation_id")
    assert [row[0] for row in rows] == [1, 2]


async def test_what_a_mail_holds_opens_on(office):
    sealed = seal(office.desk.secrets.mail, {"password": "k7wq"})
    await rotate(office)
    assert unseal(office.desk.secrets.mail, sealed) == {"password": "k7wq"}


async def test_what_mails_hold_is_counted_and_sealed_anew_by_the_job(office):
    desk = office.desk

    async def count():
        async with desk.pool.acquire() as connection:
            counts = await count_by_version(connection, desk.secrets, int(time.time()))
        return {version: by_kind["mails"] for version, by_kind in counts.items() if by_kind["mails"]}

    for mail_id, state in enumerate(("NULL, NULL", "NULL, 1", "1, NULL"), start=1):
        params = json.dumps({"sealed": seal(desk.secrets.mail, {"password": "k7wq"})})
        await office.fetch(
            "INSERT INTO mail (mail_id, subject, template, params, written_at, next_at, sent_at, dead_at)"
            f" VALUES ($1, 1, 'login_made', $2, 1, 1, {state})",
            mail_id,
            params,
        )
    await rotate(office)
    assert await count() == {1: 2}  # what waits and what is dead
    assert await rekey_stored(desk) == 2
    assert await count() == {2: 2}
    retire_pepper(office.settings.pepper_file, 1, int(time.time()))
    await desk.peppers.look()
    [row] = await office.fetch("SELECT params ->> 'sealed' FROM mail WHERE mail_id = 2")
    assert unseal(desk.secrets.mail, row[0]) == {"password": "k7wq"}


async def test_r1_a_customer_goes_on(office):
    anna = await welcome(office, 1)
    assert (await anna.certified()).is_new
    await rotate(office)
    assert not (await anna.certified()).is_new
