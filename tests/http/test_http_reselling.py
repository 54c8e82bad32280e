"""Resellers and sales over HTTP, as the two really talk to the server (P1-P4, P7-P9)."""

import asyncio

import pytest
from sample_signed_in import SignedIn

DAY = 86_400
ORDER = {"product": "softphone", "major": 5, "quantity": 10, "method": "purchase_order"}
TIERS = [{"from_quantity": 1, "unit": "40.00"}, {"from_quantity": 10, "unit": "30"}]


class Web:
    """The application's client; each call names the token it is made with."""

    def __init__(self, office, client, tokens):
        self.office, self.client, self.tokens = office, client, tokens

    async def get(self, who, path, **query):
        return await self.signed_in(who).get(path, **query)

    async def post(self, who, path, body=None, key=None):
        return await self.signed_in(who).post(path, body or {}, key)

    def signed_in(self, who):
        return SignedIn(self.client, self.tokens.get(who, who), under="")

    async def made(self, who, path, body=None, status=201):
        answered, answer = await self.post(who, path, body)
        assert answered == status, answer
        return answer

    async def reseller(self, *, accepted=True, **fields):
        made = await self.made("sales", "/v1/staff/resellers", {"name": "Resale Ltd", **fields})
        if accepted:
            await self.made(made["token"], "/v1/reseller/acceptance", {"version": "1"})
        return made

    async def pay(self, order, amount=None, reference="bank 1"):
        body = {"order_id": order["order_id"], "amount": amount or order["total"], "reference": reference}
        return await self.post("sales", "/v1/staff/payments", body)


@pytest.fixture
async def web(office, client):
    tokens = {role: (await office.staff(role)).token for role in ("admin", "sales", "support", "auditor")}
    web = Web(office, client, tokens)
    await web.made("admin", "/v1/staff/terms", {"version": "1", "text": "Be good."})
    await web.made("sales", "/v1/staff/prices", {"product": "softphone", "tiers": TIERS})
    return web


def refused(answer):
    status, body = answer
    return status, body["code"]


async def test_p1_until_the_terms_are_accepted_a_reseller_only_sees_and_accepts(web):
    made = await web.reseller(accepted=False)
    token = made["token"]
    status, terms = await web.get(token, "/v1/reseller/terms")
    assert (status, terms["current"]["text"], terms["current"]["accepted_at"]) == (200, "Be good.", None)
    assert (await web.get(token, "/v1/reseller/account"))[1]["accepted"] is False
    assert refused(await web.post(token, "/v1/reseller/orders", ORDER)) == (403, "forbidden")
    assert refused(await web.post(token, "/v1/reseller/users", {"role": "operator"})) == (403, "forbidden")
    login = f"/v1/reseller/users/{made['login']}/login"
    assert refused(await web.post(token, login)) == (403, "forbidden")
    assert refused(await web.post(token, "/v1/reseller/customers", {})) == (403, "forbidden")
    for version, code in (("2", (409, "conflict")), ("no such !", (400, "malformed"))):
        assert refused(await web.post(token, "/v1/reseller/acceptance", {"version": version})) == code
    await web.made(token, "/v1/reseller/acceptance", {"version": "1"})
    assert (await web.made(token, "/v1/reseller/orders", ORDER))["state"] == "open"
    _, shown = await web.get("sales", f"/v1/staff/resellers/{made['reseller_id']}")
    assert [one["version"] for one in shown["acceptances"]] == ["1"]
    assert shown["acceptances"][0]["from"] == "127.0.0.1"
    assert shown["accepted"] is True


async def test_p1_changed_terms_need_a_months_notice(web):
    body = {"version": "2", "text": "Be better.", "effective_at": "2026-01-01T00:00:00Z"}
    assert refused(await web.post("admin", "/v1/staff/terms", body)) == (409, "conflict")
    assert refused(await web.post("admin", "/v1/staff/terms", {**body, "effective_at": "soon"}))[0] == 400
    await web.made("admin", "/v1/staff/terms", {"version": "2", "text": "x" * 100_000})
    _, terms = await web.get("sales", "/v1/staff/terms")
    assert (terms["current"]["version"], terms["announced"][0]["version"]) == ("1", "2")
    assert refused(await web.post("sales", "/v1/staff/terms", body)) == (403, "forbidden")


async def test_p2_an_owner_adds_operators_whose_logins_are_shown_once(web):
    made = await web.reseller()
    token = made["token"]
    user = await web.made(token, "/v1/reseller/users", {"role": "operator"})
    assert user.keys() == {"login", "password", "totp_secret", "token"}
    assert (await web.get(user["token"], "/v1/reseller/account"))[0] == 200
    for answer in (
        await web.post(user["token"], "/v1/reseller/users", {"role": "operator"}),
        await web.post(user["token"], "/v1/reseller/orders", ORDER),
        await web.post(user["token"], "/v1/reseller/acceptance", {"version": "1"}),
        await web.get(user["token"], "/v1/reseller/users"),
    ):
        assert refused(answer) == (403, "forbidden")
    _, listed = await web.get(token, "/v1/reseller/users")
    assert [(one["login"], one["role"], one["state"]) for one in listed["users"]] == [
        (made["login"], "owner", "open"),
        (user["login"], "operator", "open"),
    ]
    assert all(one.keys() == {"login", "role", "state", "created_at"} for one in listed["users"])
    path = f"/v1/staff/resellers/{made['reseller_id']}/users/{user['login']}/login"
    anew = await web.made("sales", path, status=200)
    assert (await web.get(user["token"], "/v1/reseller/account"))[0] == 401
    assert (await web.get(anew["token"], "/v1/reseller/account"))[0] == 200
    assert (await web.post(token, f"/v1/reseller/users/{user['login']}/close"))[1]["state"] == "closed"
    assert (await web.get(anew["token"], "/v1/reseller/account"))[0] == 401
    assert refused(await web.post(token, f"/v1/reseller/users/{made['login']}/close")) == (409, "conflict")


async def test_p2_another_resellers_users_are_not_found(web):
    made, other = await web.reseller(), await web.reseller()
    for path in ("login", "close"):
        answer = await web.post(made["token"], f"/v1/reseller/users/{other['login']}/{path}")
        assert refused(answer) == (404, "not_found")
    assert (await web.get(other["token"], "/v1/reseller/account"))[0] == 200


async def test_p3_an_order_is_placed_and_paid_and_fills_the_pool(web):
    made = await web.reseller()
    order = await web.made(made["token"], "/v1/reseller/orders", ORDER)
    assert (order["unit"], order["total"], order["paid"], order["state"]) == (
        "30.00",
        "300.00",
        "0.00",
        "open",
    )
    status, half = await web.pay(order, "100")
    assert (status, half["settled"], half["paid"]) == (200, False, "100.00")
    _, again = await web.pay(order, "100")
    assert (again["recorded_before"], again["payment_id"]) == (True, half["payment_id"])
    _, rest = await web.pay(order, "200.00", "bank 2")
    assert rest == {**rest, "settled": True, "paid": "300.00", "recorded_before": False}
    _, shown = await web.get(made["token"], f"/v1/reseller/orders/{order['order_id']}")
    assert (shown["state"], shown["paid"]) == ("paid", "300.00")
    _, pool = await web.get(made["token"], "/v1/reseller/pool")
    assert pool["pools"][0]["balance"] == 10
    _, payments = await web.get("auditor", "/v1/staff/payments")
    assert [one["amount"] for one in payments["payments"]] == ["100.00", "200.00"]


async def test_p3_the_same_payment_at_once_over_http_enters_the_pool_once(web):
    made = await web.reseller()
    order = await web.made(made["token"], "/v1/reseller/orders", ORDER)
    answers = await asyncio.gather(*(web.pay(order) for _ in range(20)))
    assert [status for status, _ in answers] == [200] * 20
    assert sum(not answer["recorded_before"] for _, answer in answers) == 1
    [[entries, balance]] = await web.office.fetch("SELECT count(*), max(balance) FROM pool_entry")
    assert (entries, balance) == (1, 10)


async def test_p3_an_order_placed_again_under_its_key_is_one_order(web):
    made = await web.reseller()
    answers = await asyncio.gather(
        *(web.post(made["token"], "/v1/reseller/orders", ORDER, key="k 1") for _ in range(5))
    )
    assert {status for status, _ in answers} == {201}
    assert len({answer["order_id"] for _, answer in answers}) == 1
    other = await web.post(made["token"], "/v1/reseller/orders", {**ORDER, "quantity": 11}, key="k 1")
    assert refused(other) == (422, "idempotency_mismatch")
    [[placed]] = await web.office.fetch("SELECT count(*) FROM purchase")
    assert placed == 1


async def test_p3_orders_come_by_pages_and_are_cancelled(web):
    made = await web.reseller()
    ids = [(await web.made(made["token"], "/v1/reseller/orders", ORDER))["order_id"] for _ in range(5)]
    for who, path in (
        (made["token"], "/v1/reseller/orders"),
        ("support", None),
        ("sales", "/v1/staff/orders"),
    ):
        if path is None:
            assert refused(await web.get(who, "/v1/staff/orders")) == (403, "forbidden")
            continue
        seen, after = [], {}
        while after is not None:
            _, page = await web.get(who, path, limit="2", **after)
            seen += [one["order_id"] for one in page["orders"]]
            after = {"after": page["next_after"]} if "next_after" in page else None
        assert seen == ids
    assert (await web.post(made["token"], f"/v1/reseller/orders/{ids[0]}/cancel"))[1]["state"] == "cancelled"
    assert (await web.post("sales", f"/v1/staff/orders/{ids[1]}/cancel"))[1]["state"] == "cancelled"
    whose = {"reseller_id": made["reseller_id"]}
    _, open_ones = await web.get("sales", "/v1/staff/orders", state="open", **whose)
    assert [one["order_id"] for one in open_ones["orders"]] == ids[2:]
    for query in ({"limit": "0"}, {"limit": "x"}, {"limit": "1001"}, {"after": "ord_?"}, {"state": "?"}):
        assert refused(await web.get("sales", "/v1/staff/orders", **query)) == (400, "malformed")


async def test_p3_an_online_order_is_told_as_cancelled_as_soon_as_its_time_is_over(web):
    made = await web.reseller()
    order = await web.made(made["token"], "/v1/reseller/orders", {**ORDER, "method": "online"})
    web.office.desk.clock.shift_s += DAY + 1
    _, shown = await web.get(made["token"], f"/v1/reseller/orders/{order['order_id']}")
    assert shown["state"] == "cancelled"
    assert refused(await web.pay(order)) == (409, "conflict")


async def test_p4_another_resellers_orders_and_prices_are_never_seen(web):
    made, other = await web.reseller(), await web.reseller(discount="50")
    order = await web.made(other["token"], "/v1/reseller/orders", ORDER)
    assert order["unit"] == "15.00"
    for answer in (
        await web.get(made["token"], f"/v1/reseller/orders/{order['order_id']}"),
        await web.post(made["token"], f"/v1/reseller/orders/{order['order_id']}/cancel"),
        await web.get(made["token"], "/v1/reseller/orders/ord_nonsense"),
    ):
        assert refused(answer) == (404, "not_found")
    assert (await web.get(made["token"], "/v1/reseller/orders"))[1] == {"orders": []}
    assert (await web.get(made["token"], "/v1/staff/orders"))[0] == 403
    _, ours = await web.get(made["token"], "/v1/reseller/prices")
    _, theirs = await web.get(other["token"], "/v1/reseller/prices")
    assert [[tier["unit"] for tier in one["prices"][0]["tiers"]] for one in (ours, theirs)] == [
        ["40.00", "30.00"],
        ["20.00", "15.00"],
    ]
    assert (await web.get("support", "/v1/staff/prices"))[0] == 403


@pytest.mark.parametrize(
    "body",
    [
        {**ORDER, "quantity": 0},
        {**ORDER, "quantity": 100_001},
        {**ORDER, "quantity": 1.5},
        {**ORDER, "method": "barter"},
        {**ORDER, "unit": "0.01"},
        {"product": "softphone"},
    ],
)
async def test_p3_an_order_that_is_none_is_malformed(web, body):
    made = await web.reseller()
    assert refused(await web.post(made["token"], "/v1/reseller/orders", body)) == (400, "malformed")


@pytest.mark.parametrize("amount", ["-1", "1e3", "0.001", "NaN", "", "1,00", 5])
async def test_p3_money_is_text_of_euros_and_cents(web, amount):
    body = {"order_id": "ord_0000000000000", "amount": amount, "reference": "bank 1"}
    assert refused(await web.post("sales", "/v1/staff/payments", body)) == (400, "malformed")
    nothing = {"amount": "1.00", "reference": "bank 1"}
    assert refused(await web.post("sales", "/v1/staff/payments", nothing)) == (400, "malformed")


async def test_p7_a_penalty_from_opening_to_return(web):
    made = await web.reseller()
    body = {"reseller_id": made["reseller_id"], "product": "softphone", "licenses": 2, "note": "Twice."}
    penalty = await web.made("sales", "/v1/staff/penalties", body)
    assert (penalty["amount"], penalty["kind"]) == ("160.00", "penalty")
    path = f"/v1/staff/penalties/{penalty['penalty_id']}"
    assert refused(await web.post("sales", f"{path}/disable")) == (409, "conflict")
    web.office.desk.clock.shift_s += 14 * DAY
    assert (await web.post("sales", f"{path}/disable"))[0] == 200
    _, account = await web.get(made["token"], "/v1/reseller/account")
    assert (account["state"], account["held_for"]) == ("suspended", ["penalty"])
    assert refused(await web.post(made["token"], "/v1/reseller/orders", ORDER)) == (403, "suspended")
    _, charges = await web.get(made["token"], "/v1/reseller/charges")
    assert [one["penalty_id"] for one in charges["charges"]] == [penalty["penalty_id"]]
    paid = {"charge_id": penalty["penalty_id"], "amount": "60", "reference": "bank 1"}
    assert (await web.post("sales", "/v1/staff/payments", paid))[1]["settled"] is False
    assert (await web.post("sales", f"{path}/dispute"))[1]["state"] == "disputed"
    _, done = await web.post("sales", f"{path}/return")
    assert (done["state"], done["refund"]) == ("returned", "60.00")
    assert (await web.get(made["token"], "/v1/reseller/account"))[1]["state"] == "active"
    _, listed = await web.get("auditor", "/v1/staff/penalties", reseller_id=made["reseller_id"])
    assert [one["state"] for one in listed["penalties"]] == ["returned"]
    assert refused(await web.post("support", f"{path}/dispute")) == (403, "forbidden")


async def test_p8_a_late_client_is_listed_suspended_charged_and_reinstated(web):
    made = await web.reseller()
    order = await web.made(made["token"], "/v1/reseller/orders", ORDER)
    path = f"/v1/staff/late/{made['reseller_id']}"
    assert refused(await web.post("sales", f"{path}/suspend")) == (409, "conflict")
    web.office.desk.clock.shift_s += 12 * DAY
    _, late = await web.get("sales", "/v1/staff/late")
    assert [(one["reseller_id"], one["owed"], one["may_suspend"]) for one in late["late"]] == [
        (made["reseller_id"], "300.00", True)
    ]
    assert (await web.post("sales", f"{path}/suspend"))[0] == 200
    charge = await web.made("sales", f"{path}/charge", {"amount": "25"})
    await web.pay(order)
    answer = await web.post("sales", f"{path}/reinstate")
    assert (refused(answer), answer[1]["owed"]) == ((409, "order_unpaid"), "25.00")
    body = {"charge_id": charge["charge_id"], "amount": "25", "reference": "bank 2"}
    assert (await web.post("sales", "/v1/staff/payments", body))[1]["settled"] is True
    assert (await web.post("sales", f"{path}/reinstate"))[0] == 200
    assert (await web.get(made["token"], "/v1/reseller/account"))[1]["state"] == "active"
    assert refused(await web.post("sales", "/v1/staff/late/rsl_x/suspend")) == (404, "not_found")
    assert refused(await web.post("sales", f"{path}/charge", {"amount": "0"})) == (400, "malformed")


async def test_p9_a_terminated_resellers_logins_are_closed_and_its_deletion_confirmed(web):
    made = await web.reseller()
    path = f"/v1/staff/resellers/{made['reseller_id']}"
    order = await web.made(made["token"], "/v1/reseller/orders", ORDER)
    await web.pay(order)
    late = {"why": "late", "note": "Slow."}
    assert refused(await web.post("sales", f"{path}/terminate", late)) == (409, "conflict")
    _, done = await web.post("sales", f"{path}/terminate", {"why": "breach", "note": "Resold."})
    assert (done["forfeited"], done["orphaned"]) == (10, 0)
    assert (await web.get(made["token"], "/v1/reseller/account"))[0] == 401
    web.office.desk.clock.shift_s += 30 * DAY
    assert (await web.get("sales", path))[1]["deletion_overdue"] is True
    _, confirmed = await web.post("sales", f"{path}/deletion", {"evidence": "Letter of the 3rd."})
    assert (confirmed["deletion_overdue"], confirmed["state"]) == (False, "terminated")
    _, listed = await web.get("auditor", "/v1/staff/resellers")
    assert [one["reseller_id"] for one in listed["resellers"]] == [made["reseller_id"]]


async def test_c2_a_company_with_a_distribution_licence_is_a_client_of_its_own_kind(web):
    made = await web.reseller(kind="company", email="shop@example.org")
    _, shown = await web.get(made["token"], "/v1/reseller/account")
    assert (shown["kind"], shown["name"]) == ("company", "Resale Ltd")
    bad = {"name": "X", "email": "no address"}
    assert refused(await web.post("sales", "/v1/staff/resellers", bad)) == (400, "malformed")


async def test_p2_a_login_shown_again_under_its_key_is_not_to_be_read_in_the_database(web):
    made = await web.reseller()
    answers = [
        await web.post(made["token"], "/v1/reseller/users", {"role": "operator"}, key="k 1") for _ in range(2)
    ]
    assert answers[0] == answers[1]
    _, user = answers[0]
    tables = ("idempotency", "reseller_user", "reseller_token", "event", "mail", "hook_message")
    stored = [row[0] for table in tables for row in await web.office.fetch(f"SELECT t::text FROM {table} t")]
    [[kept]] = await web.office.fetch("SELECT answer FROM idempotency")
    for secret in (user["password"], user["token"], user["totp_secret"]):
        assert secret.encode() not in kept
        assert not any(secret in line or secret.encode().hex() in line for line in stored)


async def test_p3_what_is_said_by_the_address_alone_needs_no_body(web):
    made = await web.reseller()
    order = await web.made(made["token"], "/v1/reseller/orders", ORDER)
    path = f"/v1/reseller/orders/{order['order_id']}/cancel"
    owner = web.signed_in(made["token"])
    assert refused(await owner.post(path, {"why": "changed my mind"})) == (400, "malformed")
    reply = await web.client.post(path, headers=owner.headers())
    assert (reply.status, (await reply.json())["state"]) == (200, "cancelled")
