"""The overview: pictures of sums, quick however much there was, and who sees which of them."""

import re
import time

import pytest

from activation.licensing.events import EventKind
from activation.licensing.roles import Role
from activation.licensing.verdicts import Refusal
from activation.service.overview.counting import count_activity

HOUR, YEAR = "/console/overview", "/console/overview/year"
ADD = "INSERT INTO activity (span, since, what, reason, by_id, number) VALUES ($1, $2, $3, $4, $5, $6)"


def numbers(page):
    """The figures at the top: label to number."""
    found = re.findall(r'figure-number">([^<]*)</span><span class="figure-label">([^<]*)<', page.text)
    return {label: number for number, label in found}


async def test_without_anything_it_says_so(signed_in):
    browser = await signed_in(Role.ADMIN)
    for path in (HOUR, YEAR):
        page = await browser.get(path)
        assert page.status == 200
        assert "Nothing was refused." in page.words
        assert "Staff freed no licence." in page.words
        assert "None: no minute had five times as many requests as usual." in page.words
        assert "signs now" in page.words


async def test_what_happens_is_shown_within_seconds(office, signed_in):
    browser = await signed_in(Role.SUPPORT)
    await browser.get("/console/licenses/lic_nothing")  # refused, as whatever is made up
    await office.fetch(
        "INSERT INTO event (about, event_id, shard, kind, actor, rule, trace_id)"
        " SELECT 1, n, 0, $1, 1, 'L2', 't' FROM generate_series(1, 3) AS n",
        int(EventKind.ACTIVATED),
    )
    await count_activity(office.desk)
    await office.desk.tally.flush(office.desk.pool, office.desk.week.zone)
    for path in (HOUR, YEAR):
        page = await browser.get(path)
        assert numbers(page)["licences taken by a device"] == "3"
        assert numbers(page)["requests refused"] == "1"
        assert "There is no such page" in page.words


@pytest.fixture
async def resets(office, people):
    minute = int(time.time()) // 60 * 60
    for by_id, number in ((people.ids[Role.SUPPORT], 4), (people.ids[Role.SALES], 2), (12345, 1)):
        await office.fetch(ADD, 1, minute, int(EventKind.AGENT_RESET), "lost", by_id, number)


@pytest.mark.usefixtures("resets")
async def test_agents_are_named_to_those_who_oversee_them(office, people, signed_in):
    [[login]] = await office.fetch("SELECT login FROM staff WHERE staff_id = $1", people.ids[Role.SUPPORT])
    for role, is_named in ((Role.ADMIN, True), (Role.AUDITOR, True), (Role.SALES, False)):
        page = await (await signed_in(role)).get(HOUR)
        svg = page.text[page.text.index("Resets by staff: why") :]
        assert (login in svg) is is_named
        assert ("Somebody who is no more" in page.text) is is_named
        assert numbers(page)["freed by staff"] == "7"


async def test_s2_what_runs_out_is_for_those_who_may_see_subscriptions(office, signed_in):
    account = await office.account()
    now = int(time.time())
    for paid_until in (now - 5 * 86_400, now + 3 * 86_400, now + 20 * 86_400, now + 300 * 86_400):
        await office.fetch(
            "INSERT INTO subscription (subscription_id, shard, account_id, product_id, major, quantity, fee,"
            " months, state, made_at, started_at, paid_until)"
            " VALUES ($1, $2, $3, 1, 5, 1, 9, 1, 1, 1, 1, $4)",
            office.ids.new(account.account_id >> 55),
            account.account_id >> 55,
            account.account_id,
            paid_until,
        )
    page = await (await signed_in(Role.SALES)).get(HOUR)
    assert "1 subscription is past its paid time" in page.words
    assert "Paid until, by week" in page.words
    assert "Subscriptions that run out" not in (await (await signed_in(Role.SUPPORT)).get(HOUR)).words


async def test_a_storm_is_told_with_its_height(office, signed_in):
    minute = int(time.time()) // 60 * 60 - 1800
    for at, number in ((0, 900), (60, 1200), (120, 40)):
        await office.fetch(ADD, 1, minute + at, int(EventKind.ACTIVATED), "", 0, number)
    words = (await (await signed_in(Role.SUPPORT)).get(YEAR)).words
    assert "1 200" in words
    assert "2 100" in words


async def test_a_year_of_a_large_vendor_takes_a_moment(office, signed_in):
    """Twenty agents, five reasons, twelve codes of refusal, every day."""
    await office.fetch(
        "INSERT INTO activity SELECT 2, date_part('epoch', date_trunc('day', now() - d * interval '1 day',"
        " 'Europe/Sofia'))::bigint, 4, 'reason' || r, a, 3"
        " FROM generate_series(0, 364) d, generate_series(1, 5) r, generate_series(1, 20) a"
    )
    codes = [str(code) for code in Refusal][:12]
    await office.fetch(
        "INSERT INTO activity SELECT 2, date_part('epoch', date_trunc('day', now() - d * interval '1 day',"
        " 'Europe/Sofia'))::bigint, w, CASE WHEN w = 0 THEN c ELSE '' END, 0, 1000000"
        " FROM generate_series(0, 364) d, unnest(ARRAY[0, 1, 3, 5, 6]) w, unnest($1::text[]) c"
        " ON CONFLICT DO NOTHING",
        codes,
    )
    browser = await signed_in(Role.ADMIN)
    took = []
    for _ in range(3):
        began = time.process_time()
        page = await browser.get(YEAR)
        took.append(time.process_time() - began)
    assert min(took) < 1  # 0.08 s alone; coverage and a busy machine take their share
    assert numbers(page)["freed by staff"] == "109\u202f500"
    assert numbers(page)["requests refused"] == "4\u202f380\u202f000\u202f000"


async def test_the_pictures_alone_are_fetched_by_the_page_that_keeps_itself_fresh(signed_in):
    page = await (await signed_in(Role.SUPPORT)).get(f"{HOUR}?fragment=1")
    assert page.status == 200
    assert "<html" not in page.text
    assert "Licences taken and freed" in page.text
