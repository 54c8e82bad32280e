"""Gathers single items into batches, so that the database sees one statement where many ask.

A batch starts whenever one of the slots is free: at once when idle, with all that has queued up meanwhile
when busy. There is no timer and no added wait. The queue is bounded; what finds it full is told so.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Process = Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]


class QueueFullError(Exception):
    """There is no room for another item now."""


class Batcher(Generic[Item, Result]):
    """Runs `process` on batches of at most `batch_limit` items, at most `slots` of them at a time.

    `process` answers each item, in order, with its result or with an exception for it alone. When it raises,
    every item of the batch gets that exception.
    """

    def __init__(
        self, process: Process[Item, Result], *, slots: int, batch_limit: int, queue_limit: int
    ) -> None:
        self._process = process
        self._free_slots = slots
        self._batch_limit = batch_limit
        self._queue_limit = queue_limit
        self._queue: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._is_scheduled = False

    @property
    def queued(self) -> int:
        """Return how many items wait for a slot."""
        return len(self._queue)

    async def submit(self, item: Item) -> Result:
        """Have one item processed. Raises QueueFullError, or what `process` answers for it."""
        if len(self._queue) >= self._queue_limit:
            raise QueueFullError(f"{len(self._queue)} items wait already")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.append((item, future))
        self._schedule()
        return await future

    async def drain(self) -> None:
        """Wait until nothing is queued or under way."""
        while self._queue or self._running:
            await asyncio.gather(*self._running, return_exceptions=True)
            await asyncio.sleep(0)

    def _schedule(self) -> None:
        if self._free_slots and not self._is_scheduled:
            self._is_scheduled = True
            # Not at once: what else this turn of the loop has received belongs to the same batch.
            asyncio.get_running_loop().call_soon(self._start)

    def _start(self) -> None:
        self._is_scheduled = False
        while self._free_slots and self._queue:
            size = min(len(self._queue), self._batch_limit)
            batch = [self._queue.popleft() for _ in range(size)]
            self._free_slots -= 1
            task = asyncio.create_task(self._run(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        results: Sequence[Result | Exception]
        try:
            results = await self._process([item for item, _ in batch])
        except Exception as failure:
            results = [failure] * len(batch)
        finally:
            self._free_slots += 1
            self._schedule()
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():  # the caller has gone
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
