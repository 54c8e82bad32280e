"""Subscriptions, update plans and purchases by hand over HTTP (S0-S5, C1, C3, P10)."""

import pytest

PURCHASE = {
    "email": "ann@example.com",
    "name": "Ann Buyer",
    "product": "softphone",
    "major": 5,
    "quantity": 3,
    "total": "89.85",
    "reference": "letter of 3 May",
}


@pytest.fixture
async def sales(sign_in):
    return await sign_in("sales")


@pytest.fixture
async def anna(office):
    return await office.account(0)


def wanted(anna, **fields):
    return {
        "login": anna.login,
        "product": "softphone",
        "major": 5,
        "quantity": 10,
        "fee": "120.00",
        "setup_fee": "50.00",
        "months": 12,
        **fields,
    }


async def test_s0_a_subscription_is_made_paid_shown_and_ended(sales, anna):
    status, made = await sales.post("subscriptions", wanted(anna))
    assert (status, made["state"], made["paid_until"]) == (201, "awaiting_first_fee", None)
    assert [(one["kind"], one["amount"], one["state"]) for one in made["charges"]] == [
        ("setup", "50.00", "open"),
        ("subscription", "120.00", "open"),
    ]
    path = f"subscriptions/{made['subscription_id']}"
    status, paid = await sales.post(f"{path}/payments", {"amount": "120.00", "reference": "bank 1"})
    assert (status, paid["settled"], paid["paid"]) == (200, True, "120.00")
    status, shown = await sales.get(path)
    assert (shown["state"], shown["paid_until"]) == ("running", paid["paid_until"])
    status, listed = await sales.get(f"subscriptions?login={anna.login}")
    assert [one["subscription_id"] for one in listed["subscriptions"]] == [made["subscription_id"]]
    status, ended = await sales.post(f"{path}/end", {"by": "licensor", "note": "the product ends"})
    assert (status, ended["refund"], ended["unused_months"]) == (200, "110.00", 11)
    assert (await sales.get(path))[1]["refund"] == "110.00"
    status, problem = await sales.post(f"{path}/end", {"by": "client", "note": "again"})
    assert (status, problem["code"]) == (409, "conflict")


async def test_s0_one_key_makes_one_subscription(sales, anna, office):
    first = await sales.post("subscriptions", wanted(anna), "key")
    assert await sales.post("subscriptions", wanted(anna), "key") == first
    assert (await sales.post("subscriptions", wanted(anna, quantity=11), "key"))[0] == 422
    [[count]] = await office.fetch("SELECT count(*) FROM subscription")
    assert count == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"months": 3},
        {"fee": "12"},
        {"fee": "1e3"},
        {"fee": "-1.00"},
        {"quantity": 0},
        {"major": -1},
        {"x": 1},
    ],
)
async def test_s0_what_makes_no_sense_is_malformed(sales, anna, fields):
    status, problem = await sales.post("subscriptions", wanted(anna, **fields))
    assert (status, problem["code"], problem["field"]) == (400, "malformed", next(iter(fields)))


async def test_s1_a_payments_time_and_charge_are_checked(sales, anna):
    _, made = await sales.post("subscriptions", wanted(anna))
    path = f"subscriptions/{made['subscription_id']}/payments"
    money = {"amount": "120.00", "reference": "bank 1"}
    assert (await sales.post(path, {**money, "paid_at": "yesterday"}))[0] == 400
    assert (await sales.post(path, {**money, "paid_at": "2999-01-01T00:00:00Z"}))[0] == 409
    assert (await sales.post(path, {**money, "charge_id": "chg_0"}))[0] == 404
    status, paid = await sales.post(
        path, {"amount": "50.00", "reference": "bank 2", "charge_id": made["charges"][0]["charge_id"]}
    )
    assert (status, paid["paid_until"]) == (200, None)
    assert (await sales.post("subscriptions/sub_x/payments", money))[0] == 404
    assert (await sales.get("subscriptions/sub_x"))[0] == 404


async def test_s1_a_fee_is_not_paid_past_its_subscription(sales, anna):
    """The way for all other payments must not take a fee's money without giving its period."""
    _, made = await sales.post("subscriptions", wanted(anna))
    fee = made["charges"][1]["charge_id"]
    status, problem = await sales.post(
        "payments", {"charge_id": fee, "amount": "120.00", "reference": "bank 1", "method": "bank"}
    )
    assert (status, problem["code"]) == (409, "conflict")


async def test_s5_an_update_plan_is_made_paid_and_listed(sales, anna):
    terms = {"login": anna.login, "product": "softphone", "fee": "20.00", "months": 12}
    status, made = await sales.post("update-plans", terms)
    assert (status, made["state"]) == (201, "suspended")
    assert (await sales.post("update-plans", terms))[0] == 409
    path = f"update-plans/{made['plan_id']}/payments"
    status, paid = await sales.post(path, {"amount": "20.00", "reference": "bank 1"})
    assert (status, paid["settled"]) == (200, True)
    status, listed = await sales.get(f"update-plans?login={anna.login}")
    assert [(one["plan_id"], one["state"]) for one in listed["update_plans"]] == [
        (made["plan_id"], "running")
    ]


async def test_c1_staff_enter_a_purchase_made_by_mail_and_never_see_the_password(sales, office):
    status, bought = await sales.post("purchases", PURCHASE)
    assert (status, len(bought["licenses"]), bought["fresh"]) == (201, 3, True)
    assert "password" not in str(bought)
    assert "login" not in bought
    status, again = await sales.post("purchases", PURCHASE)
    assert (again["purchase_id"], again["fresh"]) == (bought["purchase_id"], False)
    assert (await sales.post("purchases", {**PURCHASE, "method": "online"}))[0] == 400
    [[template]] = await office.fetch("SELECT template FROM mail")
    assert template == "welcome"


async def test_c3_an_account_shows_bought_used_and_free(sign_in, sales, office):
    _, bought = await sales.post("purchases", PURCHASE)
    [[login]] = await office.fetch("SELECT value FROM personal WHERE field = 1")
    status, shown = await sales.get(f"accounts/{login}")
    assert (status, shown["account_id"], shown["state"]) == (200, bought["account_id"], "open")
    assert shown["licenses"] == [
        {"product": "softphone", "major": 5, "kind": "perpetual", "bought": 3, "used": 0, "free": 3}
    ]
    [purchase] = shown["purchases"]
    assert (purchase["total"], purchase["state"], purchase["method"]) == ("89.85", "paid", "mail")
    assert "ann" not in str(shown).lower().replace(login, "")
    support = await sign_in("support")
    status, seen = await support.get(f"accounts/{login}")
    assert (status, "total" in seen["purchases"][0], "subscriptions" in seen) == (200, False, False)
    assert (await sales.get("accounts/nobody"))[0] == 404


async def test_p8_direct_a_purchase_order_is_paid_in_parts(sales):
    _, bought = await sales.post("purchases", {**PURCHASE, "method": "purchase_order"})
    path = f"purchases/{bought['purchase_id']}/payments"
    status, part = await sales.post(path, {"amount": "80.00", "reference": "bank 1"})
    assert (status, part) == (200, {"paid": "80.00", "total": "89.85", "settled": False})
    assert (await sales.post(path, {"amount": "9.86", "reference": "bank 2"}))[0] == 409
    assert (await sales.post(path, {"amount": "9.85", "reference": "bank 2"}))[1]["settled"] is True
    assert (await sales.post("purchases/ord_x/payments", {"amount": "1.00", "reference": "b"}))[0] == 404


async def test_p10_what_staff_entered_by_hand_cannot_be_withdrawn_from(sales):
    _, bought = await sales.post("purchases", {**PURCHASE, "consumer": True})
    status, problem = await sales.post(f"purchases/{bought['purchase_id']}/withdraw", {})
    assert (status, problem["code"]) == (409, "conflict")
    assert "online" in problem["detail"]
    assert (await sales.post("purchases/ord_x/withdraw", {}))[0] == 404


async def test_p10_a_consumer_who_bought_online_withdraws(sales, office):
    _, bought = await sales.post("purchases", {**PURCHASE, "consumer": True})
    await office.fetch("UPDATE purchase SET method = 0")
    status, done = await sales.post(f"purchases/{bought['purchase_id']}/withdraw", {}, "once")
    assert (status, done["refund"], sorted(done["licenses"])) == (200, "89.85", sorted(bought["licenses"]))
    assert (await sales.post(f"purchases/{bought['purchase_id']}/withdraw", {}, "once"))[1] == done
