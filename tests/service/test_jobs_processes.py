"""Job processes as a server runs them: several on one database, killed, stopped; everything happens once."""

import asyncio
import json
import os
import signal
import sys

import pytest
from smtp_server import SmtpServer

from activation.app import LIFELINE_VARIABLE
from activation.service.working import act_as_system

PATIENCE_S = 60
MAILS = 60


class Process:
    """One `python -m activation.jobs`."""

    def __init__(self, process, lifeline):
        self.process, self.lifeline = process, lifeline

    @classmethod
    async def start(cls, settings, dsn, smtp_url):
        held, given = os.pipe()
        named = {
            "ACTIVATION_DATABASE_URL": dsn,
            "ACTIVATION_DATA_DIR": str(settings.data_dir),
            "ACTIVATION_ALLOW_UNDURABLE": "true",
            "ACTIVATION_SMTP_URL": smtp_url,
            "ACTIVATION_MAIL_FROM": "licences@example.com",
            LIFELINE_VARIABLE: str(held),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "activation.jobs",
            env={**os.environ, **named},
            pass_fds=[held],
            stderr=asyncio.subprocess.PIPE,
        )
        os.close(held)
        return cls(process, given)

    async def end(self, number=signal.SIGTERM):
        """End it and return what it logged."""
        if number is None:
            os.close(self.lifeline)
        else:
            self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE_S):
            _, told = await self.process.communicate()
        if number is not None:
            os.close(self.lifeline)
        return [json.loads(line) for line in told.decode().splitlines()]


@pytest.fixture
async def smtp(office):
    with SmtpServer() as server:
        yield server


async def write_mails(office, count):
    account = await office.account(0)
    await office.fetch(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1, ($1::bigint >> 55), 3, $2)",
        account.account_id,
        "ann@example.org",
    )

    async def run(work):
        for _ in range(count):
            await work.mail(account.account_id, "account_made", {})
        return True

    await act_as_system(office.desk, run)


async def until(condition):
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.05)


def ids(smtp):
    return [mail["Message-ID"] for _, _, mail in smtp.postbox.mails]


async def test_two_servers_on_one_database_do_everything_once(office, settings, dsn, smtp):
    await write_mails(office, MAILS)
    processes = [await Process.start(settings, dsn, smtp.url) for _ in range(2)]
    await until(lambda: len(ids(smtp)) >= MAILS)
    logs = [await process.end() for process in processes]
    assert [process.process.returncode for process in processes] == [0, 0]
    assert len(ids(smtp)) == len(set(ids(smtp))) == MAILS
    done = [entry for log in logs for entry in log if entry["event"] == "job done"]
    assert sum(entry["count"] for entry in done if entry["job"] == "send_mails") == MAILS
    assert "ann@example.org" not in str(logs)
    assert {entry["event"] for log in logs for entry in log} == {"jobs run", "job done", "stopped"}


async def test_when_one_is_killed_the_other_goes_on(office, settings, dsn, smtp):
    first, second = [await Process.start(settings, dsn, smtp.url) for _ in range(2)]
    await write_mails(office, 1)
    await until(lambda: len(ids(smtp)) == 1)
    await first.end(signal.SIGKILL)
    await write_mails(office, MAILS)
    # As it would be half a minute later, had it been killed in the middle of a job.
    await office.fetch("UPDATE jobs.pgqueuer_schedules SET heartbeat = now() - interval '31 seconds'")
    await until(lambda: len(ids(smtp)) >= MAILS + 1)
    await second.end()
    assert len(ids(smtp)) == len(set(ids(smtp))) == MAILS + 1


async def test_it_ends_with_its_supervisor(office, settings, dsn, smtp):
    process = await Process.start(settings, dsn, smtp.url)
    logs = await process.end(None)
    assert process.process.returncode == 0
    assert logs[-1]["event"] == "stopped"


async def test_without_a_database_it_ends_in_one_line_for_the_supervisor_to_try_again(settings):
    process = await Process.start(settings, "postgresql://nobody@127.0.0.1:1/none", "smtp://127.0.0.1:1")
    async with asyncio.timeout(PATIENCE_S):
        _, told = await process.process.communicate()
    os.close(process.lifeline)
    assert process.process.returncode == 3
    assert [json.loads(line)["event"] for line in told.decode().splitlines()] == ["jobs not started"]
