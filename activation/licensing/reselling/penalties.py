"""P7: a wrongful provision costs twice the retail price per licence, due in 2 weeks; unpaid, it disables."""

from decimal import Decimal
from typing import Final

from activation.licensing.reselling.charging import Charge, ChargeKind, ChargeState
from activation.licensing.verdicts import Refusal, Refused

DUE_S: Final = 14 * 86_400
TIMES: Final = 2
_NOT_DUE: Final = "Licences are disabled only for a penalty that is unpaid past its two weeks."


def penalty_amount(retail: Decimal, licenses: int) -> Decimal:
    """Return the penalty for wrongly provided licences, in euros."""
    return TIMES * retail * licenses


def penalty_due_at(opened_at: int) -> int:
    """Return when a penalty is due."""
    return opened_at + DUE_S


def is_overdue(charge: Charge, now: int) -> bool:
    """Tell whether a penalty is unpaid past its term; one in dispute is not."""
    return charge.kind is ChargeKind.PENALTY and charge.state is ChargeState.OPEN and now >= charge.due_at


def refuse_disabling(charge: Charge, now: int) -> Refused | None:
    """Refuse to disable licences for a penalty that is paid, in dispute, or not due yet."""
    if is_overdue(charge, now):
        return None
    return Refused(Refusal.CONFLICT, "P7", _NOT_DUE, facts={"state": charge.state.name.lower()})


def after_dispute(charge: Charge) -> ChargeState:
    """Return the state of a penalty whose dispute was lost by the reseller."""
    return ChargeState.PAID if charge.owed == 0 else ChargeState.OPEN
