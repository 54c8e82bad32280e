"""An end user's night: a dead laptop's licence is freed on a phone; data, account and its end looked at."""

from base64 import b64decode

import pytest

from activation.licensing.roles import Role
from activation.service.activating.activations import activate

LONG = "Ноутбук-" * 7 + "מחשב נייד"
PATHS = (
    "/console/mine",
    "/console/mine/data",
    "/console/mine/data/requests",
    "/console/mine/account",
    "/console/mine/account/closing",
)


def shown_by(people):
    """Return the end user's login and password."""
    return b64decode(people.tokens[Role.END_USER]).decode().split(":")


@pytest.fixture
async def laptop(office, people):
    """The device that died, with a long name of many letters."""
    login, password = shown_by(people)
    await activate(office.desk, office.caller(), login, password, office.wish("laptop"))
    await office.fetch("UPDATE personal SET value = $1 WHERE field = 6", LONG)


@pytest.mark.usefixtures("laptop")
async def test_a_licence_is_freed_on_a_phone_and_each_page_is_in_order(open_as):
    tab = await open_as(Role.END_USER, phone=True)
    await tab.goto("/console/")
    await tab.page.get_by_role("link", name="My licences").first.click()
    await tab.check()
    await tab.page.get_by_role("link", name="Free the licence of").click()
    await tab.page.locator(".confirm summary").click()
    await tab.check()
    await tab.page.get_by_role("button", name="Free the licence").click()
    await tab.page.get_by_role("status").wait_for()
    assert "The licence is free." in await tab.page.get_by_role("status").inner_text()
    await tab.check()
    for path in PATHS:
        await tab.goto(path)
    await tab.page.emulate_media(color_scheme="dark")
    await tab.check()


@pytest.mark.usefixtures("laptop")
async def test_it_works_without_a_script(open_as):
    tab = await open_as(Role.END_USER, script=False)
    await tab.page.goto(f"{tab.origin}/console/mine")
    await tab.page.get_by_role("link", name="Free the licence of").click()
    await tab.page.locator(".confirm summary").click()
    await tab.page.get_by_role("button", name="Free the licence").click()
    assert "The licence is free." in await tab.page.get_by_role("status").inner_text()


async def test_an_account_is_closed_with_the_password_after_a_tick(open_as, office, people):
    tab = await open_as(Role.END_USER)
    await office.fetch("UPDATE session SET stepped_up_at = 1")
    await tab.goto("/console/mine/account")
    await tab.page.get_by_role("link", name="Look at what that ends").click()
    await tab.page.locator("summary.danger").click()
    await tab.page.locator("[data-enables]").check()
    await tab.check()
    await tab.page.locator(".confirm button.danger").click()
    await tab.page.fill("#f-step_up", shown_by(people)[1])
    await tab.check()
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_url("**/console/sign-in")
    await tab.check()
    assert "Your account is closed" in await tab.page.get_by_role("status").inner_text()
    [[erased]] = await office.fetch(
        "SELECT erased_at FROM account WHERE account_id = $1", people.ids[Role.END_USER]
    )
    assert erased is not None


async def test_staff_enter_verify_and_answer_a_request_by_keyboard_and_on_a_phone(open_as, people):
    login, _ = shown_by(people)
    tab = await open_as(Role.SUPPORT)
    page = tab.page
    await tab.goto("/console/privacy")
    await page.focus("#f-whose")
    await page.keyboard.type(login)
    await page.keyboard.press("Tab")
    await page.keyboard.type("Obj")
    for _ in range(3):
        await page.keyboard.press("Tab")
    await page.fill("#f-how", "A letter of 3 May")
    await page.focus("#f-how")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#f-answer")
    await tab.check()
    await page.fill("#f-how", "Called back")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="The person's data").click()
    await tab.check()
    await page.get_by_role("button", name="Record an objection").click()
    await page.get_by_role("link", name="Objection to use").click()
    await page.check("input[value=done]")
    await page.fill("#f-answer", "We noted your objection.\n\nYours, the vendor")
    await page.get_by_role("button", name="Answer").click()
    await page.wait_for_selector(".quoted")
    await tab.check()
    await page.set_viewport_size({"width": 390, "height": 844})
    await tab.goto("/console/privacy?state=done")
