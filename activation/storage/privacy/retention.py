"""Carrying out what is due: the sweeps, devices that gave their licence up, and the counts of each run."""

from typing import Final

from activation.licensing.privacy.retention import RetentionRule
from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.privacy.forgetting import ForgottenDevice, forget_devices
from activation.storage.privacy.forgetting_users import count_former_users
from activation.storage.privacy.sweeps import SWEEPS, Sweep

PATIENCE_S: Final = 120.0
"""How long one step may take."""
_SUPERSEDED: Final = "ended_at IS NOT NULL AND octet_length(enrolment) > 16 AND ended_at <= $1"


async def count_due(connection: Connection, rule: RetentionRule, now: int, keep_s: int) -> int:
    """Return how many rows a rule would change now, that keeps them for so many seconds."""
    if rule is RetentionRule.DEVICES:
        counted: int = await connection.fetchval(
            f"SELECT count(*) FROM activation WHERE {_SUPERSEDED}",  # noqa: S608
            now - keep_s,
            timeout=PATIENCE_S,
        )
        return counted
    if rule is RetentionRule.USERS:
        return await count_former_users(connection, now - keep_s)
    found = [
        await connection.fetchval(sweep.count(), sweep.before(now, keep_s), timeout=PATIENCE_S)
        for sweep in SWEEPS.get(rule, ())
    ]
    return sum(found)


async def sweep_some(connection: Connection, sweep: Sweep, before: int, limit: int) -> int:
    """Do at most `limit` rows of a sweep; return how many."""
    done: str = await connection.execute(sweep.step(), before, limit, timeout=PATIENCE_S)
    return int(done.rpartition(" ")[2])


async def forget_some_devices(connection: Connection, before: int, limit: int) -> int:
    """Forget at most `limit` devices that gave their licence up before that time; return how many."""
    rows = await connection.fetch(
        f"SELECT activation_id, enrolment FROM activation WHERE {_SUPERSEDED}"  # noqa: S608
        " ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED",
        before,
        limit,
        timeout=PATIENCE_S,
    )
    await forget_devices(connection, [ForgottenDevice(*row) for row in rows])
    return len(rows)


@value
class RetentionRun:
    """What one rule did in one run. `ran_at` in seconds since 1970."""

    run_id: int
    rule: str
    ran_at: int
    changed: int


async def add_to_run(connection: Connection, done: RetentionRun) -> None:
    """Add what a step did to its run."""
    await connection.execute(
        "INSERT INTO retention_run AS r (run_id, rule, ran_at, changed) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (run_id, rule) DO UPDATE SET changed = r.changed + EXCLUDED.changed",
        done.run_id,
        done.rule,
        done.ran_at,
        done.changed,
    )


async def list_runs(connection: Connection, limit: int) -> list[RetentionRun]:
    """Return the counts of the last `limit` runs, the newest run first."""
    rows = await connection.fetch(
        "SELECT run_id, rule, ran_at, changed FROM retention_run WHERE run_id IN"
        " (SELECT DISTINCT run_id FROM retention_run ORDER BY run_id DESC LIMIT $1)"
        " ORDER BY run_id DESC, rule",
        limit,
    )
    return [RetentionRun(*row) for row in rows]
