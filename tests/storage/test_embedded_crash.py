"""What is left by crashes, and by others who start the same database, is found and put right."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from activation.storage.embedded import EmbeddedPostgres, ending, sockets
from activation.storage.embedded import server as embedded_server
from activation.storage.embedded.processes import list_processes
from activation.storage.embedded.sockets import cluster_name


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was made and stopped, to copy: much quicker than making one for every test."""
    folder = tmp_path_factory.mktemp("made") / "pg"
    with EmbeddedPostgres(folder):
        return folder


@pytest.fixture
def folder(tmp_path: Path, made: Path) -> Path:
    subprocess.run(["cp", "-a", made, tmp_path / "pg"], check=True)
    return (tmp_path / "pg").resolve()


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "PATIENCE_S", 0.3)


def fetch(dsn: str, *statements: str) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(run())


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def processes(folder: Path) -> list[int]:
    marks = (f"-D {folder}/", cluster_name(folder))
    return [pid for pid, _, command in list_processes() if any(mark in command for mark in marks)]


def test_kill_9_of_everything_loses_nothing_committed(server: EmbeddedPostgres, folder: Path) -> None:
    dsn = server.start()
    fetch(dsn, "CREATE TABLE kept AS SELECT 42 AS n", "SELECT 1")
    for pid in processes(folder):
        os.kill(pid, signal.SIGKILL)
    assert fetch(server.start(), "SELECT n FROM kept") == 42


@pytest.mark.usefixtures("hurried")
def test_orphans_of_a_killed_postmaster_are_ended_before_a_new_one_starts(
    server: EmbeddedPostgres, folder: Path
) -> None:
    old = postmaster(folder)
    orphan = next(pid for pid in processes(folder) if pid != old)
    os.kill(orphan, signal.SIGSTOP)  # it cannot notice that its parent is gone
    os.kill(old, signal.SIGKILL)
    dsn = server.start()
    assert orphan not in processes(folder)
    assert postmaster(folder) != old
    assert fetch(dsn, "SELECT 1") == 1


def test_a_pid_that_is_another_process_by_now_is_not_taken_for_the_server(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
    account = folder.stat().st_uid if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "60"], user=account) as stranger:
        stale = "\n".join([str(stranger.pid), *lines[1:]]) + "\n"
        for path in (folder / "data" / "postmaster.pid", folder / ".s.PGSQL.5432.lock"):
            path.write_text(stale)
            os.chown(path, folder.stat().st_uid, -1)
        server = EmbeddedPostgres(folder)
        assert not server.is_running()
        with server:
            assert postmaster(folder) != stranger.pid
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.usefixtures("hurried")
def test_a_server_that_does_not_listen_is_ended_all_the_same(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    os.kill(postmaster(folder), signal.SIGSTOP)
    since = time.monotonic()
    server.stop(timeout_s=0.2)
    assert time.monotonic() - since < 3
    assert processes(folder) == []


def test_a_server_whose_socket_was_swept_away_is_started_anew(server: EmbeddedPostgres, folder: Path) -> None:
    (folder / ".s.PGSQL.5432").unlink()
    assert fetch(server.start(), "SELECT 1") == 1


@pytest.mark.usefixtures("hurried")
def test_a_server_that_hangs_is_replaced(
    server: EmbeddedPostgres, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "ANSWER_TIMEOUT_S", 0.2)
    monkeypatch.setattr(embedded_server, "STOP_TIMEOUT_S", 0.2)
    os.kill(postmaster(folder), signal.SIGSTOP)
    assert fetch(server.start(), "SELECT 1") == 1


def test_a_server_that_is_stopping_is_waited_for(server: EmbeddedPostgres, folder: Path) -> None:
    old = postmaster(folder)
    os.kill(old, signal.SIGINT)
    while (folder / "data" / "postmaster.pid").read_text().split()[-1] != "stopping":
        time.sleep(0.001)
    assert fetch(server.start(), "SELECT 1") == 1
    assert postmaster(folder) != old


def test_what_an_interrupted_initdb_left_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "lock").touch()
    (folder / "data.partial").mkdir()
    (folder / "data.partial" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(folder) as server:
        assert fetch(server.start(), "SELECT 1") == 1
    assert not (folder / "data.partial").exists()
