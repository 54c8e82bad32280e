"""Traces are kept beside the requests: in batches, bounded, paced by code."""

import asyncio
import time

from activation.licensing.identifiers import make_id
from activation.licensing.model import License
from activation.licensing.verdicts import Background, Refusal, Refused
from activation.service.tracing import keeping as tracing
from activation.service.tracing.keeping import KNOWN, QUEUE_LIMIT, STRANGERS, Traces
from activation.storage.lending import lend
from activation.storage.pool import close_pool, open_pool
from activation.storage.traces import Trace, add_traces, find_traces

ROUTE = "POST /v1/activations"
ACCOUNT = make_id(9, 77)


def refusal(code=Refusal.DEVICE_LIMIT, account_id=ACCOUNT):
    return Refused(
        code, "L4", "All are in use.", License(make_id(9, 5), 5), background=Background(account_id)
    )


def trace(name, refused_at=1_800_000_000, account_id=ACCOUNT):
    return Trace(name, refused_at, ROUTE, "device_limit", "L4", account_id, None, None, [{"rule": "L4"}])


async def test_many_are_written_in_one_statement_and_found_in_any_shard(pool):
    traces = Traces()
    for number in range(3):
        account_id = None if number == 2 else make_id(number * 200, 1)
        traces.note(f"000{number}-0000", ROUTE, refusal(account_id=account_id), 0)
    assert await traces.flush(pool) == 3
    assert (traces.waiting, await traces.flush(pool)) == (0, 0)
    async with lend(pool) as connection:
        found = [await find_traces(connection, f"000{number}-0000") for number in range(3)]
    assert [one.account_id for [one] in found] == [make_id(0, 1), make_id(200, 1), None]
    assert [one.shard for [one] in found] == [0, 200, 9]
    assert all(one.weighed[-1]["outcome"] == "refused" for [one] in found)


def test_an_attack_neither_fills_the_queue_nor_the_database(monkeypatch):
    moment = 1000.0
    monkeypatch.setattr(tracing.time, "monotonic", lambda: moment)
    traces = Traces()
    for _ in range(10_000):
        traces.note("0000-0000", ROUTE, refusal(Refusal.CREDENTIALS))
    assert traces.waiting == STRANGERS.burst
    assert not traces.wants(Refusal.CREDENTIALS)
    assert traces.wants(Refusal.DEVICE_LIMIT)  # one code's flood hides no other
    moment += 60
    for _ in range(10_000):
        traces.note("0000-0000", ROUTE, refusal(Refusal.CREDENTIALS))
    assert traces.waiting <= STRANGERS.burst + 60 * STRANGERS.a_second


def test_what_strangers_are_refused_by_any_code_comes_slowly_and_hides_no_other(monkeypatch):
    """Another site's page, say, or metrics: refused before anybody is known."""
    monkeypatch.setattr(tracing.time, "monotonic", lambda: 1000.0)
    traces = Traces()
    for _ in range(300):
        traces.note("0000-0000", ROUTE, Refused(Refusal.FORBIDDEN, "request", "Not from here."))
    assert traces.waiting == STRANGERS.burst
    traces.note("0000-0000", ROUTE, Refused(Refusal.FORBIDDEN, "roles", "The role sales may not do this."))
    assert traces.waiting == STRANGERS.burst + 1


def test_a_full_queue_drops_and_says_so(monkeypatch):
    moment = 1000.0
    monkeypatch.setattr(tracing.time, "monotonic", lambda: moment)
    traces = Traces()
    dropped = tracing.measures.TRACES.labels("full")._value.get()
    for _ in range(QUEUE_LIMIT // KNOWN.burst + 1):
        for _ in range(KNOWN.burst):
            traces.note("0000-0000", ROUTE, refusal())
        moment += 3600
    assert traces.waiting == QUEUE_LIMIT
    assert not traces.wants(Refusal.RESET_LIMIT)
    assert tracing.measures.TRACES.labels("full")._value.get() == dropped + KNOWN.burst


async def test_what_waits_is_written_at_the_end_and_lost_with_the_database(dsn):
    traces, pool = Traces(), await open_pool(dsn, 1)
    traces.note("0000-0000", ROUTE, refusal())
    running = asyncio.create_task(traces.run(pool))
    running.cancel()
    await traces.close(pool)
    assert traces.waiting == 0
    await close_pool(pool)
    traces.note("0000-0001", ROUTE, refusal())
    began = time.monotonic()
    await traces.close(pool)
    assert traces.waiting == 1
    assert time.monotonic() - began < tracing.LAST_S + 1


async def test_one_that_cannot_be_written_does_not_keep_the_others_waiting(pool):
    traces = Traces()
    traces.note("0000-0000", "POST /\0", refusal())
    await traces.close(pool)
    traces.note("0000-0001", ROUTE, refusal())
    await traces.close(pool)
    async with lend(pool) as connection:
        assert len(await find_traces(connection, "0000-0001")) == 1


async def test_one_wrong_password_too_many_is_told_as_such(pool):
    background = Background(ACCOUNT, is_claimed=True)
    traces, late = Traces(), Refused(Refusal.RATE_LIMITED, "limits", "Too many.", background=background)
    traces.note("0000-0000", ROUTE, late)
    await traces.flush(pool)
    async with lend(pool) as connection:
        [found] = await find_traces(connection, "0000-0000")
    assert [one["rule"] for one in found.weighed] == ["credentials", "limits"]
    assert (found.account_id, found.weighed[-1]["question"]) == (None, "Too many.")


async def test_the_same_name_twice_shows_the_newest(pool):
    async with lend(pool) as connection:
        await add_traces(connection, [trace("0000-0000", 5), trace("0000-0000", 9)])
        await add_traces(connection, [trace("0000-0000", 9)])
        assert [one.refused_at for one in await find_traces(connection, "0000-0000")] == [9, 5]
