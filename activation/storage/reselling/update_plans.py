"""Update plans as they are stored, beside their account (S5)."""

from typing import Final

from activation.licensing.identifiers import shard_of
from activation.licensing.update_plans import PlanState, UpdatePlan
from activation.storage.connection import Connection, Row

_COLUMNS: Final = "plan_id, account_id, product_id, fee, months, started_at, paid_until, state"


async def add_plan(connection: Connection, plan: UpdatePlan) -> None:
    """Store a new plan in the place of one of the same account and product that has ended.

    A running one is in the way: the unique key refuses the row.
    """
    shard = shard_of(plan.account_id)
    await connection.execute(
        "DELETE FROM update_plan WHERE shard = $1 AND account_id = $2 AND product_id = $3 AND state = 2",
        shard,
        plan.account_id,
        plan.product_id,
    )
    await connection.execute(
        f"INSERT INTO update_plan (shard, {_COLUMNS})"  # noqa: S608  (constants)
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
        shard,
        plan.plan_id,
        plan.account_id,
        plan.product_id,
        plan.fee,
        plan.months,
        plan.started_at,
        plan.paid_until,
    )


async def lock_plan(connection: Connection, plan_id: int) -> UpdatePlan | None:
    """Return a plan and keep others from it until the transaction ends; None when there is none."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM update_plan WHERE shard = $1 AND plan_id = $2 FOR UPDATE",  # noqa: S608
        shard_of(plan_id),
        plan_id,
    )
    return None if row is None else _plan(row)


async def lock_plan_for(connection: Connection, account_id: int, product_id: int) -> UpdatePlan | None:
    """Return an account's plan for a product, locked, or None."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM update_plan"  # noqa: S608  (constants)
        " WHERE shard = $1 AND account_id = $2 AND product_id = $3 FOR UPDATE",
        shard_of(account_id),
        account_id,
        product_id,
    )
    return None if row is None else _plan(row)


async def read_plans_of(connection: Connection, account_id: int) -> list[UpdatePlan]:
    """Return an account's plans, oldest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM update_plan WHERE shard = $1 AND account_id = $2 ORDER BY plan_id",  # noqa: S608
        shard_of(account_id),
        account_id,
    )
    return [_plan(row) for row in rows]


async def find_unbilled_plans(connection: Connection, paid_until: int) -> list[UpdatePlan]:
    """Return plans not ended whose paid time ends by `paid_until` and whose next fee is not open yet."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM update_plan WHERE state = 0 AND paid_until <= $1"  # noqa: S608  (constants)
        " AND NOT EXISTS (SELECT FROM charge c WHERE c.account_id = update_plan.account_id"
        " AND c.about = update_plan.plan_id AND c.kind = 5 AND c.due_at = update_plan.paid_until)"
        " ORDER BY paid_until FOR UPDATE SKIP LOCKED",
        paid_until,
    )
    return [_plan(row) for row in rows]


async def find_running_plans(connection: Connection, paid_until: int) -> list[UpdatePlan]:
    """Return plans not ended whose paid time ends by `paid_until`, locked; those held are left."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM update_plan WHERE state = 0 AND paid_until <= $1"  # noqa: S608  (constants)
        " ORDER BY paid_until FOR UPDATE SKIP LOCKED",
        paid_until,
    )
    return [_plan(row) for row in rows]


async def set_plan_paid(connection: Connection, plan_id: int, paid_until: int) -> None:
    """Keep until when updates are paid."""
    await connection.execute(
        "UPDATE update_plan SET paid_until = $3 WHERE shard = $1 AND plan_id = $2",
        shard_of(plan_id),
        plan_id,
        paid_until,
    )


async def set_plan_ended(connection: Connection, plan_id: int) -> None:
    """Keep that a plan has ended."""
    await connection.execute(
        "UPDATE update_plan SET state = 2 WHERE shard = $1 AND plan_id = $2", shard_of(plan_id), plan_id
    )


async def licenses_updated_until(
    connection: Connection, account_id: int, product_id: int
) -> list[tuple[int, int]]:
    """Return the account's licences of a product whose updates have a term, with the term."""
    rows = await connection.fetch(
        "SELECT license_id, updates_until FROM license WHERE shard = $1 AND account_id = $2"
        " AND product_id = $3 AND updates_until IS NOT NULL AND state < 2",
        shard_of(account_id),
        account_id,
        product_id,
    )
    return [(row[0], row[1]) for row in rows]


def _plan(row: Row) -> UpdatePlan:
    plan_id, account_id, product_id, fee, months, started_at, paid_until, state = row
    return UpdatePlan(plan_id, account_id, product_id, fee, months, started_at, paid_until, PlanState(state))
