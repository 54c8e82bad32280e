"""An agent frees a licence with the keyboard alone, a colleague approves on a phone, without a script too."""

from dataclasses import replace

import pytest

from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.overriding import Bounds
from activation.licensing.roles import Role
from activation.service.activating.activations import activate

LONG = "مكتب الاتصالات والخدمات البرمجية المتقدمة في وسط المدينة القديمة"


@pytest.fixture
async def path(office):
    """Where a licence is reset that moved from one device with a long name to another."""
    made = await office.account()
    for name, shown in (("laptop", LONG), ("desktop", "W" * 64)):
        wish = office.wish(name, move=True)
        wish = replace(wish, device=replace(wish.device, name=shown))
        await activate(office.desk, office.caller(), made.login, made.password, wish)
    [[license_id]] = await office.fetch(
        "SELECT license_id FROM license WHERE account_id = $1", made.account_id
    )
    return f"/console/licenses/{to_text(LICENSE, license_id)}/reset"


async def tab_to(page, selector):
    """Press Tab until what the selector names has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no Tab leads to {selector}")


async def fill_in_by_keyboard(page):
    await tab_to(page, "select[name=reason]")
    await page.keyboard.type("The device was l")
    await tab_to(page, "textarea[name=note]")
    await page.keyboard.type("Called back on the number that we have on file.")
    await tab_to(page, "main .form button")
    await page.keyboard.press("Enter")


async def test_r4_a_reset_and_its_undoing_need_no_mouse(open_as, path):
    tab = await open_as(Role.SUPPORT)
    await tab.goto(path)
    await fill_in_by_keyboard(tab.page)
    await tab.page.wait_for_url("**/console/approvals/rst_*")
    await tab.check()
    assert await tab.page.locator("dd", has_text="lost or stolen").count() == 1
    await tab_to(tab.page, "main form button")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_selector("text=The reset is undone")
    await tab.check()


async def test_r5_a_colleague_approves_on_a_phone_in_the_dark(open_as, path, office):
    office.desk.bounds = Bounds(agent_day=0, license_month=4)
    agent = await open_as(Role.SUPPORT)
    await agent.page.goto(agent.origin + path)
    await fill_in_by_keyboard(agent.page)
    await agent.page.wait_for_selector("#refusal")
    await agent.check()
    assert await agent.page.evaluate("document.activeElement.id") == "refusal"
    colleague = await open_as(Role.SALES, dark=True, phone=True)
    await colleague.goto("/console/approvals")
    await colleague.page.click("td .button")
    await colleague.check()
    await colleague.page.click("main button.primary")
    await colleague.page.wait_for_selector("text=It is done.")
    await colleague.goto(path)  # nothing to free now
    await colleague.goto(path.replace("/reset", "/standing"))


async def test_r4_without_a_script_a_reset_is_a_form(open_as, path):
    tab = await open_as(Role.SUPPORT, script=False)
    await tab.page.goto(tab.origin + path)
    await tab.page.select_option("#f-reason", "device_replaced")
    await tab.page.fill("#f-note", "A new laptop.")
    await tab.page.click("main .form button")
    assert await tab.page.locator("text=The licence is free").count() == 1
    await tab.page.goto(f"{tab.origin}/console/offline")
    await tab.page.fill("#f-text", "Please activate me.")
    await tab.page.click("main .form button")
    assert await tab.page.input_value("#f-text") == "Please activate me."
