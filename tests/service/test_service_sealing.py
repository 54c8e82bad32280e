"""Sealing: what is complete is sealed, once, nothing too early, nothing left out."""

import asyncio
import random

import asyncpg
import pytest
from sample_audit import make_event, seal_all, write

from activation.app import open_desk
from activation.licensing.verdicts import Refusal, Refused
from activation.service.auditing.adopting import Adopted, adopt_database
from activation.service.auditing.checking import check_log
from activation.service.auditing.sealing import Pace, measure_seals, seal_events
from activation.service.measures import UNSEALED_S
from activation.service.working import act_as_system
from activation.storage.auditing.seals import summarise_events
from activation.storage.events import add_events
from activation.storage.statements import statement

both = pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)


async def seal(office, **pace) -> int:
    done = await seal_events(office.desk, Pace(**pace), asyncio.Event())
    assert not isinstance(done, Refused), done
    return done


@both
async def test_all_that_is_complete_is_sealed_once(office):
    for count in (1, 7, 300):
        await write(office, count)
    assert await seal(office) == 308
    assert await seal(office) == 0
    await write(office, 5)
    assert await seal(office) == 5
    found = await check_log(office.desk)
    assert found.holds, found.problems
    assert (found.seals, found.events, found.unsealed) == (2, 313, 0)


async def test_seals_end_at_whole_transactions(office):
    for count in (4, 4, 30, 4, 4, 4):
        await write(office, count)
    assert await seal(office, most_events=6, width=2) == 50
    rows = await office.fetch("SELECT events FROM seal ORDER BY number")
    assert [row[0] for row in rows] == [8, 30, 4, 4, 4]


@both
async def test_nothing_is_sealed_while_an_older_transaction_is_under_way(office):
    async with office.desk.pool.acquire() as slow:
        long = slow.transaction()
        await long.start()
        await add_events(slow, [make_event(office, 1)])
        await write(office, 3)  # begun later, committed before
        assert await seal(office) == 0
        await add_events(slow, [make_event(office, 2)])
        await long.commit()
    assert await seal(office) == 5


@both
async def test_writers_of_all_lengths_and_a_sealer_at_once_leave_nothing_out(office, dsn):
    chance, stop = random.Random(5), asyncio.Event()
    written = 0

    async def work() -> None:
        nonlocal written
        connection = await asyncpg.connect(dsn)
        for _ in range(25):
            transaction = connection.transaction()
            await transaction.start()
            count = chance.randint(1, 4)
            for n in range(count):
                await add_events(connection, [make_event(office, n)])
                await asyncio.sleep(chance.choice([0, 0, 0.001, 0.02]))
            if chance.random() < 0.2:
                await transaction.rollback()
            else:
                await transaction.commit()
                written += count
        await connection.close()

    async def keep_sealing() -> int:
        sealed, pace = 0, Pace(width=8, most_events=10)
        while not stop.is_set():
            sealed += await seal_events(office.desk, pace, stop)
            await asyncio.sleep(0)
        return sealed

    sealing = asyncio.create_task(keep_sealing())
    await asyncio.gather(*(work() for _ in range(6)))
    stop.set()
    sealed = await sealing + await seal(office)
    assert sealed == written > 0
    found = await check_log(office.desk)
    assert found.holds, found.problems
    assert found.seals > 5


async def test_one_process_seals_at_a_time(office):
    await write(office, 2)
    async with office.desk.pool.acquire() as other, other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock($1)", 0x5EA1)
        refused = await seal_events(office.desk, Pace(), asyncio.Event())
        assert isinstance(refused, Refused)
        assert refused.code is Refusal.OVERLOADED
    assert await seal(office) == 2


async def test_a_last_seal_that_was_destroyed_stops_sealing_and_is_told(office):
    await write(office, 2)
    assert await seal(office) == 2
    await office.fetch("ALTER TABLE seal DISABLE TRIGGER USER")
    await office.fetch("UPDATE seal SET signed = 'nothing', sealed_at = sealed_at - 7200")
    await write(office, 3)
    refused = await seal_events(office.desk, Pace(), asyncio.Event())
    assert isinstance(refused, Refused)
    assert "activation audit verify" in refused.detail
    await measure_seals(office.desk)
    assert UNSEALED_S._value.get() >= 7200
    assert isinstance(await act_as_system(office.desk, adopt_database), Refused)
    assert not (await check_log(office.desk)).holds


@both
async def test_a_range_of_many_events_is_found_by_the_index(office):
    async with office.desk.pool.acquire() as connection:
        for _ in range(20):
            await connection.execute(
                "INSERT INTO event (about, event_id, shard, kind, actor, rule, trace_id) SELECT hashint8(n),"
                " nextval('pg_temp.n'), 0, 1, 1, 'L2', '7kq2-m4xd' FROM generate_series(1, 1000) n"
                if _
                else "CREATE TEMP SEQUENCE n"
            )
        assert await summarise_events(connection, 0) > 0
        last = await connection.fetchval("SELECT max(xid) FROM event")
        read = statement("hash_events").replace("$1", str(last)).replace("$2", str(last + 1))
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN (ANALYZE) {read}")]
        pages = await connection.fetchval("SELECT pg_relation_size('event') / 8192")
    assert "event_by_xid" in "\n".join(plan)
    [pages_read] = [int(line.rpartition("lossy=")[2]) for line in plan if "lossy=" in line]
    assert pages_read <= 64 < pages


async def copy_log(source, target) -> None:
    """Do as a dump does that is restored elsewhere."""
    for table in ("event", "event_address", "seal"):
        rows = await source.fetch(f"SELECT * FROM {table}")
        async with target.desk.pool.acquire() as connection:
            await connection.copy_records_to_table(
                table, records=[tuple(row) for row in rows], columns=list(rows[0].keys())
            )


BURN = (
    "DO $$ BEGIN CREATE TEMP TABLE burnt (n int); FOR n IN 1..20000 LOOP"
    " BEGIN INSERT INTO burnt VALUES (n); EXCEPTION WHEN unique_violation THEN NULL; END;"
    " END LOOP; DROP TABLE burnt; END $$"
)


async def test_a_log_that_was_restored_elsewhere_is_told_and_adopted(office, start_server, settings):
    older = start_server("15")
    dsn = await older.create("migrated")
    try:
        async with open_desk(settings, dsn) as desk:
            await office.fetch(BURN)  # so that its transactions are ahead of the other's
            for count in (3, 4):
                await write(office, count)
            assert await seal_all(office) == 7
            await write(office, 2)
            restored = type(office)(desk, settings, office.keys, office.ids)
            await copy_log(office, restored)
            refused = await seal_events(desk, Pace(), asyncio.Event())
            assert isinstance(refused, Refused)
            assert "activation audit adopt" in refused.detail
            await write(restored, 5)  # nobody noticed at first
            told = await check_log(desk)
            assert any("activation audit adopt" in one.what for one in told.problems)
            desk.clock.shift_s += 3600
            await measure_seals(desk)
            assert UNSEALED_S._value.get() >= 3600
            desk.clock.shift_s = 0
            adopted = await act_as_system(desk, adopt_database)
            assert isinstance(adopted, Adopted)
            assert (adopted.moved, adopted.seal.events) == (5, 7)
            await write(restored, 6)
            assert await seal_all(restored) == 7  # one tells of the adoption
            found = await check_log(desk)
            assert found.holds, found.problems
            assert found.notes == ["With seal 2 another database was adopted."]
            assert found.events == 7 + 2 + 5 + 1 + 6
            again = await act_as_system(desk, adopt_database)
            assert isinstance(again, Refused)
    finally:
        await older.drop(dsn)
