"""End users at their own pages: their licences and devices, freeing one, their data, their account."""

import pytest
from sample_console import ConsoleBrowser

from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.roles import Role
from activation.service.activating.activations import activate

WEEK = 7 * 86_400


@pytest.fixture
async def ann(office):
    return await office.account(2)


@pytest.fixture
async def me(client, office, ann):
    return await ConsoleBrowser(client, office).sign_in_as(Role.END_USER, ann.account_id)


async def come(office, made, name="laptop"):
    done = await activate(office.desk, office.caller(), made.login, made.password, office.wish(name))
    return to_text(LICENSE, done.license.license_id)


async def test_c3_the_list_says_what_is_used_and_what_is_free(office, me, ann):
    await come(office, ann)
    page = await me.get("/console/mine")
    assert page.status == 200
    assert "2 licences 1 in use 1 free" in page.words
    assert "the laptop" in page.words


async def test_r3_a_licence_is_freed_once_a_week_and_says_when_again(office, me, ann):
    license_id = await come(office, ann)
    path = f"/console/mine/licenses/{license_id}"
    page = await me.get(path)
    assert "in use on the laptop" in page.words
    done = await me.submit(page, f"{path}/free")
    page = await me.follow(done)
    assert "The licence is free." in page.words
    assert "You freed it from the laptop." in page.words
    await come(office, ann, "desk")
    page = await me.get(path)
    assert "You have freed this licence this week already. You can do so again from" in page.words
    again = await me.post(f"{path}/free", {"csrf": page.form("/console/sign-out").fields["csrf"]})
    assert (again.status, "Rule R3:" in again.words) == (409, True)
    office.desk.clock.shift_s += WEEK
    me = await me.sign_in_as(Role.END_USER, ann.account_id)
    assert "Free it from the desk" in (await me.get(path)).words


async def test_anothers_licence_is_as_if_it_were_not_there(office, me):
    other = await office.account()
    path = f"/console/mine/licenses/{await come(office, other)}"
    page = await me.get(path)
    assert page.status == 404
    assert "laptop" not in page.text


async def test_a_company_finds_a_seat_by_its_device_and_turns_pages(office, client):
    company = await office.account(120)
    for name in ("reception", "kitchen"):
        await come(office, company, name)
    me = await ConsoleBrowser(client, office).sign_in_as(Role.END_USER, company.account_id)
    first = await me.get("/console/mine")
    [following] = [link for link in first.document.links if "after=" in link]
    second = await me.get(following)
    shown = [{one for one in page.document.links if "/licenses/" in one} for page in (first, second)]
    assert [len(one) for one in shown] == [50, 50]
    assert shown[0].isdisjoint(shown[1])
    found = await me.get("/console/mine?query=KITCH&fragment=1")
    assert "the kitchen" in found.words
    assert "the reception" not in found.words
    assert "No device has “100%” in its name." in (await me.get("/console/mine?query=100%25")).words


async def test_who_has_nothing_yet_is_told_what_to_do(office, client):
    nobody = await office.account(0)
    me = await ConsoleBrowser(client, office).sign_in_as(Role.END_USER, nobody.account_id)
    assert "You have no licence yet." in (await me.get("/console/mine")).words
