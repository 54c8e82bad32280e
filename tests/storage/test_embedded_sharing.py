"""Several starters of one database: one owns the server, the others are guests, a dead owner is replaced."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from activation.storage.embedded import EmbeddedPostgres, EmbeddedPostgresError, ending
from activation.storage.embedded.locks import FileLock
from activation.storage.embedded.processes import list_processes
from activation.storage.embedded.sockets import cluster_name

START_AND_WAIT = """
import sys, time
from pathlib import Path
from activation.storage.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.start(), flush=True)
sys.stdin.read()
server.stop()
"""


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


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def processes(folder: Path) -> list[int]:
    marks = (f"-D {folder}/", cluster_name(folder))
    return [pid for pid, _, command in list_processes() if any(mark in command for mark in marks)]


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


def starter(folder: Path) -> "subprocess.Popen[str]":
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, folder],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_server_of_a_killed_starter_is_taken_over_and_stopped(folder: Path) -> None:
    with starter(folder) as first:
        dsn = said(first)
        pid = postmaster(folder)
        first.kill()
    server = EmbeddedPostgres(folder)
    assert server.is_running()
    assert server.start() == dsn
    assert postmaster(folder) == pid
    server.stop()
    assert processes(folder) == []


def test_a_starter_that_is_told_to_stop_stops_the_server(folder: Path) -> None:
    with starter(folder) as first:
        assert said(first).startswith("postgresql://activation@/")
    assert processes(folder) == []


def test_starters_that_race_on_an_empty_folder_get_one_server(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with starter(folder) as first, starter(folder) as second, starter(folder) as third:
        answers = {said(first), said(second), said(third)}
        assert len(answers) == 1
        assert fetch(answers.pop(), "SELECT 1") == 1
        assert sum(f"-D {folder}/" in command for _, _, command in list_processes()) == 1


def test_the_server_itself_shows_that_it_lives_to_who_cannot_see_its_processes(folder: Path) -> None:
    with starter(folder) as first:
        assert said(first)
        first.kill()
    with EmbeddedPostgres(folder) as server:
        assert server.is_running()
        assert not FileLock(folder / "alive").acquire()
    free = FileLock(folder / "alive")
    assert free.acquire()
    free.release()


@pytest.mark.usefixtures("hurried")
def test_a_server_that_lives_out_of_sight_keeps_us_out(folder: Path) -> None:
    elsewhere = FileLock(folder / "alive")
    assert elsewhere.acquire()
    with pytest.raises(EmbeddedPostgresError, match="cannot be seen or ended from here"):
        EmbeddedPostgres(folder).start()
    elsewhere.release()
    with EmbeddedPostgres(folder) as server:
        assert server.is_running()


def test_a_folder_that_another_process_holds_is_given_up_on_in_time(folder: Path) -> None:
    other = FileLock(folder / "lock")
    assert other.acquire()
    with pytest.raises(EmbeddedPostgresError, match=r"holds .*/lock"):
        EmbeddedPostgres(folder).start(timeout_s=0.1)
    other.release()


def test_a_second_starter_is_a_guest_and_leaves_it_running(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server, EmbeddedPostgres(folder) as guest:
        assert guest.start() == server.start()
        guest.stop()
        assert server.is_running()
        server.stop()
        assert not guest.is_running()


def test_starting_again_changes_nothing(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        before = postmaster(folder)
        assert server.start() == server.start()
        assert postmaster(folder) == before
