"""`activation licenses seed` on a real PostgreSQL, and its logins at the real server."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from activation.licensing.identifiers import account_of_login, shard_of
from crypto.errors import CertificateError
from loadtest.driver import collect
from loadtest.feeds import write_feed
from loadtest.loading import Driver, LoadError
from loadtest.postgres import assert_durable, count_activations
from loadtest.proving import prove, read_answer
from loadtest.requests import activation_request, renewal_request
from loadtest.seeded import Seeded
from loadtest.server import Server, run_server

ACCOUNTS = 300
SEATS = 17  # one more than a small holding has


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server(ACCOUNTS, workers=1) as running:
        yield running


def ask(server: Server, query: str, *arguments: object) -> list[Any]:
    async def run() -> list[Any]:
        connection = await asyncpg.connect(server.postgres.dsn())
        try:
            return [tuple(row) for row in await connection.fetch(query, *arguments)]
        finally:
            await connection.close()

    return asyncio.run(run())


def activation(server: Server, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "ACTIVATION_DATA_DIR": str(server.data_dir)}
    program = [sys.executable, "-c", "from activation.cli import main; main()"]
    return subprocess.run(
        [*program, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_the_rows_are_those_of_accounts(server: Server) -> None:
    login = server.seeded.login(42)
    account_id = account_of_login(login)
    shard = shard_of(account_id)
    for table in ("account", "personal", "holding", "license"):
        assert ask(server, f"SELECT count(*) FROM {table}") == [(ACCOUNTS,)]
    assert ask(
        server, "SELECT shard, state, activation_hash FROM account WHERE account_id = $1", account_id
    ) == [(shard, 0, None)]
    assert ask(server, "SELECT shard, field, value FROM personal WHERE subject = $1", account_id) == [
        (shard, 1, login)
    ]
    assert ask(server, "SELECT shard, licenses, version FROM holding WHERE account_id = $1", account_id) == [
        (shard, 1, 0)
    ]
    held = ask(
        server,
        "SELECT shard, license_id, major, kind, state, large, taken FROM license WHERE account_id = $1",
        account_id,
    )
    assert [(row[0], *row[2:]) for row in held] == [(shard, 5, 0, 0, False, False)]
    assert shard_of(held[0][1]) == shard
    assert ask(server, "SELECT reltuples::integer FROM pg_class WHERE relname = 'license'") == [(ACCOUNTS,)]


def test_its_logins_and_passwords_activate(server: Server) -> None:
    seeded = server.seeded
    answers = asyncio.run(collect(server.port, [activation_request(seeded, n) for n in range(20)]))
    read = [read_answer(status, body, 201) for status, body in answers]
    assert len({one.license_id for one in read}) == 20
    for one in read:
        prove(one, server.roots, seeded.product)
    with pytest.raises(CertificateError):
        prove(read[0], [bytes(32)], seeded.product)
    renewed = asyncio.run(collect(server.port, [renewal_request(0, read[0].certificate)]))
    assert read_answer(*renewed[0], 200).activation_id == read[0].activation_id
    other = Seeded(seeded.run, "00" * 32, seeded.product, seeded.major, ACCOUNTS, 1)
    refused = asyncio.run(collect(server.port, [activation_request(other, 30)]))
    assert refused[0][0] == 401


@pytest.mark.parametrize("wrk", [Driver(8).wrk, None], ids=["wrk", "own"])
def test_every_answer_of_a_load_is_stored(server: Server, tmp_path: Path, wrk: str | None) -> None:
    numbers = range(100, 150) if wrk else range(150, 200)
    before = asyncio.run(count_activations(server.postgres.dsn()))
    feed = write_feed(tmp_path, "f", (activation_request(server.seeded, n) for n in numbers), 2)
    load = Driver(8, wrk).load(server.port, feed, 2, 201)
    after = asyncio.run(count_activations(server.postgres.dsn()))
    assert load.issued == (25, 25)
    assert after.activations - before.activations == after.told - before.told == 50
    assert after.one_device_each


@pytest.mark.parametrize("wrk", [Driver(8).wrk, None], ids=["wrk", "own"])
def test_a_refused_request_spoils_a_load(server: Server, tmp_path: Path, wrk: str | None) -> None:
    stranger = Seeded("nobody", "00" * 32, server.seeded.product, 5, ACCOUNTS, 1)
    feed = write_feed(tmp_path, "f", [activation_request(stranger, n) for n in range(10)], 2)
    with pytest.raises(LoadError):
        Driver(2, wrk).load(server.port, feed, 1, 201)


def test_large_holdings_find_their_free_seats(server: Server) -> None:
    done = activation(
        server,
        "licenses",
        "seed",
        "--product",
        "softphone",
        "--major",
        "5",
        "--accounts",
        "3",
        "--seats-each",
        str(SEATS),
        "--json",
    )
    made = Seeded(**json.loads(done.stdout))
    account_id = account_of_login(made.login(2))
    held = ask(server, "SELECT count(*), bool_and(large) FROM license WHERE account_id = $1", account_id)
    assert held == [(SEATS, True)]
    answers = asyncio.run(collect(server.port, [activation_request(made, 2)]))
    assert answers[0][0] == 201


def test_a_database_with_other_data_is_refused(server: Server) -> None:
    ask(server, "UPDATE installation SET demo = false")
    try:
        done = activation(server, "licenses", "seed", "--product", "x", "--major", "5", "--accounts", "1")
        assert done.returncode == 2
        assert "holds data of its own" in done.stderr
        assert ask(server, "SELECT count(*) FROM product") == [(1,)]
    finally:
        ask(server, "UPDATE installation SET demo = true")


def test_the_file_with_the_secret_is_private(server: Server) -> None:
    file = server.data_dir / "seeded.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert repr(server.seeded).find(server.seeded.secret) == -1


def test_durability_is_looked_at(server: Server) -> None:
    assert int(asyncio.run(assert_durable(server.postgres.dsn())).split(".")[0]) >= 15
    assert server.worker_pids() or not Path("/proc").exists()


def test_ten_thousand_accounts_take_seconds(server: Server, tmp_path: Path) -> None:
    began = time.monotonic()
    out = tmp_path / "seed.json"
    done = activation(
        server,
        "licenses",
        "seed",
        "--product",
        "softphone",
        "--major",
        "5",
        "--accounts",
        "10000",
        "--out",
        str(out),
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 20
    assert json.loads(out.read_text())["secret"] not in done.stdout
