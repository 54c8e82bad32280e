"""What becomes of a form: refused, filed, done once, asked for a second factor; on pages made for this."""

from typing import Annotated

import pyotp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from jinja2 import ChoiceLoader, DictLoader
from msgspec import Meta, Struct
from sample_console import ConsoleBrowser, console_pages
from sample_people import gather_people

from activation.app import surroundings_of
from activation.console import rendering
from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.http.calls import Reply
from activation.http.cookies import COOKIE
from activation.http.routes import make_application
from activation.licensing.roles import Act, Role
from activation.licensing.verdicts import Filed, Refusal, Refused

TRIED = """{% extends "layout.html" %}{% import "parts/forms.html" as forms %}{% block main %}
{% for action in ("harmless", "dangerous") %}{% set f = form_for("/console/tried/" ~ action) %}
{% call forms.form(f) %}{{ forms.text(f, "name", "Name", scope=action) }}
{{ forms.textarea(f, "note", "Note", required=false, scope=action) }}
{{ forms.submit("Go") }}{% endcall %}{% endfor %}
{% block fragment %}<p>{{ number }}</p>{% endblock %}{% endblock %}"""
DONE = []
PATH = "/console/tried"


class Tried(Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=20)]
    note: str = ""


async def see(_work, _call):
    return Page("tried.html", "home.title", number=len(DONE))


async def do(work, _call, form):
    DONE.append((work.person.role, form))
    if form.name == "refused":
        return Refused(Refusal.RESET_LIMIT, "R3", "This week's reset was used.", facts={"field": "note"})
    if form.name == "filed":
        return Filed(Refused(Refusal.APPROVAL_REQUIRED, "R5", "Somebody else approves."))
    if form.name == "file":
        return Reply(200, b"a,b", "text/csv", {"Content-Disposition": "attachment"})
    if form.name == "page":
        return Page("tried.html", "home.title", number=f"secret {len(DONE)}")
    if form.name == "fault":
        raise ValueError("secret of ours")
    return SeeOther(PATH, "sessions.ended")


PAGE = PageRoute(PATH, Act.SELF, see)
ROUTES = [
    PAGE,
    PageRoute(f"{PATH}/dangerous", Act.REVOKE, see),
    FormRoute(f"{PATH}/harmless", Act.SELF, Tried, do, PAGE),
    FormRoute(f"{PATH}/dangerous", Act.REVOKE, Tried, do, PAGE),
]
HARMLESS, DANGEROUS = f"{PATH}/harmless", f"{PATH}/dangerous"


@pytest.fixture
async def client(office, monkeypatch):
    DONE.clear()
    loader = ChoiceLoader([DictLoader({"tried.html": TRIED}), rendering._TEMPLATES.loader])
    monkeypatch.setattr(rendering._TEMPLATES, "loader", loader)
    pages = [*((route.method, route.path, route.endpoint()) for route in ROUTES), *console_pages()]
    application = make_application(office.desk, surroundings_of(office.settings, office.desk), pages)
    async with TestClient(TestServer(application)) as started:
        yield started


@pytest.fixture
async def browser(client, office):
    people = await gather_people(office, client)
    made = ConsoleBrowser(client, office)
    made.cookies[COOKIE] = people.sessions[Role.ADMIN]
    return made


async def sends(browser, name, note="", action=HARMLESS):
    page = await browser.get(PATH)
    return await browser.submit(page, action, name=name, note=note)


async def test_a_refused_form_keeps_what_was_typed_and_says_why_and_what_instead(browser):
    page = await sends(browser, "refused", "<b>\nmine")
    assert page.status == 409
    assert page.form(HARMLESS).fields["note"].strip() == "<b>\nmine"
    assert page.form(DANGEROUS).fields["name"] == ""
    assert "<b>" not in page.text
    for words in ("week", "Rule R3:", "ask support", "quote"):
        assert words in page.words
    assert page.text.count('aria-invalid="true"') == 1
    assert 'aria-describedby="e-harmlessnote' in page.text


async def test_a_refused_form_is_sent_again_under_a_key_of_its_own(browser):
    refused = await sends(browser, "refused")
    done = await browser.submit(refused, HARMLESS, name="right")
    assert (done.status, len(DONE)) == (303, 2)


async def test_a_fields_own_check_is_told_at_the_field(browser):
    page = await sends(browser, "x" * 21)
    assert (page.status, DONE) == (400, [])
    assert "This may have at most 20 characters." in page.words


async def test_what_waits_for_a_second_person_is_told_as_waiting(browser):
    page = await sends(browser, "filed")
    assert page.status == 409
    assert "Waiting for a second person" in page.words


async def test_a_page_with_a_secret_is_the_same_when_it_is_sent_twice(browser):
    form = (await browser.get(PATH)).form(HARMLESS)
    shown = [await browser.post(form.action, form.fields | {"name": "page"}) for _ in range(2)]
    assert shown[0].text == shown[1].text
    assert (len(DONE), "secret 1" in shown[1].words) == (1, True)


async def test_one_key_for_two_requests_is_refused(browser):
    form = (await browser.get(PATH)).form(HARMLESS)
    assert (await browser.post(form.action, form.fields | {"name": "one"})).status == 303
    assert (await browser.post(form.action, form.fields | {"name": "two"})).status == 422


async def test_a_file_is_given_with_its_headers_the_second_time_too(browser):
    form = (await browser.get(PATH)).form(HARMLESS)
    for _ in range(2):
        given = await browser.post(form.action, form.fields | {"name": "file"})
        assert (given.text, given.headers["Content-Disposition"]) == ("a,b", "attachment")


async def test_a_fault_is_told_without_its_reason(browser):
    page = await sends(browser, "fault")
    assert (page.status, "secret" in page.text, "Nothing was changed." in page.words) == (503, False, True)


async def test_a_missing_second_factor_is_asked_for_and_what_was_typed_is_kept(browser, office):
    made = await office.staff("admin")
    await office.fetch("UPDATE session SET person_id = $1 WHERE stepped_up_at IS NOT NULL", made.user_id)
    await office.fetch("UPDATE session SET stepped_up_at = 1")
    asked = await sends(browser, "kept", "a note", DANGEROUS)
    assert (asked.status, DONE) == (403, [])
    assert asked.form(DANGEROUS).fields["note"] == "a note"
    wrong = await browser.submit(asked, DANGEROUS, step_up="000000")
    assert (wrong.status, DONE) == (401, [])
    before = browser.cookies[COOKIE]
    async with office.desk.pool.acquire() as connection:
        now = await office.desk.clock.now(connection)
    code = pyotp.TOTP(made.totp_secret).at(now)
    done = await browser.submit(wrong, DANGEROUS, step_up=code)
    assert (done.status, DONE) == (303, [(Role.ADMIN, Tried("kept", "a note"))])
    assert browser.cookies[COOKIE] != before
    assert (await browser.follow(done)).status == 200


async def test_a_page_that_is_dangerous_to_see_asks_for_the_factor_and_leads_back(browser, office):
    await office.fetch("UPDATE session SET stepped_up_at = 1")
    assert (await browser.get(DANGEROUS)).location == "/console/step-up?next=%2Fconsole%2Ftried%2Fdangerous"


async def test_a_fragment_is_the_part_of_a_page_alone(browser):
    assert (await browser.get(f"{PATH}?fragment=1")).text == "<p>0</p>"


async def test_an_older_tabs_form_is_shown_again_with_what_was_typed(browser):
    page = await browser.get(PATH)
    again = await browser.submit(page, HARMLESS, csrf="that of before", name="mine")
    assert (again.status, again.form(HARMLESS).fields["name"], DONE) == (403, "mine", [])
    assert (await browser.submit(again, HARMLESS)).status == 303
