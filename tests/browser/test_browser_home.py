"""Each role's first page, as a browser shows it; and signing in, with a script and without."""

import pyotp
import pytest

from activation.licensing.roles import Role

PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("role", list(Role))
async def test_each_roles_home_is_in_order_light_dark_and_on_a_phone(open_as, role):
    tab = await open_as(role)
    await tab.goto("/console/")
    assert await tab.page.locator("h1").inner_text() == "Home"
    await tab.page.emulate_media(color_scheme="dark")
    await tab.check()
    await tab.page.set_viewport_size(PHONE)
    await tab.check()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.OPERATOR])
async def test_a_list_is_in_order_wide_and_as_cards(open_as, role):
    tab = await open_as(role)
    await tab.goto("/console/own/sessions")
    await tab.page.set_viewport_size(PHONE)
    await tab.check()
    assert await tab.page.get_by_role("button", name="End the session").first.is_visible()


async def test_signing_in_by_keyboard_ends_where_it_began(open_as, office):
    made = await office.staff("support")
    tab = await open_as(None)
    await tab.goto("/console/own/sessions")
    page = tab.page
    await page.keyboard.type(made.login)
    await page.keyboard.press("Tab")
    await page.keyboard.type("wrong")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#refusal")
    await tab.check()
    await page.fill("#f-password", made.password)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#f-code")
    await tab.check()
    async with office.desk.pool.acquire() as connection:
        now = await office.desk.clock.now(connection)
    await page.keyboard.type(pyotp.TOTP(made.totp_secret).at(now))
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/own/sessions")
    await tab.check()
    # The script told the server the zone: no time is in UTC on the next page.
    await tab.goto("/console/own/sessions")
    assert "Europe/Sofia" in await page.locator("footer").inner_text()


async def test_what_matters_works_without_a_script(open_as):
    tab = await open_as(Role.OWNER, script=False)
    await tab.page.goto(f"{tab.origin}/console/own/sessions")
    await tab.page.get_by_role("button", name="End the session").first.click()
    await tab.page.wait_for_url("**/console/sign-in**")


async def test_a_first_second_factor_is_set_up_from_the_picture(open_as, office):
    made = await office.staff("sales")
    await office.fetch("UPDATE staff SET totp_confirmed_at = NULL")
    tab = await open_as(None)
    await tab.goto("/console/sign-in")
    await tab.page.fill("#f-login", made.login)
    await tab.page.fill("#f-password", made.password)
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_selector(".qr")
    await tab.check()
    secret = await tab.page.locator(".steps .copyable code").inner_text()
    await tab.page.fill("#f-code", "000000")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_selector("#refusal")
    assert await tab.page.locator(".steps .copyable code").inner_text() == secret
    async with office.desk.pool.acquire() as connection:
        now = await office.desk.clock.now(connection)
    await tab.page.fill("#f-code", pyotp.TOTP(secret).at(now))
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_selector(".codes")
    await tab.check()
    assert await tab.page.locator(".codes code").count() == 10
