"""Offline activation over HTTP: request files in, certificate files out, bad ones refused in words (R2)."""

import asyncio
import os
import time

import aiohttp
import pytest
from service.sample_offline import LonelyMachine

from activation.licensing.identifiers import LICENSE, STAFF, to_text
from activation.messages.armour import write_armour
from activation.messages.offline_files import REQUEST, read_certificate_file
from crypto.sealing import SealingKey, seal

PATH = "/v1/offline-activations"
TEXT = {"Content-Type": "text/plain"}


@pytest.fixture
async def machine(office):
    return LonelyMachine(office, await office.account(1))


@pytest.fixture
def post(client):
    async def send(body, path=PATH, headers=TEXT):
        reply = await client.post(path, data=body, headers=headers)
        return reply, await reply.read()

    return send


async def refusal(post, body, **how):
    reply, _ = await post(body, **how)
    problem = await reply.json()
    return reply.status, problem["code"], problem.get("field")


async def license_of(office):
    [row] = await office.fetch("SELECT license_id FROM license")
    return to_text(LICENSE, row["license_id"])


async def test_r2_a_file_for_a_file(post, machine):
    reply, answer = await post(machine.file(int(time.time())).encode("utf-16"))
    assert reply.status == 200
    assert reply.content_type == "text/plain"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="Zoiperthe-laptop.certificate"'
    assert read_certificate_file(answer).certificate.count(".") == 2


async def test_r2_twenty_posts_of_one_file_are_one_activation(post, machine, office):
    file = machine.file(int(time.time()))
    done = await asyncio.gather(*(post(file) for _ in range(20)))
    assert {reply.status for reply, _ in done} == {200}
    assert len({answer for _, answer in done}) == 1
    assert len(await office.fetch("SELECT 1 FROM activation")) == 1


async def test_r2_a_reset_is_refused_to_owner_and_to_staff(post, machine, office, client, sign_in):
    await post(machine.file(int(time.time())))
    license_id, made = await license_of(office), machine.made
    basic = {"Authorization": aiohttp.encode_basic_auth(made.login, made.password, "utf-8")}
    reply = await client.post("/v1/resets", json={"license_id": license_id}, headers=basic)
    assert (reply.status, (await reply.json())["code"]) == (409, "reset_offline")
    support = await sign_in("support")
    status, told = await support.post(
        f"licenses/{license_id}/resets", {"reason": "device_lost", "note": "Left on the train."}
    )
    assert (status, told["code"]) == (409, "reset_offline")
    status, told = await support.get(f"licenses/{license_id}")
    assert [device["online"] for device in told["devices"]] == [False]
    assert "offline_file_issued" in [event["event"] for event in told["events"]]


async def test_bad_input_is_refused_and_named(post, machine, office):
    now = int(time.time())
    good, opened = machine.file(now), machine.request(now)
    foreign = SealingKey.generate().public_key
    own = office.desk.sealing.public_key
    expected = {
        "": (400, "malformed", "armour"),
        "garbage \x00\x01": (400, "malformed", "armour"),
        good[:300]: (400, "malformed", "armour"),
        good + good: (400, "malformed", "armour"),
        write_armour(REQUEST, seal(own, opened)[:-1]): (400, "malformed", "box"),
        write_armour(REQUEST, b"short"): (400, "malformed", "box"),
        write_armour(REQUEST, os.urandom(700)): (400, "malformed", "box"),
        machine.seal(opened, foreign): (400, "malformed", "box"),
        machine.seal(b"no JSON"): (400, "malformed", ""),
        machine.seal(opened.replace(b'"v":1', b'"v":1,"v":1')): (400, "malformed", "v"),
        machine.seal(opened.replace(b'"login"', b'"logout"')): (400, "malformed", "logout"),
        machine.seal(opened.replace(b"laptop", b"lap\\u0000top")): (
            400,
            "malformed",
            "device.components.hdd_serial",
        ),
        machine.file(now - 31 * 86_400): (409, "request_expired", None),
        machine.file(now + 2 * 86_400): (409, "request_expired", None),
        machine.file(now, password="wrong"): (401, "credentials", None),
        machine.file(now, product="unheard-of"): (404, "no_license", None),
        "x" * (16 * 1024 + 1): (413, "too_large", None),
    }
    for body, told in expected.items():
        assert await refusal(post, body.encode()) == told, body[:200]
    assert not await office.fetch("SELECT 1 FROM activation")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "application/octet-stream"},
        {**TEXT, "Content-Encoding": "gzip"},
    ],
)
async def test_another_type_is_refused(post, machine, headers):
    status, code, _ = await refusal(post, machine.file(int(time.time())), headers=headers)
    assert (status, code) == (415, "media_type")


async def test_a_device_without_any_part_is_refused(post, machine):
    opened = machine.request(int(time.time()))
    device = opened.index(b'"components":{')
    empty = opened[:device] + b'"components":{}' + opened[opened.index(b"}", device) + 1 :]
    assert (await refusal(post, machine.seal(empty)))[:2] == (422, "device_unidentifiable")


async def test_staff_pass_a_file_on_and_the_log_says_who(post, machine, office, sign_in):
    support = await sign_in("support")
    file = machine.file(int(time.time()))
    path = "/v1/staff/offline-activations"
    reply, answer = await post(file, path, {**TEXT, **support.headers("once")})
    assert (reply.status, reply.content_type) == (200, "text/plain")
    assert (await post(file, path, {**TEXT, **support.headers("once")}))[1] == answer
    assert (await post(file))[1] == answer
    [row] = await office.fetch("SELECT actor_id FROM offline_file")
    [event] = await office.fetch("SELECT actor, actor_id FROM event WHERE kind = 27")
    assert event["actor_id"] == row["actor_id"] is not None
    status, told = await support.get(f"licenses/{await license_of(office)}/offline-files")
    assert status == 200
    [listed] = told["offline_files"]
    assert listed["staff_id"] == to_text(STAFF, row["actor_id"])
    assert listed["expires_at"] is None


async def test_staff_are_told_what_is_wrong_with_a_customers_file(post, machine, sign_in):
    support = await sign_in("support")
    headers, path = {**TEXT, **support.headers()}, "/v1/staff/offline-activations"
    wrong = machine.file(int(time.time()), password="wrong")
    assert (await refusal(post, wrong, path=path, headers=headers))[:2] == (403, "forbidden")
    assert (await refusal(post, "garbage", path=path, headers=headers))[1:] == ("malformed", "armour")
    auditor = await sign_in("auditor")
    allowed = {**TEXT, **auditor.headers()}
    assert (await refusal(post, wrong, path=path, headers=allowed))[:2] == (403, "forbidden")


async def test_files_of_a_licence_that_is_none_are_not_found(sign_in):
    status, told = await (await sign_in("auditor")).get("licenses/lic_0000000000000/offline-files")
    assert (status, told["code"]) == (404, "not_found")


async def test_the_key_to_seal_to_is_published(client, office):
    document = await (await client.get("/v1/keys")).json()
    assert document["sealing"]["kid"] == office.desk.sealing.kid
    assert "d" not in document["sealing"]
