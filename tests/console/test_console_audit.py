"""The log as a page: whose history, who did what in which role, from where, page by page."""

import pytest

from activation.licensing.identifiers import ACCOUNT, LICENSE, STAFF, to_text
from activation.licensing.roles import Role
from activation.service.activating.activations import activate

AUDIT = "/console/audit"


@pytest.fixture
async def story(office, signed_in, people):
    """An account that support has looked at: its login, its licence."""
    made = await office.account(1)
    await activate(office.desk, office.caller(), made.login, made.password, office.wish("desk"))
    [[license_id]] = await office.fetch(
        "SELECT license_id FROM license WHERE account_id = $1", made.account_id
    )
    office.desk.traces.note("7kq2-m4xd", "GET /", await _refused(office, made))
    await office.desk.traces.flush(office.desk.pool)
    await (await signed_in(Role.SUPPORT)).get("/console/traces/7kq2-m4xd")
    return made, to_text(LICENSE, license_id)


async def _refused(office, made):
    return await activate(office.desk, office.caller(), made.login, made.password, office.wish("other"))


async def test_a_history_tells_who_did_what_in_which_role_from_where(signed_in, story, office, people):
    made, license_id = story
    auditor = await signed_in(Role.AUDITOR)
    [[agent]] = await office.fetch("SELECT login FROM staff WHERE staff_id = $1", people.ids[Role.SUPPORT])
    for name in (license_id, made.login, to_text(ACCOUNT, made.account_id)):
        page = await auditor.get(f"{AUDIT}?query={name}")
        assert page.status == 200
        assert "Activated on a device" in page.words
    for words in ("Looked at", agent, "Support", "127.0.0.1", "G6", "refusals"):
        assert words in page.words
    staff_id = to_text(STAFF, people.ids[Role.SUPPORT])
    assert f"{AUDIT}?query={staff_id}" in page.document.links
    of_agent = await auditor.get(f"{AUDIT}?query={staff_id}")
    assert f"/console/accounts/{to_text(ACCOUNT, made.account_id)}" in of_agent.document.links


async def test_a_history_without_looks_tells_what_was_done(signed_in, story):
    made, _ = story
    auditor = await signed_in(Role.AUDITOR)
    page = await auditor.get(f"{AUDIT}?query={made.login}")
    [other] = [link for link in page.document.links if link.endswith("&looks=0")]
    done = await auditor.get(other)
    assert ("Looked at" in done.words, "Activated on a device" in done.words) == (False, True)
    assert "Show who looked, too" in done.words


async def test_g6_who_reads_the_log_is_in_it_and_has_looked_at_whom_it_names(
    signed_in, story, people, office
):
    made, _ = story
    auditor = await signed_in(Role.AUDITOR)
    await auditor.get(f"{AUDIT}?query={made.login}")
    looked = await office.fetch(
        "SELECT about FROM event WHERE kind = 100 AND actor_id = $1", people.ids[Role.AUDITOR]
    )
    assert {row[0] for row in looked} == {made.account_id, people.ids[Role.SUPPORT]}


async def test_a_long_history_goes_page_by_page_and_misses_nothing(signed_in, office, people):
    auditor, staff_id = await signed_in(Role.AUDITOR), people.ids[Role.ADMIN]
    await office.fetch(
        "INSERT INTO event (about, event_id, happened, shard, kind, actor, rule, trace_id)"
        " SELECT $1, n, now() - n * interval '1 second', 0, 80, 4, 'identity', 'trace' || n"
        " FROM generate_series(1, 230) AS n",
        staff_id,
    )
    page = await auditor.get(f"{AUDIT}?query={to_text(STAFF, staff_id)}")
    found = page.words.count("Signed in")
    while next_url := next((one for one in page.document.links if "before=" in one), None):
        page = await auditor.get(next_url)
        found += page.words.count("Signed in")
    assert found == 230


async def test_nobody_and_nonsense_say_what_to_do(signed_in):
    auditor = await signed_in(Role.AUDITOR)
    assert "Type in whose history" in (await auditor.get(AUDIT)).words
    for typed in ("nobody", "%00", "x" * 300, "%D7%A9" * 64):
        page = await auditor.get(f"{AUDIT}?query={typed}")
        assert (page.status, "called that" in page.words) == (404, True)
    assert (await auditor.get(f"{AUDIT}?query=nobody&before=x")).status == 400
