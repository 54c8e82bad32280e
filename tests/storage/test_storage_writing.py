"""The batch's read and its guarded write: what the rules left in memory is what is read afterwards."""

import asyncio
import copy
import random
from dataclasses import asdict

import asyncpg
import pytest
from licensing.sample_holdings import FRIDAY, SHARD, device, granted
from storage.sample_accounts import (
    PEPPER,
    add_holding,
    ask_for,
    event_of,
    new_id,
    read,
    sorted_by_slot,
    write,
    write_of,
)

from activation.licensing.attempts import By
from activation.licensing.identifiers import make_id
from activation.licensing.model import AccountState, Ended
from activation.licensing.verdicts import Granted
from activation.storage.reading import Ask, lock_holdings, read_holdings
from activation.storage.writing import find_events, write_changes

both_versions = pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)
pytestmark = both_versions


async def check_round_trip(connection, account_id, scene, *verdicts):
    """Write what a scene decided and compare what is read with what it holds."""
    before = scene.holding.version
    assert await write(connection, scene, *verdicts)
    again = await read(connection, account_id)
    assert again.holding.version == before + 1
    expected = copy.deepcopy(scene.holding)
    expected.version += 1
    assert asdict(sorted_by_slot(again.holding)) == asdict(sorted_by_slot(expected))
    return again


async def test_a_bind_is_read_back(connection):
    account_id = await add_holding(connection, 2)
    scene = await read(connection, account_id)
    verdict = granted(scene.activate("laptop"))
    verdict.activation.device_key = b"k" * 32
    await check_round_trip(connection, account_id, scene, verdict)
    name = await connection.fetchrow("SELECT * FROM personal")
    assert (name["subject"], name["shard"], name["field"], name["value"]) == (
        verdict.activation.activation_id,
        SHARD,
        6,
        "the laptop",
    )
    event = await connection.fetchrow("SELECT * FROM event")
    assert (event["about"], event["activation_id"], event["rule"], event["trace_id"], event["details"]) == (
        verdict.license.license_id,
        verdict.activation.activation_id,
        "L1",
        "7kq2-m4xd",
        '{"drifted": ["mac"]}',
    )


async def test_an_end_and_its_mark_are_read_back(connection):
    account_id = await add_holding(connection)
    scene = await read(connection, account_id)
    scene = await check_round_trip(connection, account_id, scene, granted(scene.activate("laptop")))
    scene = await check_round_trip(connection, account_id, scene, granted(scene.reset(scene.licenses[0])))
    assert scene.licenses[0].last.ended_why is Ended.RESET
    assert scene.licenses[0].self_reset_at == FRIDAY
    scene = await check_round_trip(connection, account_id, scene, granted(scene.activate("desktop")))
    assert scene.licenses[0].moves == 1


async def test_a_staff_reset_keeps_who_and_why(connection):
    account_id = await add_holding(connection)
    scene = await read(connection, account_id)
    first = granted(scene.activate("laptop"))
    await write(connection, scene, first)
    scene = await read(connection, account_id)
    await check_round_trip(connection, account_id, scene, granted(scene.reset_by_staff(scene.licenses[0])))
    (row,) = await connection.fetch("SELECT * FROM reset")
    assert (row["activation_id"], row["license_id"], row["reset_at"], row["staff_id"], row["why"]) == (
        first.activation.activation_id,
        first.license.license_id,
        FRIDAY,
        77,
        Ended.AGENT_RESET,
    )
    assert (row["reason"], row["note"]) == ("device_lost", "lost on a train")


async def test_a_device_enrolled_anew_is_read_back(connection):
    account_id = await add_holding(connection)
    scene = await read(connection, account_id)
    scene = await check_round_trip(connection, account_id, scene, granted(scene.activate("laptop")))
    changed = granted(scene.activate("", digests=device("laptop", hdd_serial="new disk")), "L2")
    scene = await check_round_trip(connection, account_id, scene, changed)
    (activation,) = scene.licenses[0].current
    assert activation.enrolment.drifts == (("hdd_serial", FRIDAY),)


async def test_a_move_takes_the_slot_that_it_frees(connection):
    account_id = await add_holding(connection)
    scene = await read(connection, account_id)
    scene = await check_round_trip(connection, account_id, scene, granted(scene.activate("old")))
    await check_round_trip(connection, account_id, scene, granted(scene.activate("new", move=True), "R7"))
    assert await connection.fetchval("SELECT count(*) FROM activation WHERE ended_at IS NULL") == 1


async def test_a_device_that_comes_and_goes_within_one_batch(connection):
    account_id = await add_holding(connection)
    scene = await read(connection, account_id)
    first = granted(scene.activate("laptop"))
    gone = granted(scene.release(first, "laptop"))
    second = granted(scene.activate("desktop"))
    scene = await check_round_trip(connection, account_id, scene, first, gone, second)
    (current,) = scene.licenses[0].current
    assert current.activation_id == second.activation.activation_id
    assert await connection.fetchval("SELECT count(*) FROM event") == 3


def attempt_anything(chance, scene, past):
    """Let any device or person ask for anything."""
    held, name = chance.choice(scene.licenses), chance.choice("abcde")
    parts = device(name, mac=chance.choice(["1", "2"])) if chance.random() < 0.2 else device(name)
    match chance.randrange(5):
        case 0:
            return scene.activate(name, digests=parts, move=True, named=held)
        case 1:
            return scene.reset(held)
        case 2:
            return scene.reset_by_staff(held)
        case 3 if past:
            return scene.release(chance.choice(past), name)
    return scene.activate(name, digests=parts)


@pytest.mark.parametrize("seed", range(4))
async def test_any_sequence_in_batches_of_any_size(connection, seed):
    chance = random.Random(seed)
    account_id = await add_holding(connection, chance.randint(1, 4), device_limit=chance.choice([1, 1, 3]))
    verdicts, past = [], []
    scene = await read(connection, account_id)
    for _ in range(80):
        scene.now += chance.choice([0, 60, 86400, 8 * 86400])
        verdict = attempt_anything(chance, scene, past)
        if not isinstance(verdict, Granted) or not verdict.changes:
            continue
        verdicts.append(verdict)
        past.append(verdict)
        if chance.random() < 0.5:
            now = scene.now
            scene = await check_round_trip(connection, account_id, scene, *verdicts)
            scene.now, verdicts = now, []


async def test_the_second_writer_of_a_version_writes_nothing(connection):
    account_id = await add_holding(connection, 2)
    one, other = await read(connection, account_id), await read(connection, account_id)
    assert await write(connection, one, granted(one.activate("a")))
    late = granted(other.activate("b"))
    tables = ("activation", "event", "personal", "reset", "holding", "license")
    before = [await connection.fetch(f"SELECT * FROM {table}") for table in tables]
    assert not await write(connection, other, late)
    assert [await connection.fetch(f"SELECT * FROM {table}") for table in tables] == before


async def test_one_stale_holding_in_a_batch_leaves_the_others_written(connection):
    ids = [await add_holding(connection, 1, account) for account in (1, 2, 3)]
    scenes = [await read(connection, account_id) for account_id in ids]
    interloper = await read(connection, ids[1])
    assert await write(connection, interloper, granted(interloper.activate("first")))
    writes = [write_of(scene.holding, granted(scene.activate("late"))) for scene in scenes]
    assert await write_changes(connection, writes, PEPPER) == [True, False, True]
    current = [len((await read(connection, account_id)).licenses[0].current) for account_id in ids]
    assert current == [1, 1, 1]
    assert await connection.fetchval("SELECT count(*) FROM event") == 3


async def test_of_two_writers_at_once_one_writes(pool):
    async with pool.acquire() as one, pool.acquire() as other:
        account_id = await add_holding(one, 1)
        for _ in range(10):
            scenes = [await read(each, account_id) for each in (one, other)]
            verdicts = [granted(scene.activate("ab"[n], move=True)) for n, scene in enumerate(scenes)]
            pairs = zip((one, other), scenes, verdicts, strict=True)
            assert sorted(await asyncio.gather(*[write(*each) for each in pairs])) == [False, True]
            await one.execute("UPDATE license SET self_reset_at = NULL")


async def test_a_row_that_the_unique_index_refuses_takes_the_whole_batch_back(connection):
    ids = [await add_holding(connection, 1, account) for account in (1, 2)]
    scenes = [await read(connection, account_id) for account_id in ids]
    writes = [write_of(scene.holding, granted(scene.activate("late"))) for scene in scenes]
    await connection.execute(
        "INSERT INTO activation (activation_id, license_id, activated_at, shard, slot, pepper, enrolment)"
        " VALUES ($1, $2, 1, $3, 0, 1, $4)",
        make_id(SHARD, 1),
        scenes[1].licenses[0].license_id,
        SHARD,
        b"\x01\x0astandard/1\x00\x00",
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        await write_changes(connection, writes, PEPPER)
    assert await connection.fetchval("SELECT count(*) FROM activation") == 1
    assert await connection.fetchval("SELECT sum(version) FROM holding") == 0
    assert await connection.fetchval("SELECT count(*) FROM event") == 0


async def test_events_tell_which_writes_were_made(connection):
    account_id = await add_holding(connection)
    scene = await read(connection, account_id)
    verdict = granted(scene.activate("laptop"))
    planned = write_of(scene.holding, verdict)
    never = event_of(verdict)
    assert await find_events(connection, [*planned.events, never]) == [False, False]
    assert await write_changes(connection, [planned], PEPPER) == [True]
    assert await find_events(connection, [never, *planned.events, never]) == [False, True, False]
    assert await write_changes(connection, [], PEPPER) == []


async def test_read_answers_each_ask_in_its_place(connection):
    ids = [await add_holding(connection, 2, account) for account in (1, 2)]
    empty = await add_holding(connection, 0, 3)
    license_id = make_id(SHARD, 2001)
    asks = [
        Ask(license_id=license_id),
        ask_for(ids[0]),
        ask_for(make_id(SHARD, 99)),
        Ask(license_id=make_id(SHARD, 9999)),
        ask_for(empty),
        ask_for(ids[1]),
        ask_for(ids[0], major=6),
        Ask(ids[0], 2),
        Ask(ids[0], -1),
        Ask(),
    ]
    facts = await read_holdings(connection, asks)
    by_license, first, nobody, no_license, none, second, again, other, no_product, nothing = facts.holdings
    assert by_license is second
    assert first is again
    assert sorted(second.licenses) == [license_id, license_id + 1]
    assert (nobody, no_license, nothing) == (None, None, None)
    assert (none.count, none.licenses, none.version) == (0, {}, 0)
    assert (other.count, other.licenses) == (0, {})
    assert (no_product.count, no_product.licenses) == (0, {})
    clock = await connection.fetchval("SELECT date_part('epoch', clock_timestamp())")
    assert clock - 10 < facts.now <= clock


async def test_read_of_nothing_still_tells_the_time(connection):
    facts = await read_holdings(connection, [])
    assert facts.holdings == []
    assert facts.now > FRIDAY - 10 * 365 * 86400


async def test_read_tells_the_accounts_standing(connection):
    account_id = await add_holding(connection)
    await connection.execute("UPDATE account SET state = 1, owner_hash = '\\x01', activation_hash = '\\x02'")
    account = (await read(connection, account_id)).holding.account
    assert (account.state, account.owner_hash, account.activation_hash) == (
        AccountState.CLOSED,
        b"\x01",
        b"\x02",
    )


async def test_a_lock_makes_the_next_writer_wait(pool):
    async with pool.acquire() as one, pool.acquire() as other:
        account_id = await add_holding(one)
        license_id = make_id(SHARD, 1001)
        for ask in (ask_for(account_id), Ask(license_id=license_id)):
            scene = await read(other, account_id)
            verdict = granted(scene.activate("laptop", by=By.OWNER))
            async with one.transaction():
                await lock_holdings(one, [ask, ask, ask_for(new_id())])
                waiting = asyncio.create_task(write(other, scene, verdict))
                done, _ = await asyncio.wait([waiting], timeout=0.15)
                assert not done
            assert await waiting
            scene = await read(other, account_id)
            await write(other, scene, granted(scene.reset_by_staff(scene.licenses[0])))
