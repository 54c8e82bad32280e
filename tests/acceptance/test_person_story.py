"""A person's year, told once from the purchase to the erasure, over HTTP, with time simulated."""

import asyncio
import base64
import json

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sample_shop_events import ORDER, PATH, SECRET, headers

from activation.app import surroundings_of
from activation.config import load_settings
from activation.http.routes import make_application
from activation.service.mailing.sealing import unseal
from activation.service.scheduled import JOBS, JobRoom, run_job

DAY = 86_400
HERS = (
    "Ann Buyer",
    "Ann Example",
    "ann@example.com",
    "ann@example.org",
    "1 Any Street",
    "+44 20 7946",
    "laptop",
)


@pytest.fixture
async def dsn(start_server):
    """A database of the story's own."""
    server = start_server("18")
    dsn = await server.create("migrated")
    yield dsn
    await server.drop(dsn)


@pytest.fixture
async def client(office):
    settings = office.settings.model_copy(
        update={"shop_secret": load_settings(shop_secret=SECRET).shop_secret}
    )
    client = TestClient(TestServer(make_application(office.desk, surroundings_of(settings, office.desk))))
    await client.start_server()
    yield client
    await client.close()


class Somebody:
    """A person at the other end of the wire."""

    def __init__(self, client, credential=""):
        self.client, self.headers = client, {"Authorization": credential}

    async def asks(self, path, message=None, expect=(200, 201)):
        if message is None:
            response = await self.client.get(path, headers=self.headers)
        else:
            response = await self.client.post(path, json=message, headers=self.headers)
        answer = await response.json(content_type=None)
        assert response.status in ((expect,) if isinstance(expect, int) else expect), (path, answer)
        return answer


async def shop_tells(client, order):
    """Tell of a paid order as the shop does: signed."""
    body = json.dumps({"type": "order.paid", "data": order}).encode()
    assert (await client.post(PATH, data=body, headers=headers("msg_1", body))).status == 200


class Mailbox:
    """What was mailed, as who gets it reads it."""

    def __init__(self, office):
        self.office = office

    async def read(self, template):
        rows = await self.office.fetch(
            "SELECT params::text FROM mail WHERE template = $1 ORDER BY mail_id", template
        )
        return [self._open(json.loads(row[0])) for row in rows]

    def _open(self, params):
        sealed = params.pop("sealed", None)
        return params | (unseal(self.office.desk.secrets.mail, sealed) if sealed else {})


async def everything(office):
    """Return all rows of all tables but the log of mails sent, as one text."""
    tables = await office.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    texts = [await office.fetch(f"SELECT t::text FROM {table[0]} t") for table in tables]
    return "\n".join(row[0] for rows in texts for row in rows)


async def test_a_persons_year(office, client, aiohttp_session):  # noqa: PLR0915  (one story)
    def after(days):
        office.desk.clock.shift_s += int(days * DAY)

    async def night():
        room = JobRoom(office.desk, None, aiohttp_session, asyncio.Event())
        for job in JOBS:
            if job.name in ("keep_no_longer", "announce_terms", "tell_urgent_requests"):
                await run_job(room, job)

    admin = Somebody(client, f"Bearer {(await office.staff('admin')).token}")
    agent = Somebody(client, f"Bearer {(await office.staff('support')).token}")
    mailbox = Mailbox(office)
    await admin.asks("/v1/staff/terms", {"version": "2026-1", "text": "Be good, we are too."})

    # January. Ann buys in the shop; her login is mailed. She accepts the terms and activates (C1, G8).
    await shop_tells(client, ORDER)
    [[login]] = await office.fetch("SELECT value FROM personal WHERE field = 1")
    [welcome] = await mailbox.read("welcome")
    words = base64.b64encode(f"{login}:{welcome['password']}".encode()).decode()
    ann = Somebody(client, f"Basic {words}")
    await ann.asks("/v1/me/terms/2026-1/accept", {})
    device = {"platform": "linux", "name": "Ann's laptop", "components": office.components("laptop")}
    machine = {"product": "softphone", "version": "5.6", "device": device}
    activated = await ann.asks("/v1/activations", machine, expect=201)

    # February. What do you know of me? All of it, as one document; the first copy is free (G3).
    after(30)
    copy = await ann.asks("/v1/me/data")
    account_id = copy["account_id"]
    assert copy["copy"] == {"number": 1, "free": True}
    assert (copy["person"]["name"], copy["person"]["email"]) == ("Ann Buyer", "ann@example.com")
    assert [one["total"] for one in copy["purchases"]] == ["59.90"]
    devices = [one["name"] for held in copy["licenses"] for one in held["devices"]]
    assert devices == ["Ann's laptop"]
    assert "SERIAL" not in json.dumps(copy)

    # March. Her name and e-mail changed: told to the old address, confirmed from the new one.
    after(30)
    changed = {"name": "Ann Example", "email": "ann@example.org", "phone": "+44 20 7946 0000"}
    assert (await ann.asks("/v1/me/data", changed))["changed"] == ["name", "email", "phone"]
    assert [one["to"] for one in await mailbox.read("email_changed")] == ["ann@example.com"]
    [confirm] = await mailbox.read("email_confirm")
    await ann.asks("/v1/me/data/confirmation", {"code": confirm["code"]})

    # April. News by mail? Yes, and after a month no more; both words are kept (G8).
    said = {"purpose": "marketing", "version": "2026-1"}
    after(30)
    assert (await ann.asks("/v1/me/consents", {**said, "given": True}))["marketing"]["may_write"]
    assert (await agent.asks("/v1/staff/privacy/readers"))["accounts"] == [account_id]
    after(30)
    assert not (await ann.asks("/v1/me/consents", {**said, "given": False}))["marketing"]["may_write"]
    assert (await agent.asks("/v1/staff/privacy/readers"))["accounts"] == []
    assert len((await ann.asks("/v1/me/consents"))["history"]) == 2

    # June. Two colleagues need a licence each: an invoice, found by her new e-mail, and not paid yet.
    after(30)
    order = {**ORDER, "email": "Ann@Example.org", "total": "50.00", "reference": "PO-7"}
    for name in ("order_id", "currency", "address"):
        del order[name]
    bought = await admin.asks("/v1/staff/purchases", {**order, "method": "purchase_order", "consumer": False})
    assert bought["account_id"] == account_id

    # She has enough of it, and asks to be erased. Nobody answers; after four weeks staff are told (G4).
    after(2)
    asked = await ann.asks("/v1/me/requests", {"kind": "erasure", "note": "Please forget me."})
    answer = f"/v1/staff/privacy/requests/{asked['request_id']}/answer"
    done = {"answer": "You are forgotten, but for two bills.", "outcome": "done"}
    assert (await agent.asks(answer, done, expect=409))["code"] == "conflict"
    [[staff_id]] = await office.fetch("SELECT staff_id FROM staff WHERE role = 'support'")
    await office.fetch(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1, 0, 3, 'desk@vendor.example')",
        staff_id,
    )
    after(28.5)
    await night()
    [urgent] = await mailbox.read("privacy_urgent")
    assert asked["request_id"] in urgent["requests"][0]

    # What the erasure ends, and what stays, is shown before it is done (G3).
    erasure = f"/v1/staff/privacy/accounts/{account_id}/erasure"
    preview = await admin.asks(erasure)
    await admin.asks(erasure, {"shown": preview["shown"]})
    assert (await mailbox.read("account_erased"))[0]["to"] == "ann@example.org"
    assert (await agent.asks(answer, done))["state"] == "done"

    # She is gone: nobody gets in, no device renews, and no table holds a word of hers but her bills'.
    await ann.asks("/v1/me/data", expect=401)
    renewal = {"certificate": activated["certificate"], "device": device}
    await Somebody(client).asks("/v1/renewals", renewal, expect=range(400, 500))
    [[name, address]] = await office.fetch("SELECT name, address FROM billing_identity")
    assert (name, address) == ("Ann Example", "1 Any Street\nAnytown")
    await office.fetch(
        "UPDATE billing_identity SET name = '', address = ''"
    )  # looked at; the rest must be empty
    kept = await everything(office)
    assert [word for word in HERS if word in kept] == []
    await office.fetch("UPDATE billing_identity SET name = $1, address = $2", name, address)

    # What staff may still hand out of her is what the law asks for: the bills, the log, the answer.
    left = await agent.asks(f"/v1/staff/privacy/accounts/{account_id}/data")
    assert left["person"] == dict.fromkeys(("login", "name", "email", "address", "phone", "new_email"))
    assert left["billing"][0]["name"] == "Ann Example"
    assert [one["total"] for one in left["purchases"]] == ["59.90", "50.00"]
    assert left["requests"][0]["answer"].startswith("You are forgotten")

    # Years on. The bill comes due and is paid as any; ten years after the last, the bills name nobody (G2).
    paid = {"amount": "50.00", "reference": "bank-1"}
    await admin.asks(f"/v1/staff/purchases/{bought['purchase_id']}/payments", paid)
    after(11 * 365.25)
    await night()
    assert await office.fetch("SELECT 1 FROM billing_identity") == []
    counted = await office.fetch("SELECT rule, changed FROM retention_run WHERE changed > 0")
    assert {row["rule"] for row in counted} >= {"billing", "consent", "requests"}


@pytest.fixture
async def aiohttp_session(client):
    return client.session
