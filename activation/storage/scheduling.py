"""When jobs run: pgqueuer's schedules, kept in the database, so that each run happens on one server only.

A job that is under way shows a heartbeat. When its process dies without a word, another takes it up half a
minute later: at least once, so whatever a job does must be harmless when done again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import field

from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.sm import SchedulerManager
from pgqueuer.domain.models import Schedule
from pgqueuer.domain.settings import DBSettings

from activation.licensing.values import value
from activation.storage.absence import telling_absence
from activation.storage.connection import Pool

SCHEMA = "jobs"


@value
class Scheduled:
    """What runs when: `times` is a crontab's five fields, or six with seconds last."""

    name: str
    times: str
    run: Callable[[], Awaitable[None]] = field(hash=False)


def queries_on(pool: Pool) -> Queries:
    """Return pgqueuer's statements for our schema."""
    names = DBSettings(db_schema=SCHEMA)
    return Queries(
        AsyncpgPoolDriver(pool),
        QueryBuilderEnvironment(settings=names),
        QueryQueueBuilder(settings=names),
        QuerySchedulerBuilder(settings=names),
    )


async def keep_schedules(pool: Pool, scheduled: list[Scheduled], stop: asyncio.Event) -> None:
    """Run everything at its times until `stop`; what is under way then is finished.

    Raises DatabaseUnavailableError when the database goes away.
    """
    manager = SchedulerManager(queries_on(pool))
    for one in scheduled:
        manager.schedule(one.name, one.times)(_runner(one.run))
    stopping = asyncio.create_task(_pass_on(stop, manager.shutdown))
    try:
        with telling_absence():
            await manager.run()
    finally:
        stopping.cancel()


def _runner(run: Callable[[], Awaitable[None]]) -> Callable[[Schedule], Awaitable[None]]:
    async def run_scheduled(_schedule: Schedule) -> None:
        await run()

    return run_scheduled


async def _pass_on(stop: asyncio.Event, shutdown: asyncio.Event) -> None:
    await stop.wait()
    shutdown.set()
