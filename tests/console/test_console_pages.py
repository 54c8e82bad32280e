"""What holds for every page and form of the console."""

import re

import pyotp
import pytest
from yarl import URL

from activation.console.outcomes import own_path
from activation.http.cookies import COOKIE
from activation.licensing.roles import Role
from activation.service.identity.session_tokens import csrf_of

SESSIONS = "/console/own/sessions"
END = f"{SESSIONS}/ses_.*/end"


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_has_a_home(signed_in, role):
    browser = await signed_in(role)
    page = await browser.get("/console/")
    assert page.status == 200
    assert page.form("/console/sign-out").fields["csrf"]


async def test_a_page_cannot_run_what_is_not_ours_and_is_kept_by_nobody(signed_in):
    page = await (await signed_in(Role.SUPPORT)).get("/console/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert (page.headers["Cache-Control"], page.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert not re.search(r"<style|<script(?! src)| style=| on\w+=", page.text)


async def test_static_files_are_kept_for_ever_under_their_digest(console):
    page = await console.get("/console/sign-in")
    for address in re.findall(r'"(/console/static/[^"]+)"', page.text):
        found = await console.get(address)
        assert found.status == 200
        assert "immutable" in found.headers["Cache-Control"]
    assert (await console.get("/console/static/0000/console.css")).status == 404


async def test_who_is_not_signed_in_is_led_to_it_and_back(console):
    led = await console.get(f"{SESSIONS}?after=ses_1")
    assert (led.status, led.location) == (
        303,
        "/console/sign-in?next=%2Fconsole%2Fown%2Fsessions%3Fafter%3Dses_1",
    )


async def test_a_form_without_its_token_is_refused_and_does_nothing(signed_in):
    browser = await signed_in(Role.SUPPORT)
    page = await browser.get(SESSIONS)
    for csrf in ("", "x"):
        refused = await browser.submit(page, END, csrf=csrf)
        assert refused.status == 403
        assert 'role="alert"' in refused.text
    assert (await browser.get(SESSIONS)).status == 200


@pytest.mark.parametrize("origin", ["https://example.org", "null", None])
async def test_another_sites_form_is_refused(signed_in, origin):
    browser = await signed_in(Role.SUPPORT)
    form = (await browser.get(SESSIONS)).form(END)
    refused = await browser.post(form.action, form.fields, Origin=origin)
    assert refused.status == 403
    assert (await browser.get(SESSIONS)).status == 200


async def test_a_field_that_is_not_there_is_refused_by_name(signed_in):
    browser = await signed_in(Role.SUPPORT)
    page = await browser.get(SESSIONS)
    refused = await browser.submit(page, END, state="1")
    assert refused.status == 400
    assert "There is no such field" in refused.words


async def test_a_form_that_is_sent_twice_is_done_once(signed_in, office):
    browser = await signed_in(Role.SUPPORT)
    other = await signed_in(Role.SUPPORT)
    page = await browser.get(SESSIONS)
    form = page.form(f"{SESSIONS}/end-others")
    first, second = [await browser.post(form.action, form.fields) for _ in range(2)]
    assert (first.status, second.status) == (303, 303)
    told = (await browser.follow(second)).words
    assert re.search(r"\d other sessions? (is|are) ended", told)
    [[events]] = await office.fetch(
        "SELECT count(*) FROM event WHERE details::text LIKE '%count%' AND rule = 'identity'"
    )
    assert events == 1
    assert (await other.get(SESSIONS)).status == 303


async def test_a_message_after_a_redirect_is_shown_once(signed_in):
    browser = await signed_in(Role.SUPPORT)
    done = await browser.submit(await browser.get(SESSIONS), f"{SESSIONS}/end-others")
    assert "other session" in (await browser.follow(done)).words
    assert "is ended" not in (await browser.get(SESSIONS)).words


async def test_what_a_page_shows_is_escaped(signed_in, office):
    browser = await signed_in(Role.SUPPORT)
    await office.fetch("UPDATE session SET browser = '<img src=x onerror=alert(1)>'")
    page = await browser.get(SESSIONS)
    assert "<img" not in page.text
    assert "&lt;img" in page.text


async def test_what_is_not_there_is_told_on_a_page(signed_in):
    browser = await signed_in(Role.OWNER)
    for path in ("/console/nowhere", "/console/own/nothing/at/all"):
        page = await browser.get(path)
        assert (page.status, "There is no such page" in page.words) == (404, True)


async def test_times_are_in_the_viewers_zone_and_else_in_utc(signed_in):
    browser = await signed_in(Role.SUPPORT)
    assert "Times are in UTC." in (await browser.get(SESSIONS)).words
    browser.cookies["zone"] = "Europe%2FSofia"
    assert "Times are in Europe/Sofia." in (await browser.get(SESSIONS)).words
    browser.cookies["zone"] = "..%2F..%2Fetc%2Fpasswd"
    assert "Times are in UTC." in (await browser.get(SESSIONS)).words


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/console/",
        "//example.org/console/",
        "/\\example.org/console/",
        "/console\\..\\x",
        "javascript:alert(1)",
        "/v1/staff/licenses",
        "/console/../v1/keys",
        "/console/\r\nSet-Cookie: a=b",
        "http://[",
        "",
        "/console/" + "x" * 1000,
        "/console/%2e%2e/v1/me/licenses",
    ],
)
def test_next_never_leaves_the_console(text):
    assert own_path(text) == "/console/"


async def test_signing_in_with_a_second_factor(console, office):
    made = await office.staff("support")
    page = await console.get("/console/sign-in?next=/console/own/sessions")
    wrong = await console.submit(page, "/console/sign-in", login=made.login, password="wrong")
    assert (wrong.status, wrong.form("/console/sign-in").fields["login"]) == (401, made.login)
    assert "wrong" not in wrong.form("/console/sign-in").fields.values()
    second = await console.follow(
        await console.submit(wrong, "/console/sign-in", login=made.login, password=made.password)
    )
    async with office.desk.pool.acquire() as connection:
        now = await office.desk.clock.now(connection)
    code = pyotp.TOTP(made.totp_secret).at(now)
    bad = await console.submit(second, "/console/second-factor", code="12345")
    assert (bad.status, 'aria-invalid="true"' in bad.text) == (400, True)
    done = await console.submit(bad, "/console/second-factor", code=code)
    assert done.location == "/console/own/sessions"
    page = await console.follow(done)
    assert page.status == 200
    out = await console.submit(page, "/console/sign-out")
    assert (out.location, COOKIE in console.cookies) == ("/console/sign-in", False)
    assert "You are signed out." in (await console.follow(out)).words


ODD = ["%00", "a%00b", "%FF%FE", "%ED%A0%80", "%25", "%E2%80%AE", "x" * 3000]


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.END_USER, "/console/mine"),
        (Role.OWNER, "/console/customers"),
        (Role.SALES, "/console/resellers"),
    ],
)
async def test_whatever_is_searched_for_is_found_or_not(signed_in, role, path):
    browser = await signed_in(role)
    for typed in ODD:
        address = URL(f"{path}?query={typed}", encoded=True)
        assert (await browser.get(address)).status == 200, typed


async def test_who_has_shown_a_password_alone_is_told_of_no_role(console, office):
    made = await office.staff("admin")
    page = await console.get("/console/sign-in")
    await console.submit(page, "/console/sign-in", login=made.login, password=made.password)
    lost = await console.get("/console/nowhere")
    assert (lost.status, made.login in lost.text, "/console/staff" in lost.text) == (404, False, False)
    assert lost.document.forms == []


async def test_a_step_whose_session_has_gone_leads_to_signing_in_and_then_where_it_led(console):
    sent = await console.post("/console/second-factor", {"code": "123456", "then": "/console/licenses"})
    assert sent.location == "/console/sign-in?next=%2Fconsole%2Flicenses"


async def test_a_form_that_is_refused_with_its_page_is_one_refusal(signed_in, office):
    browser = await signed_in(Role.END_USER)
    csrf = csrf_of(browser.cookies[COOKIE])
    waiting = office.desk.traces.waiting
    refused = await browser.post("/console/mine/licenses/lic_0/free", {"csrf": csrf})
    assert (refused.status, office.desk.traces.waiting - waiting) == (404, 1)
