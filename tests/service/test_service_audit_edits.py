"""I5: whatever somebody with the database changes in the sealed log is found."""

import os

import pytest
from sample_audit import let_in, seal_all, write

from activation.service.auditing.verifying import verify_log

EDITS = int(os.environ.get("AUDIT_EDITS", "1000"))


@pytest.fixture
async def sealed(office):
    """Thirty events in eight transactions under four seals, two events that wait."""
    for count in (3, 5, 1, 6, 4, 2, 5, 4):
        await write(office, count)
        if count > 3:
            await seal_all(office)
    assert await seal_all(office) == 0
    await write(office, 2)
    return office


async def edit_and_verify(office, edits: int) -> list[str]:
    """Make so many edits, each of the log as it was; return those that were not found."""
    missed = []
    async with office.desk.pool.acquire() as connection:
        intruder = await let_in(office, connection, seed=edits)
        await intruder.disarm()
        for n in range(edits):
            transaction = connection.transaction()
            await transaction.start()
            await intruder.chance.choice(intruder.ways())()
            found = await verify_log(connection, intruder.trust, intruder.checkpoints)
            await transaction.rollback()
            if found.holds:
                missed.append(f"{n}: {intruder.done}")
        found = await verify_log_now(connection, intruder)
    assert found.holds, found.problems
    return missed


async def verify_log_now(connection, intruder):
    async with connection.transaction(readonly=True):
        return await verify_log(connection, intruder.trust, intruder.checkpoints)


async def test_i5_a_thousand_edits_are_all_found(sealed):
    assert await edit_and_verify(sealed, EDITS) == []


@pytest.mark.parametrize("postgres_version", ["15"], indirect=True)
async def test_i5_edits_are_found_on_the_older_postgresql_too(sealed):
    assert await edit_and_verify(sealed, EDITS // 20) == []
