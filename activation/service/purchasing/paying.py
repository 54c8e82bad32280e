"""P8: money for a direct customer's purchase order, whose licences were there before it."""

from typing import Final

from activation.licensing.verdicts import Refusal, Refused
from activation.service.reselling.paying import Money, Paid, take_payment
from activation.service.working import Work
from activation.storage.reselling.purchases import lock_purchase

_UNKNOWN: Final = "There is no such purchase."


async def pay_purchase(work: Work, purchase_id: int, money: Money) -> Paid | Refused:
    """Record money for a purchase order; the same reference is recorded once."""
    if await lock_purchase(work.connection, purchase_id) is None:
        return Refused(Refusal.NOT_FOUND, "C1", _UNKNOWN)
    return await take_payment(work, money, purchase_id=purchase_id)
