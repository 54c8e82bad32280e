"""An agent finds a licence as one types, by keyboard alone, and reads what happened to it."""

from service.sample_privacy import come, person

from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.roles import Role

PHONE = {"width": 390, "height": 844}
LONG = "מחשב-נייד" + "W" * 64


async def in_all_looks(tab):
    await tab.page.emulate_media(reduced_motion="reduce")
    await tab.check()
    await tab.page.emulate_media(color_scheme="dark")
    await tab.check()
    await tab.page.set_viewport_size(PHONE)
    await tab.check()
    await tab.page.set_viewport_size({"width": 1280, "height": 800})
    await tab.page.emulate_media(color_scheme="light")


async def test_an_agent_finds_a_licence_by_keyboard_and_reads_its_history(open_as, office):
    held = await come(office, await person(office, 1), LONG)
    own = to_text(LICENSE, held.license.license_id)
    tab = await open_as(Role.SALES)
    await tab.goto("/console/licenses")
    page = tab.page
    await page.keyboard.press("/")
    await page.keyboard.type("the מחשב", delay=5)
    await page.wait_for_selector(f"#results a[href$='{own}']")
    await in_all_looks(tab)
    await page.keyboard.press("Tab")  # past the search's button
    await page.keyboard.press("Tab")  # past the region that scrolls
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/console/licenses/{own}")
    assert await page.locator("h1").inner_text() == f"Licence {own}"
    await tab.goto(f"/console/licenses/{own}?looks=1")
    await page.get_by_text("What these rules say").click()
    await in_all_looks(tab)
    await page.locator(".facts a[href*='/accounts/']").first.click()
    await page.wait_for_url("**/console/accounts/acc_*")
    await page.get_by_text("Give licences").click()
    await in_all_looks(tab)


async def test_enter_leads_to_what_was_named_without_a_script(open_as, office):
    held = await come(office, await person(office, 1), "laptop")
    own = to_text(LICENSE, held.license.license_id)
    tab = await open_as(Role.SUPPORT, script=False)
    await tab.page.goto(f"{tab.origin}/console/licenses")
    await tab.page.fill("#q", own)
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_url(f"**/console/licenses/{own}")
