"""The door: so many in, so many waiting, no more."""

import asyncio

import pytest

from activation.service.doors import CrowdedError, Door


async def test_one_after_the_other_and_no_more_than_may_wait():
    door, inside, most = Door(at_once=2, waiting=3), 0, 0
    leave = asyncio.Event()

    async def visit():
        nonlocal inside, most
        async with door.enter():
            inside += 1
            most = max(most, inside)
            await leave.wait()
            inside -= 1

    visits = [asyncio.create_task(visit()) for _ in range(5)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(CrowdedError):
        async with door.enter():
            pass
    leave.set()
    await asyncio.gather(*visits)
    assert most == 2


async def test_who_gives_up_waiting_leaves_the_place_to_others():
    door = Door(at_once=1, waiting=1)
    async with door.enter():
        waiting = asyncio.create_task(door.enter().__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with door.enter():
        pass
