"""P8: money for a direct customer's purchase order, whose licences were there before it."""

from decimal import Decimal
from typing import Final

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.reselling.paying import Paid, record_payment
from activation.service.working import Work
from activation.storage.purchases import lock_purchase

_UNKNOWN: Final = "There is no such purchase."
_TOO_MUCH: Final = "This is more than is still open."
_FUTURE: Final = "A payment came no later than now."


@value
class Money:
    """What came in: euros, how, under which reference, and when (None: now)."""

    amount: Decimal
    method: str
    reference: str
    paid_at: int | None = None


async def pay_purchase(work: Work, purchase_id: int, money: Money) -> Paid | Refused:
    """Record money for a purchase order; the same reference is recorded once."""
    purchase = await lock_purchase(work.connection, purchase_id)
    if purchase is None:
        return Refused(Refusal.NOT_FOUND, "C1", _UNKNOWN)
    if money.paid_at is not None and money.paid_at > work.now:
        return Refused(Refusal.CONFLICT, "P8", _FUTURE)
    paid = await record_payment(
        work.connection,
        work.now,
        work.desk.ids,
        work.trace_id,
        amount=money.amount,
        method=money.method,
        reference=money.reference,
        purchase_id=purchase_id,
        recorded_by=work.person.person_id or None,
        paid_at=money.paid_at,
    )
    if isinstance(paid, Paid) and paid.fresh and paid.paid > paid.total:
        owed = {"owed": str(purchase.order.owed)}
        return Refused(Refusal.CONFLICT, "P8", _TOO_MUCH, facts={**owed})
    return paid
