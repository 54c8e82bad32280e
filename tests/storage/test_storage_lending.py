"""Connections: lent, refused where they would not keep what they promise, and errors told apart."""

import asyncio

import asyncpg
import pytest

from activation.storage.absence import DatabaseUnavailableError
from activation.storage.lending import RowRefusedError, is_ready, lend
from activation.storage.migrations.checking import newest_revision
from activation.storage.pool import NotDurableError, assert_durable, close_pool, open_pool, undurable


async def test_a_database_that_may_lose_commits_is_refused(connection):
    with pytest.raises(NotDurableError) as caught:
        await assert_durable(connection)
    for setting in ("fsync=off", "full_page_writes=off", "synchronous_commit=off"):
        assert setting in str(caught.value)


class Settings:
    """A connection to a server with these settings."""

    def __init__(self, **settings):
        self.rows = [{"name": name, "setting": value} for name, value in settings.items()]

    async def fetch(self, _sql, names):
        return [row for row in self.rows if row["name"] in names]


DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


@pytest.mark.parametrize("commit", ["on", "remote_write", "remote_apply"])
async def test_a_database_that_keeps_what_it_acknowledged_is_accepted(commit):
    await assert_durable(Settings(**DURABLE | {"synchronous_commit": commit}))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "off"),
        ("full_page_writes", "off"),
        ("synchronous_commit", "off"),
        ("synchronous_commit", "local"),
    ],
)
async def test_each_setting_that_loses_commits_is_named(setting, value):
    assert undurable(DURABLE | {setting: value}) == [f"{setting}={value}"]
    with pytest.raises(NotDurableError, match=rf"{setting}={value}: .*ACTIVATION_ALLOW_UNDURABLE"):
        await assert_durable(Settings(**DURABLE | {setting: value}))


async def test_connections_look_up_by_key_and_speak_utc(connection):
    for name, value in (("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("jit", "off")):
        assert await connection.fetchval(f"SHOW {name}") == value
    assert await connection.fetchval("SHOW timezone") == "UTC"


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.ConnectionDoesNotExistError("x"),
        asyncpg.CannotConnectNowError("x"),
        asyncpg.TooManyConnectionsError("x"),
        asyncpg.AdminShutdownError("x"),
        asyncpg.CrashShutdownError("x"),
        asyncpg.ReadOnlySQLTransactionError("x"),
        asyncpg.QueryCanceledError("x"),
        asyncpg.DeadlockDetectedError("x"),
        asyncpg.SerializationError("x"),
        asyncpg.DiskFullError("x"),
        asyncpg.InterfaceError("x"),
        ConnectionRefusedError("x"),
        TimeoutError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_error_of_the_database_is_no_answer(pool, error):
    with pytest.raises(DatabaseUnavailableError, match=rf"\b{type(error).__name__}\b"):
        async with lend(pool):
            raise error


async def test_a_refused_row_is_no_outage(pool):
    with pytest.raises(RowRefusedError, match=r"^installation_pkey$"):
        async with lend(pool) as connection:
            await connection.execute("INSERT INTO installation (demo) VALUES (false), (true)")


@pytest.mark.parametrize("error", [asyncpg.UndefinedTableError("x"), ValueError("x"), KeyError("x")])
async def test_an_error_of_the_program_stays_what_it_is(pool, error):
    with pytest.raises(type(error)):
        async with lend(pool):
            raise error


async def test_after_a_failover_the_old_connections_are_not_used_again(pool):
    async with lend(pool) as connection:
        before = await connection.fetchval("SELECT pg_backend_pid()")
    with pytest.raises(DatabaseUnavailableError, match="ReadOnly"):
        async with lend(pool) as connection, connection.transaction(readonly=True):
            await connection.execute("INSERT INTO installation (demo) VALUES (false)")
    async with lend(pool) as connection:
        assert await connection.fetchval("SELECT pg_backend_pid()") != before


async def test_a_connection_that_was_cut_is_no_answer_and_the_next_one_is_new(pool, connection):
    pids = []

    async def use_while_it_is_cut():
        async with lend(pool) as cut:
            pids.append(await cut.fetchval("SELECT pg_backend_pid()"))
            await connection.execute("SELECT pg_terminate_backend($1, 5000)", pids[0])
            await cut.fetchval("SELECT 1")

    with pytest.raises(DatabaseUnavailableError):
        await use_while_it_is_cut()
    async with lend(pool) as fresh:
        assert await fresh.fetchval("SELECT pg_backend_pid()") != pids[0]


async def test_a_closed_pool_is_no_answer(dsn):
    pool = await open_pool(dsn, 1)
    await close_pool(pool)
    with pytest.raises(DatabaseUnavailableError):
        async with lend(pool):
            pass


async def test_all_connections_lent_out_is_no_answer_in_time(dsn, monkeypatch):
    monkeypatch.setattr("activation.storage.lending.ACQUIRE_TIMEOUT_S", 0.05)
    pool = await open_pool(dsn, 1)
    async with lend(pool):
        with pytest.raises(DatabaseUnavailableError):
            async with lend(pool):
                pass
    await close_pool(pool)


async def test_closing_does_not_wait_for_ever_for_one_who_keeps_a_connection(dsn, monkeypatch):
    monkeypatch.setattr("activation.storage.pool.CLOSE_TIMEOUT_S", 0.05)
    pool = await open_pool(dsn, 1)
    async with pool.acquire() as connection:
        waiting = asyncio.create_task(connection.execute("SELECT pg_sleep(60)"))
        await asyncio.sleep(0.05)
        await asyncio.wait_for(close_pool(pool), 2)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await waiting


async def test_ready_is_answering_at_the_right_schema(pool, empty_dsn):
    assert await is_ready(pool, newest_revision()) == ""
    found = f"the database is at schema {newest_revision()}, not 9999"
    assert await is_ready(pool, "9999") == found
    empty = await open_pool(empty_dsn, 1)
    assert await is_ready(empty, newest_revision()) == "the database has no schema"
    await close_pool(empty)
    assert await is_ready(empty, newest_revision()) == "the database does not answer"
