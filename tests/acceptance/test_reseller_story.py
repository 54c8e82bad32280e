"""A reseller's life, told once from sign-up to the end, over HTTP, with a year's worth of time simulated."""

import base64

import pytest
from aiohttp.test_utils import TestClient, TestServer

from activation.app import surroundings_of
from activation.http.routes import make_application
from activation.storage.reselling.pool_ledger import prove

DAY = 86_400
SOFTPHONE = {"product": "softphone", "major": 5}


@pytest.fixture
async def dsn(start_server):
    """A database of the story's own."""
    server = start_server("18")
    dsn = await server.create("migrated")
    yield dsn
    await server.drop(dsn)


class Somebody:
    """A person at the other end of the wire."""

    def __init__(self, client, credential):
        self.client, self.headers = client, {"Authorization": credential}

    async def asks(self, path, message=None, expect=(200, 201)):
        """Send a message (or look, without one); the answer, of the status that the story expects."""
        if message is None:
            response = await self.client.get(path, headers=self.headers)
        else:
            response = await self.client.post(path, json=message, headers=self.headers)
        answer = await response.json(content_type=None)
        assert response.status in ((expect,) if isinstance(expect, int) else expect), (path, answer)
        return answer

    async def is_refused(self, path, message, code):
        answer = await self.asks(path, message, expect=range(400, 500))
        assert answer["code"] == code, (path, answer)
        return answer


class Softphone:
    """A softphone on one of the customer's machines."""

    def __init__(self, office, client, login, name):
        self.device = {"platform": "linux", "name": name, "components": office.components(name)}
        self.owner, self.nobody = login, Somebody(client, "")
        self.certificate = None

    async def activates(self, expect=(200, 201)):
        message = {"product": "softphone", "version": "5.6", "device": self.device}
        answer = await self.owner.asks("/v1/activations", message, expect)
        self.certificate = answer.get("certificate", self.certificate)
        return answer

    async def renews(self, expect=200):
        message = {"certificate": self.certificate, "device": self.device}
        answer = await self.nobody.asks("/v1/renewals", message, expect)
        self.certificate = answer.get("certificate", self.certificate)
        return answer


def basic(login, password):
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


@pytest.fixture
async def client(office):
    application = make_application(office.desk, surroundings_of(office.settings, office.desk))
    client = TestClient(TestServer(application))
    await client.start_server()
    yield client
    await client.close()


async def test_a_resellers_life(office, client):  # noqa: PLR0915  (one story)
    async def staff(role):
        return Somebody(client, f"Bearer {(await office.staff(role)).token}")

    def after(days):
        office.desk.clock.shift_s += int(days * DAY)

    admin, sales, agent = await staff("admin"), await staff("sales"), await staff("support")

    # The vendor publishes its terms and its prices: 30 euros, 25 from ten licences on.
    await admin.asks("/v1/staff/terms", {"version": "2026-1", "text": "Sell well, be fair."})
    tiers = [{"from_quantity": 1, "unit": "30.00"}, {"from_quantity": 10, "unit": "25.00"}]
    await sales.asks("/v1/staff/prices", {"product": "softphone", "tiers": tiers})

    # Sign-up: a login that is shown once; nothing can be ordered before the terms are accepted (P1, P2).
    made = await sales.asks("/v1/staff/resellers", {"name": "Example Resale", "email": "owner@example.com"})
    reseller_id, reseller = made["reseller_id"], Somebody(client, f"Bearer {made['token']}")
    ten = {**SOFTPHONE, "quantity": 10, "method": "purchase_order"}
    await reseller.is_refused("/v1/reseller/orders", ten, "forbidden")
    terms = await reseller.asks("/v1/reseller/terms")
    await reseller.asks("/v1/reseller/acceptance", {"version": terms["current"]["version"]})

    # An order at the price of its quantity; the pool stays empty until it is paid in full (P3, P4, P5).
    order = await reseller.asks("/v1/reseller/orders", ten)
    assert (order["unit"], order["total"], order["state"]) == ("25.00", "250.00", "open")
    customer = {"name": "Anna Example", "email": "anna@example.com"}
    account = await reseller.asks("/v1/reseller/customers", customer)
    one = {**SOFTPHONE, "login": account["login"]}
    await reseller.is_refused("/v1/reseller/assignments", one, "pool_exhausted")
    for amount, reference, settled in (("100.00", "bank-1", False), ("150.00", "bank-2", True)):
        payment = {"order_id": order["order_id"], "amount": amount, "reference": reference}
        assert (await sales.asks("/v1/staff/payments", payment))["settled"] is settled
    again = {"order_id": order["order_id"], "amount": "150.00", "reference": "bank-2"}
    assert (await sales.asks("/v1/staff/payments", again))["recorded_before"]
    assert [pool["balance"] for pool in (await reseller.asks("/v1/reseller/pool"))["pools"]] == [10]

    # A test licence first: 14 days from being assigned (T1, T2).
    await sales.asks(f"/v1/staff/resellers/{reseller_id}/tests", {**SOFTPHONE, "count": 2})
    await reseller.asks("/v1/reseller/tests", one)
    anna = Somebody(client, basic(account["login"], account["password"]))
    laptop = Softphone(office, client, anna, "laptop")
    tried = await laptop.activates(expect=201)
    assert tried["license_ends_at"] is not None
    assert tried["expires_at"] <= tried["license_ends_at"]

    # Then a regular one: the test ends at once, and the next renewal moves the device over by itself (T5).
    after(3)
    assigned = await reseller.asks("/v1/reseller/assignments", one)
    assert assigned["ended_tests"] == [tried["license_id"]]
    renewed = await laptop.renews()
    assert [renewed["license_id"]] == assigned["license_ids"]
    assert renewed["license_ends_at"] is None
    await reseller.is_refused("/v1/reseller/tests", one, "test_limit")  # T4

    # Anna's new machine: her own reset once a week, the second one by an agent, with a reason (R3, R4).
    license_id = renewed["license_id"]
    await anna.asks("/v1/resets", {"license_id": license_id})
    assert (await laptop.renews(expect=409))["code"] == "superseded"
    desktop = Softphone(office, client, anna, "desktop")
    await desktop.activates(expect=201)
    limit = await anna.is_refused("/v1/resets", {"license_id": license_id}, "reset_limit")
    assert limit["next_at"].endswith("Z")
    resets = f"/v1/staff/licenses/{license_id}/resets"
    await agent.is_refused(resets, {"reason": "device_lost"}, "malformed")
    await agent.asks(resets, {"reason": "device_lost", "note": "Left on the train."})
    await laptop.activates(expect=201)

    # An invoice is not paid. Eleven days later the licences are suspended, the device keeps its place (P8).
    late = await reseller.asks("/v1/reseller/orders", {**ten, "quantity": 5})
    suspend = f"/v1/staff/late/{reseller_id}/suspend"
    after(7.5)
    await sales.is_refused(suspend, {}, "conflict")
    after(4)
    await sales.asks(suspend, {})
    assert (await laptop.renews(expect=403))["code"] == "suspended"
    await reseller.is_refused("/v1/reseller/orders", ten, "suspended")

    # Paid, with the charge for reinstating: everything goes on where it stopped.
    charge = await sales.asks(f"/v1/staff/late/{reseller_id}/charge", {"amount": "20.00"})
    bill = {"order_id": late["order_id"], "amount": late["total"], "reference": "bank-3"}
    await sales.asks("/v1/staff/payments", bill)
    fee = {"charge_id": charge["charge_id"], "amount": "20.00", "reference": "bank-4"}
    await sales.asks("/v1/staff/payments", fee)
    await sales.asks(f"/v1/staff/late/{reseller_id}/reinstate", {})
    assert (await laptop.renews())["license_id"] == license_id

    # The end: logins closed, the pool forfeited. Anna goes on, but can reset no more (P9, R9).
    after(30)
    breach = {"why": "breach", "note": "Sold the same login twice."}
    await sales.asks(f"/v1/staff/resellers/{reseller_id}/terminate", breach)
    await reseller.asks("/v1/reseller/pool", expect=401)
    left = (await sales.asks(f"/v1/staff/resellers/{reseller_id}/pool"))["pools"]
    assert {pool["balance"] for pool in left} == {0}
    assert (await laptop.renews())["license_id"] == license_id
    await anna.is_refused("/v1/resets", {"license_id": license_id}, "reset_forbidden")
    await agent.is_refused(resets, {"reason": "device_lost", "note": "Again."}, "reset_forbidden")
    after(20)
    gone = {"evidence": "Deleted on 3 May, signed by their officer."}
    await sales.asks(f"/v1/staff/resellers/{reseller_id}/deletion", gone)

    # And the ledger adds up to the last licence.
    async with office.desk.pool.acquire() as connection:
        assert await prove(connection) == []
    told = await office.fetch("SELECT count(DISTINCT kind), count(*) FROM event")
    assert told[0][0] >= 15
