"""The table of jobs: each can run, again and again, does what is due, and breaks nobody else's turn."""

import asyncio
from dataclasses import replace

import pytest
from croniter import croniter
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from activation.service.hooking.delivering import open_session
from activation.service.mailing.post import read_post
from activation.service.measures import UNSEALED_S
from activation.service.measuring import EVERY_S, measure_all
from activation.service.scheduled import JOBS, Job, JobRoom, jobs_of, run_job
from activation.service.working import act_as_system
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.idempotency import KEPT_S


@pytest.fixture
async def room(office):
    async with open_session() as session:
        yield JobRoom(office.desk, None, session, asyncio.Event())


def job(name):
    return next(one for one in JOBS if one.name == name)


def runs(name, outcome):
    labels = {"job": name, "outcome": outcome}
    return REGISTRY.get_sample_value("activation_jobs_total", labels) or 0


async def add_online_order(office, due_in_s):
    """An online order whose payment is due in so many seconds."""
    account = await office.account(0)
    now = (await office.fetch("SELECT extract(epoch FROM now())::bigint"))[0][0]
    await office.fetch(
        "INSERT INTO purchase (purchase_id, account_id, product_id, major, quantity, unit, total, method,"
        " placed_at, due_at) VALUES ($1, $2, 1, 5, 1, 10, 10, 0, $3, $4)",
        office.ids.new(0),
        account.account_id,
        now,
        now + due_in_s,
    )


@pytest.mark.parametrize("one", JOBS, ids=lambda one: one.name)
async def test_every_job_runs_with_nothing_to_do_and_says_nothing(room, one):
    before = runs(one.name, "done")
    with capture_logs() as logs:
        await run_job(room, one)
    assert logs == []
    assert runs(one.name, "done") == before + 1


def test_every_job_has_a_name_of_its_own_and_times():
    assert len({one.name for one in JOBS}) == len(JOBS)
    assert all(croniter.is_valid(one.times) for one in JOBS)


async def test_a_server_without_a_post_leaves_the_mails_to_one_that_has_it(office, room):
    post = read_post("smtp://localhost", "a@b.c")
    assert jobs_of(JobRoom(office.desk, post, room.session, room.stop)) == list(JOBS)
    assert [one.name for one in JOBS if one not in jobs_of(room)] == ["send_mails"]


async def test_p3_an_online_order_not_paid_in_time_is_cancelled_once(office, room):
    await add_online_order(office, 100)
    await run_job(room, job("cancel_unpaid_orders"))
    assert [row[0] for row in await office.fetch("SELECT state FROM purchase")] == [0]
    office.desk.clock.shift_s += 101
    with capture_logs() as logs:
        for _ in range(3):
            await run_job(room, job("cancel_unpaid_orders"))
    assert [(entry["event"], entry["job"], entry["count"]) for entry in logs] == [
        ("job done", "cancel_unpaid_orders", 1)
    ]
    assert [row[0] for row in await office.fetch("SELECT state FROM purchase")] == [2]


async def test_idempotency_keys_are_forgotten_after_a_day(office, room):
    await office.fetch(
        "INSERT INTO idempotency (person_id, key, asked_at, request_hash)"
        " SELECT 1, 'key', extract(epoch FROM now())::bigint, ''"
    )
    await run_job(room, job("forget_old_keys"))
    assert len(await office.fetch("SELECT 1 FROM idempotency")) == 1
    office.desk.clock.shift_s += KEPT_S + 1
    await run_job(room, job("forget_old_keys"))
    assert await office.fetch("SELECT 1 FROM idempotency") == []


async def test_a_job_that_breaks_is_logged_without_what_it_said_and_counted(room):
    async def break_down(_room):
        raise RuntimeError("ann@example.org")

    with capture_logs() as logs:
        await run_job(room, Job("broken", "* * * * *", break_down))
    assert [entry["event"] for entry in logs] == ["job failed"]
    assert runs("broken", "failed") == 1


async def test_a_job_without_a_database_is_put_off(room):
    async def find_nobody(_room):
        raise DatabaseUnavailableError("The database does not answer.")

    with capture_logs() as logs:
        await run_job(room, Job("alone", "* * * * *", find_nobody))
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("job put off", "warning")]
    assert runs("alone", "put_off") == 1


async def test_the_metrics_tell_how_long_the_oldest_has_waited(office):
    def age(queue):
        return REGISTRY.get_sample_value("activation_oldest_waiting_seconds", {"queue": queue})

    await measure_all(office.desk)
    assert (age("mails"), age("deliveries")) == (0, 0)

    async def write(work):
        await work.mail(1, "account_made", {})
        return True

    await act_as_system(office.desk, write)
    office.desk.clock.shift_s += 500
    await measure_all(office.desk)
    assert 500 <= age("mails") < 510
    assert age("deliveries") == 0


async def test_what_cannot_be_measured_is_told_and_raises_the_alarm_for_seals(office):
    await measure_all(office.desk)
    before, failed = UNSEALED_S._value.get(), runs("measure_seals", "failed")
    await office.fetch("ALTER TABLE seal RENAME TO another")
    with capture_logs() as logs:
        for _ in range(2):
            await measure_all(office.desk)
    assert [(entry["event"], entry["what"]) for entry in logs] == [("not measured", "seals")] * 2
    assert runs("measure_seals", "failed") == failed + 2
    assert UNSEALED_S._value.get() == before + 2 * EVERY_S
    await office.fetch("ALTER TABLE another RENAME TO seal")
    await measure_all(office.desk)
    assert UNSEALED_S._value.get() < EVERY_S


async def test_a_sealer_that_stops_is_told_once_and_counted_and_so_is_that_it_goes_on(office, room):
    await office.account()
    stopped, ring = runs("seal_events", "stopped"), office.desk.maker.ring
    office.desk.maker.ring = replace(ring, signing_keys={})
    with capture_logs() as logs:
        for _ in range(3):
            await run_job(room, job("seal_events"))
    told = [(one["event"], one["job"], one["log_level"]) for one in logs]
    assert told == [("job stopped", "seal_events", "error")]
    assert runs("seal_events", "stopped") == stopped + 3
    office.desk.maker.ring = ring
    with capture_logs() as logs:
        await run_job(room, job("seal_events"))
    assert [one["event"] for one in logs if one["log_level"] != "debug"] == ["job goes on"]
