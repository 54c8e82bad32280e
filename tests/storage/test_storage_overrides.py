"""Resets by staff from before there were bounds count, and can be undone like any other."""

from pathlib import Path

import asyncpg
from licensing.sample_holdings import SHARD

from activation.licensing.identifiers import make_id
from activation.licensing.overriding import OverrideState, Tally
from activation.storage import migrations
from activation.storage.licenses.overrides import count_resets, freed_by, lock_override

VERSIONS = Path(migrations.__file__).parent / "versions"
LICENSE, RESET, AGENT, NOW = make_id(SHARD, 1), make_id(SHARD, 2), 77, 1_800_000_000
ROW = (
    "INSERT INTO reset (reset_id, activation_id, license_id, reset_at, staff_id, shard, why, reason, note)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, 'other', 'why')"
)


async def test_r5_resets_from_before_the_bounds_count(empty_dsn):
    connection = await asyncpg.connect(empty_dsn)
    try:
        await connection.execute((VERSIONS / "0001_first.sql").read_text())
        await connection.execute(
            "INSERT INTO staff (staff_id, login, role, password_hash, totp_box, created_at)"
            " VALUES ($1, 'sara', 'support', '', '', 1)",
            AGENT,
        )
        for activation_id in (10, 11):  # two devices freed by one reset
            await connection.execute(ROW, RESET, activation_id, LICENSE, NOW, AGENT, SHARD, 2)
        await connection.execute(ROW, make_id(SHARD, 3), 12, LICENSE, NOW, None, SHARD, 1)
        await connection.execute((VERSIONS / "0002_business.sql").read_text())
        assert await count_resets(connection, AGENT, LICENSE, NOW, NOW) == Tally(1, 1)
        made = await lock_override(connection, RESET)
        assert made is not None
        assert (made.state, made.staff_id, made.note) == (OverrideState.DONE, AGENT, "why")
        assert await freed_by(connection, RESET) == {10, 11}
    finally:
        await connection.close()
