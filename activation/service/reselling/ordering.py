"""P3: orders are placed at the price of the day, cancelled while unpaid, and listed by their own reseller."""

import json
from decimal import Decimal
from typing import Final

from activation.licensing.events import Actor, Event, EventKind
from activation.licensing.identifiers import ORDER, shard_of, to_text
from activation.licensing.model import LicenseKind
from activation.licensing.reselling.ordering import Method, Order, OrderState, due_at, refuse_cancelling
from activation.licensing.reselling.pricing import unit_price
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.ids import IdSource
from activation.service.reselling.clients import find_active
from activation.service.reselling.pricing import find_product
from activation.service.working import ORDERS, Work
from activation.storage.connection import Connection
from activation.storage.events import add_events
from activation.storage.outgoing.outbox import write_hook_message
from activation.storage.reselling.orders import (
    add_order,
    cancel_overdue,
    list_orders,
    read_order,
    write_cancelled,
)
from activation.storage.reselling.pool_ledger import lock_reseller
from activation.storage.reselling.terms import read_prices

BATCH: Final = 500
_UNKNOWN: Final = "There is no such order."


@value
class Wish:
    """What is ordered: `quantity` licences of a product's major version."""

    product: str
    major: int
    quantity: int
    method: Method


async def place_order(work: Work, reseller_id: int, wish: Wish) -> Order | Refused:
    """Place an order; the price follows the quantity and stays as it is now (P4)."""
    client = await find_active(work, reseller_id)
    if isinstance(client, Refused):
        return client
    product = await find_product(work, wish.product)
    if isinstance(product, Refused):
        return product
    _, table = await read_prices(work.connection, product.product_id, work.now)
    unit = unit_price(table, wish.quantity, client.discount)
    if isinstance(unit, Refused):
        return unit
    order = _new_order(work, reseller_id, product.product_id, wish, unit)
    await add_order(work.connection, order, work.person.person_id or None)
    told = {"order": to_text(ORDER, order.purchase_id), "quantity": wish.quantity, "total": str(order.total)}
    await work.tell(EventKind.ORDER_PLACED, reseller_id, "P3", told)
    await work.hook("order.placed", told)
    return order


def _new_order(work: Work, reseller_id: int, product_id: int, wish: Wish, unit: Decimal) -> Order:
    return Order(
        purchase_id=work.new_id(),
        reseller_id=reseller_id,
        account_id=None,
        product_id=product_id,
        major=wish.major,
        kind=LicenseKind.PERPETUAL,
        quantity=wish.quantity,
        unit=unit,
        total=unit * wish.quantity,
        paid=Decimal("0.00"),
        method=wish.method,
        state=OrderState.OPEN,
        placed_at=work.now,
        due_at=due_at(wish.method, work.now, work.desk.online_order_s),
    )


async def find_order(work: Work, purchase_id: int, *, lock: bool = False) -> Order | Refused:
    """Return an order; another reseller's is not found (P4)."""
    own = work.person.reseller_id
    order = await read_order(work.connection, purchase_id)
    if order is None or (own is not None and order.reseller_id != own):
        return Refused(Refusal.NOT_FOUND, "P4", _UNKNOWN)
    if not lock:
        return order
    if order.reseller_id is not None:
        await lock_reseller(work.connection, order.reseller_id)
    return await read_order(work.connection, purchase_id, lock=True) or order


async def see_order(work: Work, purchase_id: int) -> Order | Refused:
    """Show an order; of a direct client's, it is a look (G6)."""
    order = await find_order(work, purchase_id)
    if not isinstance(order, Refused) and order.account_id is not None:
        await work.look([order.account_id], (ORDERS,))
    return order


async def cancel_order(work: Work, purchase_id: int) -> Order | Refused:
    """Cancel an order of which nothing is paid."""
    order = await find_order(work, purchase_id, lock=True)
    if isinstance(order, Refused):
        return order
    refused = refuse_cancelling(order, work.now)
    if refused is not None:
        return refused
    await write_cancelled(work.connection, [purchase_id], work.now)
    told = {"order": to_text(ORDER, purchase_id)}
    await work.tell(EventKind.ORDER_CANCELLED, order.reseller_id or order.account_id or 0, "P3", told)
    await work.hook("order.cancelled", told)
    return await read_order(work.connection, purchase_id) or order


async def see_orders(
    work: Work, reseller_id: int | None, state: OrderState | None, after: int, limit: int
) -> list[Order]:
    """Return a page of orders; a reseller's user sees its own only, whatever is asked."""
    own = work.person.reseller_id
    orders = await list_orders(work.connection, own if own is not None else reseller_id, state, after, limit)
    await work.look((one.account_id for one in orders if one.account_id is not None), (ORDERS,))
    return orders


async def cancel_unpaid_orders(connection: Connection, now: int, ids: IdSource, trace_id: str) -> int:
    """Cancel online orders whose time for payment is over, within a transaction; return how many.

    Again, it finds none of them. At most 500 at a time: call it until it returns less.
    """
    cancelled = await cancel_overdue(connection, now, BATCH)
    events = []
    for purchase_id, client_id in cancelled:
        told = {"order": to_text(ORDER, purchase_id), "why": "unpaid"}
        event_id = ids.new(shard_of(client_id))
        event = (client_id, event_id, EventKind.ORDER_CANCELLED, Actor.SYSTEM, "P3", trace_id)
        events.append(Event(*event, details=json.dumps(told)))
        await write_hook_message(connection, ids.new(0), "order.cancelled", told, now)
    await add_events(connection, events)
    return len(cancelled)
