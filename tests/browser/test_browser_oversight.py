"""A refusal read out on the phone, the log, staff, and one's own account, as a browser shows them."""

import pytest

from activation.licensing.identifiers import STAFF, to_text
from activation.licensing.roles import Role
from activation.service.activating.activations import activate

PHONE = {"width": 390, "height": 844}
ODD = "שלום-" + "w" * 59


async def looks(tab):
    """Look at the page dark and on a phone, too."""
    await tab.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    await tab.page.set_viewport_size(PHONE)
    await tab.check()
    await tab.page.emulate_media(color_scheme="light")
    await tab.page.set_viewport_size({"width": 1280, "height": 800})


@pytest.fixture
async def refused(office):
    """An account whose second device was refused, its first of a name that is hard to set."""
    made = await office.account(1)
    for name in ("laptop", "desktop"):
        done = await activate(office.desk, office.caller(), made.login, made.password, office.wish(name))
    office.desk.traces.note("7kq2-m4xd", "POST /v1/activations", done)
    await office.desk.traces.flush(office.desk.pool)
    await office.fetch("UPDATE personal SET value = $1 WHERE value = 'the laptop'", ODD)
    return made


async def test_what_is_read_out_on_the_phone_is_found_by_keyboard_alone(open_as, refused):
    tab = await open_as(Role.SUPPORT)
    await tab.goto("/console/traces")
    await tab.page.keyboard.press("/")
    await tab.page.keyboard.type("7KQ2 M4XD")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_url("**/console/traces/7kq2-m4xd")
    await tab.check()
    assert await tab.page.get_by_text(ODD).is_visible()
    await looks(tab)
    await tab.goto(f"/console/traces?query={refused.login}")
    await looks(tab)
    await tab.goto("/console/traces?query=nobody")


async def test_a_long_log_is_in_order_and_goes_on(open_as, office, people):
    staff_id = people.ids[Role.SUPPORT]
    await office.fetch(
        "INSERT INTO event (about, event_id, happened, shard, kind, actor, actor_id, role, rule, trace_id,"
        " details) SELECT $1, n, now() - n * interval '1 second', 0, 80 + n % 12, 4, $1, 3, 'identity',"
        " 'trace', jsonb_build_object('by', repeat('w', 64), 'scopes', jsonb_build_array('licenses.see'))"
        " FROM generate_series(1, 10000) AS n",
        staff_id,
    )
    tab = await open_as(Role.AUDITOR, dark=True, phone=True)
    await tab.goto(f"/console/audit?query={to_text(STAFF, staff_id)}")
    await tab.page.get_by_role("link", name="Next").click()
    await tab.page.wait_for_url("**before=**")
    assert await tab.page.locator("tbody tr").count() == 100


async def test_an_admin_adds_a_person_and_lets_somebody_out(open_as, people):
    tab = await open_as(Role.ADMIN)
    await tab.goto("/console/staff")
    await tab.page.get_by_label("Login").fill("w" * 64)
    await tab.page.get_by_role("button", name="Add this person").click()
    await tab.page.wait_for_selector("text=The password is shown only now")
    await looks(tab)
    await tab.goto("/console/staff")
    await looks(tab)
    await tab.goto(f"/console/staff/{to_text(STAFF, people.ids[Role.SALES])}")
    await tab.page.get_by_text("Suspend", exact=True).press("Enter")
    await tab.check()
    await tab.page.get_by_role("button", name="Suspend this person").press("Enter")
    await tab.page.wait_for_selector("text=This person is out.")
    await looks(tab)


async def test_ones_own_account_is_in_order_on_every_page(open_as):
    tab = await open_as(Role.SUPPORT)
    for path in ("", "/password", "/second-factor", "/recovery-codes"):
        await tab.goto(f"/console/own{path}")
        await looks(tab)
    await tab.page.get_by_role("button", name="Make ten new codes").click()
    await tab.page.wait_for_selector(".codes")
    await tab.check()
    await tab.goto("/console/own/tokens")
    await tab.page.get_by_role("button", name="Make this token").click()
    await tab.page.fill("#f-name", ODD)
    await tab.page.get_by_role("button", name="Make this token").click()
    await tab.page.wait_for_selector("#refusal")
    await tab.check()
    await tab.page.get_by_label("See licences", exact=True).check()
    await tab.page.get_by_role("button", name="Make this token").click()
    await tab.page.wait_for_selector("text=It is shown only now")
    await looks(tab)
    await tab.goto("/console/own/tokens")
    await looks(tab)


async def test_the_essentials_work_without_a_script(open_as, refused):
    tab = await open_as(Role.SUPPORT, script=False)
    page = tab.page
    await page.goto(f"{tab.origin}/console/traces")
    await page.fill("#q", "7kq2m4xd")
    await page.get_by_role("button", name="Look up").click()
    await page.wait_for_url("**/console/traces/7kq2-m4xd")
    await page.goto(f"{tab.origin}/console/own/tokens")
    await page.get_by_role("button", name="Revoke").first.click()
    await page.wait_for_selector("text=The token is revoked.")
