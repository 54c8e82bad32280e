"""Allowances: the formula in SQL against a plain model of it, many at once, and forgetting."""

import asyncio
import random

import pytest

from activation.storage.allowances import Asked, Limit, forget_allowances, spend_allowances

both_versions = pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)
pytestmark = both_versions

SLOW = Limit("slow", burst=10, interval_s=60.0)
QUICK = Limit("quick", burst=300, interval_s=0.1)
STEADY = Limit("steady", burst=30, interval_s=3600.0)


class Model:
    """A bucket that leaks one every interval; who finds no room in it gets nothing and costs nothing."""

    def __init__(self, limit):
        self.limit, self.level_s = limit, 0.0

    def wait(self, seconds):
        self.level_s = max(0.0, self.level_s - seconds)

    def spend(self, asked):
        taken = 0
        room_s = (self.limit.burst - 1) * self.limit.interval_s
        while taken < asked and self.level_s <= room_s:
            self.level_s += self.limit.interval_s
            taken += 1
        return taken, max(0.0, self.level_s - room_s)


class Keys:
    """Some keys, and a clock that is moved instead of waited for."""

    def __init__(self, connection):
        self.connection, self.shift_s = connection, 0

    async def spend(self, key, limit, asked=1):
        [spent] = await spend_allowances(self.connection, [Asked(key, limit, asked)], self.shift_s)
        return spent

    async def taken(self, key, limit, times):
        return [(await self.spend(key, limit)).taken for _ in range(times)]


@pytest.fixture
def keys(connection):
    return Keys(connection)


async def test_ten_at_once_then_one_a_minute(keys):
    assert await keys.taken(b"k", SLOW, 12) == [1] * 10 + [0] * 2
    keys.shift_s += 20 * 60
    assert await keys.taken(b"k", SLOW, 11) == [1] * 10 + [0]
    for _ in range(5):
        keys.shift_s += 60
        assert await keys.taken(b"k", SLOW, 2) == [1, 0]


async def test_one_who_comes_back_when_told_is_in_time(keys):
    for _ in range(30):
        spent = await keys.spend(b"k", SLOW)
    assert spent.taken == 0
    assert 59 < spent.retry_after_s <= 60
    keys.shift_s += 58
    assert await keys.taken(b"k", SLOW, 1) == [0]
    keys.shift_s += 2
    assert await keys.taken(b"k", SLOW, 2) == [1, 0]


async def test_a_clock_that_goes_back_a_little_gives_nothing_for_it(keys):
    await keys.taken(b"k", SLOW, 10)
    keys.shift_s -= 50
    spent = await keys.spend(b"k", SLOW)
    assert spent.taken == 0
    assert spent.retry_after_s <= 60
    keys.shift_s += 60
    assert await keys.taken(b"k", SLOW, 2) == [1, 0]


async def test_a_clock_that_jumps_back_a_day_locks_nobody_out_for_it(keys):
    await keys.taken(b"k", SLOW, 10)
    keys.shift_s -= 86_400
    assert await keys.taken(b"k", SLOW, 11) == [1] * 10 + [0]
    keys.shift_s += 60
    assert await keys.taken(b"k", SLOW, 2) == [1, 0]


async def test_a_limit_that_was_made_smaller_holds_at_once(keys):
    await keys.taken(b"k", Limit("slow", 10, 60.0), 3)
    smaller = Limit("slow", 2, 60.0)
    assert await keys.taken(b"k", smaller, 1) == [0]
    keys.shift_s += 60
    assert await keys.taken(b"k", smaller, 2) == [1, 0]


@pytest.mark.parametrize("limit", [SLOW, Limit("a", 3, 60.0), Limit("b", 1, 60.0), Limit("c", 4, 7.5)])
async def test_the_formula_is_the_models(keys, limit):
    for seed in range(12):
        await compare_with_model(keys, b"seed %d" % seed, limit, random.Random(seed))


async def compare_with_model(keys, key, limit, chance):
    model, began_s = Model(limit), keys.shift_s
    for _ in range(40):
        seconds = chance.choice([0, 0, 0, 0.25, 0.5, 1, 2, 4, 20]) * limit.interval_s + 0.5
        model.wait(seconds)
        keys.shift_s += seconds
        asked = chance.choice([1, 1, 1, 2, 5, 40])
        spent = await keys.spend(key, limit, asked)
        taken, retry_after_s = model.spend(asked)
        assert spent.taken == taken
        assert spent.retry_after_s == pytest.approx(retry_after_s, abs=0.4)
    keys.shift_s = began_s


async def test_keys_count_apart_each_by_its_own_limit(connection):
    one = Limit("one", 1, 60.0)
    for n in range(3):
        spent = await spend_allowances(connection, [Asked(b"login", one), Asked(b"address", QUICK)])
        assert [each.taken for each in spent] == [int(n == 0), 1]


async def test_nothing_asked_takes_nothing(connection):
    assert await spend_allowances(connection, []) == []


async def test_of_a_hundred_at_once_exactly_the_burst_gets_in(pool):
    async def spend():
        async with pool.acquire() as connection:
            [spent] = await spend_allowances(connection, [Asked(b"k", STEADY)])
        return spent.taken

    assert sum(await asyncio.gather(*(spend() for _ in range(100)))) == STEADY.burst


async def test_many_keys_in_any_order_at_once_wait_for_nobody_for_ever(pool):
    """Each statement names all keys in an order of its own, while others forget: no deadlock, none lost."""
    keys = [b"%d" % n for n in range(200)]

    async def spend(seed):
        mixed = random.Random(seed).sample(keys, len(keys))
        async with pool.acquire() as connection:
            return sum(
                spent.taken for spent in await spend_allowances(connection, [Asked(k, STEADY) for k in mixed])
            )

    async def forget():
        async with pool.acquire() as connection:
            return await forget_allowances(connection, 1000)

    done = await asyncio.gather(*(spend(n) if n % 4 else forget() for n in range(80)))
    assert sum(done) == len(keys) * STEADY.burst


async def test_what_is_empty_is_forgotten_and_nothing_else(keys, connection):
    await keys.spend(b"old", SLOW)
    keys.shift_s = 59
    await keys.taken(b"new", SLOW, 10)
    assert await forget_allowances(connection, 10, 59) == 0
    assert await forget_allowances(connection, 10, 61) == 1
    assert await keys.taken(b"new", SLOW, 1) == [0]
    for n in range(5):
        await keys.spend(b"%d" % n, SLOW)
    assert [await forget_allowances(connection, 4, 100_000) for _ in range(3)] == [4, 2, 0]
