"""Licences, products and builds over HTTP, as staff see and change them (L5-L8)."""

import pytest

from activation.storage.products import read_catalogue


@pytest.fixture
async def ask(office, client):
    """Call as staff of a role; return status and answer."""
    tokens = {role: (await office.staff(role)).token for role in ("admin", "sales", "support")}

    async def send(method, path, message=None, role="sales", **headers):
        headers["Authorization"] = f"Bearer {tokens[role]}"
        if message is None:
            reply = await client.request(method, path, headers=headers)
        else:
            reply = await client.request(method, path, json=message, headers=headers)
        return reply.status, await reply.json()

    return send


async def test_l5_a_gift_over_http_is_found_and_shown(office, ask):
    made = await office.account(0)
    path = f"/v1/staff/accounts/{made.login}/licenses"
    message = {"product": "softphone", "major": 5, "kind": "evaluation", "device_limit": 3, "count": 2}
    status, given = await ask("POST", path, message, **{"Idempotency-Key": "one"})
    assert (status, len(given["licenses"]), given["device_limit"]) == (201, 2, 3)
    assert given["license_ends_at"] is not None
    assert await ask("POST", path, message, **{"Idempotency-Key": "one"}) == (201, given)
    status, found = await ask("GET", f"/v1/staff/licenses?query={made.login}", role="support")
    assert [row["license_id"] for row in found["licenses"]] == given["licenses"]
    assert {row["kind"] for row in found["licenses"]} == {"evaluation"}
    assert found["licenses"][0]["devices"] == []
    assert "next_after" not in found


async def test_l8_standing_changes_over_http_show_in_the_history(office, ask):
    made = await office.account(1)
    _, found = await ask("GET", f"/v1/staff/licenses?query={made.login}")
    one = f"/v1/staff/licenses/{found['licenses'][0]['license_id']}"
    status, told = await ask("POST", f"{one}/suspend", {"note": "fraud?"})
    assert (status, told["state"], told["holds"]) == (200, "suspended", ["staff"])
    status, told = await ask("POST", f"{one}/reinstate", {"note": "no fraud"})
    assert (status, told["state"], told["holds"]) == (200, "active", [])
    status, told = await ask("POST", f"{one}/extend", {"note": "new build"})
    assert (status, told["code"]) == (409, "conflict")
    status, told = await ask("POST", f"{one}/revoke", {"note": "fraud"})
    assert (status, told["state"]) == (200, "revoked")
    status, told = await ask("GET", one, role="support")
    assert [event["event"] for event in told["events"]] == ["revoked", "reinstated", "suspended"]
    assert {event["by"] for event in told["events"]} == {"staff"}
    assert [noted["note"] for noted in told["notes"]] == ["fraud", "no fraud", "fraud?"]
    assert all(noted["staff_id"].startswith("stf_") for noted in told["notes"])


@pytest.mark.parametrize(
    ("path", "message", "status"),
    [
        ("suspend", {}, 400),
        ("suspend", {"note": "  "}, 400),
        ("revoke", {"note": "why", "more": 1}, 400),
        ("revoke", {"note": "why"}, 404),
        ("extend", {"note": "why"}, 404),
    ],
)
async def test_l8_bad_requests_are_told_what_is_wrong(ask, path, message, status):
    answered, told = await ask("POST", f"/v1/staff/licenses/lic_0000000000001/{path}", message)
    assert answered == status
    assert told["code"] == ("malformed" if status == 400 else "not_found")


async def test_l8_support_looks_but_does_not_touch(office, ask):
    made = await office.account(1)
    _, found = await ask("GET", f"/v1/staff/licenses?query={made.login}", role="support")
    one = f"/v1/staff/licenses/{found['licenses'][0]['license_id']}"
    for path in ("suspend", "reinstate", "revoke", "extend"):
        status, told = await ask("POST", f"{one}/{path}", {"note": "why"}, role="support")
        assert (status, told["code"]) == (403, "forbidden")


@pytest.mark.parametrize("query", ["after=nothing", f"query={'x' * 255}", "query=a%00b"])
async def test_a_query_that_cannot_be_is_malformed(ask, query):
    status, told = await ask("GET", f"/v1/staff/licenses?{query}")
    assert (status, told["code"]) == (400, "malformed")


async def test_l7_a_build_made_known_over_http_is_what_a_softphone_is_refused_for(office, ask):
    path = "/v1/staff/products/softphone/builds"
    told = {"version": "5.9", "released_at": "2030-01-01T00:00:00+01:00"}
    status, build = await ask("POST", path, told, role="admin")
    assert (status, build["released_at"]) == (201, "2029-12-31T23:00:00Z")
    assert (await ask("POST", path, told, role="admin"))[0] == 201
    status, refused = await ask("POST", path, {**told, "released_at": "2031-01-01T00:00:00Z"}, role="admin")
    assert (status, refused["released_at"]) == (409, "2029-12-31T23:00:00Z")
    status, listed = await ask("GET", path, role="support")
    assert listed["builds"] == [{"version": "5.9", "released_at": "2029-12-31T23:00:00Z"}]
    async with office.desk.pool.acquire() as connection:
        catalogue = await read_catalogue(connection)
    assert catalogue.released_at(catalogue.by_code["softphone"], "5.9") == 1_893_452_400


@pytest.mark.parametrize("released_at", ["yesterday", "2030-01-01T00:00:00", "1960-01-01T00:00:00Z", ""])
async def test_l7_a_time_of_release_names_its_offset(ask, released_at):
    message = {"version": "5.9", "released_at": released_at}
    status, told = await ask("POST", "/v1/staff/products/softphone/builds", message, role="admin")
    assert (status, told["code"], told["field"]) == (400, "malformed", "released_at")


async def test_l7_a_product_is_made_once(ask):
    message = {"code": "desk-phone", "name": "Desk Phone", "update_months": 12, "install_id_platforms": ["*"]}
    assert (await ask("POST", "/v1/staff/products", message, role="admin"))[0] == 201
    status, told = await ask("POST", "/v1/staff/products", message, role="admin")
    assert (status, told["code"]) == (409, "conflict")
    status, told = await ask("GET", "/v1/staff/products")
    made = next(one for one in told["products"] if one["code"] == "desk-phone")
    assert (made["update_months"], made["install_id_platforms"], made["builds"]) == (12, ["*"], 0)
    for wrong in ({"policy": "loose"}, {"code": "Not A Code"}, {"update_months": 0}):
        assert (await ask("POST", "/v1/staff/products", {**message, **wrong}, role="admin"))[0] == 400
