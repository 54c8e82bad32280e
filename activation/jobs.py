"""The process that does scheduled work: one for each server, under the supervisor.

All servers on one database share the schedule: whoever comes first takes a job's turn.
"""

import asyncio
import os
import signal
import sys
from functools import partial
from typing import Final

import structlog
import uvloop

from activation.app import LATER, LIFELINE_VARIABLE, open_desk
from activation.config import Settings, load_settings
from activation.logs import set_up_logs
from activation.service.desk import Desk
from activation.service.hooking.delivering import open_session
from activation.service.measuring import EVERY_S, measure_all
from activation.service.scheduled import JobRoom, jobs_of, run_job
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.scheduling import Scheduled, keep_schedules

AWAY_S: Final = 2.0
_log = structlog.get_logger("activation.jobs")


async def run_jobs(settings: Settings, dsn: str, stop: asyncio.Event) -> None:
    """Do scheduled work until `stop`; what is under way then is finished."""
    async with open_desk(settings, dsn) as desk, open_session() as session:
        room = JobRoom(desk, settings.post, session, stop)
        measuring = asyncio.create_task(_keep_measures(desk))
        _log.info("jobs run", pid=os.getpid(), mails=settings.post is not None)
        await _keep_schedules(room)
        measuring.cancel()
    _log.info("stopped", pid=os.getpid())


async def _keep_schedules(room: JobRoom) -> None:
    scheduled = [Scheduled(job.name, job.times, partial(run_job, room, job)) for job in jobs_of(room)]
    while not room.stop.is_set():
        try:
            await keep_schedules(room.desk.pool, scheduled, room.stop)
        except DatabaseUnavailableError:
            _log.warning("jobs wait", reason="the database does not answer")
            await asyncio.sleep(AWAY_S)


async def _keep_measures(desk: Desk) -> None:
    while True:
        await measure_all(desk)
        await asyncio.sleep(EVERY_S)


def main() -> None:
    """Run the jobs of one server; the supervisor starts it with a lifeline in the environment."""
    settings = load_settings()
    set_up_logs(settings.log_level)
    dsn = settings.database_url.get_secret_value() if settings.database_url is not None else ""
    uvloop.run(_run_until_told(settings, dsn, int(os.environ[LIFELINE_VARIABLE])))


async def _run_until_told(settings: Settings, dsn: str, lifeline: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_reader(lifeline, stop.set)
    try:
        await run_jobs(settings, dsn, stop)
    except DatabaseUnavailableError:
        _log.warning("jobs not started", reason="the database does not answer")
        sys.exit(LATER)  # the supervisor tries again


if __name__ == "__main__":
    main()
