"""One's own account as pages: password, second factor, recovery codes, API tokens."""

import re

import pyotp
import pytest
from sample_console import ConsoleBrowser
from sample_people import open_session

from activation.console.saying import texts
from activation.http.cookies import COOKIE
from activation.licensing.roles import Act, Role

OWN = "/console/own"
LONG = "unusual heron umbrella"
PROOFS = ("password", "second-factor", "recovery-codes")


@pytest.fixture
async def agent(office, client):
    """Somebody of support whose password and second factor are known, signed in."""
    made = await office.staff("support")
    browser = ConsoleBrowser(client, office)
    browser.cookies[COOKIE] = await open_session(office, Role.SUPPORT, made.user_id)
    browser.made = made
    return browser


async def code_of(office, secret):
    async with office.desk.pool.acquire() as connection:
        return pyotp.TOTP(secret).at(await office.desk.clock.now(connection))


async def test_each_role_sees_how_it_gets_in(signed_in):
    links = {f"{OWN}/{path}" for path in (*PROOFS, "tokens")}
    for role in Role:
        page = await (await signed_in(role)).get(OWN)
        assert page.status == 200
        assert links & set(page.document.links) == (set() if role is Role.END_USER else links)


async def test_a_customers_account_is_that_of_the_licences_and_no_factor_is_promised(signed_in):
    customer = await signed_in(Role.END_USER)
    home, own = await customer.get("/console/"), await customer.get(OWN)
    assert home.text.count("<strong>My account</strong>") == 1
    assert "API tokens" not in home.words + own.words
    assert "<h1>Signing in</h1>" in own.text
    refused = await customer.get("/console/licenses")
    assert (refused.status, "Your role, Customer, may not do this." in refused.words) == (403, True)


async def test_a_customer_has_no_such_proofs_and_nobody_else_gets_in(signed_in, console):
    customer = await signed_in(Role.END_USER)
    for path in PROOFS:
        assert (await customer.get(f"{OWN}/{path}")).location == OWN
        led = await console.get(f"{OWN}/{path}")
        assert led.location.startswith("/console/sign-in?next=%2Fconsole%2Fown")


async def test_a_changed_password_ends_other_sessions_and_keeps_this_one(agent, client, office, console):
    other = ConsoleBrowser(client, office)
    other.cookies[COOKIE] = await open_session(office, Role.SUPPORT, agent.made.user_id)
    page = await agent.get(f"{OWN}/password")
    done = await agent.submit(page, f"{OWN}/password", old=agent.made.password, new=LONG)
    assert "Your password is changed" in (await agent.follow(done)).words
    assert (await other.get(OWN)).location.startswith("/console/sign-in")
    sign_in = await console.get("/console/sign-in")
    entered = await console.submit(sign_in, "/console/sign-in", login=agent.made.login, password=LONG)
    assert entered.location == "/console/second-factor"


async def test_a_password_that_is_not_taken_says_why_and_shows_none(agent):
    for old, new, field, words in (
        ("wrong", LONG, "old", "not your password"),
        (agent.made.password, "short", "new", "12 to 128"),
        ("", LONG, "old", "Fill"),
    ):
        page = await agent.get(f"{OWN}/password")
        again = await agent.submit(page, f"{OWN}/password", old=old, new=new)
        assert (again.status, words in again.words) == (401 if old == "wrong" else 400, True)
        assert f'id="wrong-{field}"' in again.text
        assert new not in again.text
    assert (await agent.get(OWN)).status == 200


async def test_a_new_second_factor_takes_the_place_of_the_old_once_it_works(agent, office):
    page = await agent.get(f"{OWN}/second-factor")
    secret = page.form(f"{OWN}/second-factor").fields["secret"]
    wrong = await agent.submit(page, f"{OWN}/second-factor", code="000000")
    assert (wrong.status, wrong.form(f"{OWN}/second-factor").fields["secret"]) == (401, secret)
    done = await agent.submit(wrong, f"{OWN}/second-factor", code=await code_of(office, secret))
    assert len(re.findall(r"<li><code>", done.text)) == 10
    assert agent.made.login in done.words
    assert "10 codes are left." in (await agent.get(OWN)).words


async def test_what_needs_a_fresh_second_factor_leads_to_it_and_back(agent, office):
    await office.fetch("UPDATE session SET stepped_up_at = 1")
    codes = await agent.get(f"{OWN}/recovery-codes")
    for led in (await agent.get(f"{OWN}/second-factor"), await agent.submit(codes, f"{OWN}/recovery-codes")):
        assert led.location.startswith("/console/step-up?next=%2Fconsole%2Fown%2F")
    step = await agent.follow(led)
    done = await agent.submit(step, "/console/step-up", code=await code_of(office, agent.made.totp_secret))
    assert done.location == f"{OWN}/recovery-codes"
    made = await agent.submit(await agent.follow(done), f"{OWN}/recovery-codes")
    assert len(re.findall(r"<li><code>", made.text)) == 10


async def test_another_sites_page_changes_nothing_here(agent):
    for path in PROOFS:
        form = (await agent.get(f"{OWN}/{path}")).form(f"{OWN}/{path}")
        typed = {"old": agent.made.password, "new": LONG} if path == "password" else {}
        filled = form.fields | typed
        assert (await agent.post(form.action, filled, Origin="https://example.org")).status == 403
        assert (await agent.post(form.action, filled | {"csrf": "x"})).status == 403
    assert (await agent.get(OWN)).status == 200


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.OWNER])
async def test_a_token_is_shown_once_does_what_was_ticked_and_is_revoked(signed_in, client, office, role):
    browser = await signed_in(role)
    act, allowed, other = {
        Role.SUPPORT: ("licenses.see", "/v1/staff/licenses", "/v1/staff/products"),
        Role.OWNER: ("own.see", "/v1/reseller/customers", "/v1/self/tokens"),
    }[role]
    for table in ("staff_token", "reseller_token"):
        await office.fetch(f"DELETE FROM {table}")
    page = await browser.get(f"{OWN}/tokens")
    made = await browser.submit(page, f"{OWN}/tokens", name="ночной отчёт", scopes=act, days="30")
    token = made.text.split('data-copy="')[1].split('"')[0]
    shown = {"Authorization": f"Bearer {token}"}
    assert [(await client.get(path, headers=shown)).status for path in (allowed, other)] == [200, 403]
    listed = await browser.get(f"{OWN}/tokens")
    assert ("ночной отчёт" in listed.words, token in listed.text) == (True, False)
    done = await browser.follow(await browser.submit(listed, f"{OWN}/tokens/tok_.*/revoke"))
    assert "The token is revoked." in done.words
    assert (await client.get(allowed, headers=shown)).status == 401


async def test_a_token_that_cannot_be_keeps_what_was_typed_and_says_what_is_wrong(signed_in):
    browser = await signed_in(Role.SUPPORT)
    right = {"name": "report", "scopes": "licenses.see", "days": "30"}
    wrong = (("name", " "), ("name", "x" * 65), ("days", "0"), ("days", "many"), ("scopes", None))
    for field, typed in wrong:
        form = (await browser.get(f"{OWN}/tokens")).form(f"{OWN}/tokens")
        filled = form.fields | right | {field: typed}
        again = await browser.post(
            form.action, {name: one for name, one in filled.items() if one is not None}
        )
        assert (again.status, f'id="wrong-{field}"' in again.text) == (400, True), (field, typed)
        if field != "name":
            assert again.form(f"{OWN}/tokens").fields["name"] == "report"


async def test_nobody_gives_a_token_more_than_they_may(signed_in):
    browser = await signed_in(Role.SUPPORT)
    page = await browser.get(f"{OWN}/tokens")
    refused = await browser.submit(page, f"{OWN}/tokens", name="x", scopes="licenses.revoke", days="1")
    assert refused.status == 403


def test_every_act_has_its_words():
    assert [act for act in Act if f"acts.names.{act.replace('.', '_')}" not in texts()] == []
