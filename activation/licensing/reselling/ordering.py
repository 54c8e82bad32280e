"""P3: an order, when it is due, how it is paid, when it is cancelled.

Whether an online order's time is over is decided when asked; a sweep only writes it down.
"""

from decimal import Decimal
from enum import IntEnum
from typing import Final

from activation.licensing.model import LicenseKind
from activation.licensing.reselling.amounts import refuse_amount
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused

PURCHASE_ORDER_S: Final = 7 * 86_400
ONLINE_S: Final = 86_400
"""Default time for an online order's payment; a setting."""

_PAID: Final = "This order is paid; its licences are in the pool."
_ENDED: Final = "This order is {}; place it anew."
_HAS_MONEY: Final = "Part of this order is paid. Refund that first, then cancel."


class Method(IntEnum):
    """How an order is to be paid."""

    ONLINE = 0
    PURCHASE_ORDER = 1
    MAIL = 2


class OrderState(IntEnum):
    """States of an order."""

    OPEN = 0
    PAID = 1
    CANCELLED = 2
    WITHDRAWN = 3


@value
class Order:
    """An order of a reseller's, or of an end-user account's. Its price is the one that it was placed at."""

    purchase_id: int
    reseller_id: int | None
    account_id: int | None
    product_id: int
    major: int
    kind: LicenseKind
    quantity: int
    unit: Decimal
    total: Decimal
    paid: Decimal
    method: Method
    state: OrderState
    placed_at: int
    due_at: int
    paid_at: int | None = None
    ended_at: int | None = None

    @property
    def owed(self) -> Decimal:
        """Return what is still to be paid."""
        return max(self.total - self.paid, Decimal(0))


def due_at(method: Method, signed_at: int, online_s: int = ONLINE_S) -> int:
    """Return when an order is due: a purchase order 7 days after it was signed."""
    return signed_at + (online_s if method is Method.ONLINE else PURCHASE_ORDER_S)


def state_of(order: Order, now: int) -> OrderState:
    """Return the state at `now`: an online order that was not paid in time is cancelled."""
    if order.state is OrderState.OPEN and order.method is Method.ONLINE and now >= order.due_at:
        return OrderState.CANCELLED
    return order.state


def refuse_payment(order: Order, amount: Decimal, now: int) -> Refused | None:
    """Refuse a payment of nothing, of more than is owed, and one for an order that is no longer open."""
    rule = "P3" if order.reseller_id is not None else "P8"
    return refuse_amount(amount, order.owed, rule, ended=_refuse_ended(order, now))


def refuse_cancelling(order: Order, now: int) -> Refused | None:
    """Refuse to cancel what is paid, in part even, or over."""
    refused = _refuse_ended(order, now)
    if refused is None and order.paid > 0:
        return Refused(Refusal.CONFLICT, "P3", _HAS_MONEY)
    return refused


def _refuse_ended(order: Order, now: int) -> Refused | None:
    state = state_of(order, now)
    if state is OrderState.OPEN:
        return None
    detail = _PAID if state is OrderState.PAID else _ENDED.format(state.name.lower())
    return Refused(Refusal.CONFLICT, "P3", detail, facts={"state": state.name.lower()})
