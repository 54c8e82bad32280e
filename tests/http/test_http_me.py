"""What end users see and do when they are signed in, by password or by session: as with a password alone."""

import pytest
from sample_browser import Browser
from sample_signed_in import owner_of

from activation.licensing.identifiers import LICENSE, to_text
from activation.service.activating.activations import activate


@pytest.fixture
async def ann(office):
    made = await office.account(2)
    await office.fetch(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1, $1::bigint >> 55, 2, 'Ann Example')",
        made.account_id,
    )
    return made


@pytest.fixture(params=["password", "session"])
async def me(request, office, client, ann):
    """Calls as Ann: GET without a message, else POST."""
    browser = Browser(client, office)
    if request.param == "session":
        await browser.enter(ann)
    headers = owner_of(ann.login, ann.password) if request.param == "password" else {}

    async def call(path, message=None):
        if request.param == "session":
            return await (browser.get(path) if message is None else browser.post(path, message))
        if message is None:
            reply = await client.get(path, headers=headers)
        else:
            reply = await client.post(path, json=message, headers=headers)
        return reply.status, await reply.json()

    return call


async def test_an_end_user_sees_what_is_held_of_the_account(ann, me):
    status, told = await me("/v1/me")
    assert status == 200
    assert (told["login"], told["name"], told["email"]) == (ann.login, "Ann Example", None)
    assert told["account_id"].startswith("acc_")


async def test_the_list_is_the_one_that_the_password_shows(client, ann, me):
    reply = await client.get("/v1/licenses", headers=owner_of(ann.login, ann.password))
    status, told = await me("/v1/me/licenses")
    assert (status, told) == (200, await reply.json())
    assert len(told["licenses"]) == 2
    after = told["licenses"][0]["license_id"]
    assert (await me(f"/v1/me/licenses?after={after}"))[1]["licenses"] == told["licenses"][1:]


async def test_r3_one_reset_a_week_by_whatever_way(office, client, ann, me):
    done = await activate(office.desk, office.caller(), ann.login, ann.password, office.wish("laptop"))
    [license_id] = [
        one["license_id"] for one in (await me("/v1/me/licenses"))[1]["licenses"] if one["device"]
    ]
    status, told = await me("/v1/me/resets", {"license_id": license_id})
    assert (status, told["license_id"]) == (200, license_id)
    assert told["next_at"] is not None
    again = await me("/v1/me/resets", {"license_id": license_id})
    reply = await client.post(
        "/v1/resets", json={"license_id": license_id}, headers=owner_of(ann.login, ann.password)
    )
    assert (again[0], again[1]["code"]) == (reply.status, (await reply.json())["code"])
    assert again[1]["code"] == "reset_unused"
    kinds = await office.fetch(
        "SELECT kind, actor FROM event WHERE about = $1 ORDER BY event_id", done.license.license_id
    )
    assert [tuple(row) for row in kinds] == [(1, 1), (3, 1)], "the owner did it"


async def test_anothers_licence_is_not_found_and_stays(office, me):
    other = await office.account()
    await activate(office.desk, office.caller(), other.login, other.password, office.wish("desk"))
    [[number]] = await office.fetch("SELECT license_id FROM license WHERE account_id = $1", other.account_id)
    status, told = await me("/v1/me/resets", {"license_id": to_text(LICENSE, number)})
    made_up = await me("/v1/me/resets", {"license_id": to_text(LICENSE, number + 1)})
    assert (status, told["code"]) == (404, "not_found")
    assert (made_up[0], made_up[1]["detail"]) == (status, told["detail"])
    assert await office.fetch("SELECT FROM reset") == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_password_that_a_browser_remembers_is_of_no_use_to_other_sites_pages(
    office, client, ann, origin
):
    """A browser that was told login and password once sends them of itself (RFC 7617, 4)."""
    asked = {**owner_of(ann.login, ann.password), "Origin": origin}
    for path in ("me/restriction", "me/objection", "self/sessions/end-others"):
        assert (await client.post(f"/v1/{path}", headers=asked)).status == 403
    assert (await client.post("/v1/resets", json={"license_id": "lic_x"}, headers=asked)).status == 403
    rows = await office.fetch("SELECT restricted_at, objected_at FROM account")
    assert [tuple(row) for row in rows] == [(None, None)]


async def test_a_program_names_no_origin_and_goes_on(client, ann):
    reply = await client.post("/v1/me/restriction", headers=owner_of(ann.login, ann.password))
    assert reply.status == 200


async def test_only_programs_are_asked_for_a_password_in_the_header(client):
    """A browser that is asked for it remembers what its user types, and sends it of itself from then on."""
    for path in ("/v1/me", "/v1/licenses"):
        asked = await client.get(path)
        assert asked.headers["WWW-Authenticate"].startswith("Basic ")
        for shown in ({"Sec-Fetch-Mode": "navigate"}, {"Origin": "https://evil.example"}):
            asked = await client.get(path, headers=shown)
            assert asked.headers["WWW-Authenticate"].startswith("Bearer ")
