"""`activation licenses import` as an operator runs it, also when it is killed half-way."""

import csv
import json
import signal
import subprocess
import time
from pathlib import Path

import asyncpg
import pytest
from acceptance_commands import COMMAND, environment, run_cli

from activation.storage.embedded import EmbeddedPostgres

LINES = 20_000


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    rows = [f"customer-{n},softphone,{1 + n % 3},2019-03-31,5" for n in range(LINES)]
    path.write_text("\n".join(["login,product,quantity,since,major", *rows, ""]))
    return path


async def count(house: Path, table: str) -> int:
    embedded = EmbeddedPostgres(house / "postgres")
    connection = await asyncpg.connect(embedded.start())
    try:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))
    finally:
        await connection.close()
        embedded.stop()


def bring(house: Path, listed: Path, *words: str | Path) -> "subprocess.CompletedProcess[str]":
    return run_cli(house, "licenses", "import", listed, "--json", *words)


async def test_killed_half_way_and_started_again_nothing_is_double(
    closed_house: Path, listed: Path, tmp_path: Path
) -> None:
    house = closed_house
    logins = tmp_path / "logins.csv"
    words = [COMMAND, "licenses", "import", listed, "--json", "--logins-out", logins]
    with subprocess.Popen(words, env=environment(house, {}), stdout=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + 60
        while not (logins.exists() and logins.stat().st_size > 400_000):
            assert running.poll() is None, "it was done before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.005)
        running.send_signal(signal.SIGKILL)
    done = bring(house, listed, "--logins-out", logins)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert 0 < told["resumed_after_line"] < LINES
    assert told["lines"] == LINES + 1 - told["resumed_after_line"]
    again = json.loads(bring(house, listed, "--logins-out", logins).stdout)
    assert (again["imported_before"], again["licenses"]) == (True, 0)

    assert await count(house, "account") == LINES + 1
    assert await count(house, "license") == sum(1 + n % 3 for n in range(LINES)) + 1
    assert await count(house, "event WHERE kind = 71") == LINES
    with logins.open(newline="") as file:
        named = [row["login"] for row in csv.DictReader(file)]
    assert sorted(named) == sorted(f"customer-{n}" for n in range(LINES))
    assert logins.stat().st_mode & 0o777 == 0o600


async def test_bad_lines_are_skipped_and_reported_and_no_password_is_printed(
    house: Path, tmp_path: Path
) -> None:
    listed, logins, errors = tmp_path / "list.csv", tmp_path / "logins.csv", tmp_path / "errors.csv"
    lines = [
        "login,product,quantity,since",
        "anna,Five,2,2019-03-31",
        "boris,Six,2,2019-03-31",
        "clara,Five,x,",
    ]
    listed.write_text("\n".join(lines))
    words = ("--product-map", "Five=softphone:5", "--errors", errors)

    dry = bring(house, listed, *words, "--dry-run")
    assert (dry.returncode, json.loads(dry.stdout)["licenses"]) == (1, 2)
    done = bring(house, listed, *words, "--logins-out", logins)
    told = json.loads(done.stdout)
    assert (done.returncode, told["bad_lines"], told["lines"], told["accounts_made"]) == (1, 2, 1, 1)
    with errors.open(newline="") as file:
        assert [(row["line"], row["column"]) for row in csv.DictReader(file)] == [
            ("3", "product"),
            ("4", "quantity"),
            ("4", "since"),
        ]
    [row] = csv.DictReader(logins.read_text().splitlines())
    assert row["login"] == "anna"
    assert row["password"] not in done.stdout + done.stderr
    assert await count(house, "license") == 3


def test_what_cannot_be_imported_says_why_in_a_line(house: Path, tmp_path: Path) -> None:
    listed, logins = tmp_path / "list.csv", tmp_path / "logins.csv"
    listed.write_text("")
    empty = bring(house, listed, "--logins-out", logins)
    assert (empty.returncode, empty.stdout) == (2, "")
    assert "empty" in empty.stderr
    assert bring(house, listed).returncode == 2
    assert bring(house, tmp_path / "nowhere.csv", "--dry-run").returncode == 2
    unknown = bring(house, listed, "--dry-run", "--product-map", "Five=hardphone:5")
    assert (unknown.returncode, "hardphone" in unknown.stderr) == (2, True)
    assert bring(house, listed, "--dry-run", "--product-map", "Five").returncode == 2
