"""Subscriptions as they are stored, beside their account (S0-S4)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from activation.licensing.identifiers import shard_of
from activation.licensing.subscriptions import Subscription, SubscriptionState
from activation.licensing.values import value
from activation.storage.connection import Connection, Row

_COLUMNS: Final = (
    "subscription_id, account_id, product_id, major, quantity, fee, months, state, started_at, paid_until,"
    " setup_fee, made_at, ended_at, ended_why, refund, warned_for"
)


@value
class Kept:
    """A subscription with what the rules do not ask for."""

    subscription: Subscription
    setup_fee: Decimal
    made_at: int
    ended_at: int | None = None
    ended_why: str | None = None
    refund: Decimal | None = None
    warned_for: int | None = None


async def add_subscription(connection: Connection, kept: Kept) -> None:
    """Store a new subscription, which awaits its first fee."""
    one = kept.subscription
    await connection.execute(
        "INSERT INTO subscription (subscription_id, shard, account_id, product_id, major, quantity, fee,"
        " setup_fee, months, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        one.subscription_id,
        shard_of(one.account_id),
        one.account_id,
        one.product_id,
        one.major,
        one.quantity,
        one.fee,
        kept.setup_fee,
        one.months,
        kept.made_at,
    )


async def read_subscription(
    connection: Connection, subscription_id: int, *, lock: bool = False
) -> Kept | None:
    """Return a subscription, or None; with `lock` nobody else changes it until the transaction ends."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM subscription WHERE shard = $1 AND subscription_id = $2"  # noqa: S608
        + (" FOR UPDATE" if lock else ""),
        shard_of(subscription_id),
        subscription_id,
    )
    return None if row is None else _kept(row)


async def read_subscriptions_of(connection: Connection, account_id: int) -> list[Kept]:
    """Return an account's subscriptions, oldest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM subscription WHERE shard = $1 AND account_id = $2"  # noqa: S608
        " ORDER BY subscription_id",
        shard_of(account_id),
        account_id,
    )
    return [_kept(row) for row in rows]


async def list_subscriptions(connection: Connection, after: tuple[int, int], limit: int) -> list[Kept]:
    """Return subscriptions behind `after` (shard, id) in the order of their keys, at most `limit`."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM subscription WHERE (shard, subscription_id) > ($1, $2)"  # noqa: S608
        " ORDER BY shard, subscription_id LIMIT $3",
        *after,
        limit,
    )
    return [_kept(row) for row in rows]


async def find_unwarned(connection: Connection, paid_from: int, paid_until: int) -> list[Kept]:
    """Return running subscriptions whose paid time ends between the two (both in), owners unwarned, locked.

    One that somebody else holds just now is left to them, or to the next run.
    """
    return await _find_running(connection, "warned_for IS DISTINCT FROM paid_until", paid_from, paid_until)


async def find_unbilled(connection: Connection, paid_from: int, paid_until: int) -> list[Kept]:
    """Return the same of those whose next fee was not asked for yet."""
    unbilled = (
        "NOT EXISTS (SELECT FROM charge c WHERE c.account_id = subscription.account_id"
        " AND c.about = subscription.subscription_id AND c.kind = 3 AND c.due_at = subscription.paid_until)"
    )
    return await _find_running(connection, unbilled, paid_from, paid_until)


async def _find_running(
    connection: Connection, condition: str, paid_from: int, paid_until: int
) -> list[Kept]:
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM subscription"  # noqa: S608  (constants)
        f" WHERE state = 1 AND paid_until BETWEEN $1 AND $2 AND {condition}"
        " ORDER BY paid_until FOR UPDATE SKIP LOCKED",
        paid_from,
        paid_until,
    )
    return [_kept(row) for row in rows]


async def set_period(connection: Connection, subscription_id: int, started_at: int, paid_until: int) -> None:
    """Keep that a period is paid: the subscription runs."""
    await connection.execute(
        "UPDATE subscription SET state = 1, started_at = $3, paid_until = $4"
        " WHERE shard = $1 AND subscription_id = $2",
        shard_of(subscription_id),
        subscription_id,
        started_at,
        paid_until,
    )


async def set_ended(
    connection: Connection, subscription_id: int, ended_at: int, why: str, refund: Decimal
) -> None:
    """Keep that a subscription ended, why, and what is given back."""
    await connection.execute(
        "UPDATE subscription SET state = 2, ended_at = $3, ended_why = $4, refund = $5"
        " WHERE shard = $1 AND subscription_id = $2",
        shard_of(subscription_id),
        subscription_id,
        ended_at,
        why,
        refund,
    )


async def set_warned(connection: Connection, subscription_ids: Sequence[int]) -> None:
    """Keep that the owners were warned of the ends of these subscriptions' paid times."""
    await connection.executemany(
        "UPDATE subscription SET warned_for = paid_until WHERE shard = $1 AND subscription_id = $2",
        [(shard_of(one), one) for one in subscription_ids],
    )


def _kept(row: Row) -> Kept:
    key, account_id, product_id, major, quantity, fee, months, state, started_at, paid_until, *rest = row
    one = Subscription(
        key,
        account_id,
        product_id,
        major,
        quantity,
        fee,
        months,
        SubscriptionState(state),
        started_at,
        paid_until,
    )
    return Kept(one, *rest)
