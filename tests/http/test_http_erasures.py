"""G1-G3 over HTTP: what an erasure ends is shown, confirmed, done; so are the register and retention."""

import asyncio

from sample_people import add_reseller
from sample_signed_in import SignedIn

from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.privacy.retention import RetentionRule
from activation.licensing.roles import Role
from activation.service.privacy.retention import run_retention


def path_of(made):
    return f"privacy/accounts/{to_text(ACCOUNT, made.account_id)}/erasure"


async def test_g3_an_erasure_is_previewed_confirmed_and_done_once(office, sign_in):
    made, admin = await office.account(2), await sign_in("admin")
    status, shown = await admin.get(path_of(made))
    assert status == 200
    assert (shown["ends"]["licenses"], shown["ends"]["devices"], shown["stays_open"]) == (2, 0, [])
    assert shown["ends"]["first_licenses"][0]["product"] == "softphone"
    assert {one["until"] is None for one in shown["keeps"]} == {True, False}

    status, refused = await admin.post(path_of(made), {"shown": "0" * 32})
    assert (status, refused["code"], refused["shown"]) == (409, "conflict", shown["shown"])
    status, done = await admin.post(path_of(made), {"shown": shown["shown"]}, key="once")
    assert (status, done["licenses"], done["billing_until"]) == (200, 2, None)
    assert await admin.post(path_of(made), {"shown": shown["shown"]}, key="once") == (200, done)

    assert (await admin.get(path_of(made)))[0] == 409
    assert (await admin.post(path_of(made), {"shown": shown["shown"]}))[0] == 409


async def test_g3_only_an_admin_erases_and_what_is_malformed_is_told(office, sign_in):
    made = await office.account(1)
    for role in ("sales", "support", "auditor"):
        agent = await sign_in(role)
        assert (await agent.get(path_of(made)))[0] == 403
        assert (await agent.post(path_of(made), {"shown": "0" * 32}))[0] == 403
    admin = await sign_in("admin")
    for wrong in ({}, {"shown": "x"}, {"shown": "0" * 32, "reason": "why"}, {"shown": 5}):
        assert (await admin.post(path_of(made), wrong))[0] == 400
    assert (await admin.get("privacy/accounts/nobody/erasure"))[0] == 404
    assert [row[0] for row in await office.fetch("SELECT erased_at FROM account")] == [None]


async def test_g1_the_register_says_who_sees_what_and_for_how_long(sign_in):
    status, told = await (await sign_in("auditor")).get("privacy/register")
    assert status == 200
    [login] = [one for one in told["entries"] if one["column"] == "personal.value"]
    assert login["kept"].startswith("30 days after the account was closed")
    assert "support" in login["seen_by"]
    [bill] = [one for one in told["entries"] if one["column"] == "billing_identity.name"]
    assert (bill["kept"], bill["seen_by"]) == ("10 years after it was paid or closed", [])
    assert "license_id" in told["plain"]["license"]
    assert (await (await sign_in("sales")).get("privacy/register"))[0] == 403


async def test_g2_retention_shows_its_rules_and_its_last_runs(office, sign_in):
    auditor = await sign_in("auditor")
    status, told = await auditor.get("privacy/retention")
    assert (status, told["runs"]) == (200, [])
    assert [one["rule"] for one in told["rules"]] == [str(rule) for rule in RetentionRule]
    await office.fetch("INSERT INTO event_address VALUES (1, 0, 1, 'a')")
    await run_retention(office.desk, asyncio.Event())
    _, told = await auditor.get("privacy/retention")
    [run] = told["runs"]
    assert {rule: count for rule, count in run["changed"].items() if count} == {"addresses": 1}


async def test_g3_a_reseller_no_longer_sees_who_its_customer_was(office, client, sign_in):
    reseller = await add_reseller(office)
    await office.fetch(
        "INSERT INTO personal VALUES ($1, ($1::bigint >> 55)::smallint, 2, 'Ann of Anywhere')",
        reseller.account_id,
    )
    owner = SignedIn(client, reseller.tokens[Role.OWNER], "/v1/reseller/")
    before = await owner.get("customers")
    assert "Ann of Anywhere" in str(before)
    admin = await sign_in("admin")
    path = f"privacy/accounts/{to_text(ACCOUNT, reseller.account_id)}/erasure"
    _, shown = await admin.get(path)
    assert shown["reseller_id"] == to_text("rsl_", reseller.reseller_id)
    assert (await admin.post(path, {"shown": shown["shown"]}))[0] == 200
    status, after = await owner.get("customers")
    assert status == 200
    assert "Ann of Anywhere" not in str(after)
