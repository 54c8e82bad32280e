"""What must be done in time, again and again: asking for fees, warning, ending updates. All idempotent.

Each takes a connection of its own and does its work in one transaction; two runs at the same time leave
each other's rows alone. Nobody's rights wait for these: what ends is decided when asked.
"""

from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from activation.licensing.calendars import add_days
from activation.licensing.events import Actor, Event, EventKind
from activation.licensing.identifiers import CHARGE, SUBSCRIPTION, shard_of, to_text
from activation.licensing.reselling.charging import Charge, ChargeKind, ChargeState
from activation.licensing.subscriptions import (
    FEE_LEAD_DAYS,
    GRACE_DAYS,
    service_end,
    warning_start,
)
from activation.licensing.update_plans import PlanStanding, plan_standing
from activation.licensing.weeks import SOFIA
from activation.service.ids import IdSource, new_trace_id
from activation.storage.connection import Connection
from activation.storage.events import add_events
from activation.storage.outgoing.outbox import write_mail
from activation.storage.reselling.account_charges import charges_about
from activation.storage.reselling.charges import add_charge
from activation.storage.reselling.subscriptions import find_unbilled, find_unwarned, set_warned
from activation.storage.reselling.update_plans import find_running_plans, find_unbilled_plans, set_plan_ended

_SPAN_DAYS: Final = GRACE_DAYS + 1
"""Wide enough for any zone's days; the rules then say which are meant."""
Due = tuple[ChargeKind, int, int, Decimal, int]
"""A fee: its kind, whose, for which subscription or plan, how much, due when."""


async def warn_ending_subscriptions(
    connection: Connection, ids: IdSource, now: int, zone: ZoneInfo = SOFIA
) -> int:
    """S2: mail the owners of subscriptions that end with this day, once a period; return how many."""
    async with connection.transaction():
        ending = []
        for kept in await find_unwarned(connection, add_days(now, -_SPAN_DAYS, zone), now):
            one = kept.subscription
            paid_until = one.paid_until or 0
            begins, ends_at = warning_start(paid_until, zone), service_end(paid_until, zone)
            if not begins <= now < ends_at:
                continue
            told = to_text(SUBSCRIPTION, one.subscription_id)
            params = {"subscription_id": told, "ends_at": ends_at, "licenses": one.quantity}
            once_key = f"subscription_ends:{told}:{paid_until}"
            await write_mail(
                connection, ids.new(0), one.account_id, "subscription_ends", params, now, once_key
            )
            ending.append(one.subscription_id)
        await set_warned(connection, ending)
        return len(ending)


async def open_next_fees(connection: Connection, ids: IdSource, now: int, zone: ZoneInfo = SOFIA) -> int:
    """S1, S5: open the charge for each next period two weeks before it is due; return how many."""
    latest = add_days(now, FEE_LEAD_DAYS, zone)
    async with connection.transaction():
        fees = [
            *await _due_subscriptions(connection, now, latest, zone),
            *await _due_plans(connection, now, latest, zone),
        ]
        return sum([await _open_fee(connection, ids.new(0), fee, now) for fee in fees])


async def _due_subscriptions(connection: Connection, now: int, latest: int, zone: ZoneInfo) -> list[Due]:
    found = await find_unbilled(connection, add_days(now, -_SPAN_DAYS, zone), latest)
    subscriptions = [kept.subscription for kept in found]
    return [
        (ChargeKind.SUBSCRIPTION, one.account_id, one.subscription_id, one.fee, one.paid_until)
        for one in subscriptions
        if one.paid_until is not None and now < service_end(one.paid_until, zone)
    ]


async def _due_plans(connection: Connection, now: int, latest: int, zone: ZoneInfo) -> list[Due]:
    return [
        (ChargeKind.UPDATES, plan.account_id, plan.plan_id, plan.fee, plan.paid_until)
        for plan in await find_unbilled_plans(connection, latest)
        if plan_standing(plan, now, zone) is not PlanStanding.ENDED
    ]


async def end_unpaid_updates(connection: Connection, ids: IdSource, now: int, zone: ZoneInfo = SOFIA) -> int:
    """S5: write down which plans ended unpaid; return how many."""
    ended = []
    async with connection.transaction():
        for plan in await find_running_plans(connection, now):
            if plan_standing(plan, now, zone) is not PlanStanding.ENDED:
                continue
            await set_plan_ended(connection, plan.plan_id)
            ended.append(
                Event(
                    plan.account_id,
                    ids.new(shard_of(plan.account_id)),
                    EventKind.UPDATES_ENDED,
                    Actor.SYSTEM,
                    "S5",
                    new_trace_id(),
                )
            )
        await add_events(connection, ended)
    return len(ended)


async def _open_fee(connection: Connection, charge_id: int, due: Due, now: int) -> int:
    """Open a period's fee unless it is open, paid or waived already: a fee is known by when it is due."""
    kind, account_id, about, amount, due_at = due
    known = await charges_about(connection, account_id, about)
    if any(one.kind is kind and one.due_at == due_at for one in known):
        return 0
    fee = Charge(charge_id, None, account_id, kind, amount, Decimal(0), now, due_at, ChargeState.OPEN)
    await add_charge(connection, fee, about=about)
    params = {"charge_id": to_text(CHARGE, charge_id), "amount": str(amount), "due_at": due_at}
    await write_mail(connection, charge_id, account_id, "fee_due", params, now, f"fee:{about}:{due_at}")
    return 1
