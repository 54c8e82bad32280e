"""End users at their own pages: their licences and devices, freeing one, their data, their account."""

import msgspec
import pytest
from sample_console import ConsoleBrowser

from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.roles import Role
from activation.messages.person_data import PersonData
from activation.service.activating.activations import activate
from activation.service.mailing.sealing import unseal
from activation.service.privacy import exporting

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
    assert "Free it from this device" in (await me.get(path)).words


async def test_anothers_licence_is_as_if_it_were_not_there(office, me):
    other = await office.account()
    path = f"/console/mine/licenses/{await come(office, other)}"
    page = await me.get(path)
    assert page.status == 404
    assert "laptop" not in page.text


async def test_a_company_finds_a_seat_by_its_device_and_turns_pages(office, client):
    company = await office.account(60)
    for name in ("reception", "kitchen"):
        await come(office, company, name)
    me = await ConsoleBrowser(client, office).sign_in_as(Role.END_USER, company.account_id)
    first = await me.get("/console/mine")
    [following] = [link for link in first.document.links if "after=" in link]
    second = await me.get(following)
    shown = [{one for one in page.document.links if "/licenses/" in one} for page in (first, second)]
    assert [len(one) for one in shown] == [25, 25]
    assert shown[0].isdisjoint(shown[1])
    found = await me.get("/console/mine?query=KITCH&fragment=1")
    assert "the kitchen" in found.words
    assert "the reception" not in found.words
    assert "No device has “100%” in its name." in (await me.get("/console/mine?query=100%25")).words


async def test_who_has_nothing_yet_is_told_what_to_do(office, client):
    nobody = await office.account(0)
    me = await ConsoleBrowser(client, office).sign_in_as(Role.END_USER, nobody.account_id)
    assert "You have no licence yet." in (await me.get("/console/mine")).words


async def mailed(office, template):
    """Return what was sealed in the mails of a template."""
    rows = await office.fetch("SELECT params->>'sealed' FROM mail WHERE template = $1", template)
    return [unseal(office.desk.secrets.mail, row[0]) for row in rows]


async def test_g3_what_is_known_is_corrected_and_a_new_email_waits_for_its_code(office, me):
    page = await me.get("/console/mine/data")
    typed = {"name": "Ann عَنّ", "address": "1 Main St\n1000 Sofia", "email": "ann@example.org"}
    done = await me.submit(page, "/console/mine/data/correct", **typed)
    page = await me.follow(done)
    assert "A code is on its way to the new e-mail." in page.words
    assert page.form("/console/mine/data/correct").fields["address"] == "1 Main St\n1000 Sofia"
    wrong = await me.submit(page, "/console/mine/data/confirm", code="x")
    assert (wrong.status, wrong.form("/console/mine/data/confirm").fields["code"]) == (409, "x")
    [mail] = await mailed(office, "email_confirm")
    page = await me.follow(await me.submit(wrong, "/console/mine/data/confirm", code=mail["code"]))
    assert page.form("/console/mine/data/correct").fields["email"] == "ann@example.org"
    kept = await me.submit(page, "/console/mine/data/correct", email="", phone="call me")
    assert kept.status == 400
    kept = await me.submit(kept, "/console/mine/data/correct", email="", phone="")
    assert (kept.status, "An e-mail is replaced by another" in kept.words) == (400, True)


async def test_a_new_email_asks_for_the_password_with_what_was_typed_kept(office, me, ann):
    await office.fetch("UPDATE session SET stepped_up_at = 1")
    page = await me.get("/console/mine/data")
    typed = {"email": "thief@example.org", "name": "Ann"}
    asked = await me.submit(page, "/console/mine/data/correct", **typed)
    assert asked.form("/console/mine/data/correct").fields["email"] == "thief@example.org"
    wrong = await me.submit(asked, "/console/mine/data/correct", step_up="nonsense")
    assert 'name="step_up"' in wrong.text
    assert await mailed(office, "email_confirm") == []
    done = await me.submit(wrong, "/console/mine/data/correct", step_up=ann.password)
    assert done.status == 303
    assert len(await mailed(office, "email_confirm")) == 1


async def test_g3_a_copy_of_everything_is_one_file(office, me, ann, monkeypatch):
    monkeypatch.setattr(exporting, "PAGE", 1)
    await come(office, ann)
    page = await me.get("/console/mine/data")
    assert "/console/mine/data/copy" in page.document.links
    copy = await me.get("/console/mine/data/copy")
    assert copy.headers["Content-Disposition"].startswith("attachment; filename=")
    told = msgspec.json.decode(copy.text, type=PersonData)
    assert len(told.licenses) == 2
    assert told.next_after is msgspec.UNSET
    assert told.copy.free
    assert not msgspec.json.decode((await me.get("/console/mine/data/copy")).text, type=PersonData).copy.free


async def test_g8_consent_is_given_and_withdrawn_and_an_objection_outweighs_it(me):
    page = await me.get("/console/mine/data")
    page = await me.follow(await me.submit(page, "/console/mine/data/consent"))
    assert "You said yes" in page.words
    page = await me.follow(await me.submit(page, "/console/mine/data/object"))
    assert "Still, nothing is sent" in page.words
    page = await me.follow(await me.submit(page, "/console/mine/data/withdraw"))
    page = await me.follow(await me.submit(page, "/console/mine/data/restrict"))
    page = await me.follow(await me.submit(page, "/console/mine/data/lift"))
    assert "Still, nothing is sent" not in page.words
    page = await me.follow(await me.submit(page, "/console/mine/data/consent"))
    assert "You have not said yes" in page.words


async def test_g4_a_request_shows_its_deadline_and_then_its_answer(office, me):
    page = await me.get("/console/mine/data/requests")
    assert "You have asked for nothing yet." in page.words
    done = await me.submit(page, "/console/mine/data/requests", kind="access", note="since 2019, <please>")
    page = await me.follow(done)
    assert "Access to the data Open" in page.words
    assert "since 2019, <please>" in page.words
    await office.fetch("UPDATE privacy_request SET state = 1, answered_at = 1, answer = 'Here\nit is.'")
    page = await me.get("/console/mine/data/requests")
    assert "Done" in page.words
    assert "Here it is." in page.words
    empty = await me.submit(page, "/console/mine/data/requests")
    assert (empty.status, "wrong-kind" in empty.text) == (400, True)
