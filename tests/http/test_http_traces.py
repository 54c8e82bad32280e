"""A trace id shows staff every rule that was weighed, and each role only what it may see (G6)."""

import json

import pytest
from aiohttp import encode_basic_auth

from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.roles import Act, Role, may

CANARY = "canary-7731"


@pytest.fixture
async def written(office):
    """Have all that waits written, so that it can be looked up."""

    async def write():
        while office.desk.traces.waiting:
            await office.desk.traces.flush(office.desk.pool)

    return write


@pytest.fixture
async def activate(office, client):
    """Activate over HTTP; return status and answer."""

    async def send(made, name, *, password=None, **fields):
        device = {"platform": "linux", "name": f"{CANARY} {name}", "components": office.components(name)}
        body = {"product": "softphone", "version": "5.6.4", "device": device, **fields}
        shown = encode_basic_auth(made.login, made.password if password is None else password)
        reply = await client.post("/v1/activations", json=body, headers={"Authorization": shown})
        return reply.status, await reply.json()

    return send


@pytest.fixture
async def refused(office, activate, written):
    """An activation that was refused since the licence is in use, with its trace."""
    made = await office.account(1)
    await activate(made, "laptop")
    status, body = await activate(made, "desktop")
    assert (status, body["code"]) == (409, "device_limit")
    await written()
    return made, body


async def test_support_sees_every_rule_in_order_with_its_facts(office, sign_in, refused):
    made, body = refused
    support = await sign_in("support")
    status, told = await support.get(f"traces/{body['trace_id']}")
    assert status == 200
    assert (told["code"], told["rule"], told["route"]) == ("device_limit", "L4", "POST /v1/activations")
    assert told["account_id"] == to_text(ACCOUNT, made.account_id)
    assert (told["login"], told["device_name"]) == (made.login, f"{CANARY} laptop")
    rules = [(one["rule"], one["outcome"]) for one in told["weighed"]]
    assert rules[0] == ("L8", "passed")
    assert rules[-1] == ("L4", "refused")
    [compared] = next(one for one in told["weighed"] if one["rule"] == "L2")["facts"]["devices"]
    assert (compared["agreed"], compared["same_device"]) == ([], False)
    assert told["weighed"][-1]["facts"]["since"] == body["since"]


@pytest.mark.parametrize("role", ["sales", "auditor"])
async def test_g6_a_role_sees_no_more_than_its_work_needs(sign_in, refused, role):
    made, body = refused
    status, told = await (await sign_in(role)).get(f"traces/{body['trace_id']}")
    assert status == 200
    assert [one["outcome"] for one in told["weighed"]][-1] == "refused"
    assert ("login" in told) == (role == "sales")
    assert "device_name" not in told
    said = json.dumps(told)
    assert ("hdd_serial" in said) == (role == "auditor")
    assert CANARY not in said
    assert (made.login in said) == (role == "sales")


async def test_nothing_stored_names_a_person_or_a_device(office, refused):
    made, _ = refused
    rows = await office.fetch("SELECT t::text FROM refusal_trace t")
    said = " ".join(row[0] for row in rows)
    for secret in (CANARY, "SERIAL", made.login, made.password, "192.0.2.1", "127.0.0.1"):
        assert secret not in said


async def test_g6_a_look_is_told(office, sign_in, refused):
    made, body = refused
    support = await sign_in("support")
    await support.get(f"traces/{body['trace_id']}")
    rows = await office.fetch("SELECT about, details FROM event WHERE kind = 100")
    assert [row[0] for row in rows] == [made.account_id]
    assert sorted(json.loads(rows[0][1])["fields"]) == ["device_name", "login", "refusals"]
    await support.get("traces", account=made.login)
    assert len(await office.fetch("SELECT FROM event WHERE kind = 100")) == 2


async def test_a_trace_id_is_forgiven_how_it_was_written_down(sign_in, refused):
    _, body = refused
    support = await sign_in("support")
    spoken = f" {body['trace_id'].upper().replace('-', ' ').replace('0', 'O').replace('1', 'L')} "
    assert (await support.get(f"traces/{spoken}"))[1]["trace_id"] == body["trace_id"]
    for unknown in ("0000-0000", "no such id", "uuuu-uuuu"):
        status, told = await support.get(f"traces/{unknown}")
        assert (status, told["code"]) == (404, "not_found")
        assert "30 days" in told["detail"]


async def test_staff_learn_whether_the_login_is_unknown_or_the_password_wrong(
    office, activate, written, sign_in, refused
):
    made, _ = refused
    support, learned, told_outside = await sign_in("support"), {}, []
    for password, login in (("wrong", made.login), ("wrong", "nobody-of-ours")):
        status, body = await activate(type("", (), {"login": login})(), "laptop", password=password)
        assert (status, body["code"]) == (401, "credentials")
        told_outside.append({name: body[name] for name in body if name != "trace_id"})
        await written()
        _, told = await support.get(f"traces/{body['trace_id']}")
        learned[login] = told
    assert told_outside[0] == told_outside[1]
    known, unknown = learned[made.login], learned["nobody-of-ours"]
    assert known["account_id"] == to_text(ACCOUNT, made.account_id)
    assert known["weighed"][-1]["facts"] == {"password_right": False}
    assert unknown["account_id"] is None
    assert unknown["weighed"][-1]["facts"] == {"login_known": False}


async def test_an_accounts_refusals_are_listed_the_newest_first(office, activate, written, sign_in, refused):
    made, body = refused
    _, again = await activate(made, "desktop", license_id="lic_0000000000000")
    await written()
    auditor = await sign_in("auditor")
    status, told = await auditor.get("traces", account=made.login)
    assert status == 200
    assert {one["trace_id"] for one in told["traces"]} == {body["trace_id"], again["trace_id"]}
    assert (await auditor.get("traces"))[0] == 400
    assert (await auditor.get("traces", account="nobody-of-ours"))[0] == 404
    spared = await office.account(1)
    assert await auditor.get("traces", account=spared.login) == (200, {"traces": []})


async def test_what_a_caller_made_up_is_not_kept(office, client, written, sign_in):
    reply = await client.post("/v1/renewals", json={CANARY: 1})
    body = await reply.json()
    assert (reply.status, body["code"]) == (400, "malformed")
    await written()
    _, told = await (await sign_in("admin")).get(f"traces/{body['trace_id']}")
    assert told["weighed"][-1]["rule"] == "request"
    assert CANARY not in json.dumps(told)


async def test_refusals_of_staff_name_who_acted(office, written, sign_in, refused):
    auditor, admin = await sign_in("auditor"), await sign_in("admin")
    status, body = await auditor.post("licenses/lic_0000000000000/resets", {"reason": "other", "note": "x"})
    assert (status, body["code"]) == (403, "forbidden")
    await written()
    _, told = await admin.get(f"traces/{body['trace_id']}")
    [row] = await office.fetch("SELECT login FROM staff WHERE role = 'auditor'")
    assert (told["rule"], told["person"]) == ("roles", row[0])
    assert (await auditor.get(f"traces/{body['trace_id']}"))[1]["person"] is None


async def test_r4_staffs_own_resets_are_weighed_too(office, written, sign_in, refused):
    support = await sign_in("support")
    made = await office.account(1)
    [row] = await office.fetch("SELECT license_id FROM license WHERE account_id = $1", made.account_id)
    path = f"licenses/{to_text('lic_', row[0])}/resets"
    status, body = await support.post(path, {"reason": "other", "note": "x"})
    assert (status, body["code"]) == (409, "reset_unused")
    await written()
    _, told = await support.get(f"traces/{body['trace_id']}")
    assert told["account_id"] == to_text(ACCOUNT, made.account_id)
    assert [one["rule"] for one in told["weighed"]] == ["R1", "R8", "L8", "R9", "R3"]


async def test_g3_what_is_restricted_is_seen_by_those_who_answer_for_it(office, sign_in, refused):
    made, body = refused
    await office.fetch("UPDATE account SET restricted_at = 1 WHERE account_id = $1", made.account_id)
    for role in ("support", "sales", "admin"):
        status, told = await (await sign_in(role)).get(f"traces/{body['trace_id']}")
        assert status == 200
        hidden = not may(Role(role), Act.ANSWER_PRIVACY)
        assert ("login" not in told, "device_name" not in told) == (hidden, hidden or role == "sales")
    assert not all(may(Role(role), Act.ANSWER_PRIVACY) for role in ("support", "sales", "admin"))
