"""What matters works without a script: a reset, an assignment from a file, freeing one's own licence."""

import re

from activation.licensing.roles import Role

ROWS = b"product,major,login,email,name\nzoiper,5,,anna@example.com,Anna\nzoiper,5,,boris@example.com,Boris\n"


async def test_an_agent_finds_a_licence_and_frees_it(open_as):
    tab = await open_as(Role.SUPPORT, script=False)
    page = tab.page
    await page.goto(f"{tab.origin}/console/licenses")
    await page.fill("#q", "till 3")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**query=till+3")
    assert await page.locator("#results td a").count() == 0
    await page.fill("#q", "till 2")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**query=till+2")
    await page.locator("#results td a").first.click()
    await page.get_by_role("link", name="Free it from its device").click()
    await page.get_by_label("What the customer said").fill("Sold with the shop.")
    await page.get_by_role("button", name="Free the licence").click()  # without a reason
    await page.wait_for_load_state()
    assert "/reset" in page.url
    assert await page.get_by_label("What the customer said").input_value() == "Sold with the shop."
    await page.get_by_label("Reason").select_option("device_lost")
    await page.get_by_role("button", name="Free the licence").click()
    await page.get_by_text("The licence is free").wait_for()


async def test_a_reseller_assigns_from_a_file(open_as):
    tab = await open_as(Role.OWNER, script=False)
    page = tab.page
    await page.goto(f"{tab.origin}/console/assign")
    await page.set_input_files("#f-file", {"name": "a.csv", "mimeType": "text/csv", "buffer": ROWS})
    await page.get_by_role("button", name="Look at the rows").click()
    await page.get_by_text("Nothing is assigned yet").wait_for()
    await page.get_by_role("button", name=re.compile("Assign")).click()
    await page.get_by_role("link", name=re.compile("Download|download")).wait_for()
    assert "anna@example.com" in await page.locator("main").inner_text()


async def test_an_end_user_sees_when_the_licence_can_be_freed_and_frees_it(open_as, office):
    tab = await open_as(Role.END_USER, script=False)
    page = tab.page
    await office.fetch("UPDATE license SET self_reset_at = NULL, self_reset_before = NULL")
    await page.goto(f"{tab.origin}/console/mine")
    await page.locator("main td a").first.click()
    await page.locator("summary", has_text="Free it").click()
    await page.get_by_role("button", name="Free the licence").click()
    await page.get_by_text("Activate it on the other device").wait_for()
