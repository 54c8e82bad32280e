"""S1, S3, S5: a fee is paid. The first makes the licences, the next ones move their end."""

from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import PLAN, SUBSCRIPTION, shard_of, to_text
from activation.licensing.model import LicenseKind
from activation.licensing.reselling.charging import Charge, ChargeKind, ChargeState
from activation.licensing.subscriptions import Period, Subscription, pay_fee
from activation.licensing.update_plans import UpdatePlan, pay_updates
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.licenses.standing import extend_licenses, set_updates_until
from activation.service.reselling.assigning import turn_regular
from activation.service.reselling.paying import Money, Paid, take_payment
from activation.service.working import Work
from activation.storage.accounts import NewLicenses, add_licenses, lock_account
from activation.storage.licenses.standing import Where
from activation.storage.reselling.account_charges import charges_about
from activation.storage.reselling.charges import find_payment
from activation.storage.reselling.subscriptions import read_subscription, set_period
from activation.storage.reselling.update_plans import licenses_updated_until, lock_plan, set_plan_paid

_UNKNOWN: Final = "There is no such subscription, plan or charge."
_NOTHING_OPEN: Final = "Nothing is open here to be paid."
_WHEN: Final = "A payment came neither in the future nor before there was anything to pay."
_FEES: Final = (ChargeKind.SUBSCRIPTION, ChargeKind.SETUP, ChargeKind.UPDATES)


@value
class FeePaid:
    """A recorded payment; `paid_until` (seconds) once something is paid for."""

    paid: Paid
    paid_until: int | None


async def pay_subscription(
    work: Work, subscription_id: int, money: Money, charge_id: int | None = None
) -> FeePaid | Refused:
    """Record money for a subscription's fee; when that is paid, the next period is (S1, S3).

    `charge_id` None: the oldest open fee, the period's before a set-up fee.
    """
    kept = await read_subscription(work.connection, subscription_id, lock=True)
    if kept is None:
        return Refused(Refusal.NOT_FOUND, "S1", _UNKNOWN)
    one = kept.subscription
    booked = await _book(work, one.account_id, subscription_id, money, charge_id, kept.made_at)
    if isinstance(booked, Refused):
        return booked
    charge, paid = booked
    if not (paid.fresh and paid.settled) or charge.kind is not ChargeKind.SUBSCRIPTION:
        return FeePaid(paid, one.paid_until)
    period = pay_fee(one, money.when(work.now), work.desk.week.zone)
    if isinstance(period, Refused):
        return period
    await _begin_period(work, one, period)
    return FeePaid(paid, period.paid_until)


async def pay_plan(work: Work, plan_id: int, money: Money, charge_id: int | None = None) -> FeePaid | Refused:
    """Record money for an update fee; when that is paid, newer builds may be used (S5)."""
    plan = await lock_plan(work.connection, plan_id)
    if plan is None:
        return Refused(Refusal.NOT_FOUND, "S5", _UNKNOWN)
    booked = await _book(work, plan.account_id, plan_id, money, charge_id, 0)
    if isinstance(booked, Refused):
        return booked
    paid = booked[1]
    if not (paid.fresh and paid.settled):
        return FeePaid(paid, plan.paid_until)
    until = pay_updates(plan, money.when(work.now), work.desk.week.zone)
    if isinstance(until, Refused):
        return until
    await _entitle(work, plan, until)
    return FeePaid(paid, until)


async def _book(
    work: Work, account_id: int, about: int, money: Money, wanted: int | None, earliest: int
) -> tuple[Charge, Paid] | Refused:
    if not earliest <= money.when(work.now) <= work.now:
        return Refused(Refusal.CONFLICT, "S1", _WHEN)
    charge = await _find_charge(work, account_id, about, money, wanted)
    if isinstance(charge, Refused):
        return charge
    paid = await take_payment(work, money, charge_id=charge.charge_id)
    return paid if isinstance(paid, Refused) else (charge, paid)


async def _find_charge(
    work: Work, account_id: int, about: int, money: Money, wanted: int | None
) -> Charge | Refused:
    """Return the charge that is meant: the one named, else the one that this very payment went to before,
    else the oldest open one."""
    charges = [one for one in await charges_about(work.connection, account_id, about) if one.kind in _FEES]
    known = await find_payment(work.connection, money.reference)
    wanted = wanted or (known.charge_id if known is not None else None)
    if wanted is not None:
        named = next((one for one in charges if one.charge_id == wanted), None)
        return named or Refused(Refusal.NOT_FOUND, "S1", _UNKNOWN)
    still_open = [one for one in charges if one.state is ChargeState.OPEN]
    if not still_open:
        return Refused(Refusal.CONFLICT, "S1", _NOTHING_OPEN)
    return min(still_open, key=lambda one: (one.kind, one.charge_id))


async def _begin_period(work: Work, one: Subscription, period: Period) -> None:
    await set_period(work.connection, one.subscription_id, period.started_at, period.paid_until)
    told = {
        "subscription": to_text(SUBSCRIPTION, one.subscription_id),
        "paid_until": period.paid_until,
        "ends_at": period.service_ends_at,
    }
    rule = "S1" if one.paid_until is None else "S3"
    await work.tell(EventKind.SUBSCRIPTION_PAID, one.account_id, rule, told)
    if one.paid_until is None:
        await _make_licenses(work, one, period)
    else:
        where = Where(account_id=one.account_id, subscription_id=one.subscription_id)
        await extend_licenses(work, where, period.service_ends_at, rule)
    await work.hook("subscription.paid", told)


async def _make_licenses(work: Work, one: Subscription, period: Period) -> None:
    """S0: the subscription's licences, all of them, with an end behind the grace."""
    await lock_account(work.connection, one.account_id)
    await turn_regular(work, one.account_id)
    shard = shard_of(one.account_id)
    new = NewLicenses(
        one.account_id,
        one.product_id,
        [work.new_id(shard) for _ in range(one.quantity)],
        one.major,
        work.now,
        LicenseKind.SUBSCRIPTION,
        ends_at=period.service_ends_at,
        subscription_id=one.subscription_id,
    )
    await add_licenses(work.connection, new)
    told = {"subscription": to_text(SUBSCRIPTION, one.subscription_id), "count": one.quantity}
    await work.tell(EventKind.LICENSES_GRANTED, one.account_id, "S1", told)


async def _entitle(work: Work, plan: UpdatePlan, until: int) -> None:
    """Let the licences whose updates have a term use builds released until then; never shorten any."""
    await set_plan_paid(work.connection, plan.plan_id, until)
    held = await licenses_updated_until(work.connection, plan.account_id, plan.product_id)
    shorter = [license_id for license_id, term in held if term < until]
    if shorter:
        await set_updates_until(work, Where(license_ids=shorter), until, "S5")
    told = {"plan": to_text(PLAN, plan.plan_id), "paid_until": until, "licenses": len(shorter)}
    await work.tell(EventKind.UPDATES_PAID, plan.account_id, "S5", told)
