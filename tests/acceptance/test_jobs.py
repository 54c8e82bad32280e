"""Scheduled work on a running server: mails leave, webhooks arrive, a dead jobs process is replaced."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest
from acceptance_commands import run_cli
from acceptance_making import MakeAccount
from acceptance_server import RealServer
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from activation.licensing.identifiers import MAIL, to_text

sys.path.append(str(Path(__file__).parents[1] / "service"))
from smtp_server import SmtpServer

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATIENCE_S = 60.0
ANN = "ann@example.org"
OURS = to_text(MAIL, 77)


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


def jobs_of(running: RealServer) -> list[int]:
    """The process ids of a server's jobs."""
    found = []
    for child in psutil.Process(running.pid).children():
        with suppress(psutil.Error):  # it may be gone by now
            if "activation.jobs" in child.cmdline():
                found.append(child.pid)
    return found


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            await asyncio.sleep(0.1)


async def test_a_mail_waits_until_a_server_has_a_post_and_then_leaves(
    server: RealServer,
    second_server: Callable[..., RealServer],
    database: asyncpg.Connection,
    new_account: MakeAccount,
    smtp: SmtpServer,
) -> None:
    await new_account()
    subject = await database.fetchval("SELECT max(account_id) FROM account")
    await database.execute(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1, $1::bigint >> 55, 3, $2)"
        " ON CONFLICT (shard, subject, field) DO UPDATE SET value = excluded.value",
        subject,
        ANN,
    )
    await database.execute(
        "INSERT INTO mail (mail_id, subject, template, params, written_at, next_at)"
        " VALUES (77, $1, 'account_made', '{}', 1, 1)",
        subject,
    )
    waiting = run_cli(server.folder, "mails", "list", "--state", "waiting", "--json")
    assert OURS in [mail["mail_id"] for mail in json.loads(waiting.stdout)], waiting.stderr
    second_server(ACTIVATION_SMTP_URL=smtp.url, ACTIVATION_MAIL_FROM="licences@example.com")
    await until(lambda: [ANN] in [recipients for _, recipients, _ in smtp.postbox.mails])
    sent = run_cli(server.folder, "mails", "list", "--state", "sent", "--json")
    assert sent.returncode == 0, sent.stderr
    assert OURS in [mail["mail_id"] for mail in json.loads(sent.stdout)]
    assert ANN not in sent.stdout
    assert run_cli(server.folder, "mails", "retry", "mai_0000000000000").returncode == 1


async def test_a_webhook_made_at_the_command_line_gets_its_messages(
    server: RealServer, database: asyncpg.Connection
) -> None:
    got = []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.json())
        return web.Response(status=204)

    application = web.Application()
    application.router.add_post("/hook", take)
    async with TestServer(application) as receiver:
        url = str(receiver.make_url("/hook"))
        done = run_cli(server.folder, "hooks", "add", url, "--kind", "test.said", "--json")
        made = json.loads(done.stdout)
        await database.execute(
            "WITH m AS (INSERT INTO hook_message VALUES (88, 'test.said', '{\"a\": 1}', 1))"
            " INSERT INTO hook_delivery (message_id, hook_id, next_at) SELECT 88, max(hook_id), 1 FROM hook"
        )
        await until(lambda: got)
    assert got == [{"type": "test.said", "timestamp": "1970-01-01T00:00:01Z", "data": {"a": 1}}]
    sent = run_cli(server.folder, "hooks", "deliveries", "--state", "sent", "--json")
    assert sent.returncode == 0, sent.stderr
    assert json.loads(sent.stdout)[0]["last_status"] == 204
    async with ClientSession() as session, session.get(f"{server.url}/metrics") as answer:
        metrics = await answer.text()
    assert 'activation_deliveries_total{outcome="taken"} 1.0' in metrics
    assert 'activation_jobs_total{job="deliver_messages",outcome="done"}' in metrics
    assert 'activation_oldest_waiting_seconds{queue="deliveries"}' in metrics
    stopped = run_cli(server.folder, "hooks", "stop", made["hook_id"])
    assert stopped.stdout == f"{made['hook_id']} is stopped.\n"
    assert made["secret"] not in run_cli(server.folder, "hooks", "list", "--json").stdout
    assert "stopped" in run_cli(server.folder, "hooks", "list").stdout
    refused = run_cli(server.folder, "hooks", "add", "http://vendor.example.com/")
    assert (refused.returncode, "https://" in refused.stderr) == (1, True)


async def test_a_jobs_process_that_is_killed_is_replaced(second_server: Callable[..., RealServer]) -> None:
    running = second_server()
    await until(lambda: jobs_of(running))
    [before] = jobs_of(running)
    os.kill(before, signal.SIGKILL)
    await until(lambda: jobs_of(running) not in ([], [before]))
    assert any(entry["event"] == "jobs died" for entry in running.log())


async def test_a_server_can_be_told_to_leave_the_jobs_to_others(
    second_server: Callable[..., RealServer],
) -> None:
    running = second_server(ACTIVATION_JOBS="false")
    assert jobs_of(running) == []
