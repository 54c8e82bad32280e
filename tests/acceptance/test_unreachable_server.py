"""A softphone whose server is away tries for a while, then says: try again later."""

import json
import subprocess
from pathlib import Path

import pytest
from acceptance_commands import run_cli
from acceptance_making import copy_keys
from acceptance_server import RealServer

TRIES_S = 75


def test_a_server_that_is_away_ends_in_3_and_no_traceback(unreachable: "subprocess.Popen[str]") -> None:
    told, complained = unreachable.communicate(timeout=TRIES_S)
    assert unreachable.returncode == 3, complained
    assert told == ""
    assert "http://localhost:1" in complained
    assert "Traceback" not in complained


@pytest.mark.parametrize(
    ("words", "database"),
    [
        (("accounts", "create", "--json"), "postgresql://activation@localhost:1/activation"),
        (("serve",), "postgresql://activation@localhost:1/activation"),
        (("migrate",), "postgresql://activation@localhost:1/activation"),
        (("serve",), "postgresql://activation@/activation?host=/nowhere"),
    ],
    ids=["accounts", "serve", "migrate", "serve, by a socket"],
)
def test_a_database_that_is_away_ends_in_3_and_no_traceback(
    server: RealServer, tmp_path: Path, words: tuple[str, ...], database: str
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    copy_keys(server.folder, folder)
    settings = {"ACTIVATION_DATABASE_URL": database, "ACTIVATION_PORT": "0"}
    done = run_cli(folder, *words, settings=settings)
    assert done.returncode == 3, done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2, done.stderr
    assert done.stdout == ""


def test_nothing_that_can_be_read_by_programs_is_said_of_secrets(server: RealServer) -> None:
    settings = {"ACTIVATION_DATABASE_URL": "postgresql://activation:canary-word@localhost:1/activation"}
    done = run_cli(server.folder, "config", "--json", settings=settings)
    assert done.returncode == 0, done.stderr
    assert "canary-word" not in done.stdout
    assert json.loads(done.stdout)
