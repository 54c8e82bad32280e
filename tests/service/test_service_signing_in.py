"""Signing in as use cases: the slow hashing and its door, races for one code, another pepper."""

import asyncio
import os
import sys
import threading
import time
from types import SimpleNamespace

import asyncpg
import pyotp
import pytest

from activation.licensing.identity.sessions import Stage
from activation.licensing.verdicts import Refusal, Refused
from activation.service.identity.enrolling import confirm_factor, offer_factor
from activation.service.identity.entering import Entered
from activation.service.identity.factors import (
    hash_codes,
    new_recovery_codes,
    new_totp_secret,
    open_totp,
    seal_totp,
    step_of,
    uri_of,
)
from activation.service.identity.hashing import (
    NICE,
    NOBODYS,
    SlowHashing,
    hash_slowly,
    verify_slowly,
    version_hashed,
)
from activation.service.identity.own_sessions import see_session
from activation.service.identity.second_factor import Factor, show_second_factor
from activation.service.identity.signing_in import Shown, sign_in
from crypto.pepper import rotate_pepper

KEYED = b"k" * 16
# RFC 6238, appendix B: the seed of its SHA-1 column, the last six of its eight digits.
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = {
    59: "287082",
    1_111_111_109: "081804",
    1_111_111_111: "050471",
    1_234_567_890: "005924",
    2_000_000_000: "279037",
    20_000_000_000: "353130",
}


def test_the_slow_hash_is_argon2id_with_19_mib_two_passes_and_a_salt_of_its_own():
    one, other = hash_slowly(KEYED), hash_slowly(KEYED)
    assert one != other
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert NOBODYS.rpartition("$")[0].rpartition("$")[0] == one.rpartition("$")[0].rpartition("$")[0]
    assert verify_slowly(one, KEYED)
    assert verify_slowly(other, KEYED)
    assert not verify_slowly(one, b"x" * 16)


@pytest.mark.parametrize(
    "damaged", ["$", "$argon2id$", "$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA", "7$argon2id$x"]
)
def test_a_damaged_hash_lets_nobody_in(damaged):
    assert not verify_slowly(damaged, KEYED)


def test_the_hash_says_under_which_pepper_it_was_keyed():
    assert version_hashed(hash_slowly(KEYED)) == 1
    later = hash_slowly(KEYED + b"\x07")
    assert (version_hashed(later), later[:10]) == (7, "7$argon2id")
    assert verify_slowly(later, KEYED + b"\x07")
    assert not verify_slowly(later, KEYED)


async def test_nobodys_hash_takes_the_same_work_and_is_never_right():
    hashing = SlowHashing(1)
    assert not await hashing.verify(None, b"x" * 16)  # what NOBODYS was made of
    assert not await hashing.verify(None, KEYED)
    hashing.close()


async def test_only_so_many_hash_and_wait():
    hashing = SlowHashing(at_once=1, waiting=2)
    done = await asyncio.gather(*[hashing.verify(NOBODYS, KEYED) for _ in range(6)], return_exceptions=True)
    hashing.close()
    assert sorted(type(one).__name__ for one in done) == ["CrowdedError"] * 3 + ["bool"] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="only there has a thread a priority of its own")
async def test_threads_that_hash_stand_back_for_those_that_activate():
    hashing = SlowHashing(1)
    await hashing.hash(KEYED)
    [thread] = [one for one in threading.enumerate() if one.name.startswith("argon2")]
    assert os.getpriority(os.PRIO_PROCESS, thread.native_id) == os.getpriority(os.PRIO_PROCESS, 0) + NICE
    hashing.close()


@pytest.mark.parametrize(("now", "code"), VECTORS.items())
def test_codes_are_those_of_rfc_6238(now, code):
    assert step_of(SEED, code, now) == now // 30


def test_a_code_counts_half_a_minute_either_way_and_never_again():
    now = 1_234_567_890
    code, step = VECTORS[now], now // 30
    assert [step_of(SEED, code, now + 30 * off) for off in range(-2, 3)] == [None, step, step, step, None]
    assert step_of(SEED, code, now, after=step - 1) == step
    assert step_of(SEED, code, now, after=step) is None


def test_a_totp_secret_is_160_bits_sealed_under_a_key():
    secret, key = new_totp_secret(), b"t" * 32
    assert (len(secret), new_totp_secret() == secret) == (32, False)
    assert open_totp(key, seal_totp(key, secret)) == secret
    assert open_totp(b"u" * 32, seal_totp(key, secret)) is None
    assert open_totp(key, b"short") is None
    uri = pyotp.parse_uri(uri_of(secret, "k7wq3-9dm2x", "An issuer"))
    assert (uri.secret, uri.name, uri.issuer) == (secret, "k7wq3-9dm2x", "An issuer")


def test_recovery_codes_are_ten_and_bound_to_their_person():
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) * 5 >= 120 for code in codes)
    hashes = hash_codes(KEYED, 1, codes)
    assert hashes == hash_codes(KEYED, 1, [code.upper().replace("-", " ") for code in codes])
    assert not set(hashes) & set(hash_codes(KEYED, 2, codes))


class Door:
    """An office's ways in."""

    def __init__(self, office):
        self.office, self.desk = office, office.desk

    async def enter(self, made, password=None):
        return await sign_in(self.desk, self.office.caller(), Shown(made.login, password or made.password))

    async def show(self, entered, factor):
        return await show_second_factor(self.desk, self.office.caller(), entered.token, factor)

    async def code(self, made):
        async with self.desk.pool.acquire() as connection:
            return pyotp.TOTP(made.totp_secret).at(await self.desk.clock.now(connection))


@pytest.fixture
def door(office):
    return Door(office)


async def test_of_many_who_show_one_code_at_once_one_gets_in(door, office):
    made = await office.staff("support")
    sessions = [await door.enter(made) for _ in range(6)]
    factor = Factor(code=await door.code(made))
    done = await asyncio.gather(*[door.show(one, factor) for one in sessions])
    assert [isinstance(one, Entered) for one in done].count(True) == 1
    assert {one.code for one in done if isinstance(one, Refused)} == {Refusal.CREDENTIALS}


async def test_of_many_who_finish_one_session_at_once_one_does(door, office):
    made = await office.staff("support")
    entered = await door.enter(made)
    factor = Factor(code=await door.code(made))
    done = await asyncio.gather(*[door.show(entered, factor) for _ in range(6)])
    assert [isinstance(one, Entered) for one in done].count(True) == 1


async def test_a_crowd_at_the_door_is_told_to_come_back_and_end_users_pass_it(door, office):
    made, account = await office.staff("support"), await office.account()
    office.desk.hashing = SlowHashing(at_once=1, waiting=1)
    crowd = [door.enter(made) for _ in range(5)]
    *done, own = await asyncio.gather(*crowd, door.enter(account))
    assert isinstance(own, Entered)
    told = [one.code if isinstance(one, Refused) else "in" for one in done]
    assert set(told) == {"in", Refusal.OVERLOADED}
    refused = next(one for one in done if isinstance(one, Refused))
    assert refused.facts["retry_after_s"] > 0


class Changing(SlowHashing):
    """Hashes; meanwhile somebody else changes what is stored."""

    def __init__(self, change):
        super().__init__()
        self.change = change

    async def verify(self, phc, keyed):
        right = await super().verify(phc, keyed)
        await self.change()
        return right


async def test_a_password_changed_while_the_old_one_was_looked_at_lets_nobody_in(door, office):
    made = await office.staff("support")
    sql = "UPDATE staff SET password_phc = $2 WHERE staff_id = $1"
    office.desk.hashing = Changing(lambda: office.fetch(sql, made.user_id, NOBODYS))
    refused = await door.enter(made)
    assert refused.code is Refusal.CREDENTIALS
    assert await office.fetch("SELECT FROM session") == []


async def test_a_factor_set_up_while_the_password_was_looked_at_is_asked_for(door, office):
    """Else who knows the password alone set up one of their own in its place."""
    made = await office.staff("support")
    await office.fetch("UPDATE staff SET totp_confirmed_at = NULL")
    office.desk.hashing = Changing(lambda: office.fetch("UPDATE staff SET totp_confirmed_at = 1"))
    entered = await door.enter(made)
    assert entered.stage is Stage.FACTOR_AWAITED


async def test_a_session_that_missed_a_factor_replaces_none_set_up_since(door, office):
    made = await office.staff("support")
    await office.fetch("UPDATE staff SET totp_confirmed_at = NULL")
    entered = await door.enter(made)
    caller = office.caller()
    offered = await offer_factor(office.desk, caller, entered.token)
    await office.fetch("UPDATE staff SET totp_confirmed_at = 1")
    [[box]] = await office.fetch("SELECT totp_box FROM staff")
    code = await door.code(SimpleNamespace(totp_secret=offered.secret))
    refused = await confirm_factor(office.desk, caller, entered.token, offered.pending, code)
    assert refused.code is Refusal.CONFLICT
    assert await office.fetch("SELECT totp_box FROM staff") == [(box,)]


async def test_who_is_suspended_while_signing_in_has_no_session_that_wakes_up_later(door, office):
    made = await office.staff("support")
    office.desk.hashing = Changing(lambda: office.fetch("UPDATE staff SET state = 1"))
    assert (await door.enter(made)).code is Refusal.CREDENTIALS
    assert await office.fetch("SELECT FROM session") == []


async def test_an_account_closed_while_its_owner_signs_in_has_no_session(door, office):
    account = await office.account()
    async with office.desk.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM account FOR UPDATE")
        entering = asyncio.ensure_future(door.enter(account))
        async with asyncio.timeout(10):
            while not await office.fetch("SELECT FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
        await connection.execute("UPDATE account SET state = 1")
    assert isinstance(await entering, Refused)
    assert await office.fetch("SELECT FROM session") == []


async def test_an_owners_password_changed_meanwhile_lets_nobody_in(door, office):
    """It was looked at, and right; the session waits for who is changing it."""
    account = await office.account()
    async with office.desk.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM account FOR UPDATE")
        entering = asyncio.ensure_future(door.enter(account))
        async with asyncio.timeout(10):
            while not await office.fetch("SELECT FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
        await connection.execute("UPDATE account SET owner_hash = 'another'")
    assert (await entering).code is Refusal.CREDENTIALS


async def test_one_person_keeps_fifty_sessions_and_living_ones_longest(door, office):
    made, account = await office.staff("support"), await office.account()
    living = await door.show(await door.enter(made), Factor(code=await door.code(made)))
    await door.enter(account)
    await office.fetch(
        "INSERT INTO session SELECT n, n::text::bytea, person_kind, person_id, 1, made_at + 5, seen_at,"
        " ends_at, NULL, '', '' FROM session, generate_series(1, 80) AS n WHERE person_kind = 1"
    )
    await door.enter(made)
    rows = await office.fetch("SELECT person_kind, count(*) FROM session GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in rows] == [(1, 50), (3, 1)]
    seen = await see_session(office.desk, office.caller(), living.token)
    assert isinstance(seen, Entered)


async def test_only_hashes_of_tokens_codes_and_passwords_are_stored(door, office):
    made = await office.staff("support")
    done = await door.show(await door.enter(made), Factor(code=await door.code(made)))
    stored = ""
    for table in ("session", "staff", "recovery_code", "event"):
        rows = await office.fetch(f"SELECT row_to_json({table})::text FROM {table}")
        stored += "".join(row[0] for row in rows)
    for secret in (done.token, done.csrf, made.password, made.totp_secret):
        assert secret not in stored
        assert secret not in repr(done)


async def test_d5_who_signed_up_under_an_older_pepper_gets_in_and_is_hashed_anew(door, office):
    made = await office.staff("support")
    before = await door.enter(made)
    rotate_pepper(office.settings.pepper_file, int(time.time()))
    await office.desk.peppers.look()
    seen = await see_session(office.desk, office.caller(), before.token)
    assert seen.session_id == before.session_id
    assert (await door.enter(made, "wrong")).code is Refusal.CREDENTIALS
    assert isinstance(await door.show(await door.enter(made), Factor(code=await door.code(made))), Entered)
    [[phc]] = await office.fetch("SELECT password_phc FROM staff")
    assert version_hashed(phc) == 2
    assert isinstance(await door.enter(made), Entered)


async def test_what_is_noted_waits_for_the_database(door, office):
    made = await office.staff("support")
    await door.enter(made, "wrong")
    await door.enter(made, "wrong")
    notes, ids = office.desk.sign_ins, office.desk.ids
    async with asyncpg.create_pool("postgresql://nobody@127.0.0.1:1/nothing", min_size=0) as gone:
        await notes.flush(gone, ids)
    assert await office.fetch("SELECT FROM event WHERE about = $1 AND kind = 82", made.user_id) == []
    for _ in range(2):
        await notes.flush(office.desk.pool, ids)
    rows = await office.fetch("SELECT details::text FROM event WHERE about = $1 AND kind = 82", made.user_id)
    assert [row[0] for row in rows] == ['{"times": 2}']
