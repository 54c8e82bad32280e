"""D5: the pepper is rotated while two workers serve one database, and nobody has to activate again."""

import asyncio
import json
import time
from dataclasses import dataclass, replace

import pytest

from activation.app import open_desk
from activation.licensing.verdicts import Refused
from activation.service.activating.activations import Certified, activate
from activation.service.activating.renewals import Released, release, renew
from activation.service.desk import Desk
from activation.service.identity.identifying import TokenShown, identify
from activation.service.peppering.counting import count_by_version, what_hangs
from activation.service.peppering.sweeping import rekey_stored
from activation.service.purchasing.buyers import digest_email
from activation.service.reselling.granting import occasion_digests
from activation.service.resetting.resets import reset_own
from activation.storage.reselling.assignments import count_occasions
from crypto.boxes import open_box, seal_box
from crypto.passwords import version_named
from crypto.pepper import retire_pepper, rotate_pepper


@dataclass
class Fleet:
    """Two workers' desks on one database, and devices that talk to whichever."""

    office: object
    other: Desk

    @property
    def desks(self) -> list[Desk]:
        return [self.office.desk, self.other]

    async def rotate(self, *, after_s: int = 0, looking: bool = True) -> None:
        rotate_pepper(self.office.settings.pepper_file, int(time.time()) + after_s)
        if looking:
            await self.look()

    async def look(self) -> None:
        for desk in self.desks:
            await desk.peppers.look()

    async def activate(self, made, name, *, desk=None, password=None, **fields):
        wish = self.office.wish(name, **fields)
        at = desk or self.office.desk
        return await activate(at, self.office.caller(), made.login, password or made.password, wish)

    async def renew(self, certified, name, *, desk=None, device=None):
        shown = device or self.office.device(name)
        certificate = certified.issued.certificate
        return await renew(desk or self.office.desk, self.office.caller(), certificate, shown, 5)

    async def release(self, certified, name):
        shown = self.office.device(name)
        return await release(self.office.desk, self.office.caller(), certified.issued.certificate, shown)

    async def peppers(self) -> list[int]:
        sql = "SELECT pepper FROM activation WHERE ended_at IS NULL ORDER BY activation_id"
        return [row[0] for row in await self.office.fetch(sql)]

    def salt(self, certified) -> bytes:
        ring, secrets = self.office.desk.maker.ring, self.office.desk.secrets
        return ring.verify_own(certified.issued.certificate, secrets.tags).salt

    def fewer(self, name, *kinds):
        device = self.office.device(name)
        kept = {kind: value for kind, value in device.components.items() if kind not in kinds}
        return replace(device, components=kept)


@pytest.fixture
async def fleet(office, dsn):
    async with open_desk(office.settings, dsn) as other:
        yield Fleet(office, other)


def same(done, before):
    assert isinstance(done, Certified), done
    assert done.activation.activation_id == before.activation.activation_id
    return done


def code(done):
    assert isinstance(done, Refused), done
    return done.code


@pytest.mark.parametrize("seats", [3, 30])
async def test_d5_devices_are_re_keyed_as_they_come_by(fleet, seats):
    made = await fleet.office.account(seats)
    names = [f"m{n}" for n in range(3)]
    before = {name: await fleet.activate(made, name) for name in names}
    await fleet.rotate()
    again = same(await fleet.activate(made, "m0", desk=fleet.other), before["m0"])
    renewed = same(await fleet.renew(before["m1"], "m1", desk=fleet.other), before["m1"])
    assert await fleet.peppers() == [2, 2, 1]
    assert fleet.salt(again) == fleet.salt(renewed) != fleet.salt(before["m0"])
    # What hangs on the old pepper is known on, and so is what was re-keyed, by either certificate.
    same(await fleet.renew(before["m1"], "m1"), before["m1"])
    same(await fleet.renew(renewed, "m1"), before["m1"])
    same(await fleet.activate(made, "m2"), before["m2"])
    assert await fleet.peppers() == [2, 2, 2]
    events = await fleet.office.fetch("SELECT kind FROM event WHERE activation_id IS NOT NULL")
    assert len(events) == 3  # the activations: a re-key is no event


@pytest.mark.parametrize("seats", [1, 30])
async def test_d5_no_second_device_comes_in_by_a_rotation(fleet, seats):
    made = await fleet.office.account(seats)
    names = [f"m{n}" for n in range(seats)]
    for name in names:
        await fleet.activate(made, name)
    await fleet.rotate()
    assert code(await fleet.activate(made, "stranger")) == "device_limit"
    await fleet.activate(made, names[0])
    assert code(await fleet.activate(made, "stranger", desk=fleet.other)) == "device_limit"
    current = await fleet.office.fetch("SELECT count(*) FROM activation WHERE ended_at IS NULL")
    assert current[0][0] == seats


async def test_d5_a_password_that_is_re_keyed_while_it_is_tried_is_still_right(fleet, monkeypatch):
    made = await fleet.office.account(1)
    before = await fleet.activate(made, "m")
    await fleet.rotate()
    desk, submit, asked = fleet.office.desk, fleet.office.desk.batcher.submit, []

    async def submit_slowly(case):
        settled = await submit(case)
        asked.append(case)
        if len(asked) == 1:  # the newest was tried; now another request of the same owner is quicker
            same(await fleet.activate(made, "m", desk=fleet.other), before)
            await fleet.other.rekeying.flush(fleet.other.pool)
        return settled

    monkeypatch.setattr(desk.batcher, "submit", submit_slowly)
    same(await fleet.activate(made, "m"), before)
    assert len(asked) == 3


async def test_d2_who_sends_less_stays_on_the_old_pepper(fleet):
    made = await fleet.office.account(1)
    before = await fleet.activate(made, "m")
    await fleet.rotate()
    fewer = fleet.fewer("m", "mac")
    done = same(await fleet.renew(before, "m", device=fewer), before)
    assert await fleet.peppers() == [1]
    assert fleet.salt(done) == fleet.salt(before)
    same(await fleet.renew(before, "m"), before)
    assert await fleet.peppers() == [2]
    # And what it has to agree in is what it always was.
    lone = fleet.fewer("m", "hdd_serial", "mac")
    assert code(await fleet.renew(before, "m", device=lone)) == "device_mismatch"


async def test_the_same_device_within_the_hour_gets_the_same_bytes_from_the_re_key_on(fleet):
    made = await fleet.office.account(1)
    before = await fleet.activate(made, "m")
    await fleet.rotate()
    answers = [await fleet.activate(made, "m", desk=desk) for desk in [*fleet.desks, *fleet.desks]]
    assert len({done.issued.certificate for done in answers}) == 1
    assert answers[0].issued.certificate != before.issued.certificate


async def test_a_worker_that_did_not_look_yet_asks_the_file_before_it_refuses(fleet):
    made = await fleet.office.account(1)
    before = await fleet.activate(made, "m")
    await fleet.rotate(looking=False)
    await fleet.office.desk.peppers.look()
    first = same(await fleet.activate(made, "m"), before)
    assert list(fleet.other.peppers.known) == [1]
    renewed = same(await fleet.renew(first, "m", desk=fleet.other), before)
    assert list(fleet.other.peppers.known) == [2, 1]
    assert renewed.issued.certificate == first.issued.certificate


async def test_a_pepper_from_nowhere_is_an_outage_and_no_refusal(fleet):
    made = await fleet.office.account(1)
    before = await fleet.activate(made, "m")
    await fleet.office.fetch("UPDATE activation SET pepper = 9")
    assert code(await fleet.renew(before, "m")) == "unavailable"
    assert code(await fleet.activate(made, "m")) == "unavailable"
    assert await fleet.peppers() == [9]


async def test_a_new_pepper_is_known_before_it_is_used(fleet):
    made = await fleet.office.account(2)
    await fleet.activate(made, "a")
    await fleet.rotate(after_s=60)
    assert list(fleet.other.peppers.known) == [2, 1]
    await fleet.activate(made, "a")
    await fleet.activate(made, "b")
    assert await fleet.peppers() == [1, 1]
    # A worker whose clock runs ahead uses it already; the others follow what it wrote, and take nothing back.
    fleet.other.peppers._use(int(time.time()) + 61)
    fleet.other.peppers.take()
    first = await fleet.activate(made, "a", desk=fleet.other)
    assert await fleet.peppers() == [2, 1]
    again = await fleet.activate(made, "a")
    assert again.issued.certificate == first.issued.certificate
    assert await fleet.peppers() == [2, 1]


async def test_r10_released_under_the_old_pepper_and_back_under_the_new(fleet):
    made = await fleet.office.account(1)
    before = await fleet.activate(made, "m")
    assert isinstance(await fleet.release(before, "m"), Released)
    await fleet.rotate()
    assert isinstance(await fleet.release(before, "m"), Released)  # repeated: the same answer
    back = await fleet.activate(made, "m")
    assert back.can_reset  # given back to the device that returned
    assert await fleet.peppers() == [2]


async def test_r1_r7_a_reset_and_a_move_go_on(fleet):
    made = await fleet.office.account(2)
    before = await fleet.activate(made, "a")
    await fleet.activate(made, "b")
    await fleet.rotate()
    moved = await fleet.activate(made, "c", move=True, license_id=before.license.license_id)
    assert moved.is_new
    assert code(await fleet.renew(before, "a")) == "superseded"
    done = await reset_own(
        fleet.office.desk, fleet.office.caller(), made.login, made.password, before.license.license_id
    )
    assert code(done) == "reset_limit"
    assert sorted(await fleet.peppers()) == [1, 2]


async def test_many_come_by_at_once(fleet):
    made = await fleet.office.account(30)
    names = [f"m{n}" for n in range(30)]
    before = {name: await fleet.activate(made, name) for name in names}
    await fleet.rotate()
    asked = [(name, desk) for name in names for desk in fleet.desks]
    done = await asyncio.gather(*(fleet.activate(made, name, desk=desk) for name, desk in asked))
    for (name, _), one in zip(asked, done, strict=True):
        same(one, before[name])
    assert await fleet.peppers() == [2] * 30
    seats = await fleet.office.fetch("SELECT activation_id, count(*) FROM seat GROUP BY activation_id")
    assert {row[1] for row in seats} == {3}  # three parts each, the old digests are gone


async def test_after_the_old_one_is_retired_its_certificates_still_renew(fleet):
    made = await fleet.office.account(1)
    before = await fleet.activate(made, "m")
    await fleet.rotate()
    await fleet.activate(made, "m")  # the answer never arrived: the device holds the certificate of before
    retire_pepper(fleet.office.settings.pepper_file, 1, int(time.time()))
    await fleet.look()
    assert list(fleet.other.peppers.known) == [2]
    same(await fleet.renew(before, "m", desk=fleet.other), before)


async def test_by_a_retired_pepper_nothing_is_known(fleet):
    made = await fleet.office.account(1)
    before = await fleet.activate(made, "m")
    await fleet.rotate()
    await fleet.activate(made, "m", password=made.password)  # the password is under the new one now
    await fleet.office.fetch("UPDATE activation SET pepper = 1")
    retire_pepper(fleet.office.settings.pepper_file, 1, int(time.time()))
    await fleet.look()
    assert code(await fleet.renew(before, "m")) == "device_mismatch"


async def test_a_damaged_file_changes_nothing(fleet):
    path = fleet.office.settings.pepper_file
    made = await fleet.office.account(1)
    before = await fleet.activate(made, "m")
    text = path.read_text()
    path.write_text(json.dumps({"version": 2}))
    await fleet.look()
    same(await fleet.activate(made, "m"), before)
    path.write_text(text)
    await fleet.rotate()
    same(await fleet.activate(made, "m"), before)
    assert await fleet.peppers() == [2]


async def test_passwords_are_known_under_both_and_re_keyed_when_shown(fleet):
    made = await fleet.office.account(2, rolled_out=True)
    await fleet.activate(made, "a")
    await fleet.rotate()
    assert code(await fleet.activate(made, "a", password="wrong")) == "credentials"
    assert (await hashes(fleet, made)) == (16, 16)
    await fleet.activate(made, "a")
    await fleet.office.desk.rekeying.flush(fleet.office.desk.pool)
    assert (await hashes(fleet, made)) == (17, 16)
    await fleet.activate(made, "b", password=made.activation_password, desk=fleet.other)
    await fleet.other.rekeying.flush(fleet.other.pool)
    assert (await hashes(fleet, made)) == (17, 17)
    for password in (made.password, made.activation_password):
        assert isinstance(await fleet.activate(made, "a", password=password), Certified)
    assert code(await fleet.activate(made, "a", password="wrong")) == "credentials"


async def hashes(fleet, made):
    sql = "SELECT length(owner_hash), length(activation_hash) FROM account WHERE account_id = $1"
    return tuple((await fleet.office.fetch(sql, made.account_id))[0])


async def test_tokens_are_known_under_both_and_re_keyed_when_shown(fleet):
    desk, made = fleet.office.desk, await fleet.office.staff("support")
    await fleet.rotate()
    for _ in range(2):
        async with desk.pool.acquire() as connection:
            person = await identify(connection, desk, TokenShown(made.token), int(time.time()))
            assert person.person_id == made.user_id
            wrong = await identify(connection, desk, TokenShown(made.token + "x"), int(time.time()))
            assert code(wrong) == "credentials"
        await desk.rekeying.flush(desk.pool)
    stored = await fleet.office.fetch("SELECT token_hash FROM staff_token")
    assert [version_named(row[0]) for row in stored] == [2]


async def test_boxes_e_mails_and_occasions_are_re_keyed_by_a_job(fleet):
    desk, office = fleet.office.desk, fleet.office
    made, key = await office.account(1), desk.secrets
    await office.staff("support")
    email = "Anna@example.com"
    await office.fetch(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1::bigint,"
        " ($1::bigint >> 55)::smallint, 3, $2)",
        made.account_id,
        email,
    )
    await office.fetch("UPDATE license SET kind = 1")
    digest = digest_email(key.passwords, email)
    await office.fetch("INSERT INTO account_by_email VALUES ($1, $2)", digest, made.account_id)
    for one in occasion_digests(key.occasions, made.account_id, email):
        await office.fetch("INSERT INTO occasion (digest, number, given_at) VALUES ($1, 1, 1)", one)
    await office.fetch("UPDATE staff SET totp_box = $1", seal_box(key.totp, b"secret"))
    assert await rekey_stored(desk) == 0
    await fleet.rotate()
    assert await rekey_stored(desk) == 4
    assert await rekey_stored(desk) == 0
    async with desk.pool.acquire() as connection:
        counts = await count_by_version(connection, desk.secrets, int(time.time()))
        known = await count_occasions(
            connection, occasion_digests(desk.secrets.occasions, made.account_id, email)
        )
    assert known == 1
    assert counts[2]["boxes"] == counts[2]["emails"] == 1
    assert counts[2]["occasions"] == 2
    assert what_hangs(counts, 1) == {"passwords": 1, "tokens": 1} | (
        {"staff_passwords": 1} if counts.get(1, {}).get("staff_passwords") else {}
    )
    [row] = await office.fetch("SELECT totp_box FROM staff")
    assert open_box(desk.secrets.totp, row[0]) == b"secret"


async def test_the_share_on_each_version_is_counted(fleet):
    made = await fleet.office.account(3)
    before = {name: await fleet.activate(made, name) for name in "abc"}
    await fleet.rotate()
    await fleet.renew(before["a"], "a")
    desk = fleet.office.desk
    async with desk.pool.acquire() as connection:
        counts = await count_by_version(connection, desk.secrets, int(time.time()))
    assert (counts[1]["devices"], counts[2]["devices"]) == (2, 1)
    await fleet.office.fetch("UPDATE license SET state = 2")
    async with desk.pool.acquire() as connection:
        counts = await count_by_version(connection, desk.secrets, int(time.time()))
    assert (counts[1]["devices"], counts[1]["ended"]) == (0, 2)
