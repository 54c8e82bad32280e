"""An agent frees a licence: R6 before, R4's reason, R5's bounds and the second person, undone."""

from typing import get_args

import pytest

from activation.console.licenses.resetting import Reason
from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.overriding import Bounds
from activation.licensing.roles import Role
from activation.messages.requests import REASONS
from activation.service.activating.activations import activate

APPROVALS = "/console/approvals"
WORDS = {"reason": "device_lost", "note": "Called from her number on file <b>."}


@pytest.fixture
async def used(office):
    """A licence that is on a laptop, moved there from a desktop."""
    made = await office.account()
    await activate(office.desk, office.caller(), made.login, made.password, office.wish("laptop"))
    [[license_id]] = await office.fetch(
        "SELECT license_id FROM license WHERE account_id = $1", made.account_id
    )
    return made, to_text(LICENSE, license_id)


def test_r4_the_forms_reasons_are_the_apis():
    assert get_args(Reason) == REASONS


async def test_r6_figures_stand_before_the_form(signed_in, used):
    browser = await signed_in(Role.SUPPORT)
    page = await browser.get(f"/console/licenses/{used[1]}/reset")
    assert page.status == 200, page.text
    for words in (
        "the old device's certificate ends by itself",
        "the laptop",
        "Free it",
        "50 of your 50 resets today are left",
    ):
        assert words in page.words
    assert await browser.office.fetch("SELECT FROM override") == []


async def test_r4_a_reset_is_made_with_its_reason_and_undone_again(signed_in, used):
    browser = await signed_in(Role.SUPPORT)
    made = await free(browser, used)
    assert made.status == 303, made.text
    page = await browser.follow(made)
    for words in ("The licence is free", "lost or stolen", "number on file <b>", "Undo this reset"):
        assert words in page.words
    undone = await browser.follow(await browser.submit(page, f"{APPROVALS}/.*/undo"))
    assert "The reset is undone" in undone.words
    assert "the laptop" in undone.words
    listed = await browser.get(f"{APPROVALS}?state=undone")
    assert used[1] in listed.words


async def test_r5_once_a_device_has_activated_undoing_is_not_offered(office, signed_in, used):
    browser = await signed_in(Role.SUPPORT)
    made = await free(browser, used)
    login, password = used[0].login, used[0].password
    await activate(office.desk, office.caller(), login, password, office.wish("desktop"))
    page = await browser.follow(made)
    assert "A device has activated since" in page.words
    undone = await browser.post(
        f"{made.location}/undo", {"csrf": page.form("/console/sign-out").fields["csrf"]}
    )
    assert (undone.status, "Rule R5:" in undone.words) == (409, True)


@pytest.mark.parametrize("field", ["reason", "note"])
async def test_r4_without_a_reason_nothing_is_reset_and_what_was_typed_stays(signed_in, used, field):
    browser = await signed_in(Role.SUPPORT)
    wrong = await free(browser, used, **{field: "" if field == "reason" else " \n"})
    assert wrong.status == 400
    kept = wrong.form(".*/reset").fields
    assert all(kept[name].strip() == WORDS[name] for name in WORDS if name != field)
    assert "Fill this in." in wrong.words or "Choose one of the options." in wrong.words
    assert await browser.office.fetch("SELECT FROM override") == []


async def test_r5_past_a_bound_it_waits_for_a_second_person_who_is_never_oneself(office, signed_in, used):
    office.desk.bounds = Bounds(agent_day=0, license_month=4)
    agent, colleague = await signed_in(Role.SUPPORT), await signed_in(Role.SALES)
    page = await agent.get(f"/console/licenses/{used[1]}/reset")
    assert "Ask a second person" in page.words
    assert "you have made yours" in page.words
    filed = await free(agent, used)
    assert (filed.status, "Waiting for a second person" in filed.words) == (409, True)
    [waiting] = [link for link in filed.document.links if link.startswith(f"{APPROVALS}/rst_")]
    history = await agent.get(f"/console/licenses/{used[1]}")
    assert "resets by one agent in a day" in history.words
    own = await agent.get(waiting)
    assert "Nobody approves their own" in own.words
    assert "/approve" not in own.text
    csrf = own.form("/console/sign-out").fields["csrf"]
    forced = await agent.post(f"{waiting}/approve", {"csrf": csrf})
    assert (forced.status, "Rule R5:" in forced.words) == (403, True)
    listed = await colleague.get(APPROVALS)
    assert waiting in listed.document.links
    done = await colleague.follow(await colleague.submit(await colleague.get(waiting), f"{waiting}/approve"))
    assert "It is done." in done.words
    assert (await office.fetch("SELECT state FROM override"))[0][0] == 1


async def test_r5_a_request_is_taken_back_by_who_asked(office, signed_in, used):
    office.desk.bounds = Bounds(agent_day=50, license_month=0)
    agent = await signed_in(Role.SUPPORT)
    filed = await free(agent, used)
    [waiting] = [link for link in filed.document.links if link.startswith(f"{APPROVALS}/rst_")]
    back = await agent.follow(await agent.submit(await agent.get(waiting), f"{waiting}/decline"))
    assert "The request is closed." in back.words
    again = await agent.post(f"{waiting}/decline", {"csrf": back.form("/console/sign-out").fields["csrf"]})
    assert (again.status, "decided before" in again.words) == (409, True)


async def test_r2_what_was_activated_offline_says_what_can_be_done_instead(office, signed_in, used):
    await office.fetch("UPDATE activation SET online = false")
    for role, linked in ((Role.SUPPORT, False), (Role.SALES, True)):
        browser = await signed_in(role)
        page = await browser.get(f"/console/licenses/{used[1]}/reset")
        assert "Rule R2:" in page.words
        assert 'name="note"' not in page.text
        assert (f"/console/licenses/{used[1]}/standing#replace" in page.document.links) is linked


async def test_an_auditor_looks_and_does_nothing(signed_in, used):
    browser = await signed_in(Role.AUDITOR)
    page = await browser.get(f"/console/licenses/{used[1]}/reset")
    assert (page.status, 'name="note"' in page.text) == (200, False)


@pytest.mark.parametrize("state", ["waiting", "done", "declined", "undone", "made up"])
async def test_an_empty_list_says_what_would_be_there(signed_in, state):
    page = await (await signed_in(Role.SUPPORT)).get(f"{APPROVALS}?state={state}")
    assert (page.status, 'class="nothing"' in page.text) == (200, True)


async def test_a_thousand_resets_are_paged_by_key(office, signed_in, used):
    [[account_id, license_id]] = await office.fetch(
        "SELECT account_id, license_id FROM license WHERE account_id = $1", used[0].account_id
    )
    browser = await signed_in(Role.SUPPORT)
    await office.fetch(
        "INSERT INTO override (reset_id, shard, license_id, staff_id, reason, note, asked_at, state)"
        " SELECT $1::bigint + k, $1::bigint >> 55, $2, (SELECT min(staff_id) FROM staff), 'other',"
        " repeat('w', 2000), k / 3, 1 FROM generate_series(1, 1000) AS k",
        account_id,
        license_id,
    )
    path, seen = f"{APPROVALS}?state=done", []
    while path:
        page = await browser.get(path)
        links = page.document.links
        seen += [link for link in links if link.startswith(f"{APPROVALS}/rst_")]
        path = next((link for link in links if "after=" in link), None)
    assert (len(seen), len(set(seen))) == (1000, 1000)


async def free(browser, used, **fields):
    path = f"/console/licenses/{used[1]}/reset"
    return await browser.submit(await browser.get(path), path, **(WORDS | fields))
