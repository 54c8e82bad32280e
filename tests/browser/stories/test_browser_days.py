"""A day of each role, in a browser: what it does from its first page to what came of it."""

import re

from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.roles import Role

WEEK = 7 * 86_400


async def told(tab):
    """Return what the page says was done; the page is in order."""
    await tab.page.wait_for_selector("[role=status]")
    await tab.check()
    return await tab.page.locator("[role=status]").first.inner_text()


async def press(tab, name, **more):
    await tab.page.get_by_role("button", name=name, **more).first.click()


async def follow(tab, name, **more):
    await tab.page.get_by_role("link", name=name, **more).first.click()
    await tab.page.wait_for_load_state()


async def test_an_agent_looks_a_refusal_up_decides_what_waits_and_takes_it_back(open_as, people):
    tab = await open_as(Role.SUPPORT)
    page = tab.page
    await tab.goto(f"/console/traces?query={await people.login_of('nina@example.com')}")
    refused = page.locator("main tbody tr", has_text="R3").get_by_role("link").first
    trace = await refused.inner_text()
    await tab.goto("/console/licenses")
    await page.fill("#q", trace)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/console/traces/{trace}")
    await tab.check()
    assert "R3" in await page.locator("main").inner_text()
    await tab.goto("/console/approvals")
    await follow(tab, "Look at the request")
    await tab.check()
    await press(tab, "Approve the reset")
    assert "It is done" in await told(tab)
    await press(tab, "Undo this reset")
    assert "The reset is undone" in await told(tab)
    await tab.goto("/console/licenses?query=port%C3%A1til")
    assert "Portátil 5" in await page.locator("#results").inner_text()


async def test_nobody_approves_what_they_asked_for_and_auditors_see_who_did_what(open_as, people):
    license_id = to_text(LICENSE, await people.license_of("mateo@example.com"))
    [[maria]] = await people.office.fetch("SELECT staff_id FROM staff WHERE login = 'maria'")
    tab = await open_as(Role.SUPPORT, person_id=maria)
    await tab.goto("/console/approvals")
    await follow(tab, "Look at the request")
    assert await tab.page.get_by_role("button", name="Approve").count() == 0
    assert "Rule R5" in await tab.page.locator("main").inner_text()
    tab = await open_as(Role.AUDITOR)
    await tab.goto(f"/console/licenses/{license_id}")
    history = await tab.page.locator(".timeline").first.inner_text()
    assert "maria" in history
    assert "R4" in history
    forms = await tab.page.eval_on_selector_all("form", "all => all.map((one) => one.getAttribute('action'))")
    assert [one for one in forms if "sign-out" not in one] == []
    await tab.goto(f"/console/audit?query={license_id}")
    assert "maria" in await tab.page.locator("main").inner_text()


async def test_sales_record_a_payment_and_revoke_with_a_code_on_the_spot(open_as, people, office):
    tab = await open_as(Role.SALES)
    page = tab.page
    await tab.goto("/console/resellers")
    await follow(tab, "Example Resale Ltd")
    await follow(tab, re.compile("Orders"))
    await tab.check()
    await page.locator("tr", has_text="Not paid").get_by_role("link").first.click()
    await page.get_by_label(re.compile("reference", re.IGNORECASE)).fill("BG-2210-0077")
    await press(tab, re.compile("Record"))
    await told(tab)
    office.desk.clock.shift_s += 15 * 60  # what is dangerous asks for the code again by now
    license_id = to_text(LICENSE, await people.license_of("info@letters.example.com"))
    await tab.goto(f"/console/licenses/{license_id}/standing")
    revoke = page.locator("form[action$='/standing/revoke']")
    await page.locator("summary", has_text="Revoke").click()
    await revoke.locator("textarea").fill("The purchase was taken back.")
    assert await revoke.get_by_role("button").is_disabled()
    await revoke.get_by_role("checkbox").check()
    await revoke.get_by_role("button").click()
    await page.wait_for_selector("[name=step_up]")
    await tab.check()
    await page.fill("[name=step_up]", await people.code(Role.SALES))
    await page.keyboard.press("Enter")
    assert "revoked" in await told(tab)
    assert [
        list(row) for row in await office.fetch("SELECT sum(paid) FROM purchase WHERE quantity = 120")
    ] != [[0]]


async def test_a_reseller_orders_by_the_price_shown_and_sees_its_pool(open_as):
    tab = await open_as(Role.OWNER)
    page = tab.page
    await tab.goto("/console/orders")
    await page.get_by_label("Product").select_option(index=1)
    await page.get_by_label("Major", exact=False).first.fill("5")
    await page.get_by_label("How many").fill("50")
    await page.get_by_text("1\u202f497.50").first.wait_for()
    await tab.check()
    await press(tab, "Place the order")
    assert "The order is placed" in await told(tab)
    await follow(tab, "Pool")
    await tab.check()


async def test_an_end_user_frees_a_licence_when_the_week_is_over_and_corrects_a_name(open_as, office):
    tab = await open_as(Role.END_USER, phone=True)
    page = tab.page
    await tab.goto("/console/mine")
    await follow(tab, "Softphone 5")
    await tab.check()
    assert "this week already" in await page.locator("main").inner_text()
    office.desk.clock.shift_s += WEEK
    await office.fetch("UPDATE session SET seen_at = seen_at + $1, ends_at = ends_at + $1", WEEK)
    await page.reload()
    await page.locator("summary", has_text="Free it").click()
    await tab.check()
    await press(tab, "Free the licence")
    assert "The licence is free" in await told(tab)
    await tab.goto("/console/mine/data")
    await page.get_by_label("Name").first.fill("Nina Stoyanova")
    await press(tab, re.compile("Save|Correct"))
    await told(tab)
    await tab.goto("/console/mine/account/closing")
