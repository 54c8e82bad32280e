"""`POST /v1/shop/events`: the payment processor tells of purchases (C1), signed per Standard Webhooks."""

import time
from decimal import Decimal

from msgspec import UNSET

from activation.http.answering import respond
from activation.http.bodies import read_json
from activation.http.calls import Call, Reply
from activation.http.guarding import problem
from activation.http.naming import id_of
from activation.licensing.identifiers import ORDER, to_text
from activation.licensing.reselling.ordering import Method
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.purchases import (
    OrderDownloaded,
    OrderPaid,
    PaidOrder,
    PaymentFailed,
    ShopEvent,
    parse_shop_event,
)
from activation.service.purchasing.buyers import Buyer
from activation.service.purchasing.buying import Basket
from activation.service.purchasing.shop import (
    Heard,
    hear_downloaded,
    hear_failed,
    hear_once,
    hear_order_paid,
    hear_paid,
)
from activation.service.purchasing.verifying import verify_message
from activation.service.working import Work

_NO_SHOP = Refused(Refusal.NOT_FOUND, "C1", "No shop is connected: ACTIVATION_SHOP_SECRET is not set.")
_NOT_OURS = Refused(
    Refusal.CREDENTIALS, "C1", "The signature or its time is wrong: see the Standard Webhooks convention."
)


async def post_shop_event(call: Call) -> Reply:
    """Take an event; nothing of it is read before its signature is found to be right."""
    secret = call.surroundings.shop_secret
    if secret is None:
        return problem(call, _NO_SHOP)
    body = await read_json(call)
    event_id = verify_message(secret, call.headers, body, int(time.time()))
    if event_id is None:
        return problem(call, _NOT_OURS)
    event = parse_shop_event(body)

    async def answer(work: Work) -> bytes | Refused:
        heard = await _hear(work, event)
        return heard if isinstance(heard, Refused) else respond(_told(heard)).body

    told = await hear_once(call.desk, event_id, body, answer)
    return problem(call, told) if isinstance(told, Refused) else Reply(200, told)


async def _hear(work: Work, event: ShopEvent) -> Heard | Refused:
    if isinstance(event, OrderPaid):
        return await hear_paid(work, _basket(event.data))
    if isinstance(event, OrderDownloaded):
        return await hear_downloaded(work, reference_of(event.data.order_id))
    purchase_id = id_of(ORDER, event.data.order_id)
    if isinstance(event, PaymentFailed):
        return await hear_failed(work, purchase_id)
    # An order here is paid online once: its id is the reference, so that another event tells nothing new.
    reference = reference_of(event.data.order_id)
    return await hear_order_paid(work, purchase_id, Decimal(event.data.amount), reference)


def reference_of(order_id: str) -> str:
    """Return under which reference an order of the shop's is kept, apart from those that staff give."""
    return f"shop:{order_id}"


def _basket(data: PaidOrder) -> Basket:
    buyer = Buyer(data.email, data.name, "" if data.address is UNSET else data.address)
    return Basket(
        buyer,
        data.product,
        data.major,
        data.quantity,
        Decimal(data.total),
        Method.ONLINE,
        reference_of(data.order_id),
        data.consumer,
    )


def _told(heard: Heard) -> dict[str, object]:
    order = None if heard.purchase_id is None else to_text(ORDER, heard.purchase_id)
    return {"outcome": heard.outcome, "purchase_id": order}
