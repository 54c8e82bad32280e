"""Staff at the privacy pages: requests with their deadlines, and one person's data (G3, G4, G8)."""

import json

import pytest
from sample_console import ConsoleBrowser
from service.sample_privacy import MARK, come, leave_traces, person, whereabouts

from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.roles import Role

DAY = 86_400


@pytest.fixture
async def ann(office):
    return await person(office, 3)


@pytest.fixture
async def agent(signed_in):
    return await signed_in(Role.SUPPORT)


def page_of(ann):
    return f"/console/privacy/accounts/{to_text(ACCOUNT, ann.account_id)}"


async def entered(agent, ann, kind="access"):
    page = await agent.get("/console/privacy")
    typed = {"whose": ann.login, "kind": kind, "how": "A letter"}
    return await agent.follow(await agent.submit(page, "/console/privacy/requests", **typed))


async def test_g4_a_request_is_entered_verified_done_and_answered(office, agent, ann):
    assert "No request waits for an answer." in (await agent.get("/console/privacy")).words
    page = await entered(agent, ann)
    assert "Verify first who asks" in page.words
    early = await agent.submit(page, ".*/answer", outcome="done", answer="Here it is.")
    assert (early.status, early.form(".*/answer").fields["answer"]) == (409, "Here it is.")
    page = await agent.follow(await agent.submit(early, ".*/verify", how="Called back"))
    assert "export it first" in page.words
    offered = await agent.get(f"{page_of(ann)}/copy")
    [file] = [link for link in offered.document.links if link.endswith("/file")]
    copy = await agent.get(file)
    assert json.loads(copy.text)["person"]["name"] == f"Ann {MARK}"
    [again] = [link for link in (await agent.get("/console/privacy")).document.links if "/requests/" in link]
    page = await agent.get(again)
    assert "All that was asked for is done" in page.words
    done = await agent.follow(await agent.submit(page, ".*/answer", outcome="done", answer="Here it is."))
    assert "Here it is." in done.words
    assert [one.action for one in done.document.forms] == ["/console/sign-out"]
    assert again in (await agent.get("/console/privacy?state=done")).document.links


async def test_g4_what_is_overdue_says_so(office, people, agent, ann):
    await entered(agent, ann)
    office.desk.clock.shift_s += 40 * DAY
    auditor = ConsoleBrowser(agent.client, office)
    await auditor.sign_in_as(Role.AUDITOR, people.ids[Role.AUDITOR])
    page = await auditor.get("/console/privacy")
    assert "Overdue" in page.words
    assert "Enter a request" not in page.words


async def test_what_cannot_be_entered_says_which_field_and_keeps_the_rest(agent, ann):
    page = await agent.get("/console/privacy")
    typed = {"whose": "nobody", "kind": "erasure", "how": "A letter\nof 3 May"}
    wrong = await agent.submit(page, "/console/privacy/requests", **typed)
    assert (wrong.status, "wrong-whose" in wrong.text) == (404, True)
    assert wrong.form("/console/privacy/requests").fields["how"] == "A letter\nof 3 May"
    late = await agent.submit(wrong, "/console/privacy/requests", whose=ann.login, received="2019-01-01")
    assert (late.status, "between a year ago and now" in late.words) == (409, True)
    unknown = await agent.submit(late, "/console/privacy/find", whose="nobody")
    assert (unknown.status, "There is no such account." in unknown.words) == (404, True)


async def test_g3_an_agent_finds_corrects_and_restricts_and_each_look_is_kept(office, agent, ann):
    page = await agent.get("/console/privacy")
    page = await agent.follow(await agent.submit(page, "/console/privacy/find", whose=ann.login))
    assert MARK not in page.text
    data = await agent.get(f"{page_of(ann)}/data")
    assert data.form(".*/data").fields["name"] == f"Ann {MARK}"
    done = await agent.submit(data, ".*/data", name="Ann Other", phone="")
    page = await agent.follow(done)
    assert "It is corrected." in page.words
    known = await office.fetch("SELECT field, value FROM personal WHERE subject = $1", ann.account_id)
    assert (2, "Ann Other") in {tuple(row) for row in known}
    assert 5 not in {row[0] for row in known}
    for name, said in (("restrict", "used for the licences alone"), ("object", "nothing beyond")):
        page = await agent.follow(await agent.submit(page, f".*/{name}"))
        assert said in page.words
    typed = {"given": "true", "how": "By phone", "version": "phone-1"}
    page = await agent.follow(await agent.submit(page, ".*/consent", **typed))
    assert "Said yes Must not be written to." in page.words
    for name in ("lift", "withdraw"):
        page = await agent.follow(await agent.submit(page, f".*/{name}"))
    assert "May be written to." in page.words
    [[fields]] = await office.fetch(
        "SELECT details->'fields' FROM event WHERE kind = 100 AND about = $1 LIMIT 1", ann.account_id
    )
    assert json.loads(fields) == ["login", "name", "email", "address", "phone"]


async def test_g3_erasing_shows_what_ends_and_does_just_that(office, signed_in, ann):
    admin = await signed_in(Role.ADMIN)
    await come(office, ann)
    await leave_traces(office, ann.account_id)
    page = await admin.get(f"{page_of(ann)}/erasure")
    assert "3 licences end 1 device is forgotten" in page.words
    await office.fetch("UPDATE license SET state = 2 WHERE account_id = $1 AND shard >= 0", ann.account_id)
    changed = await admin.submit(page, ".*/erasure")
    assert (changed.status, "0 licences end" in changed.words) == (409, True)
    done = await admin.follow(await admin.submit(changed, ".*/erasure"))
    assert "The person is erased; 0 licences are revoked." in done.words
    assert "This account is closed." in done.words
    left = {name: rows for name, rows in (await whereabouts(office)).items() if "idempotency" not in name}
    assert left == {}
    gone = await admin.get(f"{page_of(ann)}/erasure")
    assert (gone.status, "deleted already" in gone.words) == (409, True)
