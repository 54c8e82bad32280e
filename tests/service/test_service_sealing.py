"""Sealing: what is complete is sealed, once, nothing too early, nothing left out."""

import asyncio

import pytest
from activation.licensing.events import Actor, Event, EventKind
from activation.licensing.verdicts import Refused
from activation.service.auditing.checking import check_log
from activation.service.auditing.sealing import Pace, seal_events
from activation.storage.events import add_events

pytestmark = pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)


def event(office, n: int = 0) -> Event:
    shard = n % 256
    return Event(
        office.ids.new(shard), office.ids.new(shard), EventKind.RESET, Actor.OWNER, "R1", "7kq2-m4xd"
    )


async def write(office, count: int) -> None:
    async with office.desk.pool.acquire() as connection, connection.transaction():
        await add_events(connection, [event(office, n) for n in range(count)])


async def seal(office, **pace) -> int:
    done = await seal_events(office.desk, Pace(**pace), asyncio.Event())
    assert not isinstance(done, Refused), done
    return done


async def test_all_that_is_complete_is_sealed_once(office):
    for count in (1, 7, 300):
        await write(office, count)
    assert await seal(office) == 308
    assert await seal(office) == 0
    await write(office, 5)
    assert await seal(office) == 5
    found = await check_log(office.desk)
    assert found.holds, found.problems
    assert (found.seals, found.events, found.unsealed) == (2, 313, 0)


async def test_seals_end_at_whole_transactions(office):
    for count in (4, 4, 30, 4, 4, 4):
        await write(office, count)
    assert await seal(office, most_events=6, width=2) == 50
    rows = await office.fetch("SELECT events FROM seal ORDER BY number")
    assert [row[0] for row in rows] == [8, 30, 4, 4, 4]
    found = await check_log(office.desk)
    assert found.holds, found.problems
