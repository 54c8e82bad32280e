"""Failed credentials: the formula in SQL against a plain model of it."""

import random

import pytest

from activation.storage.failures import Limit, count_failures

both_versions = pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)
pytestmark = both_versions

SLOW = Limit(burst=10, interval_s=60.0)
QUICK = Limit(burst=300, interval_s=0.1)


class Model:
    """A bucket that leaks one failure every interval; a failure that finds no room in it is past the limit.

    It never holds more than the burst, so that nobody is locked out for good.
    """

    def __init__(self, limit):
        self.limit, self.level_s = limit, 0.0

    def wait(self, seconds):
        self.level_s = max(0.0, self.level_s - seconds)

    def count(self):
        room = self.limit.burst_s - self.limit.interval_s
        over = self.level_s > room
        filled = self.level_s + self.limit.interval_s
        self.level_s = min(filled, self.limit.burst_s)
        return over, max(0.0, self.level_s - room)


async def let_pass(connection, seconds):
    await connection.execute("UPDATE failed_credential SET empty_at = empty_at - $1::float8", float(seconds))


async def count(connection, key, limit):
    failure = (await count_failures(connection, [(key, limit)]))[key]
    return failure.over, failure.retry_after_s


async def test_ten_at_once_then_one_a_minute(connection):
    assert [(await count(connection, b"k", SLOW))[0] for _ in range(12)] == [False] * 10 + [True] * 2
    await let_pass(connection, 20 * 60)
    assert [(await count(connection, b"k", SLOW))[0] for _ in range(11)] == [False] * 10 + [True]
    await let_pass(connection, 10 * 60)
    for _ in range(5):
        await let_pass(connection, 60)
        assert not (await count(connection, b"k", SLOW))[0]


async def test_one_who_comes_back_when_told_is_in_time(connection):
    for _ in range(30):
        over, retry_after_s = await count(connection, b"k", SLOW)
    assert over
    assert 59 < retry_after_s <= 60
    await let_pass(connection, retry_after_s - 1)
    assert (await count(connection, b"other", SLOW))[0] is False
    assert (await count(connection, b"k", SLOW))[0] is True
    await let_pass(connection, 61)
    assert (await count(connection, b"k", SLOW))[0] is False


async def test_nobody_is_locked_out_for_good(connection):
    for _ in range(200):
        await count(connection, b"k", SLOW)
    await let_pass(connection, 10 * 60)
    assert [(await count(connection, b"k", SLOW))[0] for _ in range(10)] == [False] * 10


@pytest.mark.parametrize("limit", [SLOW, Limit(3, 60.0), Limit(1, 60.0), Limit(4, 7.5)])
async def test_the_formula_is_the_models(connection, limit):
    for seed in range(12):
        await compare_with_model(connection, b"seed %d" % seed, limit, random.Random(seed))


async def compare_with_model(connection, key, limit, chance):
    model = Model(limit)
    for _ in range(40):
        seconds = chance.choice([0, 0, 0, 0.25, 0.5, 1, 2, 4, 20]) * limit.interval_s + 0.5
        model.wait(seconds)
        await let_pass(connection, seconds)
        over, retry_after_s = await count(connection, key, limit)
        expected_over, expected_retry_after_s = model.count()
        assert over == expected_over
        assert retry_after_s == pytest.approx(expected_retry_after_s, abs=0.4)


async def test_keys_count_apart_each_by_its_own_limit(connection):
    one = Limit(1, 60.0)
    for n in range(3):
        failures = await count_failures(connection, [(b"login", one), (b"address", QUICK)])
        assert failures[b"login"].over == (n > 0)
        assert not failures[b"address"].over
    assert set(failures) == {b"login", b"address"}


async def test_no_failures_count_nothing(connection):
    assert await count_failures(connection, []) == {}
