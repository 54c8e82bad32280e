"""Schedules on a real database: one run in all however many ask, again after a crash, stopped in peace."""

import asyncio

import pytest

from activation.storage.absence import DatabaseUnavailableError
from activation.storage.pool import open_pool
from activation.storage.scheduling import Scheduled, keep_schedules, queries_on

SECONDLY = "* * * * * *"
NEVER = "0 0 1 1 *"
PATIENCE_S = 15


class Keeper:
    """Schedules kept by a task, as a server does."""

    def __init__(self, pool, *scheduled):
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(keep_schedules(pool, list(scheduled), self.stop))

    async def end(self):
        self.stop.set()
        async with asyncio.timeout(PATIENCE_S):
            await self.task


class Runs:
    """A job that counts its runs, and fails as often as it is told to."""

    def __init__(self, failures=0):
        self.count = 0
        self.under_way = 0
        self.most_under_way = 0
        self.failures = failures
        self.held = asyncio.Event()
        self.held.set()

    async def run(self):
        self.count += 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.held.wait()
            if self.failures:
                self.failures -= 1
                raise RuntimeError("the job broke")
        finally:
            self.under_way -= 1

    async def until(self, count):
        async with asyncio.timeout(PATIENCE_S):
            while self.count < count:
                await asyncio.sleep(0.02)


async def make_due(connection, name):
    await connection.execute(
        "UPDATE jobs.pgqueuer_schedules SET next_run = now() - interval '1 second' WHERE entrypoint = $1",
        name,
    )


async def test_a_job_that_fails_is_run_again(pool):
    runs = Runs(failures=1)
    keeper = Keeper(pool, Scheduled("failing", SECONDLY, runs.run))
    await runs.until(2)
    await keeper.end()
    assert runs.failures == 0


async def test_of_many_servers_one_runs_a_job_at_a_time(pool, connection):
    runs = Runs()
    runs.held.clear()
    keepers = [Keeper(pool, Scheduled("long", SECONDLY, runs.run)) for _ in range(4)]
    await runs.until(1)
    await make_due(connection, "long")
    await asyncio.sleep(2.5)  # several turns of everybody, while it is under way
    assert (runs.count, runs.most_under_way) == (1, 1)
    runs.held.set()
    await runs.until(2)
    for keeper in keepers:
        await keeper.end()
    assert runs.most_under_way == 1


async def test_a_job_whose_server_died_is_taken_up_by_another(pool, connection):
    first = Runs()
    keeper = Keeper(pool, Scheduled("taken", NEVER, first.run))
    await asyncio.sleep(0.3)
    await keeper.end()
    await connection.execute(
        "UPDATE jobs.pgqueuer_schedules SET status = 'picked', heartbeat = now() - interval '31 seconds'"
    )
    second = Runs()
    keeper = Keeper(pool, Scheduled("taken", NEVER, second.run))
    await second.until(1)
    await keeper.end()
    assert (first.count, second.count) == (0, 1)


async def test_a_turn_missed_while_nobody_was_there_is_made_up_for_once(pool, connection):
    runs = Runs()
    keeper = Keeper(pool, Scheduled("missed", NEVER, runs.run))
    await asyncio.sleep(0.3)
    await keeper.end()
    await make_due(connection, "missed")
    keepers = [Keeper(pool, Scheduled("missed", NEVER, runs.run)) for _ in range(3)]
    await runs.until(1)
    for keeper in keepers:
        await keeper.end()
    assert runs.count == 1


async def test_what_is_under_way_is_finished_before_the_end(pool):
    runs = Runs()
    runs.held.clear()
    keeper = Keeper(pool, Scheduled("long", SECONDLY, runs.run))
    await runs.until(1)
    keeper.stop.set()
    await asyncio.sleep(0.2)
    assert not keeper.task.done()
    runs.held.set()
    await keeper.end()
    assert runs.under_way == 0


async def test_a_database_that_goes_away_is_told(dsn):
    own = await open_pool(dsn, 2)
    keeper = Keeper(own, Scheduled("often", SECONDLY, Runs().run))
    await asyncio.sleep(0.3)
    own.terminate()
    with pytest.raises(DatabaseUnavailableError):
        async with asyncio.timeout(PATIENCE_S):
            await keeper.task


@pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)
async def test_the_schema_is_the_one_that_this_release_of_the_queue_wants(pool):
    """Else a migration is missing: `pgq --schema jobs upgrade --plan` says what."""
    plan = await queries_on(pool).plan_upgrade()
    assert (list(plan.statements), list(plan.notes)) == ([], [])
