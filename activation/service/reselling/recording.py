"""P3, P7, P8: sales record what came in by the bank, for a reseller's order or for a charge."""

from typing import Final

from activation.licensing.reselling.charging import ChargeKind
from activation.licensing.verdicts import Refusal, Refused
from activation.service.reselling.paying import Money, Paid, take_payment
from activation.service.reselling.penalising import release_penalties
from activation.service.working import Work
from activation.storage.reselling.charges import read_charge
from activation.storage.reselling.orders import read_order

_ENDUSERS: Final = "This is an end user's purchase; record its payment with that."
_FEE: Final = "This is a fee of a subscription or update plan; record its payment with that."
_OURS: Final = (ChargeKind.PENALTY, ChargeKind.REINSTATING)


async def record_receipt(
    work: Work, money: Money, purchase_id: int | None = None, charge_id: int | None = None
) -> Paid | Refused:
    """Record a payment for an order or a charge; the same one again changes nothing.

    A penalty paid in full reinstates (P7).
    """
    refused = await _refuse_others(work, purchase_id, charge_id)
    if refused is not None:
        return refused
    paid = await take_payment(work, money, purchase_id=purchase_id, charge_id=charge_id)
    if isinstance(paid, Refused) or not (paid.fresh and paid.settled and paid.charge_id):
        return paid
    return await _after_charge(work, paid, paid.charge_id)


async def _after_charge(work: Work, paid: Paid, charge_id: int) -> Paid | Refused:
    charge = await read_charge(work.connection, charge_id)
    if charge is None or charge.kind is not ChargeKind.PENALTY or charge.reseller_id is None:
        return paid
    released = await release_penalties(work, charge.reseller_id)
    return released if isinstance(released, Refused) else paid


async def _refuse_others(work: Work, purchase_id: int | None, charge_id: int | None) -> Refused | None:
    """Refuse what leads to more than a pool: those have their own ways to be paid."""
    if charge_id is not None:
        charge = await read_charge(work.connection, charge_id)
        if charge is not None and charge.kind not in _OURS:
            return Refused(Refusal.CONFLICT, "S1", _FEE)
        return None
    order = await read_order(work.connection, purchase_id or 0)
    if order is not None and order.reseller_id is None:
        return Refused(Refusal.CONFLICT, "C1", _ENDUSERS)
    return None
