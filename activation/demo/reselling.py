"""The demo's reseller: terms accepted, an order of 20 licences paid, so that it has some to assign."""

import time
from decimal import Decimal
from typing import Final

from activation.licensing.model import LicenseKind, Product
from activation.licensing.reselling.agreeing import Terms
from activation.licensing.reselling.ordering import Method, Order, OrderState, due_at
from activation.licensing.reselling.pricing import Tier, unit_price
from activation.licensing.verdicts import Refused
from activation.service.ids import IdSource, new_trace_id
from activation.service.provisioning import Keys, MadeUser, make_reseller
from activation.service.reselling.paying import Books, Money, enter_payment
from activation.storage.connection import Connection
from activation.storage.reselling.orders import add_order
from activation.storage.reselling.resellers import write_contact
from activation.storage.reselling.terms import Acceptance, add_acceptance, add_terms, write_prices

POOL: Final = 20
TERMS: Final = "demo-1"
TEXT: Final = "Demo terms: licences are sold on to end users, 10 % at most to affiliated parties."
PRICES: Final = (
    Tier(1, Decimal("39.95")),
    Tier(10, Decimal("34.95")),
    Tier(50, Decimal("29.95")),
    Tier(100, Decimal("24.95")),
)


async def make_demo_reseller(
    connection: Connection, keys: Keys, ids: IdSource, product: Product, major: int
) -> MadeUser:
    """Make a reseller as if it had signed up, ordered and paid by now."""
    now = int(time.time())
    made = await make_reseller(connection, keys, ids, "Example Resale Ltd")
    reseller_id = made.reseller_id or 0
    await write_contact(connection, reseller_id, "resale@example.com")
    await add_terms(connection, Terms(TERMS, now, now), TEXT)
    await write_prices(connection, product.product_id, now, PRICES)
    acceptance = Acceptance(TERMS, made.user_id, now, "demo")
    await add_acceptance(connection, ids.new(0), reseller_id, acceptance)
    order = _order(ids, reseller_id, product, major, now)
    await add_order(connection, order, made.user_id)
    books = Books(connection, ids, new_trace_id(), now)
    money = Money(order.total, "transfer", "demo payment")
    paid = await enter_payment(books, money, purchase_id=order.purchase_id)
    assert not isinstance(paid, Refused)  # noqa: S101  (an order just placed, paid in full)
    return made


def _order(ids: IdSource, reseller_id: int, product: Product, major: int, now: int) -> Order:
    unit = unit_price(PRICES, POOL)
    assert isinstance(unit, Decimal)  # noqa: S101  (the table above has it)
    return Order(
        purchase_id=ids.new(0),
        reseller_id=reseller_id,
        account_id=None,
        product_id=product.product_id,
        major=major,
        kind=LicenseKind.PERPETUAL,
        quantity=POOL,
        unit=unit,
        total=unit * POOL,
        paid=Decimal("0.00"),
        method=Method.PURCHASE_ORDER,
        state=OrderState.OPEN,
        placed_at=now,
        due_at=due_at(Method.PURCHASE_ORDER, now),
    )
