"""S4: a subscription is ended, by the licensor (with a refund unless for breach) or by its client."""

from decimal import Decimal
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import SUBSCRIPTION, to_text
from activation.licensing.reselling.charging import ChargeKind, ChargeState
from activation.licensing.subscriptions import EndedBy, Ending, Subscription, end
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.licenses.standing import end_licenses, revoke_licenses
from activation.service.working import Work
from activation.storage.licenses.standing import Where
from activation.storage.reselling.account_charges import charges_about, waive_open
from activation.storage.reselling.charges import Payment, add_payment, write_charge
from activation.storage.reselling.subscriptions import read_subscription, set_ended

_UNKNOWN: Final = "There is no such subscription."


@value
class Ended:
    """A subscription that was ended, and what that means."""

    subscription: Subscription
    ending: Ending


async def end_subscription(work: Work, subscription_id: int, by: EndedBy, note: str) -> Ended | Refused:
    """End a subscription (S4): licences, open fees, and the refund, which is booked on what was paid."""
    kept = await read_subscription(work.connection, subscription_id, lock=True)
    if kept is None:
        return Refused(Refusal.NOT_FOUND, "S4", _UNKNOWN)
    one = kept.subscription
    ending = end(one, by, work.now, work.desk.week.zone)
    if isinstance(ending, Refused):
        return ending
    why = f"{by}: {note}" if note else str(by)
    await set_ended(work.connection, subscription_id, work.now, why, ending.refund)
    await waive_open(work.connection, one.account_id, subscription_id, work.now)
    await _end_licenses(work, one, ending)
    await _refund(work, one, ending.refund)
    told = {
        "subscription": to_text(SUBSCRIPTION, subscription_id),
        "by": str(by),
        "refund": str(ending.refund),
        "ends_at": ending.licenses_end_at,
    }
    await work.tell(EventKind.SUBSCRIPTION_ENDED, one.account_id, "S4", told)
    params = {"ends_at": ending.licenses_end_at, "refund": str(ending.refund)}
    await work.mail(one.account_id, "subscription_ended", params)
    await work.hook("subscription.ended", told)
    return Ended(one, ending)


async def _end_licenses(work: Work, one: Subscription, ending: Ending) -> None:
    where = Where(account_id=one.account_id, subscription_id=one.subscription_id)
    if ending.revoke:
        await revoke_licenses(work, where, "S4")
    else:
        await end_licenses(work, where, ending.licenses_end_at, "S4")


async def _refund(work: Work, one: Subscription, refund: Decimal) -> None:
    """Book the refund as negative payments on the fees paid last, no more on each than was paid for it."""
    left = refund
    charges = await charges_about(work.connection, one.account_id, one.subscription_id)
    paid = [fee for fee in charges if fee.kind is ChargeKind.SUBSCRIPTION and fee.state is ChargeState.PAID]
    for fee in reversed(paid):
        part = min(left, fee.paid)
        if part <= 0:
            break
        back = Payment(
            work.new_id(),
            None,
            fee.charge_id,
            -part,
            work.now,
            work.person.person_id or None,
            "refund",
            f"refund:{one.subscription_id}:{fee.charge_id}",
        )
        await add_payment(work.connection, back)
        await write_charge(work.connection, fee.charge_id, fee.paid - part, ChargeState.PAID, fee.closed_at)
        left -= part
