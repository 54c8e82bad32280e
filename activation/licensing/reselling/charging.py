"""Charges beside orders: what they are for, and how their states follow one another (P7, P8)."""

from collections.abc import Mapping
from decimal import Decimal
from enum import IntEnum
from typing import Final

from activation.licensing.reselling.amounts import refuse_amount
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused

_NO_WAY: Final = "A charge that is {} cannot become {}."


class ChargeKind(IntEnum):
    """What a charge is for."""

    PENALTY = 1
    REINSTATING = 2
    SUBSCRIPTION = 3
    SETUP = 4
    UPDATES = 5


class ChargeState(IntEnum):
    """States of a charge."""

    OPEN = 0
    PAID = 1
    DISPUTED = 2
    RETURNED = 3
    WAIVED = 4


MAY_BECOME: Final[Mapping[ChargeState, frozenset[ChargeState]]] = {
    ChargeState.OPEN: frozenset({ChargeState.PAID, ChargeState.DISPUTED, ChargeState.WAIVED}),
    ChargeState.DISPUTED: frozenset({ChargeState.OPEN, ChargeState.PAID, ChargeState.RETURNED}),
    ChargeState.PAID: frozenset({ChargeState.DISPUTED}),
    ChargeState.RETURNED: frozenset(),
    ChargeState.WAIVED: frozenset(),
}


@value
class Charge:
    """An amount that a reseller or an account owes; `licenses` is how many a penalty is for."""

    charge_id: int
    reseller_id: int | None
    account_id: int | None
    kind: ChargeKind
    amount: Decimal
    paid: Decimal
    opened_at: int
    due_at: int
    state: ChargeState
    licenses: int | None = None
    closed_at: int | None = None

    @property
    def owed(self) -> Decimal:
        """Return what is still to be paid."""
        if self.state in (ChargeState.RETURNED, ChargeState.WAIVED):
            return Decimal(0)
        return max(self.amount - self.paid, Decimal(0))


_RULES: Final = {ChargeKind.PENALTY: "P7", ChargeKind.REINSTATING: "P8"}


def refuse_charge_payment(charge: Charge, amount: Decimal) -> Refused | None:
    """Refuse a payment of nothing, of more than is owed, and one for a charge that is closed (P7, P8, S1)."""
    rule = _RULES.get(charge.kind, "S1")
    return refuse_amount(amount, charge.owed, rule, ended=refuse_step(charge, ChargeState.PAID, rule))


def refuse_step(charge: Charge, wanted: ChargeState, rule: str) -> Refused | None:
    """Refuse a step that the table above does not have."""
    if wanted in MAY_BECOME[charge.state]:
        return None
    return Refused(Refusal.CONFLICT, rule, _NO_WAY.format(charge.state.name.lower(), wanted.name.lower()))
