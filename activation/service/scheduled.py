"""Everything that happens by itself: one table of jobs, each with its times and what it does.

A job runs on one server at a time, at least once; it may be run again after a crash, so what it does twice
must be harmless. It returns how many things it did, for the log and the metrics.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

import aiohttp
import structlog

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service import measures
from activation.service.auditing.sealing import Pace, seal_events
from activation.service.desk import Desk
from activation.service.hooking.delivering import deliver_messages
from activation.service.ids import IdSource, new_trace_id
from activation.service.mailing.post import Post
from activation.service.mailing.sending import PostAwayError, send_mails
from activation.service.overview.counting import count_activity
from activation.service.peppering.sweeping import rekey_stored
from activation.service.privacy.announcing import announce_terms
from activation.service.privacy.requesting import tell_urgent
from activation.service.privacy.retention import run_retention
from activation.service.reselling.ordering import BATCH as UNPAID_AT_ONCE
from activation.service.reselling.ordering import cancel_unpaid_orders
from activation.service.subscribing.scheduled import (
    end_unpaid_updates,
    open_next_fees,
    warn_ending_subscriptions,
)
from activation.service.working import Work, act_as_system
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.allowances import forget_allowances
from activation.storage.connection import Connection
from activation.storage.idempotency import forget_old_keys
from activation.storage.lending import lend

_log = structlog.get_logger("activation.jobs")


@dataclass(slots=True)
class JobRoom:
    """What jobs work with. Long ones look at `stop` between two steps."""

    desk: Desk
    post: Post | None
    session: aiohttp.ClientSession
    stop: asyncio.Event
    pace: Pace = field(default_factory=Pace)
    told: dict[str, str] = field(default_factory=dict)
    """What stops which job, as it was told last."""


class JobStoppedError(Exception):
    """A job can do nothing until somebody mends what its text tells."""


@value
class Job:
    """A job: its name, its times (crontab: minute, hour, day, month, weekday, second), and what it does."""

    name: str
    times: str
    run: Callable[[JobRoom], Awaitable[int]]
    needs_post: bool = False
    quiet: bool = False
    """Whether what it did is no news: it has something to do whenever anybody has."""


async def _send_mails(room: JobRoom) -> int:
    return await send_mails(room.desk, room.post, room.stop)


async def _deliver_messages(room: JobRoom) -> int:
    return await deliver_messages(room.desk, room.session, room.stop)


async def _cancel_unpaid_orders(room: JobRoom) -> int:
    """P3: as many as there are, a few hundred in each transaction."""
    cancelled = 0
    while True:
        async with lend(room.desk.pool) as connection, connection.transaction():
            now = await room.desk.clock.now(connection)
            count = await cancel_unpaid_orders(connection, now, room.desk.ids, new_trace_id())
        cancelled += count
        if count < UNPAID_AT_ONCE or room.stop.is_set():
            return cancelled


def _on_connection(
    run: Callable[[Connection, IdSource, int, ZoneInfo], Awaitable[int]],
) -> Callable[[JobRoom], Awaitable[int]]:
    """Make a job of what takes a connection, ids, the time and the vendor's time zone."""

    async def job(room: JobRoom) -> int:
        async with lend(room.desk.pool) as connection:
            now = await room.desk.clock.now(connection)
            return await run(connection, room.desk.ids, now, room.desk.week.zone)

    return job


async def _count_activity(room: JobRoom) -> int:
    return await count_activity(room.desk)


async def _rekey_stored(room: JobRoom) -> int:
    return await rekey_stored(room.desk)


async def _forget_old_keys(room: JobRoom) -> int:
    async with lend(room.desk.pool) as connection:
        return await forget_old_keys(connection, await room.desk.clock.now(connection))


async def _forget_allowances(room: JobRoom) -> int:
    """Forget what was limited and is not any more: many rows after an attack, so a part at a time."""
    forgotten = 0
    while True:
        async with lend(room.desk.pool) as connection:
            count = await forget_allowances(connection, FORGOTTEN_AT_ONCE, room.desk.clock.shift_s)
        forgotten += count
        if count < FORGOTTEN_AT_ONCE or room.stop.is_set():
            return forgotten


async def _keep_no_longer(room: JobRoom) -> int:
    """G2: what is due is deleted or made anonymous."""
    return (await run_retention(room.desk, room.stop)).total


async def _seal_events(room: JobRoom) -> int:
    """Sign what is complete of the event log. Raises JobStoppedError: nothing is sealed."""
    done = await seal_events(room.desk, room.pace, room.stop)
    if isinstance(done, Refused) and done.code is Refusal.OVERLOADED:
        return 0  # another process is at it
    if isinstance(done, Refused):
        raise JobStoppedError(done.detail)
    return done


def _until_nothing(run: Callable[[Work], Awaitable[int]]) -> Callable[[JobRoom], Awaitable[int]]:
    """Make a job of a use case that does a batch at a time, each in its transaction, and 0 at the end."""

    async def job(room: JobRoom) -> int:
        done = 0
        while not room.stop.is_set():
            count = await act_as_system(room.desk, run)
            if isinstance(count, Refused) or count == 0:
                break
            done += count
        return done

    return job


EVERY_5_S: Final = "* * * * * */5"
EVERY_10_MIN: Final = "*/10 * * * * 0"
HOURLY: Final = "7 * * * * 0"
FORGOTTEN_AT_ONCE: Final = 5000
NIGHTLY: Final = "23 3 * * * 0"

JOBS: Final[tuple[Job, ...]] = (
    Job("send_mails", EVERY_5_S, _send_mails, needs_post=True),
    Job("deliver_messages", EVERY_5_S, _deliver_messages),
    Job("seal_events", EVERY_5_S, _seal_events, quiet=True),
    Job("count_activity", EVERY_5_S, _count_activity, quiet=True),
    Job("cancel_unpaid_orders", EVERY_10_MIN, _cancel_unpaid_orders),
    Job("warn_ending_subscriptions", EVERY_10_MIN, _on_connection(warn_ending_subscriptions)),
    Job("open_next_fees", EVERY_10_MIN, _on_connection(open_next_fees)),
    Job("end_unpaid_updates", EVERY_10_MIN, _on_connection(end_unpaid_updates)),
    Job("announce_terms", EVERY_10_MIN, _until_nothing(announce_terms)),
    Job("tell_urgent_requests", HOURLY, _until_nothing(tell_urgent)),
    Job("forget_old_keys", HOURLY, _forget_old_keys),
    Job("rekey_stored", HOURLY, _rekey_stored),
    Job("forget_allowances", EVERY_10_MIN, _forget_allowances),
    Job("keep_no_longer", NIGHTLY, _keep_no_longer),
)


def jobs_of(room: JobRoom) -> list[Job]:
    """Return the jobs for this server: one without a post must not take the turn of one that has it."""
    return [job for job in JOBS if room.post is not None or not job.needs_post]


async def run_job(room: JobRoom, job: Job) -> None:
    """Run a job once. What goes wrong is logged and counted; the next time comes anyway."""
    try:
        count = await job.run(room)
    except (DatabaseUnavailableError, PostAwayError) as away:
        _log.warning("job put off", job=job.name, reason=str(away))
        measures.JOBS.labels(job.name, "put_off").inc()
    except JobStoppedError as stopped:
        _tell_stopped(room, job, str(stopped))
        measures.JOBS.labels(job.name, "stopped").inc()
    except Exception:
        _log.exception("job failed", job=job.name)
        measures.JOBS.labels(job.name, "failed").inc()
    else:
        measures.JOBS.labels(job.name, "done").inc()
        if count:
            _tell_going_on(room, job)
            tell = _log.debug if job.quiet else _log.info
            tell("job done", job=job.name, count=count)


def _tell_stopped(room: JobRoom, job: Job, reason: str) -> None:
    """Say once what stops a job, not each time that it finds so: metrics count those."""
    if room.told.get(job.name) != reason:
        _log.error("job stopped", job=job.name, reason=reason)
        room.told[job.name] = reason


def _tell_going_on(room: JobRoom, job: Job) -> None:
    if room.told.pop(job.name, None) is not None:
        _log.info("job goes on", job=job.name)
