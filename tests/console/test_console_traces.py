"""A refusal looked up by what the customer reads out, and an account's; each role sees what it may."""

import json

import pytest

from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.roles import Role
from activation.service.activating.activations import activate

TRACES = "/console/traces"


@pytest.fixture
async def refused(office):
    """An account whose second device was refused, and the trace id that its owner reads out."""
    made = await office.account(1)
    for name, trace_id in (("laptop", "0000-0001"), ("desktop", "7kq2-m4xd")):
        done = await activate(office.desk, office.caller(), made.login, made.password, office.wish(name))
        if name == "desktop":
            office.desk.traces.note(trace_id, "POST /v1/activations", done)
    await office.desk.traces.flush(office.desk.pool)
    return made, trace_id


async def test_what_was_heard_on_the_phone_leads_to_every_rule_that_was_weighed(signed_in, refused):
    made, trace_id = refused
    support = await signed_in(Role.SUPPORT)
    led = await support.get(f"{TRACES}?query=7KQ2%20M4XD")
    assert (led.status, led.location) == (303, f"{TRACES}/{trace_id}")
    page = await support.follow(led)
    assert page.status == 200
    for words in ("Activation was refused: All licences are in use", "Rule L4:", "Is the account open?"):
        assert words in page.words
    for words in (made.login, "the laptop", "disk's serial", "Free one from its device first"):
        assert words in page.words
    assert page.words.index("Is the account open?") < page.words.rindex(
        "Is one of them not in use elsewhere?"
    )
    assert f"/console/accounts/{to_text(ACCOUNT, made.account_id)}" in page.document.links


@pytest.mark.parametrize("role", [Role.SALES, Role.AUDITOR])
async def test_g6_a_role_sees_no_more_than_its_work_needs(signed_in, office, refused, role):
    made, trace_id = refused
    page = await (await signed_in(role)).get(f"{TRACES}/{trace_id}")
    assert "the laptop" not in page.words
    assert (made.login in page.words, "disk's serial" in page.words) == (
        role is Role.SALES,
        role is Role.AUDITOR,
    )
    [[fields]] = await office.fetch("SELECT details->'fields' FROM event WHERE kind = 100")
    assert json.loads(fields) == (["login", "refusals"] if role is Role.SALES else ["refusals"])


async def test_an_accounts_refusals_are_found_by_its_login_and_its_id(signed_in, refused):
    made, trace_id = refused
    support = await signed_in(Role.SUPPORT)
    for name in (made.login, to_text(ACCOUNT, made.account_id)):
        page = await support.get(f"{TRACES}?query={name}")
        assert f"{TRACES}/{trace_id}" in page.document.links
        assert "All licences are in use" in page.words


async def test_an_account_that_was_refused_nothing_is_no_mistake_of_who_asks(signed_in, office):
    made = await office.account(1)
    support = await signed_in(Role.SUPPORT)
    account = to_text(ACCOUNT, made.account_id)
    link = f"{TRACES}?query={account}"
    assert link in (await support.get(f"/console/accounts/{account}")).document.links
    page = await support.get(link)
    assert (page.status, "Nothing that this account asked for was refused" in page.words) == (200, True)
    assert "Check what you heard" not in page.words


async def test_what_is_not_found_says_what_to_do(signed_in, refused):
    support = await signed_in(Role.SUPPORT)
    for typed in ("nobody-of-ours", "uuuu-uuuu", "%00", "%D7%A9" * 64):
        for page in (await support.get(f"{TRACES}?query={typed}"), await support.get(f"{TRACES}/{typed}")):
            assert (page.status, "Check what you heard" in page.words) == (404, True), typed


async def test_an_unknown_login_is_told_from_a_wrong_password_to_staff_alone(signed_in, office):
    wish = office.wish("laptop")
    for login in ("nobody-of-ours", (await office.account(1)).login):
        done = await activate(office.desk, office.caller(), login, "wrong", wish)
        office.desk.traces.note(f"0000-000{len(login) % 10}", "POST /v1/activations", done)
        await office.desk.traces.flush(office.desk.pool)
        page = await (await signed_in(Role.SUPPORT)).get(f"{TRACES}/0000-000{len(login) % 10}")
        known = login != "nobody-of-ours"
        assert ("Password right" in page.words) is known
        assert ("Nobody is known by what was sent" in page.words) is not known


async def test_staffs_own_refusals_lead_to_what_was_weighed_for_them(signed_in, office):
    support = await signed_in(Role.SUPPORT)
    refused = await support.get("/console/licenses/lic_0000000000000")
    [led] = [link for link in refused.document.links if link.startswith(f"{TRACES}/")]
    await office.desk.traces.flush(office.desk.pool)
    assert (await support.get(led)).status == 200
    owner = await (await signed_in(Role.OWNER)).get("/console/customers/acc_0000000000000")
    assert (owner.status, TRACES in owner.text) == (404, False)
