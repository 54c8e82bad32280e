"""What runs beside the requests goes on, whatever went wrong in it once."""

import asyncio

import pytest

from activation.service.going_on import go_on
from activation.service.identity import token_uses
from activation.service.identity.token_uses import TokenUses


async def test_a_loop_that_fails_begins_again_until_it_is_cancelled():
    times, thrice = [], asyncio.Event()

    async def run():
        times.append(1)
        if len(times) == 3:
            thrice.set()
            await asyncio.Event().wait()
        raise ValueError("something nobody thought of")

    running = asyncio.create_task(go_on(run, "test", pause_s=0))
    await asyncio.wait_for(thrice.wait(), 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_use_that_the_database_will_never_take_does_not_keep_others_waiting(office, monkeypatch):
    monkeypatch.setattr(token_uses, "FLUSH_S", 0.01)
    [[token_id]] = await _token_of(office)
    uses, pool = TokenUses(), office.desk.pool
    uses.note(2**80, None, 1_800_000_000)
    running = asyncio.create_task(go_on(lambda: uses.run(pool), "test", pause_s=0))
    async with asyncio.timeout(5):
        while uses._waiting:
            await asyncio.sleep(0.01)
    uses.note(token_id, None, 1_800_000_000)
    async with asyncio.timeout(5):
        while not await office.fetch("SELECT 1 FROM staff_token WHERE last_used_at = 1800000000"):
            await asyncio.sleep(0.01)
    running.cancel()


async def _token_of(office):
    await office.staff("support")
    return await office.fetch("SELECT token_id FROM staff_token")
