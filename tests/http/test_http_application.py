"""The whole application on a real desk: what the handlers add to the use cases, and what operators see."""

import base64
import ipaddress
import json

import pytest

from activation.http.wire.addresses import TrustedProxies

DEVICE = {"platform": "linux", "name": "the laptop"}


def basic(login, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


@pytest.fixture
async def anna(office):
    return await office.account(2)


async def activate(client, office, anna, name="laptop", **fields):
    device = {**DEVICE, "components": office.components(name)}
    message = {"product": "softphone", "version": "5.6", "device": device, **fields}
    return await client.post("/v1/activations", json=message, headers=basic(anna.login, anna.password))


async def test_an_activation_renewal_reset_and_release(serve, office, anna):
    client = await serve()
    first = await activate(client, office, anna)
    assert first.status == 201
    answer = await first.json()
    assert answer["status"] == "Success"
    assert answer["resets"] == {"available": True, "next_at": None}
    assert answer["license_ends_at"] is None
    assert (await activate(client, office, anna)).status == 200
    shown = {
        "certificate": answer["certificate"],
        "device": {**DEVICE, "components": office.components("laptop")},
    }
    renewed = await client.post("/v1/renewals", json={**shown, "version": "5.7"})
    assert (renewed.status, (await renewed.json())["activation_id"]) == (200, answer["activation_id"])
    released = await client.post("/v1/releases", json=shown)
    assert (await released.json())["license_id"] == answer["license_id"]
    superseded = await client.post("/v1/renewals", json=shown)
    assert (superseded.status, json.loads(await superseded.text())["code"]) == (409, "superseded")


async def test_an_owner_lists_and_resets(serve, office, anna):
    client = await serve()
    answer = await (await activate(client, office, anna)).json()
    headers = basic(anna.login, anna.password)
    listed = (await (await client.get("/v1/licenses", headers=headers)).json())["licenses"]
    assert listed[0]["license_id"] == answer["license_id"]
    assert listed[0]["device"]["name"] == "the laptop"
    assert listed[0]["device"]["online"] is True
    assert listed[1] == {**listed[1], "device": None, "kind": "perpetual", "state": "active"}
    after = await client.get("/v1/licenses", params={"after": answer["license_id"]}, headers=headers)
    assert (await after.json())["licenses"] == listed[1:]
    reset = await client.post("/v1/resets", json={"license_id": answer["license_id"]}, headers=headers)
    body = await reset.json()
    assert (reset.status, body["license_id"], body["reset_id"][:4]) == (200, answer["license_id"], "rst_")
    for license_id in ("nonsense", "lic_0000000000000"):
        missing = await client.post("/v1/resets", json={"license_id": license_id}, headers=headers)
        assert missing.status == 404


async def test_l8_a_licence_that_ran_out_is_listed_as_expired(serve, office, anna):
    client = await serve()
    await office.fetch("UPDATE license SET ends_at = 1600000000")
    headers = basic(anna.login, anna.password)
    listed = (await (await client.get("/v1/licenses", headers=headers)).json())["licenses"]
    assert [entry["state"] for entry in listed] == ["expired", "expired"]


async def test_staff_reset_a_licence(serve, office, anna):
    client, person = await serve(), await office.staff("support")
    answer = await (await activate(client, office, anna)).json()
    path = f"/v1/staff/licenses/{answer['license_id']}/resets"
    message = {"reason": "device_lost", "note": "on a train"}
    assert (await client.post(path, json=message)).status == 401
    headers = {"Authorization": f"Bearer {person.token}"}
    done = await client.post(path, json=message, headers=headers)
    assert (done.status, set(await done.json())) == (200, {"license_id", "reset_id", "state", "exposure"})
    nothing = await client.post("/v1/staff/licenses/lic_x/resets", json=message, headers=headers)
    assert nothing.status == 404


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic !"}, {"Authorization": "Bearer x"}])
async def test_a_request_without_credentials_is_refused_like_one_with_wrong_ones(serve, headers):
    client = await serve()
    wrong = await client.get("/v1/licenses", headers=basic("nobody", "wrong"))
    none = await client.get("/v1/licenses", headers=headers)
    bodies = [json.loads(await response.text()) for response in (wrong, none)]
    for body in bodies:
        del body["trace_id"]
    assert bodies[0] == bodies[1]
    assert none.status == wrong.status == 401


async def test_a_device_key_must_be_one(serve, office, anna):
    client = await serve()
    device = {**DEVICE, "components": office.components("laptop"), "public_key": "A" * 43}
    good = await activate(client, office, anna, device=device)
    assert good.status == 201
    (row,) = await office.fetch("SELECT device_key FROM activation")
    assert row[0] == bytes(32)


async def test_public_keys_are_public(serve, office, now):
    client = await serve()
    jwks = await client.get("/.well-known/jwks.json")
    keys = await client.get("/v1/keys")
    assert jwks.headers["Cache-Control"] == keys.headers["Cache-Control"] == "public, max-age=300"
    ring = office.desk.maker.ring
    published = {key["kid"]: key for key in (await jwks.json())["keys"]}
    assert published.keys() == {ring.active(now).kid, ring.active(now, offline=True).kid}
    assert len(published) == 2
    assert all(key.keys() <= {"kty", "crv", "x", "kid", "alg", "use"} for key in published.values())
    assert (await keys.json())["roots"]


async def test_alive_and_ready_are_two_things(serve):
    async def not_ready():
        return "the database does not answer"

    client = await serve(not_ready=not_ready)
    assert (await client.get("/healthz")).status == 200
    response = await client.get("/readyz")
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    assert "the database does not answer" in json.loads(await response.text())["detail"]
    ready = await (await serve()).get("/readyz")
    assert (ready.status, await ready.json()) == (200, {"status": "ready"})


async def test_without_a_signing_key_it_is_not_ready(serve, office):
    ring = office.desk.maker.ring
    office.desk.maker.take(ring.without(ring.signing_keys))
    response = await (await serve()).get("/readyz")
    assert "no signing key is valid now" in json.loads(await response.text())["detail"]


@pytest.mark.parametrize(
    ("client_address", "readers", "status"),
    [
        ("127.0.0.1", (), 200),
        ("192.0.2.9", (), 403),
        ("192.0.2.9", ("192.0.2.0/24",), 200),
        ("198.51.100.1", ("192.0.2.0/24",), 403),
        ("2001:db8::1", ("192.0.2.0/24",), 403),
        ("2001:db8::1", ("2001:db8::/32",), 200),
    ],
)
async def test_metrics_are_for_loopback_and_named_addresses(serve, client_address, readers, status):
    proxies = TrustedProxies((ipaddress.ip_network("127.0.0.1"),))
    networks = tuple(map(ipaddress.ip_network, readers))
    client = await serve(proxies=proxies, metrics_readers=networks)
    response = await client.get("/metrics", headers={"X-Forwarded-For": client_address})
    assert response.status == status
    if status == 200:
        text = await response.text()
        assert "activation_pool_connections" in text
        assert client_address not in text
