"""Products in a browser: made, changed by keyboard, and read on a phone in any script of the world."""

from activation.licensing.roles import Role

LONG = "Телефон מוצר עם שם ארוך " + "x" * 64


async def test_a_product_is_made_and_changed(open_as):
    tab = await open_as(Role.ADMIN)
    await tab.goto("/console/products")
    await tab.page.get_by_text("Make a product").first.click()
    await tab.page.fill("#f-code", "desk-phone")
    await tab.page.fill("#f-name", LONG)
    await tab.page.fill("#f-platforms", "Windows NT!")
    await tab.page.keyboard.press("Enter")
    await tab.page.locator("#wrong-platforms").wait_for()
    await tab.check()
    assert await tab.page.input_value("#f-name") == LONG
    await tab.page.fill("#f-platforms", "windows")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_url("**/console/products/desk-phone")
    await tab.page.fill("#f-version", "5.6.4")
    await tab.page.fill("#f-released_on", "2026-11-20")
    await tab.page.focus("form[action$=builds] button")
    await tab.page.keyboard.press("Enter")
    await tab.page.get_by_text("Build 5.6.4 is known.").wait_for()
    await tab.page.focus("form[action$=policy] input[value=standard]")
    await tab.page.keyboard.press("ArrowDown")
    await tab.page.keyboard.press("Tab")
    await tab.page.keyboard.press("Enter")
    await tab.page.get_by_text("Devices are known: Strictly (strict/1)").wait_for()
    await tab.page.get_by_text("What each part weighs").first.click()
    await tab.check()
    phone = await open_as(Role.SUPPORT, phone=True, dark=True)
    for path in ("/console/products", "/console/products/desk-phone"):
        await phone.goto(path)
    assert await phone.page.locator("main form").count() == 0
