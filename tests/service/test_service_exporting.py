"""G3: a copy of a company's data: 10,000 licences by pages, and nothing of anybody else's."""

import json
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
