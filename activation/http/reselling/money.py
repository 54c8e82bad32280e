"""Staff on money: orders and payments."""

from typing import Final

from msgspec import UNSET

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.http.naming import id_of, page_of
from activation.http.reselling.telling import (
    charge_of,
    tell_order,
    tell_page,
)
from activation.licensing.identifiers import (
    CHARGE,
    ORDER,
    PAYMENT,
    RESELLER,
    to_text,
)
from activation.licensing.reselling.ordering import Method, OrderState
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refusal, Refused
from activation.messages import reselling as messages
from activation.messages.answers import Told
from activation.messages.reselling import amount_of, parse, time_of
from activation.messages.strict import MalformedError
from activation.messages.times import to_rfc3339
from activation.service.reselling.ordering import Wish, cancel_order, place_order, see_order, see_orders
from activation.service.reselling.paying import Money
from activation.service.reselling.recording import record_receipt
from activation.service.reselling.seeing import see_payments
from activation.service.working import Work

_ONE: Final = "Name either the order or the charge that is paid."
_STATES: Final = {state.name.lower(): state for state in OrderState}


async def get_orders(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List orders by pages: of one reseller (`?reseller_id=`), in one state (`?state=`)."""
    after, limit = page_of(call, ORDER)
    whose, wanted = call.query.get("reseller_id"), call.query.get("state")
    if wanted is not None and wanted not in _STATES:
        raise refuse(Refusal.MALFORMED, f"A state is one of {', '.join(_STATES)}.", field="state")
    reseller_id = None if whose is None else id_of(RESELLER, whose)
    state = None if wanted is None else _STATES[wanted]
    orders = await see_orders(work, reseller_id, state, after, limit)
    return tell_page("orders", [tell_order(work, one) for one in orders], limit, "order_id")


async def get_order(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell one order."""
    order = await see_order(work, id_of(ORDER, call.path["order_id"]))
    return order if isinstance(order, Refused) else tell_order(work, order)


async def post_order(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Place an order for a reseller (P3)."""
    message = parse(messages.StaffOrder, body)
    wish = Wish(message.product, message.major, message.quantity, Method[message.method.upper()])
    order = await place_order(work, id_of(RESELLER, message.reseller_id), wish)
    return order if isinstance(order, Refused) else tell_order(work, order)


async def post_cancel(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Cancel an order of which nothing is paid."""
    parse(messages.Nothing, body)
    order = await cancel_order(work, id_of(ORDER, call.path["order_id"]))
    return order if isinstance(order, Refused) else tell_order(work, order)


async def post_payment(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Record a payment (P3)."""
    message = parse(messages.NewPayment, body)
    if (message.order_id is UNSET) == (message.charge_id is UNSET):
        raise MalformedError("order_id", _ONE)
    paid_at = time_of(message.paid_at, "paid_at")
    done = await record_receipt(
        work,
        Money(amount_of(message.amount), message.method, message.reference, paid_at),
        None if message.order_id is UNSET else id_of(ORDER, message.order_id),
        None if message.charge_id is UNSET else charge_of(message.charge_id),
    )
    if isinstance(done, Refused):
        return done
    return {
        "payment_id": to_text(PAYMENT, done.payment_id),
        "paid": str(done.paid),
        "total": str(done.total),
        "settled": done.settled,
        "recorded_before": not done.fresh,
    }


async def get_payments(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List payments, by pages; a refund is negative."""
    after, limit = page_of(call, PAYMENT)
    told = [
        {
            "payment_id": to_text(PAYMENT, one.payment_id),
            "order_id": None if one.purchase_id is None else to_text(ORDER, one.purchase_id),
            "charge_id": None if one.charge_id is None else to_text(CHARGE, one.charge_id),
            "amount": str(one.amount),
            "method": one.method,
            "reference": one.reference,
            "paid_at": to_rfc3339(one.paid_at),
        }
        for one in await see_payments(work, after, limit)
    ]
    return tell_page("payments", told, limit, "payment_id")


ROUTES: Final = (
    ActRoute("GET", "/v1/staff/orders", Act.SEE_ORDERS, get_orders),
    ActRoute("POST", "/v1/staff/orders", Act.CHANGE_ORDERS, post_order, 201, takes=messages.StaffOrder),
    ActRoute("GET", "/v1/staff/orders/{order_id}", Act.SEE_ORDERS, get_order),
    ActRoute("POST", "/v1/staff/orders/{order_id}/cancel", Act.CHANGE_ORDERS, post_cancel, bodiless=True),
    ActRoute("GET", "/v1/staff/payments", Act.SEE_ORDERS, get_payments),
    ActRoute("POST", "/v1/staff/payments", Act.RECORD_PAYMENTS, post_payment, takes=messages.NewPayment),
)
