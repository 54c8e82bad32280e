"""The batcher: what comes while it is busy travels together, and nobody pays for anybody else."""

import asyncio

import pytest

from activation.service.batching.batcher import Batcher, QueueFullError


class Works:
    """A process that records its batches, waits at a gate when told to, and fails on demand."""

    def __init__(self, *, gated=False):
        self.batches = []
        self.at_once = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()
        if not gated:
            self.gate.set()

    async def __call__(self, items):
        self.batches.append(list(items))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.gate.wait()
            if "explode" in items:
                raise RuntimeError("all of it")
            return [ValueError(item) if str(item).startswith("bad") else f"did {item}" for item in items]
        finally:
            self.at_once -= 1


def batcher(works, *, slots=1, batch_limit=100, queue_limit=100):
    return Batcher(works, slots=slots, batch_limit=batch_limit, queue_limit=queue_limit)


async def turns(number=5):
    """Let the loop go around so often, without any time passing."""
    for _ in range(number):
        await asyncio.sleep(0)


async def submit_while_busy(works, lane, first, *later):
    """Submit `first`, let it get under way, then the others; return all their tasks."""
    tasks = [asyncio.create_task(lane.submit(first))]
    await turns()
    tasks += [asyncio.create_task(lane.submit(item)) for item in later]
    await turns()
    return tasks


async def test_one_alone_goes_at_once():
    works = Works(gated=True)
    task = asyncio.create_task(batcher(works).submit("a"))
    await turns(3)  # turns of the loop, no timer
    assert works.batches == [["a"]]
    works.gate.set()
    assert await task == "did a"


async def test_what_comes_in_one_turn_of_the_loop_is_one_batch():
    works = Works()
    lane = batcher(works)
    answers = await asyncio.gather(*[lane.submit(n) for n in range(5)])
    assert works.batches == [[0, 1, 2, 3, 4]]
    assert answers == [f"did {n}" for n in range(5)]


@pytest.mark.parametrize(
    ("slots", "batch_limit", "later", "batches"),
    [
        (1, 100, 4, [["first"], [0, 1, 2, 3]]),
        (1, 2, 4, [["first"], [0, 1], [2, 3]]),
        (1, 3, 4, [["first"], [0, 1, 2], [3]]),
        (1, 1, 3, [["first"], [0], [1], [2]]),
        (2, 100, 4, [["first"], [0, 1, 2, 3]]),
        (2, 2, 5, [["first"], [0, 1], [2, 3], [4]]),
        (3, 1, 2, [["first"], [0], [1]]),
        (1, 100, 0, [["first"]]),
    ],
)
async def test_batches_gather_while_busy(slots, batch_limit, later, batches):
    works = Works(gated=True)
    lane = batcher(works, slots=slots, batch_limit=batch_limit)
    tasks = await submit_while_busy(works, lane, "first", *range(later))
    assert works.batches == batches[:slots]
    assert lane.queued == later + 1 - sum(map(len, batches[:slots]))
    works.gate.set()
    assert await asyncio.gather(*tasks) == ["did first", *[f"did {n}" for n in range(later)]]
    assert works.batches == batches
    assert works.most_at_once <= slots
    assert lane.queued == 0


async def test_a_full_queue_says_so_and_takes_more_once_there_is_room():
    works = Works(gated=True)
    lane = batcher(works, queue_limit=2)
    tasks = await submit_while_busy(works, lane, "first", "second", "third")
    with pytest.raises(QueueFullError, match="2 items wait already"):
        await lane.submit("fourth")
    assert works.batches == [["first"]]
    works.gate.set()
    assert await asyncio.gather(*tasks) == ["did first", "did second", "did third"]
    assert await lane.submit("fourth") == "did fourth"


async def test_one_bad_item_hurts_no_other():
    lane = batcher(Works())
    answers = await asyncio.gather(*[lane.submit(item) for item in ("a", "bad", "c")], return_exceptions=True)
    assert [answers[0], answers[2]] == ["did a", "did c"]
    assert isinstance(answers[1], ValueError)


async def test_a_process_that_raises_gives_it_to_its_batch_alone_and_the_next_one_goes_on():
    works = Works(gated=True)
    lane = batcher(works)
    tasks = await submit_while_busy(works, lane, "a", "explode", "c")
    works.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[0] == "did a"
    assert [type(answer) for answer in answers[1:]] == [RuntimeError, RuntimeError]
    assert await lane.submit("d") == "did d"


async def test_a_caller_who_goes_away_changes_nothing_for_the_others():
    works = Works(gated=True)
    lane = batcher(works)
    tasks = await submit_while_busy(works, lane, "a", "b", "c")
    for gone in (tasks[0], tasks[1]):  # one under way, one still queued
        gone.cancel()
    await turns()
    works.gate.set()
    assert await tasks[2] == "did c"
    assert works.batches == [["a"], ["b", "c"]]
    assert all(gone.cancelled() for gone in tasks[:2])
    assert await lane.submit("d") == "did d"


async def test_a_caller_who_goes_away_before_a_failure_is_not_missed():
    works = Works(gated=True)
    lane = batcher(works)
    tasks = await submit_while_busy(works, lane, "a", "bad", "explode")
    tasks[1].cancel()
    await turns()
    works.gate.set()
    assert await tasks[0] == "did a"
    with pytest.raises(RuntimeError):
        await tasks[2]


async def test_drain_waits_for_what_is_queued_and_under_way():
    works = Works(gated=True)
    lane = batcher(works, batch_limit=1)
    tasks = await submit_while_busy(works, lane, "a", "b", "c")
    draining = asyncio.create_task(lane.drain())
    await turns()
    assert not draining.done()
    works.gate.set()
    await draining
    assert works.batches == [["a"], ["b"], ["c"]]
    assert all(task.done() for task in tasks)


async def test_drain_of_nothing_is_at_once():
    await asyncio.wait_for(batcher(Works()).drain(), 1)


async def test_drain_waits_for_what_came_in_this_very_turn():
    works = Works()
    lane = batcher(works)
    task = asyncio.create_task(lane.submit("a"))
    await asyncio.sleep(0)
    await lane.drain()
    assert await task == "did a"


async def test_thousands_at_once_are_all_answered_in_few_batches():
    works = Works()
    lane = batcher(works, slots=2, batch_limit=256, queue_limit=10_000)
    answers = await asyncio.gather(*[lane.submit(n) for n in range(5000)])
    assert answers == [f"did {n}" for n in range(5000)]
    assert len(works.batches) == 20
    assert works.most_at_once <= 2
