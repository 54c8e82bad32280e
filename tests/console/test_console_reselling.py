"""A reseller at its own affairs in the console: terms, orders, pool, users."""

import re

import pytest
from sample_people import MADE_UP

from activation.licensing.identifiers import ORDER, to_text
from activation.licensing.roles import Role

PRICES = "INSERT INTO price VALUES (1, 1, 1, 39.95), (1, 1, 10, 34.95), (1, 1, 50, 29.95)"
TERMS = "INSERT INTO terms_text VALUES ('v1', 'Be good to <b>customers</b>.', 1, 1)"
ACCEPTED = "INSERT INTO acceptance SELECT row_number() OVER (), reseller_id, 'v1', 1, 1, 'x' FROM reseller"


@pytest.fixture
async def owner(office, signed_in):
    """An owner's browser; prices are there, the terms accepted."""
    for sql in (PRICES, TERMS, ACCEPTED):
        await office.fetch(sql)
    return await signed_in(Role.OWNER)


async def test_p1_a_newcomer_is_led_to_the_terms_and_back(office, signed_in):
    browser, other = await signed_in(Role.OWNER), await signed_in(Role.OPERATOR)
    assert (await browser.get("/console/")).status == 200
    await office.fetch(TERMS)
    assert (await browser.get("/console/")).location == "/console/terms"
    led = await browser.get("/console/users?query=x")
    assert led.location == "/console/terms?next=%2Fconsole%2Fusers%3Fquery%3Dx"
    page = await other.get("/console/terms")
    assert "An owner of the account does that" in page.words
    assert [one for one in page.document.forms if one.action == "/console/terms"] == []
    page = await browser.follow(led)
    assert "Be good to <b>customers</b>." in page.words
    done = await browser.submit(page, "/console/terms")
    assert done.location == "/console/users?query=x"
    [[version]] = await office.fetch("SELECT version FROM acceptance")
    assert version == "v1"
    assert (await other.get("/console/")).status == 200
    assert "accepted" in (await browser.get("/console/terms")).words.lower()


async def test_p4_the_price_follows_the_quantity_and_is_what_the_order_costs(office, owner):
    page = await owner.get("/console/orders?product=softphone&major=5&quantity=12")
    assert "12 licences of softphone 5 at €34.95 each: €419.40" in page.words
    assert "From 50 licences on, each costs €29.95" in page.words
    placed = await owner.submit(page, "/console/orders.product=.*", method="purchase_order")
    order = await owner.follow(placed)
    assert "€419.40 is to be paid by" in order.words
    assert "The order is placed" in order.words
    listed = await owner.get("/console/orders")
    assert "Not paid" in listed.words


async def test_p4_an_order_at_a_price_that_changed_meanwhile_is_not_placed(office, owner):
    page = await owner.get("/console/orders?product=softphone&major=5&quantity=12")
    await office.fetch("UPDATE price SET unit = unit + 1")
    refused = await owner.submit(page, "/console/orders.product=.*")
    assert (refused.status, "The price changed" in refused.words) == (409, True)
    assert "12 licences of softphone 5 at €35.95 each" in refused.words
    [[count]] = await office.fetch("SELECT count(*) FROM purchase WHERE state = 0")
    assert count == 0


async def test_a_quantity_that_is_none_is_said_so_and_kept(owner):
    for typed in ("0", "-1", "1e3", "100001", "many", "٣"):
        page = await owner.get(f"/console/orders?product=softphone&major=5&quantity={typed}&fragment=1")
        assert "How many is a whole number" in page.words
    page = await owner.get("/console/orders?product=softphone&major=5&quantity=1e3")
    assert page.form("/console/orders").fields["quantity"] == "1e3"


async def test_p3_an_order_is_cancelled_while_nothing_is_paid_of_it(office, owner):
    page = await owner.get("/console/orders?product=softphone&major=5&quantity=2")
    order = await owner.follow(await owner.submit(page, "/console/orders.product=.*", method="online"))
    assert "after that the order is cancelled by itself" in order.words
    done = await owner.follow(await owner.submit(order, "/console/orders/ord_.*/cancel"))
    assert "Nothing is to be paid" in done.words
    [[purchase_id]] = await office.fetch("SELECT purchase_id FROM purchase WHERE paid_at IS NOT NULL LIMIT 1")
    made_up = await owner.get(f"/console/orders/{to_text(ORDER, MADE_UP)}")
    assert made_up.status == 404
    assert purchase_id


async def test_the_pool_tells_what_is_left_and_its_ledger_why(office, owner):
    page = await owner.get("/console/pool")
    assert re.search(r"10 left to assign", page.words)
    assert "0 of 1" in page.words
    [ledger] = [link for link in page.document.links if link.startswith("/console/pool/entries?")]
    page = await owner.get(ledger)
    assert "An order was paid" in page.words
    assert (await owner.get("/console/pool/entries?product=nothing")).status == 404
    assert (await owner.get("/console/pool/entries?product=softphone&kind=odd")).status == 400
    await office.fetch(
        "INSERT INTO pool_entry SELECT reseller_id, 1, 5, 0, n, 1, 9 + n, 1, NULL, NULL, NULL, 9"
        " FROM reseller, generate_series(2, 150) n"
    )
    first = await owner.get(ledger)
    [more] = [link for link in first.document.links if "after=" in link]
    second = await owner.get(more)
    assert (first.text.count("+1</div>"), second.text.count("+1</div>")) == (100, 49)
    assert [link for link in second.document.links if "after=" in link] == []


async def test_an_operator_sees_prices_of_nothing_to_order_and_no_users(signed_in, owner):
    browser = await signed_in(Role.OPERATOR)
    page = await browser.get("/console/orders")
    assert [one.action for one in page.document.forms if "orders" in one.action] == []
    assert (await browser.get("/console/users")).status == 403


async def test_p2_a_login_is_shown_once_and_another_ends_it(office, owner):
    page = await owner.get("/console/users")
    made = await owner.submit(page, "/console/users", role="operator")
    login = re.search(r"Login ([a-z0-9]+-[a-z0-9]+)", made.words)[1]
    assert "Nobody can read these later" in made.words
    assert "qr" in made.text
    page = await owner.get("/console/users")
    [[hash_before]] = await office.fetch("SELECT password_phc FROM reseller_user WHERE login = $1", login)
    await owner.submit(page, f"/console/users/{login}/login")
    [[hash_after]] = await office.fetch("SELECT password_phc FROM reseller_user WHERE login = $1", login)
    assert hash_before != hash_after
    closed = await owner.follow(await owner.submit(page, f"/console/users/{login}/close"))
    assert f"{login} is closed." in closed.words
