"""P5: the pool as a ledger: entries continue one another, whatever runs at the same time."""

import asyncio

import pytest
from sample_pools import open_shop

from activation.licensing.reselling.pool import Lot, PoolKey, PoolShortError, PoolWhy, take_oldest
from activation.storage.lending import lend
from activation.storage.reselling.pool_ledger import (
    Balance,
    Taken,
    balances,
    enter,
    enter_taken,
    entries,
    lock_reseller,
    prove,
    read_lots,
)


@pytest.fixture
async def shop(office):
    return await open_shop(office)


@pytest.fixture
def key(shop):
    return PoolKey(shop.reseller_id, 1, 5)


async def take(connection, key, count):
    """Take licences out as an assignment does: the reseller's row first."""
    await lock_reseller(connection, key.reseller_id)
    lots = take_oldest(await read_lots(connection, key), count)
    await enter_taken(connection, key, [Taken(lot, PoolWhy.ASSIGNED, 9) for lot in lots], now=7)
    return lots


async def test_p5_entries_continue_one_another_and_the_balances_add_up(office, shop, key):
    order = await shop.stock(5)
    async with lend(office.desk.pool) as connection, connection.transaction():
        assert await enter(connection, key, -2, PoolWhy.ASSIGNED, now=7, purchase_id=order, account_id=9) == 3
        assert await enter(connection, key, 4, PoolWhy.PAID, now=8) == 7
        with pytest.raises(PoolShortError) as short:
            await enter(connection, key, -8, PoolWhy.FORFEITED, now=9)
        assert short.value.balance == 7
        assert await enter(connection, key, -7, PoolWhy.FORFEITED, now=9) == 0
        told = await entries(connection, key, 1, 2)
        assert [(one.seq, one.delta, one.balance, one.why) for one in told] == [
            (2, -2, 3, PoolWhy.ASSIGNED),
            (3, 4, 7, PoolWhy.PAID),
        ]
        assert (told[0].purchase_id, told[0].account_id, told[0].entered_at) == (order, 9, 7)
        assert await balances(connection, shop.reseller_id) == [Balance(key, 0, 9, 0, 2, 7)]
        assert await prove(connection) == []


async def test_p5_a_balance_that_does_not_add_up_is_found(office, shop, key):
    await shop.stock(5)
    await office.fetch(
        "INSERT INTO pool_entry (reseller_id, product_id, major, seq, delta, balance, why, entered_at)"
        " VALUES ($1, 1, 5, 2, -1, 5, 2, 1)",
        shop.reseller_id,
    )
    async with lend(office.desk.pool) as connection:
        broken = await prove(connection)
    assert [(one.key, one.seq, one.balance, one.expected) for one in broken] == [(key, 2, 5, 4)]


async def test_p5_entries_cannot_be_changed(office, shop):
    await shop.stock(5)
    with pytest.raises(Exception, match="only takes new rows"):
        await office.fetch("UPDATE pool_entry SET delta = 50, balance = 50")


async def test_p5_licences_leave_in_the_order_they_were_paid_in(office, shop, key):
    orders = [await shop.stock(count) for count in (3, 5, 1)]
    async with lend(office.desk.pool) as connection, connection.transaction():
        assert await take(connection, key, 2) == [Lot(orders[0], 2)]
        assert await take(connection, key, 3) == [
            Lot(orders[0], 1),
            Lot(orders[1], 2),
        ]
        assert await read_lots(connection, key) == [Lot(orders[1], 3), Lot(orders[2], 1)]
        with pytest.raises(PoolShortError):
            await take(connection, key, 5)
        assert [one.delta for one in await entries(connection, key, 3, 9)] == [-2, -1, -2]


async def test_p5_who_takes_at_the_same_time_waits_and_never_oversells(office, shop, key):
    await shop.stock(10)

    async def one():
        async with lend(office.desk.pool) as connection, connection.transaction():
            try:
                await take(connection, key, 1)
            except PoolShortError:
                return False
            return True

    taken = await asyncio.gather(*(one() for _ in range(40)))
    assert sum(taken) == 10
    async with lend(office.desk.pool) as connection:
        assert await prove(connection) == []
    assert await shop.balance() == 0
