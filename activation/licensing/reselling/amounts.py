"""P3, P7, P8, S1: what may be paid: something, and no more than is owed."""

from decimal import Decimal
from typing import Final

from activation.licensing.verdicts import Refusal, Refused

_NOTHING: Final = "A payment is more than nothing."
_TOO_MUCH: Final = "This is more than is still open."


def refuse_amount(
    amount: Decimal, owed: Decimal, rule: str, *, ended: Refused | None = None
) -> Refused | None:
    """Refuse `amount` euros where `owed` are open; `ended` is why nothing may be paid at all."""
    if amount <= 0:
        return Refused(Refusal.CONFLICT, rule, _NOTHING)
    if ended is None and amount > owed:
        return Refused(Refusal.CONFLICT, rule, _TOO_MUCH, facts={"owed": str(owed)})
    return ended


def is_settled(total: Decimal, paid: Decimal) -> bool:
    """Tell whether an amount is paid in full: only then does what it is for follow."""
    return paid >= total
