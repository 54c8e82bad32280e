"""The short form of hot_keys.py: the bounds only tell one statement for all from one for each."""

from hot_keys import time_requests, time_statement


async def test_many_keys_cost_little_in_one_statement(pool):
    assert await time_statement(pool, 2000, 3) < 500


async def test_many_who_ask_at_once_cost_little(pool):
    assert await time_requests(pool, 500, 2000) < 1000
