"""A newcomer's first order in a browser: terms, price as one types, payment by sales, pool."""

from activation.licensing.identifiers import CHARGE, ORDER, RESELLER, to_text
from activation.licensing.roles import Role

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
PRICES = "INSERT INTO price VALUES (1, 1, 1, 39.95), (1, 1, 10, 34.95), (1, 1, 50, 29.95)"
TERMS = "INSERT INTO terms_text VALUES ('v1', repeat('Be good to customers. ', 400), 1, 1)"
ACCEPTED = "INSERT INTO acceptance SELECT row_number() OVER (), reseller_id, 'v1', 1, 1, 'x' FROM reseller"
LONG = "شركة الاتصالات المحدودة " + "x" * 120 + " <b>&"


async def look(tab, paths, *, phone=False):
    """Look at pages: wide and light, or dark and on a phone."""
    await tab.page.set_viewport_size(PHONE if phone else WIDE)
    await tab.page.emulate_media(color_scheme="dark" if phone else "light")
    for path in paths:
        await tab.goto(path)


async def test_a_newcomer_orders_and_sales_record_the_payment(open_as, office):
    for sql in (PRICES, TERMS):
        await office.fetch(sql)
    tab = await open_as(Role.OWNER)
    await tab.goto("/console/")
    page = tab.page
    assert "/console/terms" in page.url
    button = page.get_by_role("button", name="Accept the terms")
    assert await button.is_disabled()
    await page.get_by_role("checkbox").check()
    await button.click()
    await page.wait_for_url("**/console/")
    await tab.goto("/console/orders")
    await page.fill("#f-quantity", "12")
    place = page.get_by_role("button", name="Place the order for €419.40")
    await place.wait_for()
    await page.fill("#f-quantity", "60")
    place = page.get_by_role("button", name="Place the order for €1\u202f797.00")
    await place.wait_for()
    await tab.check()
    await place.click()
    await page.wait_for_url("**/console/orders/ord_*")
    await tab.check()
    number = page.url.rpartition("/")[2]
    [[owner]] = await office.fetch("SELECT reseller_id FROM purchase WHERE quantity = 60")
    sales = await open_as(Role.SALES)
    await sales.goto(f"/console/resellers/{to_text(RESELLER, owner)}/orders/{number}")
    await sales.page.fill("#f-reference", "bank 1")
    await sales.page.get_by_role("button", name="Record the payment").click()
    await sales.page.get_by_text("all that was owed").wait_for()
    await look(tab, [f"/console/orders/{number}", "/console/pool", "/console/users"])
    await look(tab, ["/console/pool/entries?product=softphone&major=5", "/console/orders"], phone=True)


async def test_sales_pages_are_in_order_with_long_and_odd_names(open_as, office, people):
    for sql in (PRICES, TERMS, ACCEPTED, "UPDATE purchase SET state = 0, paid = 0, due_at = 2"):
        await office.fetch(sql)
    await office.fetch("UPDATE reseller SET name = $1", LONG)
    tab, number = await open_as(Role.SALES), to_text(RESELLER, people.other.reseller_id)
    thing = people.other.thing_id
    one = f"/console/resellers/{number}"
    order, charge = f"{one}/orders/{to_text(ORDER, thing)}", f"{one}/charges/{to_text(CHARGE, thing)}"
    await look(tab, [one, order, charge], phone=True)
    await look(tab, ["/console/resellers", f"{one}/charges", f"{one}/end"])
    await look(tab, ["/console/prices", "/console/published-terms"])
    await look(tab, ["/console/late", f"/console/late/{number}"], phone=True)
