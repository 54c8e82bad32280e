"""The overview's sums: each event once, whatever runs when; refusals all of them, and nothing of anybody."""

import asyncio
from collections import Counter
from itertools import count

import pytest

from activation.licensing.events import EventKind
from activation.licensing.verdicts import Refusal
from activation.service.overview.counting import KEPT_S, count_activity
from activation.storage.activity import REFUSED, Span, read_load, read_sums, read_totals

ids = count(10_000, 1000)
TOLD = (
    "INSERT INTO event (about, event_id, shard, kind, actor, actor_id, rule, trace_id, details, happened)"
    " SELECT 1, $1::bigint + n, 0, $2, 4, $3, 'R4', 't', $4::jsonb, to_timestamp($5::bigint)"
    " FROM generate_series(1, $6::integer) AS n"
)


@pytest.fixture
def tell(office):
    async def told(kind, number=1, *, at=None, by=None, reason=None):
        details = None if reason is None else f'{{"reason": "{reason}"}}'
        [[now]] = await office.fetch("SELECT extract(epoch FROM now())::bigint")
        first = next(ids)
        await office.fetch(TOLD, first, int(kind), by, details, now if at is None else at, number)
        return now

    return told


async def sums(office, span, since=0):
    found = Counter()
    async with office.desk.pool.acquire() as connection:
        for one in await read_sums(connection, span, since):
            found[one.what, one.reason] += one.number
    return found


async def test_each_event_is_counted_once_by_minute_and_by_day(office, tell):
    await tell(EventKind.ACTIVATED, 3)
    await tell(EventKind.LOOKED, 5)
    assert await count_activity(office.desk) == 3
    await tell(EventKind.ACTIVATED, 2)
    assert [await count_activity(office.desk) for _ in range(3)] == [2, 0, 0]
    for span in (Span.MINUTE, Span.DAY):
        assert await sums(office, span) == {(EventKind.ACTIVATED, ""): 5}


async def test_what_is_under_way_is_counted_when_it_is_done_and_once(office, tell):
    async with office.desk.pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        now = await slow.fetchval("SELECT extract(epoch FROM now())::bigint")
        await slow.execute(TOLD, 1000, 1, None, None, now, 4)
        await tell(EventKind.ACTIVATED, 1, at=now)
        assert await count_activity(office.desk) == 0
        await transaction.commit()
    counted = await asyncio.gather(*(count_activity(office.desk) for _ in range(4)))
    assert sum(counted) == 5
    assert await sums(office, Span.DAY) == {(EventKind.ACTIVATED, ""): 5}


async def test_resets_by_staff_are_told_apart_by_reason_and_by_whom(office, tell):
    await tell(EventKind.AGENT_RESET, 2, by=7, reason="lost")
    await tell(EventKind.AGENT_RESET, 1, by=8, reason="lost")
    await tell(EventKind.RESET, 4, by=9)
    await count_activity(office.desk)
    async with office.desk.pool.acquire() as connection:
        found = await read_totals(connection, Span.DAY, 0, [EventKind.AGENT_RESET, EventKind.RESET])
    assert [(one.what, one.reason, one.by_id, one.number) for one in found] == [
        (EventKind.RESET, "", 0, 4),
        (EventKind.AGENT_RESET, "lost", 7, 2),
        (EventKind.AGENT_RESET, "lost", 8, 1),
    ]


async def test_days_are_the_vendors_and_old_minutes_are_not_kept(office, tell):
    in_sofia = 1_767_218_400  # 2026-01-01 00:00 there, 22:00 the day before in UTC
    await tell(EventKind.ACTIVATED, 1, at=in_sofia - 1)
    await tell(EventKind.ACTIVATED, 2, at=in_sofia)
    now = await tell(EventKind.ACTIVATED, 4)
    await count_activity(office.desk)
    async with office.desk.pool.acquire() as connection:
        days = [(one.since, one.number) for one in await read_sums(connection, Span.DAY, 0)]
        assert list((await read_load(connection, 0, [1])).values()) == [4]
    assert days[:2] == [(in_sofia - 86_400, 1), (in_sofia, 2)]
    assert days[2][0] <= now
    office.desk.clock.shift_s += KEPT_S + 120
    await count_activity(office.desk)
    assert await sums(office, Span.MINUTE) == {}
    assert await sums(office, Span.DAY) == {(EventKind.ACTIVATED, ""): 7}


async def test_the_busiest_minute_of_a_day_is_kept(office, tell):
    for number in (6, 2):
        await tell(EventKind.ACTIVATED, number)
        await count_activity(office.desk)
    [peak] = (await sums(office, Span.PEAK)).values()
    assert peak in (6, 8)  # the minute may end between the two


async def test_every_refusal_counts_though_its_trace_may_not_be_kept(office):
    tally, desk = office.desk.tally, office.desk
    for _ in range(700):
        tally.note(Refusal.CREDENTIALS)
    tally.note(Refusal.DEVICE_LIMIT)
    await tally.flush(desk.pool, desk.week.zone)
    await tally.flush(desk.pool, desk.week.zone)
    tally.note(Refusal.CREDENTIALS)
    await tally.write(desk.pool, desk.week.zone)
    wanted = {(REFUSED, "credentials"): 701, (REFUSED, "device_limit"): 1}
    assert await sums(office, Span.MINUTE) == wanted
    assert await sums(office, Span.DAY) == wanted


async def test_refusals_that_could_not_be_written_wait(office):
    tally, desk = office.desk.tally, office.desk
    tally.note(Refusal.DEVICE_LIMIT)
    await office.fetch("ALTER TABLE activity RENAME TO elsewhere")
    with pytest.raises(Exception, match="activity"):
        await tally.flush(desk.pool, desk.week.zone)
    await office.fetch("ALTER TABLE elsewhere RENAME TO activity")
    await tally.flush(desk.pool, desk.week.zone)
    assert await sums(office, Span.DAY) == {(REFUSED, "device_limit"): 1}
