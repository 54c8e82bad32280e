"""G7: a breach report from the log: by person, field and reader; a year of looks in seconds."""

import json
import time

import pytest

from activation.licensing.events import Actor, EventKind
from activation.licensing.identifiers import ACCOUNT, STAFF, to_text
from activation.licensing.verdicts import Refused
from activation.service.privacy.breaching import Question, report_breach
from activation.service.working import act_as_system
from activation.storage.statements import statement

YEAR = {"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}
JANUARY = 1_767_225_600
_LOOK = (
    "INSERT INTO event"
    " (about, event_id, happened, actor_id, shard, kind, actor, role, rule, trace_id, details)"
    " VALUES ($1, $2, to_timestamp($3), $4, ($1::bigint >> 55)::smallint, $5, $6, 3, 'G6', 't', $7::jsonb)"
)
# 100,000 looks in a year, among other events.
_MANY = (
    "INSERT INTO event"
    " (about, event_id, happened, actor_id, shard, kind, actor, role, rule, trace_id, details)"
    " SELECT ((n % 5000) % 256)::bigint << 55 | 1000000 + n % 5000, n, to_timestamp(1767225600 + n * 250),"
    " n % 20, (n % 5000) % 256, CASE WHEN n % 6 > 0 THEN 100 ELSE 1 END, 4, 3, 'G6', 't',"
    ' \'{"act": "licenses.see", "fields": ["login", "email"]}\' FROM generate_series(1, 120000) n'
)


async def look(office, about, reader_id, at, fields, kind=EventKind.LOOKED):
    details = json.dumps({"act": "licenses.see", "fields": fields})
    event_id = office.ids.new(about >> 55)
    await office.fetch(_LOOK, about, event_id, at, reader_id, kind, Actor.STAFF, details)
    return event_id


async def report(office, **asked):
    rows = []
    question = Question(**{"since": JANUARY, "until": JANUARY + 365 * 86_400, **asked})
    done = await act_as_system(office.desk, lambda work: report_breach(work, question, rows.append))
    return (done, rows) if not isinstance(done, Refused) else done


async def test_g7_a_report_says_whose_data_which_since_when_and_by_whom(office, sign_in):
    auditor = await sign_in("auditor")
    ann, bob = await office.account(1), await office.account(1)
    eve, other = await office.staff("support"), await office.staff("sales")
    [[license_id]] = await office.fetch(
        "SELECT license_id FROM license WHERE account_id = $1", ann.account_id
    )
    first = await look(office, ann.account_id, eve.user_id, JANUARY + 60, ["email", "name"])
    await look(office, license_id, eve.user_id, JANUARY + 86_400, ["email"])
    await look(office, bob.account_id, other.user_id, JANUARY + 60, ["login"], EventKind.EXPORTED)
    await look(office, bob.account_id, eve.user_id, JANUARY - 60, ["login"])  # before
    await office.fetch(
        "INSERT INTO event_address VALUES ($1, $2, 1, '192.0.2.7')", first, ann.account_id >> 55
    )
    status, told = await auditor.post("privacy/breach-reports", YEAR)
    assert status == 200
    assert (told["persons"], told["left_out"]) == (2, 0)
    anns = [one for one in told["exposed"] if one["person"] == to_text(ACCOUNT, ann.account_id)]
    assert [(one["field"], one["times"]) for one in anns] == [("email", 2), ("name", 1)]
    assert anns[0] == {
        "person": to_text(ACCOUNT, ann.account_id),
        "field": "email",
        "reader": to_text(STAFF, eve.user_id),
        "role": "support",
        "times": 2,
        "first_at": "2026-01-01T00:01:00Z",
        "last_at": "2026-01-02T00:00:00Z",
        "acts": ["licenses.see"],
        "addresses": ["192.0.2.7"],
    }
    assert {one["login"]: one["persons"] for one in told["readers"]} == {eve.login: 1, other.login: 1}
    assert told["days"] == [
        {"day": "2026-01-01", "looks": 2, "persons": 2},
        {"day": "2026-01-02", "looks": 1, "persons": 1},
    ]
    kept = await office.fetch("SELECT details::text FROM event WHERE kind = 121")
    assert json.loads(kept[0][0])["persons"] == 2


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ({"field": "email"}, ["email"]),
        ({"reader": "eve"}, ["email", "name"]),
        ({"person": "bob"}, ["login"]),
        ({"person": "bob", "reader": "eve"}, []),
        ({"until": JANUARY + 1}, []),
    ],
)
async def test_g7_a_report_is_narrowed_by_reader_person_field_and_time(office, asked, fields):
    who = {"ann": await office.account(), "bob": await office.account()}
    who |= {"eve": await office.staff("support"), "other": await office.staff("support")}
    await look(office, who["ann"].account_id, who["eve"].user_id, JANUARY + 60, ["email", "name"])
    await look(office, who["bob"].account_id, who["other"].user_id, JANUARY + 60, ["login"])
    named = {name: who[one].login if one in who else one for name, one in asked.items()}
    _, rows = await report(office, **named)
    assert [one.field for one in rows] == fields


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"reader": "nobody-here"}, "not_found"),
        ({"person": "nobody-here"}, "not_found"),
        ({"until": JANUARY}, "malformed"),
    ],
)
async def test_g7_what_cannot_be_asked_for_is_refused(office, asked, code):
    assert (await report(office, **asked)).code == code


async def test_g7_a_year_of_looks_is_reported_in_seconds_by_the_index_of_looks(office):
    await office.fetch(_MANY)
    await office.fetch("ANALYZE event")
    begun = time.monotonic()
    done, rows = await report(office)
    took = time.monotonic() - begun
    assert sum(one.times for one in rows) == 200_000
    assert len(done.days) == 348
    assert took < 30
    narrow = (float(JANUARY), JANUARY + 86_400.0, None, None, None, None)
    for name in ("read_exposed", "count_looks"):
        async with office.desk.pool.acquire() as connection:
            plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement(name)}", *narrow)
        assert "event_looks" in plan
