"""Which certificates without an end are listed as revoked (L8, R2), and how fresh the list is."""

import asyncio
import time

import pytest
from sample_revocations import ask, certificates, issue_offline, look
from sample_staff import hire, welcome

from activation.app import open_desk
from activation.licensing.identifiers import RESET, from_text
from activation.licensing.verdicts import Refused
from activation.service.certifying.revoking import CACHE_S, FRESH_S, Bulletin, BulletinBoard
from activation.storage.pool import close_pool, open_pool
from crypto.ceremony import add_signing_key, retire_signing_key
from crypto.keyring import KeyRing
from crypto.revocations import LIFE_S, Revocations, verify_revocations
from crypto.signing import load_signing_key

HOUR = 3600


@pytest.fixture
async def offline(office):
    """A licence that was activated offline, with a certificate for ever."""
    anna = await welcome(office, 1)
    done = await anna.certified()
    await office.fetch("UPDATE activation SET online = false")
    await issue_offline(office, 1, activated=done)
    return anna, done


def believe(office, told: Bulletin) -> Revocations:
    roots = office.desk.maker.ring.roots
    return verify_revocations(told.revocations, told.delegation, roots, now=told.issued_at + HOUR)


async def test_a_certificate_for_ever_that_is_good_is_not_listed(office, offline):
    told = await look(office)
    listed = believe(office, told)
    assert (listed.certificates, listed.keys) == (frozenset(), {})
    assert listed.issuer == office.settings.issuer
    assert listed.issued_at % HOUR == 0
    assert (told.issued_at, told.expires_at) == (listed.issued_at, listed.issued_at + LIFE_S)


async def test_l8_a_revoked_licences_certificates_are_listed_all_of_them(office, offline):
    _, done = offline
    second = await issue_offline(office, 2, activated=done)
    await issue_offline(office, 3, activated=done, expires_at=4_000_000_000)
    await office.fetch("UPDATE license SET state = 2")
    told = await look(office)
    assert list(told.certificates) == sorted(told.certificates)
    assert believe(office, told).certificates == set(told.certificates)
    assert second in told.certificates
    assert (len(told.certificates), told.found) == (2, 2)


async def test_l8_a_suspended_licences_certificate_is_not_listed(office, offline):
    await office.fetch("UPDATE license SET state = 1")
    assert await certificates(office) == []


async def test_r2_a_replaced_licences_certificate_is_listed(office, offline):
    _, done = offline
    sales, colleague = await hire(office, "sales"), await hire(office, "sales")
    filed = await sales.replace(done.license.license_id)
    assert await certificates(office) == []
    await colleague.approve(from_text(RESET, filed.refused.facts["reset_id"]))
    assert len(await certificates(office)) == 1


async def test_one_whose_activation_is_not_current_any_more_is_listed(office, offline):
    await office.fetch("UPDATE activation SET ended_at = 1, ended_why = 4")
    assert len(await certificates(office)) == 1


async def test_the_same_certificate_issued_for_two_request_files_is_listed_once(office, offline):
    _, done = offline
    first = (await office.fetch("SELECT jti FROM offline_file"))[0][0]
    await issue_offline(office, 2, activated=done, jti=first)
    await office.fetch("UPDATE license SET state = 2")
    told = await look(office)
    assert (list(told.certificates), told.found) == ([first], 1)


async def test_two_workers_tell_the_same_bytes_for_an_hour(office, offline, dsn):
    await office.fetch("UPDATE license SET state = 2")
    async with open_desk(office.settings, dsn) as other:
        # Away from the hour's end, whatever the time is now.
        for desk in (office.desk, other):
            desk.clock.shift_s = HOUR - int(time.time()) % HOUR + 60
        first, second = await ask(office.desk, BulletinBoard()), await ask(other, BulletinBoard())
        assert first == second
        other.clock.shift_s += HOUR // 2
        assert await ask(other, BulletinBoard()) == first
        other.clock.shift_s += HOUR // 2
        later = await ask(other, BulletinBoard())
    assert later.issued_at == first.issued_at + HOUR
    assert later.name != first.name
    assert later.certificates == first.certificates


async def test_a_worker_signs_again_only_what_changed(office, offline):
    office.desk.clock.shift_s = HOUR - int(time.time()) % HOUR + 60
    board = BulletinBoard(fresh_s=0)
    first = await ask(office.desk, board)
    assert await ask(office.desk, board) is first
    await office.fetch("UPDATE license SET state = 2")
    assert (await ask(office.desk, board)).found == 1


async def test_a_worker_looks_again_within_a_minute_and_not_at_every_call(office, offline):
    assert FRESH_S + CACHE_S < 60
    board = BulletinBoard()
    first = await ask(office.desk, board)
    await office.fetch("UPDATE license SET state = 2")
    assert await ask(office.desk, board) is first


def keys_of(office):
    now = int(time.time())
    folder = office.settings.keys_folder
    return folder, now, office.desk.maker.ring.active(now).kid


@pytest.mark.parametrize("why", ["leaked", "rotated"])
async def test_retired_keys_are_listed_under_another_key(office, why, equipped):
    folder, now, old = keys_of(office)
    root = load_signing_key(equipped.parent / "roots" / "root-current.key")
    add_signing_key(folder, root, now, 30, 86_400, False)
    retire_signing_key(folder, old, why)
    ring = KeyRing.load(folder, now)
    board = BulletinBoard()
    told = await board.read(office.desk.pool, office.desk.clock, ring, office.desk.issuer)
    listed = verify_revocations(told.revocations, told.delegation, ring.roots, now=now)
    assert listed.keys == {old: why}
    assert listed.leaked == ({old} if why == "leaked" else set())


async def test_without_a_key_to_sign_there_is_no_list(office):
    folder, now, old = keys_of(office)
    retire_signing_key(folder, old, "leaked")
    ring = KeyRing.load(folder, now)
    done = await BulletinBoard().read(office.desk.pool, office.desk.clock, ring, office.desk.issuer)
    assert isinstance(done, Refused)
    assert done.code == "unavailable"


@pytest.fixture
async def going(dsn):
    """A way into the database that ends when the test says so."""
    pool = await open_pool(dsn, 2)
    yield pool
    await close_pool(pool)


async def test_without_a_database_the_last_list_goes_on_until_it_is_out_of_date(office, offline, going):
    desk, board = office.desk, BulletinBoard(fresh_s=0)

    async def read(ring=desk.maker.ring):
        return await board.read(going, desk.clock, ring, desk.issuer)

    first = await read()
    await going.close()
    assert await read() is first
    desk.clock.shift_s = first.expires_at - int(time.time()) - 60
    assert await read() is first
    desk.clock.shift_s += 60
    assert (await read()).code == "unavailable"


async def test_without_a_database_no_list_goes_on_under_a_key_that_leaked(office, going):
    desk, board = office.desk, BulletinBoard(fresh_s=0)
    await board.read(going, desk.clock, desk.maker.ring, desk.issuer)
    await going.close()
    folder, now, old = keys_of(office)
    retire_signing_key(folder, old, "leaked")
    done = await board.read(going, desk.clock, KeyRing.load(folder, now), desk.issuer)
    assert done.code == "unavailable"


async def test_a_worker_that_never_reached_the_database_has_no_list(office, going):
    await going.close()
    desk = office.desk
    done = await BulletinBoard().read(going, desk.clock, desk.maker.ring, desk.issuer)
    assert done.code == "unavailable"


async def test_those_who_wait_while_the_database_is_away_hear_it_at_once(office):
    class Slow:
        looks = 0

        def acquire(self, **_fields):
            Slow.looks += 1
            raise TimeoutError

    desk, board = office.desk, BulletinBoard()
    asked = (board.read(Slow(), desk.clock, desk.maker.ring, desk.issuer) for _ in range(20))
    assert {one.code for one in await asyncio.gather(*asked)} == {"unavailable"}
    assert Slow.looks == 1


async def test_a_hundred_thousand_revoked_certificates(office, offline):
    await office.fetch(
        "INSERT INTO offline_file (request_hash, shard, account_id, license_id, activation_id, made_at,"
        " issued_at, kid, jti, pepper, answer)"
        " SELECT decode(md5(n::text), 'hex'), shard, account_id, license_id, activation_id, 1, 17 * n,"
        " 'kid', rtrim(translate(encode(decode(md5(n::text), 'hex'), 'base64'), '+/', '-_'), '='), 1, ''"
        " FROM offline_file, generate_series(2, 100000) n"
    )
    await office.fetch("UPDATE license SET state = 2")
    told = await look(office)
    assert told.found == len(told.certificates) == 100_000
    assert len(believe(office, told).certificates) == 100_000
    assert len(told.revocations) < 3_400_000


async def test_a_full_list_names_the_newest_and_says_so(office, offline, monkeypatch):
    monkeypatch.setattr("activation.service.certifying.revoking.MAX_CERTIFICATES", 2)
    _, done = offline
    newest = [await issue_offline(office, number, activated=done) for number in (2, 3)]
    await office.fetch("UPDATE license SET state = 2")
    told = await look(office)
    assert (list(told.certificates), told.found) == (sorted(newest), 3)
