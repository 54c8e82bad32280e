"""Subscriptions and update plans for the licensor's eyes, with how each stands now."""

from typing import Final

from activation.licensing.identifiers import account_of_login, shard_of
from activation.licensing.reselling.charging import Charge
from activation.licensing.subscriptions import standing_of
from activation.licensing.update_plans import UpdatePlan, plan_standing
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import ORDERS, Work
from activation.storage.reselling.account_charges import charges_about
from activation.storage.reselling.subscriptions import (
    Kept,
    list_subscriptions,
    read_subscription,
    read_subscriptions_of,
)
from activation.storage.reselling.update_plans import read_plans_of

PAGE: Final = 200
_UNKNOWN: Final = "There is no such subscription."


@value
class Row:
    """A subscription and how it stands in a word; `charges` only where one is shown alone."""

    kept: Kept
    product: str
    standing: str
    charges: list[Charge]


@value
class PlanRow:
    """An update plan, how it stands in a word, and its fees."""

    plan: UpdatePlan
    product: str
    standing: str
    charges: list[Charge]


async def list_all(work: Work, login: str | None, after: int) -> list[Row]:
    """Return an account's subscriptions, or a page of everybody's behind the id `after`."""
    if login is not None:
        rows = await list_of(work, account_of_login(login))
    else:
        kept = await list_subscriptions(work.connection, (shard_of(after), after), PAGE)
        rows = [_row(work, one, []) for one in kept]
    await work.look((row.kept.subscription.account_id for row in rows), (ORDERS,))
    return rows


async def list_of(work: Work, account_id: int) -> list[Row]:
    """Return an account's subscriptions, for whoever tells of the look."""
    return [_row(work, one, []) for one in await read_subscriptions_of(work.connection, account_id)]


async def show_subscription(work: Work, subscription_id: int) -> Row | Refused:
    """Return one subscription with its charges."""
    kept = await read_subscription(work.connection, subscription_id)
    if kept is None:
        return Refused(Refusal.NOT_FOUND, "S0", _UNKNOWN)
    await work.look([kept.subscription.account_id], (ORDERS,))
    charges = await charges_about(work.connection, kept.subscription.account_id, subscription_id)
    return _row(work, kept, charges)


async def list_plans(work: Work, login: str) -> list[PlanRow]:
    """Return an account's update plans with their fees."""
    zone = work.desk.week.zone
    plans = await read_plans_of(work.connection, account_of_login(login))
    await work.look((plan.account_id for plan in plans), (ORDERS,))
    return [
        PlanRow(
            plan,
            _product(work, plan.product_id),
            str(plan_standing(plan, work.now, zone)),
            await charges_about(work.connection, plan.account_id, plan.plan_id),
        )
        for plan in plans
    ]


def _row(work: Work, kept: Kept, charges: list[Charge]) -> Row:
    one = kept.subscription
    standing = standing_of(one, work.now, work.desk.week.zone)
    return Row(kept, _product(work, one.product_id), str(standing), charges)


def _product(work: Work, product_id: int) -> str:
    found = work.desk.catalogue.by_id.get(product_id)
    return found.code if found is not None else str(product_id)
