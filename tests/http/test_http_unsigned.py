"""A certificate that would not verify is never sent: 503, and a line in the log with the check's name."""

import base64
import dataclasses
import json

import pytest
import structlog


@pytest.fixture
def told():
    """What is logged of it."""
    with structlog.testing.capture_logs() as lines:
        yield lambda: [line for line in lines if line["event"] == "certificate not signed"]


@pytest.fixture
async def ask(client, office):
    """Activate a laptop of an account made for it."""
    made = await office.account()
    login = base64.b64encode(f"{made.login}:{made.password}".encode()).decode()
    device = {"platform": "linux", "name": "Annas laptop", "components": office.components("laptop")}
    message = {"product": "softphone", "version": "5.6.4", "device": device}

    async def activate():
        return await client.post("/v1/activations", json=message, headers={"Authorization": f"Basic {login}"})

    return activate


async def assert_unsigned(response, told, check, office):
    problem = json.loads(await response.text())
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    assert (problem["code"], problem["retryable"]) == ("unavailable", True)
    assert "certificate" not in problem
    (line,) = told()
    assert line["check"] == check
    assert line["trace_id"] == problem["trace_id"]
    written = json.dumps([line, problem])
    private = ["Annas laptop", *map(str, office.components("laptop").values())]
    assert not any(value in written for value in private)


async def test_one_that_would_live_too_long(ask, office, told):
    catalogue, code = office.desk.catalogue, "softphone"
    generous = dataclasses.replace(catalogue.by_code[code], valid_s=90 * 86_400)
    by_code = {**catalogue.by_code, code: generous}
    office.desk.catalogue = dataclasses.replace(catalogue, by_code=by_code)
    await assert_unsigned(await ask(), told, "max_ttl", office)
    office.desk.catalogue = catalogue
    assert (await ask()).status == 200, "the device has its licence, and now its certificate too"


async def test_one_that_no_key_may_sign(ask, office, told):
    maker = office.desk.maker
    ring = maker.ring
    maker.take(ring.without(ring.signing_keys))
    await assert_unsigned(await ask(), told, "key", office)
    maker.take(ring)
    assert (await ask()).status == 200


async def test_ready_says_when_the_last_key_ends(serve, office, now):
    ring = office.desk.maker.ring
    late = {
        kid: dataclasses.replace(delegation, expires_at=now + 86_400)
        for kid, delegation in ring.delegations.items()
    }
    client = await serve()
    office.desk.maker.ring = dataclasses.replace(ring, delegations=late)
    ready = await (await client.get("/readyz")).json()
    assert ready["status"] == "ready"
    assert [warning.split(" ends on ")[0] for warning in ready["warnings"]] == [
        "the last online signing key",
        "the last offline signing key",
    ]
