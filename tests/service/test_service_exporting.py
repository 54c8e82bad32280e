"""G3: a copy of a company's data: 10,000 licences by pages, and nothing of anybody else's."""

import json
import re
import time

import msgspec

from activation.http.privacy.telling_person import tell_person
from activation.licensing.devices.enrolment import Enrolment
from activation.service.privacy.exporting import PAGE, export_person
from activation.service.working import act_as_system

LICENSES = 10_000
# $1 the account, $2 what is enrolled: a current device with a name for each licence, and one before it.
_HELD = "(SELECT license_id, shard FROM license WHERE account_id = $1 AND $2::bytea IS NOT NULL) held"
_DEVICES = (
    "INSERT INTO activation (activation_id, license_id, activated_at, ended_at, ended_why, shard, slot,"
    " pepper, enrolment) SELECT license_id + k * 10000000000, license_id, 1000 + k,"
    " CASE WHEN k = 2 THEN 1002 END, CASE WHEN k = 2 THEN 1 END, shard, 0, 1, $2"
    f" FROM {_HELD}, generate_series(1, 2) k",
    "INSERT INTO personal (subject, shard, field, value) SELECT license_id + k * 10000000000, shard, 6,"
    f" 'machine ' || license_id || '-' || k FROM {_HELD}, generate_series(1, 2) k",
    "INSERT INTO reset (reset_id, activation_id, license_id, reset_at, shard, why) SELECT license_id,"
    f" license_id + 2 * 10000000000, license_id, 1002, shard, 1 FROM {_HELD}",
    "INSERT INTO event (about, event_id, shard, kind, actor, rule, trace_id)"
    f" SELECT license_id, license_id + k, shard, 1, 1, 'L1', 't' FROM {_HELD}, generate_series(1, 2) k",
)


# $1 the account, $2 its shard, $3 one of its licences, $4 a person of staff; each with a word of its own.
_WORDS = (
    "INSERT INTO license_note VALUES (1, $3, $2, 1, $4, 'canary note')",
    "INSERT INTO reset VALUES (1, 2, $3, 1, $4, $2, 2, 'other', 'canary reset')",
    "INSERT INTO override (reset_id, shard, license_id, staff_id, reason, note, asked_at)"
    " VALUES (1, $2, $3, $4, 'other', 'canary override', 1)",
    "INSERT INTO session (session_id, token_hash, person_kind, person_id, stage, made_at, seen_at, ends_at,"
    " address, browser) VALUES (1, '', 3, $1, 3, 1, 1, 2, 'canary address', 'canary browser')",
    "INSERT INTO subscription (subscription_id, shard, account_id, product_id, major, quantity, fee, months,"
    " made_at, ended_why) VALUES (1, $2, $1, 1, 5, 1, 9.50, 1, 1, 'canary ended')",
    "INSERT INTO charge (charge_id, account_id, kind, amount, opened_at, due_at, note)"
    " VALUES (1, $1, 3, 9.50, 1, 2, 'canary charge')",
    "INSERT INTO payment (payment_id, charge_id, amount, paid_at, method, reference)"
    " VALUES (1, 1, 9.50, 2, 'bank', 'canary payment')",
    "INSERT INTO update_plan VALUES (1, $2, $1, 1, 9.50, 12, 1, 2)",
    "INSERT INTO billing_identity VALUES ($1, $2, 'canary billed', 'canary street', 9)",
    "INSERT INTO consent VALUES ($1, 1, $2, 'marketing', true, 1, 'canary consent', '1')",
    "INSERT INTO privacy_request (request_id, shard, account_id, kind, regime, asked_at, due_at, asked_how,"
    " verified_how, answer)"
    " VALUES (1, $2, $1, 1, 1, 1, 2, 'canary asked', 'canary verified', 'canary answer')",
    "INSERT INTO event (about, event_id, shard, kind, actor, rule, trace_id)"
    " VALUES ($3, 7, $2, 3, 1, 'R3', 't'), ($3, 8, $2, 100, 4, 'G6', 't')",
    "INSERT INTO event_address VALUES (7, $2, 1, 'canary whence'), (8, $2, 1, 'of staff')",
    "INSERT INTO refusal_trace VALUES ('canary trace', 1, $2, 'POST /v1/resets', 'reset_limit', 'R3', $1, $3,"
    " NULL, '[\"weighed\"]')",
    "INSERT INTO password_link VALUES ('', 3, $1, 1, 2, NULL)",
)


async def test_g3_every_word_about_a_person_is_in_the_copy_and_no_word_about_staff(office):
    account, other, agent = await office.account(1), await office.account(1), await office.staff("support")
    [[license_id]] = await office.fetch(
        "SELECT license_id FROM license WHERE account_id = $1", account.account_id
    )
    words = (account.account_id, account.account_id >> 55, license_id, agent.user_id)
    for sql in _WORDS:
        typed = sql
        for place, kind in (("$1", "bigint"), ("$2", "smallint"), ("$3", "bigint"), ("$4", "bigint")):
            typed = typed.replace(place, f"{words[int(place[1]) - 1]}::{kind}")
        await office.fetch(typed)
    copies = {}
    for one in (account, other):
        page = await act_as_system(office.desk, lambda work, whose=one.account_id: export_person(work, whose))
        copies[one.login] = msgspec.json.encode(tell_person(page)).decode()
    planted = {word for sql in _WORDS for word in re.findall("canary [a-z]+", sql)}
    assert {word for word in planted if word not in copies[account.login]} == set()
    assert "canary" not in copies[other.login]
    told = copies[account.login]
    assert [word for word in ("of staff", "weighed", agent.login) if word in told] == []


async def test_g3_a_company_with_ten_thousand_licences_gets_its_copy_by_pages(office):
    company, other = await office.account(LICENSES), await office.account(3)
    enrolled = Enrolment("standard/1", {"hdd_serial": (bytes(16),)}).pack()
    for account in (company, other):
        for sql in _DEVICES:
            await office.fetch(sql, account.account_id, enrolled)
    await office.fetch("ANALYZE")
    seen, pages, longest, after = {}, 0, 0.0, 0
    while after is not None:
        begun = time.monotonic()
        page = await act_as_system(
            office.desk, lambda work, last=after: export_person(work, company.account_id, last)
        )
        told = json.loads(msgspec.json.encode(tell_person(page)))
        longest = max(longest, time.monotonic() - begun)
        seen |= {one["license_id"]: one for one in told["licenses"]}
        pages, after = pages + 1, page.next_after
    assert (len(seen), pages) == (LICENSES, LICENSES // PAGE + 1)
    assert {len(one["devices"]) for one in seen.values()} == {2}
    assert {len(one["resets"]) for one in seen.values()} == {1}
    assert {len(one["events"]) for one in seen.values()} == {2}
    names = {device["name"] for one in seen.values() for device in one["devices"]}
    assert len(names) == 2 * LICENSES
    assert longest < 5
    assert other.login not in json.dumps(list(seen.values()))
