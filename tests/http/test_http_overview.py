"""The overview as numbers, and a product's settings, over the API."""

import time

import pytest

from activation.licensing.events import EventKind
from activation.service.overview.counting import count_activity


async def test_the_overview_tells_what_its_pictures_show(office, sign_in):
    await office.fetch(
        "INSERT INTO event (about, event_id, shard, kind, actor, rule, trace_id, details, actor_id)"
        " SELECT 1, n, 0, $1, 4, 'R4', 't', '{\"reason\": \"other\"}', 77 FROM generate_series(1, 3) AS n",
        int(EventKind.AGENT_RESET),
    )
    await count_activity(office.desk)
    admin, support = await sign_in("admin"), await sign_in("support")
    await support.post("products", {})
    await office.desk.tally.flush(office.desk.pool, office.desk.week.zone)
    for span, spans in (("hour", 60), ("year", 365)):
        status, told = await admin.get("overview", span=span)
        assert (status, len(told["starts"]), len(told["busiest_minute"])) == (200, spans, spans)
        assert sum(told["events"]["agent_reset"]) == 3
        assert {code: sum(numbers) for code, numbers in told["refused"].items()} == {"forbidden": 1}
        assert (told["staff_resets"], told["agents"]) == ({"other": 3}, {"": 3})
    assert {one["state"] for one in told["keys"]} == {"signs"}
    _, seen = await support.get("overview")
    assert (seen["agents"], seen["subscriptions"]) == (None, None)
    status, problem = await admin.get("overview", span="week")
    assert (status, problem["field"]) == (400, "span")


async def test_l7_a_products_settings_change_and_say_so_in_the_log(office, sign_in):
    admin = await sign_in("admin")
    wanted = {"name": "Desk", "install_id_platforms": ["linux", "docker"], "update_months": 12}
    for _ in range(2):
        status, told = await admin.post("products/softphone/settings", wanted)
        assert (status, told["name"], told["update_months"]) == (200, "Desk", 12)
        assert told["install_id_platforms"] == ["docker", "linux"]
    [[details]] = await office.fetch("SELECT details::text FROM event WHERE kind = 72 AND about = 1")
    assert '"update_months": 12' in details
    status, told = await admin.post("products/softphone/settings", {"name": "Desk"})
    assert (status, told["update_months"], told["install_id_platforms"]) == (200, None, [])
    assert (await admin.post("products/nothing/settings", wanted))[0] == 404


@pytest.mark.parametrize(
    "wrong", [{}, {"name": ""}, {"name": "x", "update_months": 0}, {"name": "x", "policy": "strict"}]
)
async def test_settings_that_are_none_are_refused(sign_in, wrong):
    assert (await (await sign_in("admin")).post("products/softphone/settings", wrong))[0] == 400


async def test_refusals_are_told_at_the_minute_they_were(office, sign_in):
    office.desk.clock.shift_s += 600
    await (await sign_in("support")).post("products", {})
    await office.desk.tally.flush(office.desk.pool, office.desk.week.zone)
    rows = await office.fetch("SELECT since FROM activity WHERE span = 1 AND what = 0")
    assert [abs(row[0] - time.time() - 600) < 120 for row in rows] == [True]
