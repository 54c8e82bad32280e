"""Limits over HTTP: what a refusal looks like, and that nobody gets round one by headers."""

from ipaddress import ip_network

import pytest
from aiohttp import encode_basic_auth

from activation.http.wire.addresses import TrustedProxies
from activation.licensing.identifiers import LICENSE, to_text
from activation.service.limiting import limiter
from activation.service.limiting.limiter import Limits, Pair
from activation.storage.allowances import Limit

HERE = TrustedProxies((ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8")))
FEW = Pair(Limit("failed_login", 10, 60.0), Limit("failed_address", 3, 60.0))


@pytest.fixture
def few(office):
    """An address may be wrong three times."""
    office.desk.limits = Limits(failed=FEW)


async def ask(client, login, headers=None, password="wrong"):
    wanted = {
        "product": "softphone",
        "version": "5.0",
        "device": {"platform": "linux", "name": "laptop", "components": {"hdd_serial": "WD-WX11A20XY"}},
    }
    auth = encode_basic_auth(login, password)
    reply = await client.post(
        "/v1/activations", json=wanted, headers={**(headers or {}), "Authorization": auth}
    )
    return reply, await reply.json()


async def statuses(client, chains):
    """Be wrong once for each chain of addresses, as another login every time."""
    return [
        (await ask(client, f"login-{n}", {"X-Forwarded-For": chain}))[0].status
        for n, chain in enumerate(chains)
    ]


async def test_too_many_failures_say_when_to_come_back(client, few):
    for n in range(4):
        reply, told = await ask(client, f"login-{n}")
    assert (reply.status, told["code"], told["zdk_status"]) == (429, "rate_limited", "FailedHttp")
    assert told["retryable"] is True
    assert 1 <= int(reply.headers["Retry-After"]) <= 60
    assert reply.content_type == "application/problem+json"


async def test_a_right_password_goes_through_from_an_address_past_its_limit(client, few, office):
    account = await office.account()
    await statuses(client, [""] * 5)
    reply, _ = await ask(client, account.login, password=account.password)
    assert reply.status == 201


@pytest.mark.parametrize(
    "chains",
    [
        [f"198.51.100.{n}, 203.0.113.5" for n in range(4)],
        [f"10.9.9.{n}, 203.0.113.5, 10.0.0.2" for n in range(4)],
        [f"{n}, , 203.0.113.5:{n + 1}" for n in range(4)],
        ["203.0.113.5", "::ffff:203.0.113.5", "[::ffff:203.0.113.5]:99", "203.0.113.5:1"],
        [f"2001:db8:7:{n}::{n}" for n in range(4)],
        [f"[2001:db8:7:{n}::1]:443" for n in range(4)],
        [f"not-an-address-{n}" for n in range(4)],
    ],
)
async def test_nobody_gets_round_a_limit_by_what_a_header_claims(serve, few, chains):
    client = await serve(proxies=HERE)
    assert await statuses(client, chains) == [401, 401, 401, 429]


async def test_behind_a_proxy_each_client_has_a_limit_of_its_own(serve, few):
    client = await serve(proxies=HERE)
    chains = [f"203.0.113.{n}" for n in range(5)] + [f"2001:db8:{n}::1" for n in range(5)]
    assert await statuses(client, chains) == [401] * 10


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP"]
)
async def test_no_header_is_believed_where_no_proxy_is_named(client, few, name):
    told = [(await ask(client, f"login-{n}", {name: f"203.0.113.{n}"}))[0].status for n in range(4)]
    assert told == [401, 401, 401, 429]


@pytest.mark.parametrize("name", ["Forwarded", "X-Real-IP"])
async def test_of_a_proxy_only_one_header_is_read(serve, few, name):
    client = await serve(proxies=HERE)
    told = [
        (await ask(client, f"login-{n}", {name: f"for=203.0.113.{n}", "X-Forwarded-For": "203.0.113.5"}))[0]
        for n in range(4)
    ]
    assert [reply.status for reply in told] == [401, 401, 401, 429]


async def test_resets_are_limited_and_other_calls_are_not(client, office):
    office.desk.limits = Limits(resets=Pair.hourly("resets", 2, 300))
    account = await office.account()
    [[license_id]] = await office.fetch("SELECT license_id FROM license")
    mine = {"Authorization": encode_basic_auth(account.login, account.password)}
    message = {"license_id": to_text(LICENSE, license_id)}
    replies = [await client.post("/v1/resets", json=message, headers=mine) for _ in range(3)]
    assert [reply.status for reply in replies] == [409, 409, 429]
    assert 1 <= int(replies[-1].headers["Retry-After"]) <= 1800
    assert (await client.get("/v1/licenses", headers=mine)).status == 200


async def test_resets_by_staff_are_limited_by_token_and_by_address(client, office, sign_in):
    office.desk.limits = Limits(resets=Pair.hourly("resets", 2, 5))
    one, other, third = [await sign_in("support") for _ in range(3)]
    path, message = "licenses/lic_0000000000000/resets", {"reason": "other", "note": "because"}
    told = [(await who.post(path, message))[0] for who in (one, one, one, other, other, other)]
    assert told == [404, 404, 429, 404, 404, 429]
    # What was refused for the one counts for the address all the same.
    assert (await third.post(path, message))[0] == 429
    assert (await third.get("licenses", query="nobody"))[0] == 200


async def test_limited_requests_are_counted_without_addresses(client, few):
    before = await limited(client)
    await statuses(client, [""] * 5)
    assert await limited(client) == before + 2


async def limited(client):
    told = await (await client.get("/metrics")).text()
    lines = [line for line in told.splitlines() if line.startswith("activation_limited_total{")]
    counted = [float(line.split()[-1]) for line in lines if 'limit="failed_address"' in line]
    return sum(counted)


async def test_when_nobody_can_tell_it_looks_like_an_outage_for_resets_alone(client, office, monkeypatch):
    monkeypatch.setattr(limiter, "PATIENCE_S", 0.2)
    account = await office.account()
    mine = {"Authorization": encode_basic_auth(account.login, account.password)}
    async with office.desk.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE allowance IN ACCESS EXCLUSIVE MODE")
        reset = await client.post("/v1/resets", json={"license_id": "lic_0000000000000"}, headers=mine)
        wrong, _ = await ask(client, account.login)
        right, _ = await ask(client, account.login, password=account.password)
    assert (reset.status, (await reset.json())["code"]) == (503, "unavailable")
    assert int(reset.headers["Retry-After"]) > 0
    assert (wrong.status, right.status) == (401, 201)
