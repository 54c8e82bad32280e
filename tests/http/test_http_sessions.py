"""Sessions over HTTP: fixed, stolen, forged, worn out, ended; and what they may only after a step-up."""

from functools import partial
from itertools import product
from types import SimpleNamespace

import pytest
from sample_browser import Browser

from activation.http.self.signing_in import SESSION_ROUTES
from activation.licensing.identifiers import RESELLER, to_text
from activation.licensing.roles import DANGEROUS, Act, may
from activation.service.identity.signing_in import MOST_SESSIONS
from activation.service.provisioning import make_reseller

LISTED = "/v1/staff/licenses?query=nobody"
DANGEROUS_POST = "/v1/staff/hooks"
HOOK = {"url": "https://vendor.example/hook"}


@pytest.fixture
def browser(client, office):
    return Browser(client, office)


@pytest.fixture
def thief(client, office):
    return Browser(client, office)


@pytest.fixture
async def admin(office):
    return await office.staff("admin")


async def test_a_session_that_was_planted_is_never_taken_over(browser, thief, admin):
    """Fixation: who brings somebody to sign in under a known token knows nothing of the session made."""
    await thief.sign_in(await thief.office.staff("support"))
    browser.cookie, browser.csrf = thief.cookie, thief.csrf
    await browser.enter(admin)
    assert browser.cookie != thief.cookie
    assert (await thief.get(LISTED))[0] == 401
    assert (await thief.get("/v1/self/session"))[1].get("login") != admin.login


async def test_every_stage_has_a_token_of_its_own(browser, admin):
    old = []
    await browser.sign_in(admin)
    old.append(browser.copy())
    await browser.show(admin.totp_secret)
    old.append(browser.copy())
    await browser.show(admin.totp_secret, "step-up")
    assert len({one.cookie for one in (*old, browser)}) == 3
    for one in old:
        assert (await one.get("/v1/self/session"))[0] == 401
        assert (await one.get(LISTED))[0] == 401
    assert (await browser.get(LISTED))[0] == 200


async def test_a_stolen_cookie_is_worth_nothing_after_sign_out(browser, thief, admin):
    await browser.enter(admin)
    stolen = browser.copy()
    assert (await stolen.get(LISTED))[0] == 200
    assert (await browser.post("/v1/self/sign-out"))[0] == 200
    assert browser.cookie is None
    assert (await stolen.get(LISTED))[0] == 401
    assert (await stolen.post("/v1/self/sign-out"))[0] == 401


async def test_signing_in_again_ends_the_session_that_the_browser_had(browser, admin):
    await browser.enter(admin)
    before = browser.copy()
    await browser.enter(admin)
    assert (await before.get(LISTED))[0] == 401


async def test_an_idle_session_is_over_and_a_used_one_goes_on(browser, admin, office):
    await browser.enter(admin)
    for _ in range(3):
        office.desk.clock.shift_s += 1700
        assert (await browser.get(LISTED))[0] == 200
        await office.desk.sign_ins.flush(office.desk.pool, office.desk.ids)
    office.desk.clock.shift_s += 1801
    assert (await browser.get(LISTED))[0] == 401


async def test_the_longest_session_ends_however_it_is_used(browser, admin, office):
    await browser.enter(admin)
    for _ in range(25):
        office.desk.clock.shift_s += 1728
        status, _ = await browser.get("/v1/self/session")
        await office.desk.sign_ins.flush(office.desk.pool, office.desk.ids)
    assert status == 401


async def test_a_session_that_awaits_its_second_factor_waits_ten_minutes(browser, admin, office):
    await browser.sign_in(admin)
    office.desk.clock.shift_s += 571
    assert (await browser.show(admin.totp_secret))[0] == 401


@pytest.mark.parametrize(
    "forged",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": None},
        {"Origin": None, "Referer": "https://evil.example/x"},
        {"X_CSRF_Token": None},
        {"X_CSRF_Token": "ZZZZ"},
    ],
    ids=str,
)
async def test_forged_requests_do_nothing(browser, admin, office, forged):
    await browser.enter(admin)
    for path in (DANGEROUS_POST, "/v1/self/sign-out", "/v1/self/sessions/end-others"):
        status, told = await browser.post(path, HOOK, **forged)
        assert (status, told["code"]) == (403, "forbidden")
    assert await office.fetch("SELECT FROM hook") == []
    assert (await browser.get(LISTED))[0] == 200


async def test_our_own_page_is_known_by_its_referer_too(browser, admin):
    await browser.enter(admin)
    own = f"{browser.origin}/console/"
    assert (await browser.post("/v1/self/sessions/end-others", Origin=None, Referer=own))[0] == 200


async def test_another_sites_page_signs_nobody_in(browser, admin):
    message = {"login": admin.login, "password": admin.password}
    assert (await browser.post("/v1/self/sign-in", message, Origin="https://evil.example"))[0] == 403
    assert (await browser.post("/v1/self/sign-in", message, Origin=None))[0] == 201


async def test_what_is_dangerous_needs_a_second_factor_shown_within_ten_minutes(browser, admin, office):
    await browser.enter(admin)
    assert (await browser.post(DANGEROUS_POST, HOOK))[0] == 201
    office.desk.clock.shift_s += 601
    status, told = await browser.post(DANGEROUS_POST, HOOK)
    assert (status, told["code"], told["step_up"]) == (403, "forbidden", True)
    assert (await browser.get(LISTED))[0] == 200
    assert (await browser.show(admin.totp_secret, "step-up"))[0] == 200
    assert (await browser.post(DANGEROUS_POST, HOOK))[0] == 201


async def test_a_stolen_cookie_of_sales_gets_no_resellers_login(browser, office):
    """Each answers with a whole login, password, second factor and token: as much as an account taken."""
    async with office.desk.pool.acquire() as connection:
        shop = await make_reseller(connection, office.keys, office.ids, "Example Telecom")
    one = f"/v1/staff/resellers/{to_text(RESELLER, shop.reseller_id)}"
    calls = {
        "/v1/staff/resellers": {"name": "Another"},
        f"{one}/users": {"role": "owner"},
        f"{one}/users/{shop.login}/login": {},
        f"{one}/users/{shop.login}/close": {},
    }
    sales = await office.staff("sales")
    await browser.enter(sales)
    office.desk.clock.shift_s += 601
    before = await office.fetch("SELECT * FROM reseller_user")
    for path, message in calls.items():
        status, told = await browser.post(path, message)
        assert (status, told.get("step_up")) == (403, True), path
    assert await office.fetch("SELECT * FROM reseller_user") == before
    assert (await browser.show(sales.totp_secret, "step-up"))[0] == 200
    assert (await browser.post(f"{one}/users/{shop.login}/login"))[0] == 200


async def test_a_wrong_code_steps_nobody_up(browser, admin, office):
    await browser.enter(admin)
    office.desk.clock.shift_s += 601
    assert (await browser.post("/v1/self/step-up", {"code": "000000"}))[0] == 401
    assert (await browser.post("/v1/self/step-up", {"password": admin.password}))[0] == 401
    assert (await browser.post(DANGEROUS_POST, HOOK))[0] == 403


async def test_only_a_second_factor_steps_up(browser, admin, office):
    """Neither the password alone nor new recovery codes make ten minutes longer."""
    await browser.enter(admin)
    office.desk.clock.shift_s += 500
    assert (await browser.post("/v1/self/recovery-codes"))[0] == 200
    office.desk.clock.shift_s += 101
    change = {"old": admin.password, "new": "trustworthy mango lantern"}
    assert (await browser.post("/v1/self/password", change))[0] == 200
    assert (await browser.post(DANGEROUS_POST, HOOK))[0] == 403
    assert (await browser.post("/v1/self/enrolment"))[0] == 403


async def test_a_cookie_that_ended_spends_nobodys_tries(browser, thief, admin):
    await browser.enter(admin)
    stolen = browser.copy()
    await browser.post("/v1/self/sign-out")
    statuses = [(await stolen.post("/v1/self/step-up", {"code": "000000"}))[0] for _ in range(12)]
    assert set(statuses) == {401}
    assert (await browser.enter(admin))[0] == 200


async def test_an_end_user_steps_up_by_the_password(browser, office):
    made = await office.account()
    await browser.enter(made)
    assert (await browser.post("/v1/self/step-up", {"password": "wrong"}))[0] == 401
    assert (await browser.post("/v1/self/step-up", {"code": "123456"}))[0] == 401
    status, told = await browser.post("/v1/self/step-up", {"password": made.password})
    assert (status, told["stage"], "stepped_up_until" in told) == (200, "signed_in", True)


def test_everything_dangerous_is_for_somebody_with_a_second_factor_or_is_closing_ones_own_account():
    # End users step up by their password.
    assert [act for act in DANGEROUS if may("end_user", act)] == [Act.MINE_ACCOUNT]
    assert Act.SELF not in DANGEROUS


async def test_own_sessions_are_listed_and_ended(browser, thief, admin, office):
    await browser.enter(admin)
    await thief.enter(admin)
    _, told = await browser.get("/v1/self/sessions")
    assert [one["here"] for one in told["sessions"]] == [False, True]
    other = told["sessions"][0]
    assert (other["browser"], other["address"]) == ("Firefox 140, Linux", "127.0.0.1")
    assert (await browser.post(f"/v1/self/sessions/{other['session_id']}/end"))[0] == 200
    assert (await browser.post(f"/v1/self/sessions/{other['session_id']}/end"))[0] == 404
    assert (await thief.get(LISTED))[0] == 401
    await thief.enter(admin)
    assert (await browser.post("/v1/self/sessions/end-others"))[1] == {"ended": 1}
    assert (await thief.get(LISTED))[0] == 401
    assert (await browser.get(LISTED))[0] == 200


async def test_another_persons_session_cannot_be_ended(browser, thief, admin, office):
    await browser.enter(admin)
    await thief.enter(await office.staff("support"))
    [own] = (await browser.get("/v1/self/sessions"))[1]["sessions"]
    assert (await thief.post(f"/v1/self/sessions/{own['session_id']}/end"))[0] == 404
    await thief.post("/v1/self/sessions/end-others")
    assert (await browser.get(LISTED))[0] == 200


async def test_a_changed_password_ends_the_other_sessions_and_the_old_password(browser, thief, admin):
    await browser.enter(admin)
    await thief.enter(admin)
    chosen = "trustworthy mango lantern"
    change = {"old": admin.password, "new": chosen}
    assert (await browser.post("/v1/self/password", change | {"old": "wrong"}))[0] == 401
    status, told = await browser.post("/v1/self/password", change | {"new": "short"})
    assert (status, told["code"]) == (400, "malformed")
    before = browser.copy()
    assert (await browser.post("/v1/self/password", change))[0] == 200
    assert (await before.get(LISTED))[0] == (await thief.get(LISTED))[0] == 401
    assert (await browser.get(LISTED))[0] == 200
    assert (await thief.sign_in(admin))[0] == 401
    assert (await thief.sign_in(admin, chosen))[0] == 201


async def test_p2_a_login_that_is_issued_anew_ends_sessions_and_takes_another_factor(browser, thief, office):
    async with office.desk.pool.acquire() as connection:
        owner = await make_reseller(connection, office.keys, office.ids, "Example Resales Ltd")
        another = await make_reseller(connection, office.keys, office.ids, "Somebody else")
    await browser.enter(owner)
    _, made = await browser.post("/v1/reseller/users", {"role": "operator"})
    operator, elsewhere = thief, thief.copy()
    await operator.enter(SimpleNamespace(**made))
    await elsewhere.enter(another)
    assert (await operator.get("/v1/reseller/account"))[0] == 200
    status, issued = await browser.post(f"/v1/reseller/users/{made['login']}/login")
    assert status == 200
    assert (await operator.get("/v1/reseller/account"))[0] == 401
    assert (await elsewhere.get("/v1/reseller/account"))[0] == 200
    assert (await operator.sign_in(SimpleNamespace(**made)))[0] == 401
    await operator.sign_in(SimpleNamespace(**issued))
    assert (await operator.show(made["totp_secret"]))[0] == 401
    assert (await operator.show(issued["totp_secret"]))[0] == 200


async def test_an_end_users_password_is_generated_not_chosen(browser, office):
    made = await office.account()
    await browser.enter(made)
    change = {"old": made.password, "new": "trustworthy mango lantern"}
    assert (await browser.post("/v1/self/password", change))[0] == 403


async def test_every_address_of_a_session_asks_for_one(browser, admin):
    """Without a cookie, with a made-up one, and with a token of staff's instead."""
    headers = ({}, {"Cookie": f"__Host-session=ses_{'x' * 43}"}, {"Authorization": f"Bearer {admin.token}"})
    wrong = {}
    for route, one in product(SESSION_ROUTES, headers):
        reply = await browser.client.request(
            route.method,
            route.path,
            json=None if route.method == "GET" else {},
            headers={"Origin": browser.origin, **one},
        )
        if reply.status not in (401, 403) or "Basic" in reply.headers.get("WWW-Authenticate", ""):
            wrong[route.path] = (reply.status, one)
    assert wrong == {}


async def test_before_the_second_factor_a_session_is_for_nothing_else(browser, admin):
    texts = {
        "/v1/self/step-up": {"code": await browser.code(admin.totp_secret)},
        "/v1/self/second-factor": {"code": "000000"},
        "/v1/self/enrolment/confirm": {"pending": "x", "code": "000000"},
        "/v1/self/password": {"old": admin.password, "new": "trustworthy mango lantern"},
    }
    asked = {}
    for route in SESSION_ROUTES:
        await browser.sign_in(admin)
        ask = browser.get if route.method == "GET" else partial(browser.post, message=texts.get(route.path))
        asked[route.path] = (await ask(route.path))[0]
    expected = {"/v1/self/session": 200, "/v1/self/sign-out": 200, "/v1/self/second-factor": 401}
    assert asked == {route.path: expected.get(route.path, 409) for route in SESSION_ROUTES}


async def test_a_token_beside_the_cookie_decides(browser, admin, office):
    """Who sends an Authorization header is no browser on its own: no page can add one for another site."""
    support = await office.staff("support")
    await browser.enter(admin)
    status, _ = await browser.post(DANGEROUS_POST, HOOK, Authorization=f"Bearer {support.token}")
    assert status == 403


async def test_who_has_fifty_sessions_signs_in_all_the_same(browser, thief, admin, office):
    await browser.enter(admin)
    await office.fetch(
        "INSERT INTO session SELECT n, sha256(n::text::bytea), person_kind, person_id, stage, made_at + n,"
        " seen_at, ends_at, stepped_up_at, address, browser FROM session, generate_series(1, $1::int) AS n",
        MOST_SESSIONS,
    )
    assert (await thief.enter(admin))[0] == 200
    assert (await thief.get(LISTED))[0] == 200
    assert (await browser.get(LISTED))[0] == 401, "the oldest one went"
    count = "SELECT count(*) FROM session"
    assert (await office.fetch(count))[0][0] == MOST_SESSIONS


async def test_a_session_that_lies_idle_goes_before_one_in_use(browser, thief, admin, office):
    await browser.enter(admin)
    await office.fetch(
        "INSERT INTO session SELECT n, sha256(n::text::bytea), person_kind, person_id, stage, made_at + n,"
        " seen_at - $2::int, ends_at, stepped_up_at, address, browser"
        " FROM session, generate_series(1, $1::int) AS n",
        MOST_SESSIONS - 1,
        office.desk.sessions.staff_idle_s,
    )
    assert (await thief.enter(admin))[0] == 200
    assert (await browser.get(LISTED))[0] == 200
