"""Webhooks against a real HTTP receiver: signed, taken once, tried again, dead in the end."""

import ast
import asyncio
import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from activation.licensing.identifiers import MESSAGE, to_text
from activation.licensing.trying import MOST_TRIES, PAUSES_S
from activation.licensing.verdicts import Refusal, Refused
from activation.service.hooking.delivering import LEASE_S, deliver_messages, open_session
from activation.service.hooking.registering import add_hook, retry_delivery, stop_hook
from activation.service.hooking.signing import why_not
from activation.service.limiting import limit_notices
from activation.service.working import act_as_system

ROOT = Path(__file__).parents[2]


class Receiver:
    """The vendor's system: keeps what it got, and answers as told."""

    def __init__(self):
        self.got = []
        self.answers = []
        application = web.Application()
        application.router.add_post("/hook", self.take)
        application.router.add_post("/elsewhere", self.take)
        self.server = TestServer(application)

    async def take(self, request):
        self.got.append((request.path, dict(request.headers), await request.read()))
        status = self.answers.pop(0) if self.answers else 204
        headers = {"Location": "/elsewhere"} if 300 <= status < 400 else {}
        return web.Response(status=status, headers=headers)

    @property
    def url(self):
        return str(self.server.make_url("/hook"))


@pytest.fixture
async def receiver():
    receiver = Receiver()
    await receiver.server.start_server()
    yield receiver
    await receiver.server.close()


@pytest.fixture
async def session():
    async with open_session() as session:
        yield session


@pytest.fixture
def deliver(office, session):
    return lambda: deliver_messages(office.desk, session, asyncio.Event())


async def act(office, run):
    return await act_as_system(office.desk, run)


async def add(office, url, *kinds):
    return await act(office, lambda work: add_hook(work, url, kinds or ("*",)))


async def say(office, kind="order.paid", payload=None):
    async def run(work):
        await work.hook(kind, payload or {"order": "ord_1"})
        return True

    assert await act(office, run)


async def rows(office):
    return await office.fetch("SELECT * FROM hook_delivery ORDER BY message_id, hook_id")


def verify(secret, headers, body):
    """As a receiver would, by the convention's text and not by our code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    made = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{made}" in headers["webhook-signature"].split(" ")


async def test_a_message_is_delivered_once_and_its_signature_verifies(office, receiver, deliver):
    made = await add(office, receiver.url)
    await say(office, payload={"order": "ord_1", "quantity": 5})
    assert await deliver() == 1
    assert await deliver() == 0
    [(_, headers, body)] = receiver.got
    headers = {name.lower(): told for name, told in headers.items()}
    assert verify(made.secret, headers, body)
    assert not verify(made.secret, headers, body + b" ")
    assert not verify("whsec_" + base64.b64encode(bytes(32)).decode(), headers, body)
    message = json.loads(body)
    assert message["type"] == "order.paid"
    assert message["data"] == {"order": "ord_1", "quantity": 5}
    [row] = await rows(office)
    assert headers["webhook-id"] == to_text(MESSAGE, row["message_id"])
    assert headers["content-type"] == "application/json"
    assert row["last_status"] == 204


async def test_only_kinds_that_are_listened_to_are_sent(office, receiver, deliver):
    await add(office, receiver.url, "limit.reset", "order.paid")
    for kind in ("order.paid", "order.placed", "limit.reset"):
        await say(office, kind)
    assert await deliver() == 2
    assert {json.loads(body)["type"] for _, _, body in receiver.got} == {"order.paid", "limit.reset"}


async def test_two_senders_at_once_deliver_every_message_once(office, receiver, deliver):
    await add(office, receiver.url)
    for _ in range(40):
        await say(office)
    assert sum(await asyncio.gather(deliver(), deliver(), deliver())) == 40
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == len(receiver.got) == 40


async def test_what_is_not_taken_is_tried_again_signed_anew(office, receiver, deliver):
    made = await add(office, receiver.url)
    receiver.answers = [500, 404]
    await say(office)
    assert await deliver() == 0
    office.desk.clock.shift_s += PAUSES_S[0] - 5
    assert await deliver() == 0
    assert len(receiver.got) == 1
    office.desk.clock.shift_s += 6
    assert await deliver() == 0
    office.desk.clock.shift_s += PAUSES_S[1] + 1
    assert await deliver() == 1
    ids = {headers["webhook-id"] for _, headers, _ in receiver.got}
    bodies = {body for _, _, body in receiver.got}
    times = {headers["webhook-timestamp"] for _, headers, _ in receiver.got}
    assert (len(ids), len(bodies), len(times)) == (1, 1, 3)
    assert all(verify(made.secret, headers, body) for _, headers, body in receiver.got)


async def test_after_the_last_try_a_delivery_is_dead_until_it_is_sent_again(office, receiver, deliver):
    made = await add(office, receiver.url)
    receiver.answers = [503] * MOST_TRIES
    await say(office)
    with capture_logs() as logs:
        for pause_s in (*PAUSES_S, 0):
            assert await deliver() == 0
            office.desk.clock.shift_s += pause_s + 2
    [row] = await rows(office)
    assert (row["tries"], row["last_status"], row["dead_at"] is not None) == (MOST_TRIES, 503, True)
    assert [entry["event"] for entry in logs] == ["delivery dead"]
    office.desk.clock.shift_s += 10 * 86400
    assert await deliver() == 0
    assert len(receiver.got) == MOST_TRIES
    ids = row["message_id"], made.hook.hook_id
    assert await act(office, lambda work: retry_delivery(work, *ids)) is None
    assert await deliver() == 1
    refused = await act(office, lambda work: retry_delivery(work, *ids))
    assert isinstance(refused, Refused)
    assert refused.code is Refusal.CONFLICT


async def test_a_redirect_is_not_followed(office, receiver, deliver):
    await add(office, receiver.url)
    receiver.answers = [307]
    await say(office)
    assert await deliver() == 0
    assert [path for path, _, _ in receiver.got] == ["/hook"]
    assert (await rows(office))[0]["last_error"] == "it answered 307"


async def test_a_receiver_that_is_gone_for_good_says_so_with_410(office, receiver, deliver):
    await add(office, receiver.url)
    receiver.answers = [410]
    await say(office)
    assert await deliver() == 0
    assert (await rows(office))[0]["dead_at"] is not None


async def test_a_receiver_that_is_away_does_not_hold_up_another(office, receiver, deliver):
    away = TestServer(web.Application())
    await away.start_server()
    url = str(away.make_url("/hook"))
    await away.close()
    await add(office, url)
    await add(office, receiver.url)
    await say(office)
    assert await deliver() == 1
    errors = {row["last_error"] for row in await rows(office)}
    assert errors == {None, "ClientConnectorError"}


async def test_a_stopped_webhook_gets_nothing_more(office, receiver, deliver):
    made = await add(office, receiver.url)
    await say(office)
    assert await act(office, lambda work: stop_hook(work, made.hook.hook_id)) is None
    await say(office)
    assert await deliver() == 0
    [row] = await rows(office)
    assert (row["dead_at"] is not None, row["last_error"]) == (True, "the webhook was stopped")
    refused = await act(office, lambda work: retry_delivery(work, row["message_id"], row["hook_id"]))
    assert isinstance(refused, Refused)
    assert refused.detail == "Its webhook was stopped."


async def test_a_sender_that_dies_in_the_middle_leaves_the_message_to_another(office, receiver, deliver):
    await add(office, receiver.url)
    await say(office)
    await office.fetch("UPDATE hook_delivery SET tries = 1, next_at = next_at + $1", LEASE_S)
    assert await deliver() == 0
    office.desk.clock.shift_s += LEASE_S + 1
    assert await deliver() == 1
    await office.fetch("UPDATE hook_delivery SET delivered_at = NULL, tries = $1, next_at = 0", MOST_TRIES)
    assert await deliver() == 0
    assert (await rows(office))[0]["last_error"] == "nobody knows how the last try ended"


async def test_the_secret_is_kept_sealed_and_told_once(office, receiver):
    made = await add(office, receiver.url)
    raw = base64.b64decode(made.secret.removeprefix("whsec_"))
    assert 24 <= len(raw) <= 64  # as the convention asks for
    [[box]] = await office.fetch("SELECT secret_box FROM hook")
    assert raw not in box
    assert made.secret not in repr(made)
    events = await office.fetch("SELECT details FROM event WHERE about = $1", made.hook.hook_id)
    assert [json.loads(row[0]) for row in events] == [{"state": "added", "kinds": ["*"]}]


async def test_a_secret_under_another_pepper_is_a_reason_not_a_crash(office, receiver, deliver):
    await add(office, receiver.url)
    await say(office)
    office.desk.secrets.hooks = bytes(32)
    assert await deliver() == 0
    assert (await rows(office))[0]["last_error"] == "the webhook's secret does not open with this pepper"


@pytest.mark.parametrize(
    "url",
    [
        "https://vendor.example.com/hooks?tenant=1",
        "https://192.0.2.7:8443/",
        "http://localhost:9000/x",
        "http://127.0.0.1/",
        "http://[::1]:80/",
    ],
)
def test_a_webhook_may_point_to_https_and_to_this_machine(url):
    assert why_not(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://vendor.example.com/",
        "http://10.0.0.1/",
        "ftp://localhost/",
        "https://",
        "https://user:pass@vendor.example.com/",
        "https://vendor.example.com/#part",
        "https://vendor.example.com/ x",
        "https://vendor.example.com/\r\nHost: other",
        "https://[::1",
        "https://vendor.example.com:99999/",
        "//vendor.example.com/",
        "https://vendor.example.com/" + "x" * 2000,
    ],
)
def test_a_webhook_may_point_nowhere_else(url):
    assert why_not(url) is not None


def test_every_kind_of_message_stands_in_the_docs():
    """Whoever writes `work.hook("kind.of_it", …)` tells those who listen."""
    said = {
        text.value
        for path in (ROOT / "activation").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and _called(call) in ("hook", "write_hook_message")
        for text in call.args
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    } | set(limit_notices._KINDS.values())
    page = (ROOT / "docs" / "operations.md").read_text()
    assert "order.paid" in said
    assert [kind for kind in sorted(said) if f"`{kind}`" not in page] == []


def _called(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
