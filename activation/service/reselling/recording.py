"""P3, P7, P8: sales record what came in by the bank, for a reseller's order or for a charge."""

from decimal import Decimal
from typing import Final

from activation.licensing.reselling.charging import ChargeKind
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.reselling.paying import Paid, record_payment
from activation.service.reselling.penalising import release_penalties
from activation.service.working import Work
from activation.storage.charges import read_charge
from activation.storage.orders import read_order

_ENDUSERS: Final = "This is an end user's purchase; record its payment with that."
_FEE: Final = "This is a fee of a subscription or update plan; record its payment with that."
_TOO_MUCH: Final = "This is more than is still open."
_FUTURE: Final = "A payment was made by now, not later."
_OURS: Final = (ChargeKind.PENALTY, ChargeKind.REINSTATING)


@value
class Receipt:
    """What came in: `amount` euros, how, under whose reference, when (None: now), and what for."""

    amount: Decimal
    method: str
    reference: str
    purchase_id: int | None = None
    charge_id: int | None = None
    paid_at: int | None = None


async def record_receipt(work: Work, receipt: Receipt) -> Paid | Refused:
    """Record a payment; the same one again changes nothing. A penalty paid in full reinstates (P7)."""
    if receipt.paid_at is not None and receipt.paid_at > work.now:
        return Refused(Refusal.CONFLICT, "P3", _FUTURE)
    refused = await _refuse_others(work, receipt)
    if refused is not None:
        return refused
    paid = await record_payment(
        work.connection,
        work.now,
        work.desk.ids,
        work.trace_id,
        amount=receipt.amount,
        method=receipt.method,
        reference=receipt.reference,
        purchase_id=receipt.purchase_id,
        charge_id=receipt.charge_id,
        recorded_by=work.person.person_id or None,
        paid_at=receipt.paid_at,
    )
    if isinstance(paid, Refused):
        return paid
    if paid.fresh and paid.paid > paid.total:
        before = paid.total - (paid.paid - receipt.amount)
        return Refused(Refusal.CONFLICT, "P3", _TOO_MUCH, facts={"owed": str(before)})
    if not (paid.fresh and paid.settled and paid.charge_id):
        return paid
    return await _after_charge(work, paid, paid.charge_id)


async def _after_charge(work: Work, paid: Paid, charge_id: int) -> Paid | Refused:
    charge = await read_charge(work.connection, charge_id)
    if charge is None or charge.kind is not ChargeKind.PENALTY or charge.reseller_id is None:
        return paid
    released = await release_penalties(work, charge.reseller_id)
    return released if isinstance(released, Refused) else paid


async def _refuse_others(work: Work, receipt: Receipt) -> Refused | None:
    """Refuse what leads to more than a pool: those have their own ways to be paid."""
    if receipt.charge_id is not None:
        charge = await read_charge(work.connection, receipt.charge_id)
        if charge is not None and charge.kind not in _OURS:
            return Refused(Refusal.CONFLICT, "S1", _FEE)
        return None
    order = await read_order(work.connection, receipt.purchase_id or 0)
    if order is not None and order.reseller_id is None:
        return Refused(Refusal.CONFLICT, "C1", _ENDUSERS)
    return None
