"""S5: an account's right to updates of a product, for a fee."""

from decimal import Decimal
from typing import Final

from activation.licensing.calendars import add_days
from activation.licensing.events import EventKind
from activation.licensing.identifiers import PLAN, shard_of, to_text
from activation.licensing.reselling.charging import Charge, ChargeKind
from activation.licensing.update_plans import PlanStanding, UpdatePlan, plan_standing
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.subscribing.making import NO_FEE, find_client, open_fee
from activation.service.working import Work
from activation.storage.reselling.update_plans import (
    add_plan,
    licenses_updated_until,
    lock_plan_for,
    set_plan_ended,
)

_RUNNING: Final = "This account has an update plan for this product already."


@value
class PlanTerms:
    """What an update plan is for: `fee` euros for each period of `months`."""

    login: str
    product: str
    fee: Decimal
    months: int


@value
class MadePlan:
    """A plan with the fee that stands open for it."""

    plan: UpdatePlan
    charge: Charge


async def create_plan(work: Work, terms: PlanTerms) -> MadePlan | Refused:
    """Make an update plan, which goes on where the licences' updates end, and open its first fee.

    Unpaid it ends 14 days after that like any other (S5). Licences whose updates are free stay as they are.
    """
    if terms.fee <= 0:
        return Refused(Refusal.CONFLICT, "S5", NO_FEE)
    client = await find_client(work, terms.login, terms.product)
    if isinstance(client, Refused):
        return client
    account_id, product_id, zone = client[0].account_id, client[1].product_id, work.desk.week.zone
    former = await lock_plan_for(work.connection, account_id, product_id)
    if former is not None:
        if plan_standing(former, work.now, zone) is not PlanStanding.ENDED:
            return Refused(Refusal.CONFLICT, "S5", _RUNNING)
        await set_plan_ended(work.connection, former.plan_id)
    held = await licenses_updated_until(work.connection, account_id, product_id)
    begins = add_days(max([work.now, *(term for _, term in held)]), 0, zone)
    plan_id = work.new_id(shard_of(account_id))
    plan = UpdatePlan(plan_id, account_id, product_id, terms.fee, terms.months, begins, begins)
    await add_plan(work.connection, plan)
    charge = await open_fee(work, account_id, ChargeKind.UPDATES, plan_id, terms.fee, begins)
    await work.tell(EventKind.PLAN_MADE, account_id, "S5", {"plan": to_text(PLAN, plan_id)})
    return MadePlan(plan, charge)
