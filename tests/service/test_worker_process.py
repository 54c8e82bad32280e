"""A worker's process when there is no database at its start: it is the supervisor that tries again."""

import asyncio
import json
import os
import socket
import sys

from activation.app import LATER, LIFELINE_VARIABLE, SOCKETS_VARIABLE


async def start_worker(settings, dsn):
    """Run one `python -m activation.app` to its end; return its status and what it logged."""
    held, given = os.pipe()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        named = {
            "ACTIVATION_DATABASE_URL": dsn,
            "ACTIVATION_DATA_DIR": str(settings.data_dir),
            "ACTIVATION_ALLOW_UNDURABLE": "true",
            LIFELINE_VARIABLE: str(held),
            SOCKETS_VARIABLE: str(listening.fileno()),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "activation.app",
            env={**os.environ, **named},
            pass_fds=[held, listening.fileno()],
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            _, told = await process.communicate()
    os.close(held)
    os.close(given)
    return process.returncode, [json.loads(line) for line in told.decode().splitlines()]


async def test_without_a_database_it_ends_in_one_line_for_the_supervisor_to_try_again(settings):
    status, log = await start_worker(settings, "postgresql://nobody:secret@127.0.0.1:1/none")
    assert status == LATER == 3
    assert [entry["event"] for entry in log] == ["worker not started"]
    assert "secret" not in str(log)
