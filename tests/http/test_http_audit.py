"""G6: looks at what is known of people are told; those who oversee read the log and its seals."""

import asyncio
import json
from base64 import b64encode

import pytest
from sample_people import gather_people

from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.roles import Role
from activation.service.activating.activations import activate
from activation.service.auditing.sealing import Pace, seal_some
from activation.service.auditing.whence import is_unchanged
from activation.service.privacy.retention import run_retention

LOOKS = (
    "SELECT e.about, e.actor, e.actor_id, e.role, e.rule, e.details::text AS details, e.event_id, a.address,"
    " e.address_digest FROM event e LEFT JOIN event_address a USING (shard, event_id) WHERE kind = 100"
    " ORDER BY e.event_id"
)


async def looks(office):
    return await office.fetch(LOOKS)


async def test_g6_each_person_in_a_list_was_looked_at(office, sign_in):
    named, other = await office.account(2), await office.account(1)
    await activate(office.desk, office.caller(), named.login, named.password, office.wish("desk"))
    staff = await sign_in("support")
    status, told = await staff.get("licenses")
    assert (status, len(told["licenses"])) == (200, 3)
    seen = {row["about"]: row for row in await looks(office)}
    assert seen.keys() == {named.account_id, other.account_id}
    fields = {about: json.loads(row["details"])["fields"] for about, row in seen.items()}
    assert fields == {named.account_id: ["login", "device_name"], other.account_id: ["login"]}
    for row in seen.values():
        assert json.loads(row["details"])["act"] == "licenses.see"
        assert (row["actor"], row["role"], row["rule"], row["address"]) == (4, 3, "G6", "127.0.0.1")
        key = office.desk.secrets.audit
        assert is_unchanged(key, row["event_id"], row["address"], row["address_digest"])
        assert not is_unchanged(key, row["event_id"], "127.0.0.2", row["address_digest"])
        assert not is_unchanged(key, row["event_id"] + 1, row["address"], row["address_digest"])


async def test_g6_what_was_refused_or_found_nobody_is_no_look(office, sign_in):
    staff = await sign_in("support")
    assert (await staff.get("licenses/lic_0000000000000"))[0] == 404
    assert (await staff.get("licenses", query="nobody"))[0] == 200
    assert await looks(office) == []


async def test_g6_a_reseller_looks_at_its_customers_and_owners_at_themselves(office, client):
    people = await gather_people(office, client)
    status, told = await people.ask("GET", "/v1/reseller/customers", people.bearer(Role.OPERATOR))
    assert status == 200
    customers = [one["account_id"] for one in json.loads(told)["customers"]]
    rows = await looks(office)
    assert [to_text(ACCOUNT, row["about"]) for row in rows] == customers
    assert {(row["actor"], row["role"], row["address"]) for row in rows} == {(5, 6, "127.0.0.1")}
    assert all(
        json.loads(row["details"]) == {"act": "own.see", "fields": ["login", "name", "email", "address"]}
        for row in rows
    )
    made = await office.account(1)
    basic = b64encode(f"{made.login}:{made.password}".encode()).decode()
    reply = await client.get("/v1/licenses", headers={"Authorization": f"Basic {basic}"})
    assert reply.status == 200
    assert len(await looks(office)) == len(rows)


async def test_addresses_are_forgotten_after_thirty_days_and_the_digest_stays(office, sign_in):
    await office.account(1)
    await (await sign_in("support")).get("licenses")
    for days, address in ((29, "127.0.0.1"), (2, None)):
        office.desk.clock.shift_s += days * 86_400
        await run_retention(office.desk, asyncio.Event())
        [row] = await looks(office)
        assert (row["address"], len(row["address_digest"])) == (address, 16)


@pytest.fixture
async def story(office, sign_in):
    """A licence that support reset: its account, its id, who did it."""
    made = await office.account(1)
    await activate(office.desk, office.caller(), made.login, made.password, office.wish("desk"))
    support = await sign_in("support")
    _, told = await support.get("licenses", query=made.login)
    license_id = told["licenses"][0]["license_id"]
    message = {"reason": "hardware_failure", "note": "the disk broke"}
    assert (await support.post(f"licenses/{license_id}/resets", message))[0] == 200
    return made, license_id


async def test_the_log_tells_who_did_what_in_which_role_from_where_and_why(story, sign_in):
    made, license_id = story
    auditor = await sign_in("auditor")
    status, told = await auditor.get(f"audit/{license_id}")
    assert status == 200
    reset = next(event for event in told["events"] if event["event"] == "agent_reset")
    assert reset["details"] == {"reason": "hardware_failure"}
    assert (reset["by"], reset["role"], reset["rule"], reset["address"]) == (
        "staff",
        "support",
        "R4",
        "127.0.0.1",
    )
    assert reset["about"] == license_id
    activated = next(event for event in told["events"] if event["event"] == "activated")
    assert (activated["by"], activated["role"], activated["address"]) == ("owner", None, None)
    # The person's history has the licence's in it, and the looks; so has that of who did it.
    status, of_account = await auditor.get(f"audit/{made.login}")
    assert {event["event"] for event in of_account["events"]} >= {"agent_reset", "looked", "account_made"}
    status, of_staff = await auditor.get(f"audit/{reset['person_id']}")
    assert [event["event"] for event in of_staff["events"]].count("agent_reset") == 1
    # Reading the log is a look too.
    status, told = await auditor.get(f"audit/{license_id}")
    looked = told["events"][0]
    assert (looked["event"], looked["role"]) == ("looked", "auditor")
    assert looked["details"] == {"act": "audit.see", "fields": ["history", "ip_address"]}


async def test_an_address_that_was_changed_shows(office, story, sign_in):
    _, license_id = story
    await office.fetch("UPDATE event_address SET address = '203.0.113.9'")
    _, told = await (await sign_in("auditor")).get(f"audit/{license_id}")
    reset = next(event for event in told["events"] if event["event"] == "agent_reset")
    assert (reset["address"], reset["address_changed"]) == ("203.0.113.9", True)


async def test_a_history_is_told_page_by_page(office, sign_in):
    made = await office.account(1)
    auditor = await sign_in("auditor")
    for _ in range(230):
        assert (await auditor.get("licenses", query=made.login))[0] == 200
    found, path = [], {}
    while True:
        status, told = await auditor.get(f"audit/{made.login}", **path)
        assert status == 200
        found += [event for event in told["events"] if event["details"].get("act") != "audit.see"]
        if "next_before" not in told:
            break
        path = {"before": told["next_before"]}
    kinds = [event["event"] for event in found]
    assert (kinds.count("looked"), kinds[-2:]) == (230, ["licenses_granted", "account_made"])


@pytest.mark.parametrize("path", ["audit/x?before=now", "audit/seals?after=-1", f"audit/{'x' * 255}"])
async def test_names_and_places_that_are_none_are_malformed(sign_in, path):
    auditor = await sign_in("auditor")
    reply = await auditor.client.get(f"/v1/staff/{path}", headers=auditor.headers())
    assert (reply.status, (await reply.json())["code"]) == (400, "malformed")


async def test_what_nobody_is_called_is_not_found(sign_in):
    assert (await (await sign_in("auditor")).get("audit/nobody"))[0] == 404


async def test_seals_are_handed_out(office, sign_in):
    await office.account(1)
    async with office.desk.pool.acquire() as connection, connection.transaction():
        await seal_some(connection, office.desk, Pace(width=1 << 20))
    status, told = await (await sign_in("auditor")).get("audit/seals")
    assert status == 200
    [row] = told["seals"]
    assert (row["number"], row["events"], row["seal"].count(".")) == (1, 2, 2)
    assert (await (await sign_in("admin")).get("audit/seals", after=1))[1] == {"seals": []}
