"""End users on their own account: terms, the activation password, closing it as it was shown."""

import json

import pytest
from sample_console import ConsoleBrowser
from service.sample_privacy import MARK, come, leave_traces, person, whereabouts

from activation.licensing.roles import Role
from activation.licensing.verdicts import Refused
from activation.service.activating.activations import activate
from activation.service.reselling.agreeing import publish_terms
from activation.service.working import act_as_system

PAGE = "/console/mine/account"
PASSWORD = f"{PAGE}/activation-password"


@pytest.fixture
async def ann(office):
    return await person(office, 2)


@pytest.fixture
async def me(client, office, ann):
    return await ConsoleBrowser(client, office).sign_in_as(Role.END_USER, ann.account_id)


def shown_password(page):
    """Return the password that a page shows: what stands behind its name."""
    return page.words.partition("Activation password ")[2].split()[0]


async def begin(office, ann, password, name):
    return await activate(office.desk, office.caller(), ann.login, password, office.wish(name))


async def test_an_activation_password_activates_until_it_is_ended(office, me, ann):
    page = await me.get(PAGE)
    made = await me.submit(page, PASSWORD)
    password = shown_password(made)
    assert not isinstance(await begin(office, ann, password, "desk"), Refused)
    again = await me.submit(page, PASSWORD)
    assert shown_password(again) == password, "the same form, sent twice"
    renewed = shown_password(await me.submit(await me.get(PAGE), PASSWORD))
    assert renewed != password
    assert isinstance(await begin(office, ann, password, "other"), Refused)
    page = await me.follow(await me.submit(await me.get(PAGE), f"{PASSWORD}/end"))
    assert "There is none" in page.words
    assert isinstance(await begin(office, ann, renewed, "other"), Refused)
    gone = await me.post(f"{PASSWORD}/end", page.form("/console/sign-out").fields)
    assert (gone.status, "There is no activation password." in gone.words) == (409, True)
    written = await office.fetch("SELECT template FROM mail ORDER BY mail_id")
    assert [row[0] for row in written] == [*["activation_password_made"] * 2, "activation_password_ended"]


async def test_g8_terms_are_read_and_accepted(office, me, ann):
    assert "Terms" not in (await me.get(PAGE)).document.words
    await act_as_system(office.desk, lambda work: publish_terms(work, "2026-1", "Be good.\n\nPay.", None))
    page = await me.get(PAGE)
    assert "Be good." in page.words
    page = await me.follow(await me.submit(page, f"{PAGE}/terms"))
    assert "Accepted" in page.words
    [kept] = await office.fetch("SELECT subject, version FROM acceptance")
    assert tuple(kept) == (ann.account_id, "2026-1")


async def test_g3_closing_shows_what_ends_asks_for_the_password_and_forgets(office, me, ann):
    await come(office, ann)
    await leave_traces(office, ann.account_id)
    await office.fetch("UPDATE session SET stepped_up_at = 1")
    page = await me.get(f"{PAGE}/closing")
    assert "2 licences end 1 device is forgotten" in page.words
    asked = await me.submit(page, f"{PAGE}/closing")
    assert 'name="step_up"' in asked.text
    assert await office.fetch("SELECT FROM account WHERE erased_at IS NOT NULL") == []
    done = await me.submit(asked, f"{PAGE}/closing", step_up=ann.password)
    page = await me.follow(done)
    assert (page.status, "Your account is closed" in page.words) == (200, True)
    assert await whereabouts(office, MARK) == {}
    assert (await me.get("/console/mine")).location.startswith("/console/sign-in")
    [[actor, details]] = await office.fetch("SELECT actor, details::text FROM event WHERE kind = 117")
    assert (actor, json.loads(details)["licenses"]) == (1, 2)


async def test_g3_what_changed_since_it_was_shown_is_shown_again(office, me, ann):
    page = await me.get(f"{PAGE}/closing")
    await come(office, ann)
    again = await me.submit(page, f"{PAGE}/closing")
    assert (again.status, "1 device is forgotten" in again.words) == (409, True)
    assert (await me.submit(again, f"{PAGE}/closing")).status == 303
