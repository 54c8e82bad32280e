"""A reseller's day in a browser: a customer made, licences assigned to one and from a file."""

import pytest

from activation.licensing.roles import Role

PHONE = {"width": 390, "height": 844}
LONG = "שלום " * 8 + "x" * 64
ROWS = "product,email,name\nsoftphone,a@example.com,{0}\nsoftphone,b@example.com,B\nnone,c@example.com,C\n"


@pytest.fixture
async def tab(open_as):
    return await open_as(Role.OPERATOR)


async def looks(tab):
    """Look at a page in its other lights, too."""
    await tab.check()
    await tab.page.emulate_media(color_scheme="dark")
    await tab.page.set_viewport_size(PHONE)
    await tab.check()
    await tab.page.emulate_media(color_scheme="light")
    await tab.page.set_viewport_size({"width": 1280, "height": 800})


async def test_a_customer_is_made_found_and_given_licences(tab):
    page = tab.page
    await tab.goto("/console/customers/new")
    await looks(tab)
    await page.get_by_label("Name").fill(LONG)
    await page.get_by_label("E-mail").fill("a@example.com")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".copyable")
    await looks(tab)
    await tab.goto("/console/customers")
    await page.keyboard.press("/")
    await page.keyboard.type("nobody at all")
    await page.get_by_text("No customer of yours").wait_for()
    await page.fill("#q", "xxxx")
    await page.get_by_role("link", name="xxxx").wait_for()
    await looks(tab)
    await page.get_by_role("link", name="xxxx").click()
    await page.get_by_role("heading", name="What is known").wait_for()
    await page.get_by_role("link", name="Assign licences").nth(1).click()
    await page.get_by_label("What", exact=True).select_option(index=0)
    await looks(tab)
    await page.get_by_role("button", name="Assign", exact=True).click()
    await page.get_by_text("1 licence is assigned.").wait_for()
    await looks(tab)


async def test_a_file_is_looked_at_and_assigned_and_the_outcome_downloaded(tab):
    page = tab.page
    await tab.goto("/console/assign")
    content = ROWS.format(LONG).encode()
    await page.get_by_label("For rows that name no product").select_option(index=1)
    await page.set_input_files("#f-file", {"name": "a.csv", "mimeType": "text/csv", "buffer": content})
    await page.get_by_role("button", name="Look at the rows").click()
    await page.get_by_text("Nothing is assigned yet").wait_for()
    await looks(tab)
    await page.get_by_role("button", name="Assign 2 licences").click()
    await page.get_by_text("2 licences are assigned").wait_for()
    await looks(tab)
    async with page.expect_download() as asked:
        await page.get_by_role("link", name="Download the outcome").click()
    download = await asked.value
    assert download.suggested_filename == "licences-assigned.csv"
    text = (await download.path()).read_text(encoding="utf-8-sig")
    assert [line.split(",")[1] for line in text.splitlines()] == ["result", "assigned", "assigned", "refused"]


async def test_test_licenses_are_in_order_and_a_refusal_leads_to_its_field(tab, office):
    await office.fetch(
        "INSERT INTO pool_entry (reseller_id, product_id, major, kind, seq, delta, balance, why, entered_at)"
        " SELECT reseller_id, 1, 5, 1, 1, 9, 9, 4, 2 FROM reseller"
    )
    page = tab.page
    await tab.goto("/console/test-licenses")
    await page.get_by_label("Customer").fill("nobody")
    await page.get_by_label("What", exact=True).select_option(index=0)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#refusal")
    await looks(tab)
    await page.get_by_role("link", name="Go to the field").click()
    await page.wait_for_function("document.activeElement.id == 'f-who'")
