"""C1 over HTTP: the shop's signed events, each once; whatever is not signed rightly is not even read."""

import asyncio
import base64
import json
import time

import pytest
from sample_shop_events import KEY, ORDER, PATH, SECRET, headers, signature

from activation.config import BadSettingsError, load_settings
from activation.licensing.identifiers import to_text
from activation.service.purchasing.verifying import verify_message


class Shop:
    """The payment processor, which tells of what happened."""

    def __init__(self, client):
        self.client = client

    async def post(self, body, sent):
        async with self.client.post(PATH, data=body, headers=sent) as reply:
            return reply.status, json.loads(await reply.read())

    async def tell(self, kind, data, event_id="msg_1", **changes):
        body = json.dumps({"type": kind, "timestamp": "2026-11-22T12:00:00Z", "data": data}).encode()
        return await self.post(body, headers(event_id, body, **changes))


@pytest.fixture
async def shop(office, serve):
    office.settings = office.settings.model_copy(
        update={"shop_secret": load_settings(shop_secret=SECRET).shop_secret}
    )
    return Shop(await serve())


async def counts(office):
    [row] = await office.fetch(
        "SELECT (SELECT count(*) FROM purchase), (SELECT count(*) FROM account),"
        " (SELECT count(*) FROM license), (SELECT count(*) FROM payment), (SELECT count(*) FROM mail)"
    )
    return tuple(row)


async def test_c1_a_paid_order_makes_account_licences_and_mail(shop, office):
    status, told = await shop.tell("order.paid", ORDER)
    assert (status, told["outcome"], told["purchase_id"][:4]) == (200, "done", "ord_")
    assert await counts(office) == (1, 1, 2, 1, 1)
    kept = await office.fetch("SELECT field, value FROM personal ORDER BY field")
    assert [row["value"] for row in kept][1:] == ["Ann Buyer", "ann@example.com", "1 Any Street\nAnytown"]


async def test_c1_the_same_event_answers_the_same_and_adds_nothing(shop, office):
    first = await shop.tell("order.paid", ORDER)
    again = await shop.tell("order.paid", ORDER)
    assert first == again
    assert await counts(office) == (1, 1, 2, 1, 1)


async def test_c1_twenty_of_the_same_event_at_once(shop, office):
    done = await asyncio.gather(*(shop.tell("order.paid", ORDER) for _ in range(20)))
    assert {(status, json.dumps(told)) for status, told in done} == {(200, json.dumps(done[0][1]))}
    assert await counts(office) == (1, 1, 2, 1, 1)


async def test_c1_a_day_later_the_orders_reference_still_knows_it(shop, office):
    first = await shop.tell("order.paid", ORDER)
    office.desk.clock.shift_s += 3 * 86_400
    status, told = await shop.tell("order.paid", ORDER)
    assert (status, told["outcome"], told["purchase_id"]) == (200, "known", first[1]["purchase_id"])
    assert await counts(office) == (1, 1, 2, 1, 1)


async def test_c1_the_same_event_id_with_another_body_is_refused(shop, office):
    await shop.tell("order.paid", ORDER)
    status, problem = await shop.tell("order.paid", {**ORDER, "quantity": 9})
    assert (status, problem["code"]) == (422, "idempotency_mismatch")
    status, problem = await shop.tell("order.paid", {**ORDER, "quantity": 9}, "msg_2")
    assert (status, problem["code"]) == (409, "conflict")
    assert await counts(office) == (1, 1, 2, 1, 1)


async def test_c1_a_second_order_of_the_same_person_adds_to_the_account(shop, office):
    await shop.tell("order.paid", ORDER)
    second = {**ORDER, "order_id": "A-1002", "email": "ANN@example.com"}
    assert (await shop.tell("order.paid", second, "msg_2"))[0] == 200
    assert await counts(office) == (2, 1, 4, 2, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": bytes(32)},
        {"timestamp": int(time.time()) - 3600},
        {"timestamp": int(time.time()) + 3600},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-id": "another"},
        {"webhook-id": ""},
    ],
)
async def test_c1_a_wrong_signature_is_refused_and_changes_nothing(shop, office, changes):
    status, problem = await shop.tell("order.paid", ORDER, **changes)
    assert (status, problem["code"]) == (401, "credentials")
    assert await counts(office) == (0, 0, 0, 0, 0)


async def test_c1_a_changed_body_is_refused(shop, office):
    body = json.dumps({"type": "order.paid", "data": ORDER}).encode()
    sent = headers("msg_1", body)
    assert (await shop.post(body.replace(b'"quantity": 2', b'"quantity": 9'), sent))[0] == 401
    assert (await shop.post(body, {"Content-Type": "application/json"}))[0] == 401
    assert await counts(office) == (0, 0, 0, 0, 0)


async def test_c1_what_is_not_signed_is_not_read(shop):
    status, problem = await shop.post(b"{not json", headers("msg_1", b"something else"))
    assert (status, problem["code"]) == (401, "credentials")
    status, problem = await shop.post(b"{not json", headers("msg_1", b"{not json"))
    assert (status, problem["code"]) == (400, "malformed")


async def test_c1_one_right_signature_of_several_is_enough(shop):
    body = json.dumps({"type": "order.paid", "data": ORDER}).encode()
    now = int(time.time())
    both = f"{signature('msg_1', now, body, bytes(32))} {signature('msg_1', now, body)}"
    sent = {**headers("msg_1", body, timestamp=now), "webhook-signature": both}
    assert (await shop.post(body, sent))[0] == 200


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("order.paid", {**ORDER, "email": "nobody"}, "data.email"),
        ("order.paid", {**ORDER, "email": "a@b\r\nBcc: c@d"}, "data.email"),
        ("order.paid", {**ORDER, "name": "a\nb"}, "data.name"),
        ("order.paid", {**ORDER, "total": "1e9"}, "data.total"),
        ("order.paid", {**ORDER, "total": "-1.00"}, "data.total"),
        ("order.paid", {**ORDER, "currency": "USD"}, "data.currency"),
        ("order.paid", {**ORDER, "quantity": 0}, "data.quantity"),
        ("order.paid", {**ORDER, "coupon": "x"}, "data.coupon"),
        ("order.refunded", ORDER, "type"),
    ],
)
async def test_c1_a_signed_event_that_makes_no_sense_is_malformed(shop, office, kind, data, field):
    status, problem = await shop.tell(kind, data)
    assert (status, problem["code"], problem["field"]) == (400, "malformed", field)
    assert await counts(office) == (0, 0, 0, 0, 0)


async def test_c1_an_unknown_product_is_refused_and_may_be_told_again(shop, office):
    unknown = {**ORDER, "product": "newest"}
    assert (await shop.tell("order.paid", unknown))[0] == 404
    await office.fetch("UPDATE product SET code = 'newest' WHERE product_id = 1")
    catalogue = office.desk.catalogue
    catalogue.by_code["newest"] = catalogue.by_code["softphone"]
    assert (await shop.tell("order.paid", unknown))[0] == 200


async def test_p10_a_download_that_the_shop_tells_of_is_noted_once(shop, office):
    await shop.tell("order.paid", ORDER)
    status, told = await shop.tell("order.downloaded", {"order_id": "A-1001"}, "msg_2")
    assert (status, told["outcome"]) == (200, "done")
    [[first]] = await office.fetch("SELECT downloaded_at FROM purchase")
    office.desk.clock.shift_s += 3600
    await shop.tell("order.downloaded", {"order_id": "A-1001"}, "msg_3")
    assert await office.fetch("SELECT 1 FROM purchase WHERE downloaded_at <> $1", first) == []
    assert (await shop.tell("order.downloaded", {"order_id": "A-9"}, "msg_4"))[1]["outcome"] == "unknown"


async def place_online_order(office, reseller_id=77, purchase_id=4711):
    await office.fetch(
        "INSERT INTO reseller (reseller_id, name, created_at) VALUES ($1, 'a reseller', 1)", reseller_id
    )
    await office.fetch(
        "INSERT INTO purchase (purchase_id, reseller_id, product_id, major, quantity, unit, total, method,"
        " placed_at, due_at) VALUES ($1, $2, 1, 5, 10, 9.5, 95, 0, 1, 4000000000)",
        purchase_id,
        reseller_id,
    )
    return to_text("ord_", purchase_id)


async def test_p3_a_resellers_order_paid_through_the_shop_fills_the_pool_once(shop, office):
    data = {"order_id": await place_online_order(office), "amount": "95.00", "currency": "EUR"}
    assert (await shop.tell("reseller_order.paid", data))[1]["outcome"] == "done"
    assert (await shop.tell("reseller_order.paid", data, "msg_2"))[1]["outcome"] == "known"
    rows = await office.fetch("SELECT balance FROM pool_entry")
    assert [row[0] for row in rows] == [10]


async def test_p3_more_than_the_order_comes_to_is_refused(shop, office):
    data = {"order_id": await place_online_order(office), "amount": "95.01", "currency": "EUR"}
    assert (await shop.tell("reseller_order.paid", data))[0] == 409
    assert await office.fetch("SELECT 1 FROM payment") == []
    assert (await shop.tell("reseller_order.paid", {**data, "order_id": "ord_x"}, "msg_2"))[0] == 404


async def test_p3_a_failed_payment_cancels_an_open_online_order_only(shop, office):
    data = {"order_id": await place_online_order(office)}
    assert (await shop.tell("payment.failed", data))[1]["outcome"] == "done"
    [[state]] = await office.fetch("SELECT state FROM purchase")
    assert state == 2
    assert (await shop.tell("payment.failed", data, "msg_2"))[1]["outcome"] == "nothing to do"
    assert (await shop.tell("payment.failed", {"order_id": "ord_x"}, "msg_3"))[1]["outcome"] == "unknown"


async def test_c1_without_a_secret_there_is_no_shop(client):
    status, problem = await Shop(client).tell("order.paid", ORDER)
    assert (status, problem["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_!!!", "whsec_c2hvcnQ=", base64.b64encode(KEY).decode()]
)
def test_c1_a_secret_that_is_none_is_named_at_the_start(secret):
    with pytest.raises(BadSettingsError, match="ACTIVATION_SHOP_SECRET: a secret is whsec_"):
        load_settings(shop_secret=secret)


def test_c1_a_secret_is_never_shown():
    assert SECRET not in repr(load_settings(shop_secret=SECRET))


def test_c1_the_conventions_own_example_verifies():
    """The test vector that the convention's reference implementations share."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    event_id, timestamp = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    signed = {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert verify_message(secret, signed, body, timestamp + 300) == event_id
    assert verify_message(secret, signed, body, timestamp + 301) is None
    assert verify_message(secret, signed, body, timestamp - 301) is None
