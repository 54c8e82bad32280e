"""`GET /v1/revocations`: cacheable, the same from every worker, 503 where there is none."""

import json
import time

import pytest
from aiohttp.test_utils import TestClient, TestServer
from service.sample_revocations import issue_offline
from service.sample_staff import welcome

from activation.app import open_desk, surroundings_of
from activation.http.routes import make_application
from activation.service.certifying.revoking import BulletinBoard
from crypto.revocations import verify_revocations

HOUR = 3600
PATH = "/v1/revocations"


@pytest.fixture
async def revoked(office):
    """The jti of an offline certificate whose licence was revoked."""
    anna = await welcome(office, 1)
    jti = await issue_offline(office, 1, activated=await anna.certified())
    await office.fetch("UPDATE license SET state = 2")
    return jti


async def test_it_verifies_with_the_roots_alone_and_may_be_kept_for_a_while(client, office, revoked):
    response = await client.get(PATH)
    assert (response.status, response.content_type) == (200, "application/json")
    assert response.headers["Cache-Control"] == "public, max-age=30"
    body = await response.json()
    assert body.keys() == {"revocations", "delegation"}
    roots = office.desk.maker.ring.roots
    listed = verify_revocations(body["revocations"], body["delegation"], roots, now=int(time.time()))
    assert listed.certificates == {revoked}


@pytest.mark.parametrize(
    ("shape", "status"),
    [
        ("{}", 304),
        ("W/{}", 304),
        ('"other", {}', 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
        ("nonsense", 200),
    ],
)
async def test_whoever_has_it_already_is_told_so(client, office, shape, status):
    first = await client.get(PATH)
    again = await client.get(PATH, headers={"If-None-Match": shape.format(first.headers["ETag"])})
    assert again.status == status
    for name in ("ETag", "Cache-Control"):
        assert again.headers[name] == first.headers[name]
    assert await again.read() == (b"" if status == 304 else await first.read())


async def test_the_tag_follows_the_list(client, office, revoked):
    office.desk.bulletins = BulletinBoard(fresh_s=0)
    first = await client.get(PATH)
    await office.fetch("UPDATE license SET state = 0")
    second = await client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert second.status == 200
    assert second.headers["ETag"] != first.headers["ETag"]


async def test_two_workers_answer_with_the_same_bytes(client, office, dsn, revoked):
    async with open_desk(office.settings, dsn) as desk:
        office.desk.clock.shift_s = desk.clock.shift_s = HOUR - int(time.time()) % HOUR + 60
        surroundings = surroundings_of(office.settings, desk)
        async with TestClient(TestServer(make_application(desk, surroundings))) as other:
            first, second = await client.get(PATH), await other.get(PATH)
            assert await first.read() == await second.read()
            again = await other.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
            assert again.status == 304


async def test_without_a_list_it_is_a_temporary_error(client, office):
    await office.desk.pool.close()
    response = await client.get(PATH)
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    assert json.loads(await response.text())["code"] == "unavailable"


async def test_without_a_database_the_last_list_is_told_again(client, office):
    office.desk.bulletins = BulletinBoard(fresh_s=0)
    first = await client.get(PATH)
    await office.desk.pool.close()
    second = await client.get(PATH)
    assert (second.status, await second.read()) == (200, await first.read())


async def test_it_is_described_like_its_neighbours(client):
    document = await (await client.get("/openapi.json")).json()
    operation = document["paths"][PATH]["get"]
    assert "RevocationsAnswer" in json.dumps(operation)
    schema = document["components"]["schemas"]["RevocationsAnswer"]
    assert schema["required"] == ["revocations", "delegation"]
    assert "security" not in operation
