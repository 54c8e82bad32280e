"""Signing in over HTTP, step by step: who gets in, with what, and what was tried in vain."""

import re

import pytest
from sample_browser import Browser
from sample_signed_in import SignedIn

from activation.licensing.events import EventKind
from activation.service.identity.hashing import SlowHashing
from activation.service.identity.passwords import keyed_password
from activation.service.provisioning import make_reseller

LISTED = "/v1/staff/licenses?query=nobody"


@pytest.fixture
def browser(client, office):
    return Browser(client, office)


@pytest.fixture
def another(client, office):
    return Browser(client, office)


@pytest.fixture
async def support(office):
    return await office.staff("support")


@pytest.fixture
async def newcomer(office, support):
    """Somebody who was never shown a second factor."""
    await office.fetch("UPDATE staff SET totp_confirmed_at = NULL WHERE staff_id = $1", support.user_id)
    return support


async def events_of(office, person_id):
    await office.desk.sign_ins.flush(office.desk.pool, office.desk.ids)
    rows = await office.fetch("SELECT kind FROM event WHERE about = $1 ORDER BY event_id", person_id)
    return [EventKind(row[0]) for row in rows]


async def test_staff_sign_in_in_two_steps_and_act_by_the_cookie(browser, support):
    status, told = await browser.sign_in(support)
    assert (status, told["stage"]) == (201, "second_factor")
    assert (await browser.get(LISTED))[0] == 401
    status, told = await browser.show(support.totp_secret)
    assert (status, told["stage"], told["role"]) == (200, "signed_in", "support")
    assert (await browser.get(LISTED))[0] == 200


async def test_a_resellers_owner_signs_in_and_acts_as_its_reseller(browser, office):
    async with office.desk.pool.acquire() as connection:
        made = await make_reseller(connection, office.keys, office.ids, "Example Resales Ltd")
    assert (await browser.enter(made))[1]["role"] == "owner"
    assert (await browser.get("/v1/reseller/account"))[0] == 200
    status, told = await browser.get("/v1/self/sessions")
    assert (status, len(told["sessions"])) == (200, 1)
    assert (await browser.get(LISTED))[0] == 403


async def test_an_end_user_signs_in_with_the_owners_password_alone(browser, office):
    made = await office.account(rolled_out=True)
    assert (await browser.sign_in(made, made.activation_password))[0] == 401
    status, told = await browser.sign_in(made)
    assert (status, told["stage"], told["role"]) == (201, "signed_in", "end_user")
    assert (await browser.get("/v1/self/sessions"))[0] == 200
    assert (await browser.get(LISTED))[0] == 403


async def test_the_cookie_is_for_this_host_alone_and_no_script_reads_it(client, support):
    message = {"login": support.login, "password": support.password}
    reply = await client.post("/v1/self/sign-in", json=message)
    [cookie] = reply.headers.getall("Set-Cookie")
    assert reply.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(r"__Host-session=ses_[\w-]{43}; Path=/; Secure; HttpOnly; SameSite=Lax", cookie)


async def test_an_unknown_login_is_refused_like_a_wrong_password(browser, office, support):
    account = await office.account()
    told = []
    for login in (support.login, account.login, "nobody-atall"):
        status, problem = await browser.post("/v1/self/sign-in", {"login": login, "password": "wrong"})
        assert status == 401
        told.append({name: value for name, value in problem.items() if name != "trace_id"})
    assert told[0] == told[1] == told[2]


async def test_wrong_passwords_are_limited_and_the_right_one_never_is(browser, support):
    statuses = [(await browser.sign_in(support, "wrong"))[0] for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    assert (await browser.enter(support))[0] == 200


async def test_each_code_is_good_once(browser, another, support):
    await browser.sign_in(support)
    code = await browser.code(support.totp_secret)
    assert (await browser.post("/v1/self/second-factor", {"code": code}))[0] == 200
    await another.sign_in(support)
    status, told = await another.post("/v1/self/second-factor", {"code": code})
    assert (status, told["code"]) == (401, "credentials")
    assert (await another.show(support.totp_secret))[0] == 200


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (1, 200), (2, 401)])
async def test_a_phones_clock_may_be_half_a_minute_off(browser, support, steps, status):
    await browser.sign_in(support)
    code = await browser.code(support.totp_secret, steps)
    assert (await browser.post("/v1/self/second-factor", {"code": code}))[0] == status


async def test_codes_cannot_be_guessed_for_long(browser, support):
    """Unlike passwords, codes are not looked at past the limit: a right one does not help a guesser."""
    await browser.sign_in(support)
    wrong = {"code": "000000"}
    statuses = [(await browser.post("/v1/self/second-factor", wrong))[0] for _ in range(10)]
    code = await browser.code(support.totp_secret)
    status, told = await browser.post("/v1/self/second-factor", {"code": code})
    assert set(statuses) == {401}
    assert (status, told["code"]) == (429, "rate_limited")
    assert (await browser.post("/v1/self/second-factor", {"code": code}))[0] == 429


async def test_who_has_no_second_factor_sets_one_up_before_anything_else(browser, newcomer, office):
    status, told = await browser.sign_in(newcomer)
    assert (status, told["stage"]) == (201, "enrolment")
    assert (await browser.get(LISTED))[0] == 401
    status, offered = await browser.post("/v1/self/enrolment")
    assert offered["uri"].startswith(f"otpauth://totp/{office.desk.issuer}:")
    message = {"pending": offered["pending"], "code": "123456"}
    assert (await browser.post("/v1/self/enrolment/confirm", message))[0] == 401
    message["code"] = await browser.code(offered["secret"])
    status, told = await browser.post("/v1/self/enrolment/confirm", message)
    assert (status, told["stage"], len(told["recovery_codes"])) == (200, "signed_in", 10)
    assert (await browser.get(LISTED))[0] == 200
    expected = [EventKind.STAFF_MADE, EventKind.FACTOR_SET_UP, EventKind.SIGNED_IN]
    assert await events_of(office, newcomer.user_id) == expected


async def test_the_code_that_confirmed_a_factor_signs_nobody_in(browser, another, newcomer):
    await browser.sign_in(newcomer)
    _, offered = await browser.post("/v1/self/enrolment")
    code = await browser.code(offered["secret"])
    await browser.post("/v1/self/enrolment/confirm", {"pending": offered["pending"], "code": code})
    await another.sign_in(newcomer)
    assert (await another.post("/v1/self/second-factor", {"code": code}))[0] == 401


async def test_an_offered_factor_is_for_whom_it_was_offered_and_ten_minutes(
    browser, another, newcomer, office
):
    other = await office.staff("sales")
    await another.sign_in(newcomer)
    _, offered = await another.post("/v1/self/enrolment")
    await browser.enter(other)
    message = {"pending": offered["pending"], "code": await browser.code(offered["secret"])}
    assert (await browser.post("/v1/self/enrolment/confirm", message))[0] == 409
    office.desk.clock.shift_s += 601
    await another.sign_in(newcomer)
    message["code"] = await another.code(offered["secret"])
    assert (await another.post("/v1/self/enrolment/confirm", message))[0] == 409


async def test_a_recovery_code_is_good_once(browser, another, newcomer, office):
    _, codes = await browser.set_up(newcomer)
    await another.sign_in(newcomer)
    message = {"recovery_code": codes[3].upper().replace("-", " ")}
    assert (await another.post("/v1/self/second-factor", message))[0] == 200
    assert (await another.get("/v1/self/session"))[1]["recovery_codes_left"] == 9
    thief = Browser(browser.client, office)
    await thief.sign_in(newcomer)
    assert (await thief.post("/v1/self/second-factor", message))[0] == 401
    assert EventKind.RECOVERY_CODE_USED in await events_of(office, newcomer.user_id)


async def test_a_lost_phone_is_replaced_by_a_recovery_code_and_a_new_factor(browser, another, newcomer):
    lost, codes = await browser.set_up(newcomer)
    await another.sign_in(newcomer)
    await another.post("/v1/self/second-factor", {"recovery_code": codes[0]})
    _, offered = await another.post("/v1/self/enrolment")
    message = {"pending": offered["pending"], "code": await another.code(offered["secret"])}
    assert (await another.post("/v1/self/enrolment/confirm", message))[0] == 200
    assert (await browser.get(LISTED))[0] == 401, "sessions under the lost phone end"
    await browser.sign_in(newcomer)
    assert (await browser.show(lost))[0] == 401
    assert (await browser.post("/v1/self/second-factor", {"recovery_code": codes[1]}))[0] == 401
    assert (await browser.show(offered["secret"]))[0] == 200


async def test_new_recovery_codes_replace_the_old_and_need_a_fresh_second_factor(browser, newcomer, office):
    secret, codes = await browser.set_up(newcomer)
    office.desk.clock.shift_s += 601
    status, told = await browser.post("/v1/self/recovery-codes")
    assert (status, told["step_up"]) == (403, True)
    await browser.show(secret, "step-up")
    _, told = await browser.post("/v1/self/recovery-codes")
    assert len(set(told["recovery_codes"]) - set(codes)) == 10
    await browser.sign_in(newcomer)
    for code, status in ((codes[0], 401), (told["recovery_codes"][0], 200)):
        assert (await browser.post("/v1/self/second-factor", {"recovery_code": code}))[0] == status


async def test_failures_and_steps_are_told_in_the_log_without_a_name(browser, support, office):
    for _ in range(3):
        await browser.sign_in(support, "wrong")
    await browser.enter(support)
    await browser.show(support.totp_secret, "step-up")
    await browser.post("/v1/self/sign-out")
    kinds = await events_of(office, support.user_id)
    steps = [EventKind.SIGNED_IN, EventKind.STEPPED_UP, EventKind.SIGNED_OUT]
    assert kinds == [EventKind.STAFF_MADE, *steps, EventKind.SIGN_IN_FAILED]
    [[details]] = await office.fetch(
        "SELECT details::text FROM event WHERE kind = $1", EventKind.SIGN_IN_FAILED
    )
    assert details == '{"times": 3}'
    rows = await office.fetch("SELECT row_to_json(event)::text FROM event")
    assert not any(support.login in row[0] or support.password in row[0] for row in rows)


async def test_who_was_made_before_gets_a_slow_hash_when_signing_in(browser, support, office):
    fast = keyed_password(office.desk, support.user_id, support.password)
    await office.fetch(
        "UPDATE staff SET password_hash = $2, password_phc = NULL WHERE staff_id = $1", support.user_id, fast
    )
    assert (await browser.sign_in(support, "wrong"))[0] == 401
    assert (await browser.enter(support))[0] == 200
    [[password_hash, phc]] = await office.fetch(
        "SELECT password_hash, password_phc FROM staff WHERE staff_id = $1", support.user_id
    )
    assert (password_hash, phc[:29]) == (b"", "$argon2id$v=19$m=19456,t=2,p=")
    assert (await browser.enter(support))[0] == 200


async def test_suspended_staff_and_closed_accounts_get_in_no_more(browser, another, support, office):
    account = await office.account()
    await browser.enter(support)
    await another.enter(account)
    await office.fetch("UPDATE staff SET state = 1")
    await office.fetch("UPDATE account SET state = 1")
    assert (await browser.get(LISTED))[0] == (await another.get("/v1/self/sessions"))[0] == 401
    assert (await browser.sign_in(support))[0] == 401
    assert (await another.sign_in(account))[1]["code"] == "account_closed"


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({}, "login"),
        ({"login": "a"}, "password"),
        ({"login": "", "password": "b"}, "login"),
        ({"login": "a", "password": 7}, "password"),
        ({"login": "a", "password": "b", "stage": 3}, "stage"),
    ],
)
async def test_b5_bad_bodies_are_refused_by_name(browser, message, field):
    status, told = await browser.post("/v1/self/sign-in", message)
    assert (status, told["field"]) == (400, field)


async def test_exactly_one_second_factor_is_shown(browser, support):
    await browser.sign_in(support)
    for message in ({}, {"code": "123456", "recovery_code": "x" * 20}):
        assert (await browser.post("/v1/self/second-factor", message))[0] == 400


async def test_new_peoples_passwords_are_hashed_when_their_turn_comes_or_later(office, client):
    boss = SignedIn(client, (await office.staff("admin")).token)
    office.desk.hashing.close()
    office.desk.hashing = SlowHashing(1, waiting=0)
    for path, message in (("people", {"role": "support"}), ("resellers", {"name": "Resale Ltd"})):
        status, told = await boss.post(path, message)
        assert (status, told["code"]) == (503, "overloaded")
    assert await office.fetch("SELECT 1 FROM staff OFFSET 1") == await office.fetch("SELECT 1 FROM reseller")
