"""Offline activation at a desk: one request file, one licence, one answer for ever (R2)."""

import asyncio
import base64
import dataclasses
import json
import shutil
import time

import pytest
from service.sample_offline import LonelyMachine, bring

from activation.app import open_desk
from activation.equipping import KeyPlan, open_root, rotate
from activation.http.offline import hand_in
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.offline_files import read_certificate_file
from activation.service.activating.activations import activate
from activation.service.activating.renewals import renew
from activation.service.certifying.linting import UnsignableError
from activation.service.certifying.revoking import BulletinBoard
from activation.service.licenses.tending import revoke_license
from activation.service.resetting.resets import reset_own
from activation.service.working import act_as_system
from crypto.ceremony import retire_signing_key
from crypto.key_folder import LEAKED, ROTATED
from crypto.keyring import KeyRing
from crypto.revocations import name_certificate
from crypto.verifying import verify_certificate

DAY = 86_400


@pytest.fixture
async def machine(office):
    return LonelyMachine(office, await office.account(1))


@pytest.fixture
def moment():
    return int(time.time())


def terms_of(office, answer):
    told = read_certificate_file(answer)
    roots = office.desk.maker.ring.roots
    return verify_certificate(
        told.certificate, told.delegation, roots, product="softphone", now=int(time.time())
    )


def kid_of(answer):
    told = read_certificate_file(answer)
    return json.loads(base64.urlsafe_b64decode(told.certificate.split(".")[0] + "=="))["kid"]


async def test_r2_a_certificate_for_ever_under_the_offline_delegation(office, machine, moment):
    answer = await bring(office, machine.file(moment))
    assert terms_of(office, answer).expires_at is None
    assert office.desk.maker.ring.delegations[kid_of(answer)].offline
    [row] = await office.fetch("SELECT online FROM activation")
    assert row["online"] is False
    [stored] = await office.fetch("SELECT * FROM offline_file")
    assert stored["kid"] == kid_of(answer)
    assert stored["issued_at"] == terms_of(office, answer).issued_at
    assert read_certificate_file(answer).certificate.encode() not in stored["answer"]


async def test_r2_the_same_file_gets_the_same_bytes_whatever_mail_did_to_it(office, machine, moment):
    file = machine.file(moment)
    answer = await bring(office, file)
    office.desk.clock.shift_s += 5 * 3600
    assert await bring(office, "\ufeff" + file.replace("\n", " \r\n\r\n")) == answer
    assert await bring(office, machine.seal(hand_in(office.desk, file.encode()).opened)) == answer
    office.desk.clock.shift_s += 400 * DAY
    assert await bring(office, file) == answer
    assert len(await office.fetch("SELECT 1 FROM offline_file")) == 1


async def test_r2_twenty_at_once_on_two_workers_are_one_activation_and_one_answer(
    office, machine, moment, dsn
):
    file = machine.file(moment)
    async with open_desk(office.settings, dsn) as other:
        answers = await asyncio.gather(*(bring(office, file, desk) for desk in [office.desk, other] * 10))
    assert len(set(answers)) == 1
    assert isinstance(answers[0], bytes)
    assert len(await office.fetch("SELECT 1 FROM activation")) == 1
    kinds = [row["kind"] for row in await office.fetch("SELECT kind FROM event WHERE kind IN (1, 27)")]
    assert sorted(kinds) == [1, 27]


async def test_r2_another_request_of_the_same_machine_is_the_same_activation(office, machine, moment):
    first, second = [await bring(office, machine.file(moment)) for _ in range(2)]
    assert terms_of(office, first).activation_id == terms_of(office, second).activation_id
    assert len(await office.fetch("SELECT 1 FROM offline_file")) == 2


async def test_r2_resets_are_refused_also_after_it_came_online(office, machine, moment):
    await bring(office, machine.file(moment))
    made = machine.made
    [row] = await office.fetch("SELECT license_id FROM license")

    async def refusal():
        done = await reset_own(office.desk, office.caller(), made.login, made.password, row["license_id"])
        return done.code

    assert await refusal() is Refusal.RESET_OFFLINE
    office.desk.clock.shift_s += 2 * 3600
    again = await activate(office.desk, office.caller(), made.login, made.password, office.wish("laptop"))
    assert not again.is_new
    assert again.issued.validity.expires_at is None
    issued = {row["jti"] for row in await office.fetch("SELECT jti FROM offline_file")}
    assert name_certificate(again.issued.certificate)[1] in issued, "revocations can name it"
    assert await refusal() is Refusal.RESET_OFFLINE


async def test_r2_a_device_that_is_online_turns_offline(office, machine, moment):
    made = machine.made
    await activate(office.desk, office.caller(), made.login, made.password, office.wish("laptop"))
    assert terms_of(office, await bring(office, machine.file(moment))).expires_at is None
    assert [row["online"] for row in await office.fetch("SELECT online FROM activation")] == [False]
    [event] = await office.fetch("SELECT details FROM event WHERE kind = 27")
    assert json.loads(event["details"])["turned_offline"] is True
    [row] = await office.fetch("SELECT license_id FROM license")
    done = await reset_own(office.desk, office.caller(), made.login, made.password, row["license_id"])
    assert done.code is Refusal.RESET_OFFLINE


async def test_r2_a_seat_of_a_large_holding_turns_offline_and_is_still_found(office, moment):
    made = await office.account(20)
    machine = LonelyMachine(office, made)
    await activate(office.desk, office.caller(), made.login, made.password, office.wish("laptop"))
    first, second = [await bring(office, machine.file(moment)) for _ in range(2)]
    assert terms_of(office, first).activation_id == terms_of(office, second).activation_id
    assert len(await office.fetch("SELECT 1 FROM activation WHERE NOT online")) == 1


@pytest.mark.parametrize(
    ("age", "refused"),
    [(30 * DAY - 60, False), (30 * DAY + 60, True), (60 - DAY, False), (-DAY - 60, True)],
)
async def test_r2_a_request_is_good_for_thirty_days(office, machine, moment, age, refused):
    done = await bring(office, machine.file(moment - age))
    assert isinstance(done, Refused) is refused
    if refused:
        assert done.code is Refusal.REQUEST_EXPIRED
        assert not await office.fetch("SELECT 1 FROM activation")


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"login": "nobody-here"}, {"password": ""}])
async def test_a_wrong_password_in_a_file_counts_like_any(office, machine, moment, wrong):
    codes = [(await bring(office, machine.file(moment, **wrong))).code for _ in range(11)]
    assert codes == [Refusal.CREDENTIALS] * 10 + [Refusal.RATE_LIMITED]
    assert not await office.fetch("SELECT 1 FROM offline_file")


async def test_l4_a_second_machine_finds_no_licence_left(office, machine, moment):
    await bring(office, machine.file(moment))
    done = await bring(office, LonelyMachine(office, machine.made, "desktop").file(moment))
    assert done.code is Refusal.DEVICE_LIMIT
    assert len(await office.fetch("SELECT 1 FROM offline_file")) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"product": "unheard-of"}, Refusal.NO_LICENSE), ({"version": "4.1"}, Refusal.VERSION_NOT_COVERED)],
)
async def test_the_rules_refuse_as_in_any_activation(office, machine, moment, fields, code):
    assert (await bring(office, machine.file(moment, **fields))).code is code


async def test_a_box_for_another_server_or_a_damaged_one_is_malformed(office, machine, moment):
    opened = machine.request(moment)
    foreign = hand_in(office.desk, machine.seal(opened, bytes([9]) + bytes(31)).encode())
    assert (foreign.code, foreign.facts["field"]) == (Refusal.MALFORMED, "box")


async def test_the_same_bytes_after_restart_and_rotation_and_not_under_a_leaked_key(
    office, machine, moment, dsn, equipped, tmp_path
):
    file = machine.file(moment)
    answer = await bring(office, file)
    shutil.copytree(equipped.parent / "roots", tmp_path / "roots")
    root = open_root(tmp_path / "roots", "current", lambda: "")
    [fresh] = rotate(office.settings, root, KeyPlan(offline=True))
    keys = office.settings.keys_folder
    retire_signing_key(keys, kid_of(answer), ROTATED)
    async with open_desk(office.settings, dsn) as later:
        assert await bring(office, file, later) == answer
        assert kid_of(await bring(office, machine.file(moment), later)) == fresh.kid
    retire_signing_key(keys, kid_of(answer), LEAKED)
    async with open_desk(office.settings, dsn) as later:
        assert (await bring(office, file, later)).code is Refusal.CERTIFICATE_INVALID


async def test_without_an_offline_key_nothing_is_bound(office, machine, moment):
    ring = office.desk.maker.ring
    online = {kid: one for kid, one in ring.delegations.items() if not one.offline}
    office.desk.maker.ring = dataclasses.replace(ring, delegations=online)
    with pytest.raises(UnsignableError):
        await bring(office, machine.file(moment))
    office.desk.maker.ring = ring
    assert not await office.fetch("SELECT 1 FROM activation")
    assert isinstance(await bring(office, machine.file(moment)), bytes)


async def test_without_a_sealing_key_it_is_an_outage_and_no_refusal(office, machine, moment):
    file = machine.file(moment)
    office.desk.sealing = None
    assert hand_in(office.desk, file.encode()).code is Refusal.UNAVAILABLE


def test_the_ring_is_loaded_with_both_kinds_of_key(settings):
    ring = KeyRing.load(settings.keys_folder, int(time.time()))
    assert {one.offline for one in ring.delegations.values()} == {True, False}


async def test_l8_what_a_file_gave_is_named_once_its_licence_is_revoked(office, machine, moment):
    """The whole way: a file, later a renewal online, then the list that calls both back."""
    desk = office.desk
    told = read_certificate_file(await bring(office, machine.file(moment)))
    desk.clock.shift_s += 2 * 3600
    renewed = await renew(desk, office.caller(), told.certificate, office.device("laptop"), 5)
    certificates = {name_certificate(one)[1] for one in (told.certificate, renewed.issued.certificate)}
    assert len(certificates) == 2
    board = BulletinBoard(fresh_s=0)
    before = await board.read(desk.pool, desk.clock, desk.maker.ring, desk.issuer)
    assert before.certificates == ()
    [row] = await office.fetch("SELECT license_id FROM license")
    await act_as_system(desk, lambda work: revoke_license(work, row["license_id"], "Sold twice."))
    after = await board.read(desk.pool, desk.clock, desk.maker.ring, desk.issuer)
    assert set(after.certificates) == certificates
