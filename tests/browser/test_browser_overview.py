"""The overview in a browser: pictures in both lights and on a phone, and kept up to date by themselves."""

import time

from activation.demo.activity import fill_activity
from activation.licensing.events import EventKind
from activation.licensing.roles import Role


async def fill(office, people):
    """A year of sums, a subscription for each of three weeks, and one in its days of grace."""
    now = int(time.time())
    async with office.desk.pool.acquire() as connection:
        await fill_activity(connection, now, (people.ids[Role.SUPPORT], people.ids[Role.SALES]))
    account = await office.account()
    shard = account.account_id >> 55
    for week in (-1, 1, 2, 9):
        await office.fetch(
            "INSERT INTO subscription (subscription_id, shard, account_id, product_id, major, quantity, fee,"
            " months, state, made_at, paid_until) VALUES ($1, $2, $3, 1, 5, 1, 9, 1, 1, 1, $4)",
            office.ids.new(shard),
            shard,
            account.account_id,
            now + week * 604_800,
        )


async def test_the_overview_keeps_itself_up_to_date(office, people, open_as):
    tab = await open_as(Role.ADMIN)
    await tab.page.goto(tab.origin + "/console/overview")
    tick = tab.page.get_by_label("Keep up to date by itself while I am here")
    await tick.wait_for()
    await fill(office, people)
    await tick.evaluate("one => { one.dataset.every = 0.1; keepFresh(one); }")
    await tab.page.get_by_text("Refusals by reason").wait_for()
    await tab.check()
    await tick.evaluate("one => { one.dataset.away = 0; }")  # nobody has touched anything for long
    await tab.page.locator("[data-refresh]:not(:checked)").wait_for()
    await office.fetch(
        "INSERT INTO activity (span, since, what, number) VALUES (1, $1, $2, 5)",
        int(time.time()) // 60 * 60,
        int(EventKind.DEVICE_FORKED),
    )
    await tab.page.wait_for_timeout(300)
    assert await tab.page.locator(".figure.wait").count() == 0
    await tab.page.reload()
    assert await tab.page.locator(".figure.wait .figure-number").inner_text() == "5"


async def test_the_year_in_the_dark_and_on_a_phone(office, people, open_as):
    await fill(office, people)
    tab = await open_as(Role.AUDITOR, dark=True)
    await tab.page.goto(tab.origin + "/console/overview/year")
    await tab.page.get_by_text("Paid until, by week").first.wait_for()
    await tab.page.locator("summary", has_text="The numbers as a table").first.click()
    await tab.check()
    phone = await open_as(Role.SUPPORT, phone=True)
    await phone.page.goto(phone.origin + "/console/overview")
    await phone.page.get_by_role("link", name="Last year").click()
    await phone.check()
    assert "Resets by staff: who" not in await phone.page.inner_text("main")
