"""The overview in a browser: pictures in both lights and on a phone, and kept up to date by themselves."""

import time

from activation.demo.activity import fill_activity
from activation.licensing.events import EventKind
from activation.licensing.roles import Role


async def fill(office, people):
    async with office.desk.pool.acquire() as connection:
        agents = people.ids[Role.SUPPORT], people.ids[Role.SALES]
        await fill_activity(connection, int(time.time()), agents)


async def test_the_overview_keeps_itself_up_to_date(office, people, open_as):
    tab = await open_as(Role.ADMIN)
    await tab.goto("/console/overview")
    await fill(office, people)
    tick = tab.page.get_by_label("Keep up to date by itself")
    await tick.wait_for()
    await tick.evaluate("one => { one.dataset.every = 0.1; keepFresh(one); }")
    await tab.page.get_by_text("Refusals by reason").wait_for()
    await tab.check()
    await tick.uncheck()
    await office.fetch(
        "INSERT INTO activity (span, since, what, number) VALUES (1, $1, $2, 5)",
        int(time.time()) // 60 * 60,
        int(EventKind.DEVICE_FORKED),
    )
    await tab.page.wait_for_timeout(400)
    assert await tab.page.locator(".figure.wait").count() == 0
    await tab.goto("/console/overview")
    assert await tab.page.locator(".figure.wait .figure-number").inner_text() == "5"


async def test_the_year_in_the_dark_and_on_a_phone(office, people, open_as):
    await fill(office, people)
    tab = await open_as(Role.AUDITOR, dark=True)
    await tab.goto("/console/overview/year")
    await tab.page.screenshot(path="/tmp/p7-year-dark.png", full_page=True)
    await tab.page.get_by_text("Numbers as a table").first.click()
    await tab.check()
    phone = await open_as(Role.SUPPORT, phone=True, script=False)
    await phone.page.goto(phone.origin + "/console/overview")
    await phone.page.get_by_role("link", name="Last year").click()
    await phone.page.screenshot(path="/tmp/p7-year-phone.png", full_page=True)
    assert "Resets by staff: who" not in await phone.page.inner_text("main")
