"""C1: a purchase makes the account by itself and puts its licences in.

What is paid is bought; a purchase order's licences are there at once too, and suspended should it not be
paid (P8). A reference is one purchase, however often it is told.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from activation.licensing.calendars import add_months
from activation.licensing.events import EventKind
from activation.licensing.identifiers import ORDER, shard_of, to_text
from activation.licensing.model import LicenseKind, Product
from activation.licensing.reselling.ordering import Method, Order, OrderState, due_at
from activation.licensing.reselling.pricing import CENT
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.purchasing.buyers import Buyer, BuyersAccount, find_or_make_account
from activation.service.reselling.assigning import turn_regular
from activation.service.working import Work
from activation.storage.accounts import NewLicenses, add_licenses
from activation.storage.reselling.assignments import read_update_months
from activation.storage.reselling.charges import Payment, add_payment, find_payment
from activation.storage.reselling.orders import add_order
from activation.storage.reselling.purchases import Purchase, find_purchase, set_reference
from activation.storage.reselling.update_plans import lock_plan_for

_NO_PRODUCT: Final = "There is no such product."
_OTHER: Final = "This reference stands for another purchase or payment."


@value
class Basket:
    """What was bought: `total` is in euros without VAT. `reference` names the purchase outside, once."""

    buyer: Buyer
    product: str
    major: int
    quantity: int
    total: Decimal
    method: Method
    reference: str
    consumer: bool = False


@value
class Bought:
    """A purchase as it stands. `fresh` is False when it had been told before; then nothing was changed."""

    purchase_id: int
    account_id: int
    license_ids: tuple[int, ...]
    fresh: bool


async def buy(work: Work, basket: Basket) -> Bought | Refused:
    """Enter a purchase (C1), with its account and licences; once for each reference."""
    product = work.desk.catalogue.by_code.get(basket.product)
    if product is None:
        return Refused(Refusal.NOT_FOUND, "C1", _NO_PRODUCT)
    known = await find_purchase(work.connection, basket.reference)
    if known is not None:
        return _again(known, basket, product)
    if await find_payment(work.connection, basket.reference) is not None:
        return Refused(Refusal.CONFLICT, "C1", _OTHER)
    account = await find_or_make_account(work, basket.buyer)
    await turn_regular(work, account.account_id)
    order = await _enter_order(work, basket, product, account.account_id)
    license_ids = await _put_licenses(work, order)
    await _tell(work, basket, order, account)
    return Bought(order.purchase_id, account.account_id, license_ids, True)


def _again(known: Purchase, basket: Basket, product: Product) -> Bought | Refused:
    order = known.order
    told = (basket.quantity, basket.total, product.product_id, basket.major, basket.method)
    if told != (order.quantity, order.total, order.product_id, order.major, order.method):
        return Refused(Refusal.CONFLICT, "C1", _OTHER)
    return Bought(order.purchase_id, order.account_id or 0, (), False)


async def _enter_order(work: Work, basket: Basket, product: Product, account_id: int) -> Order:
    is_paid = basket.method is not Method.PURCHASE_ORDER or basket.total == 0
    order = Order(
        work.new_id(),
        None,
        account_id,
        product.product_id,
        basket.major,
        LicenseKind.PERPETUAL,
        basket.quantity,
        (basket.total / basket.quantity).quantize(CENT, ROUND_HALF_UP),
        basket.total,
        basket.total if is_paid else Decimal(0),
        basket.method,
        OrderState.PAID if is_paid else OrderState.OPEN,
        work.now,
        due_at(basket.method, work.now) if not is_paid else work.now,
        work.now if is_paid else None,
    )
    placed_by = work.person.person_id or None
    await add_order(work.connection, order, placed_by, consumer=basket.consumer)
    await set_reference(work.connection, order.purchase_id, basket.reference)
    if is_paid:
        await add_payment(work.connection, _payment(work, order, basket.reference))
    return order


def _payment(work: Work, order: Order, reference: str) -> Payment:
    recorded_by = work.person.person_id or None
    method = order.method.name.lower()
    return Payment(
        work.new_id(), order.purchase_id, None, order.total, work.now, recorded_by, method, reference
    )


async def _put_licenses(work: Work, order: Order) -> tuple[int, ...]:
    """Put the purchase's licences into the account, with their updates' term (L7)."""
    account_id = order.account_id or 0
    new = NewLicenses(
        account_id,
        order.product_id,
        [work.new_id(shard_of(account_id)) for _ in range(order.quantity)],
        order.major,
        work.now,
        updates_until=await _updates_until(work, account_id, order.product_id),
        purchase_id=order.purchase_id,
    )
    await add_licenses(work.connection, new)
    return tuple(new.license_ids)


async def _updates_until(work: Work, account_id: int, product_id: int) -> int | None:
    """L7, S5: return the term that comes with the product, or the account's paid plan if that is longer."""
    months = await read_update_months(work.connection, product_id)
    if months is None:
        return None
    term = add_months(work.now, months, work.desk.week.zone)
    plan = await lock_plan_for(work.connection, account_id, product_id)
    return term if plan is None else max(term, plan.paid_until)


async def _tell(work: Work, basket: Basket, order: Order, account: BuyersAccount) -> None:
    told = {
        "order": to_text(ORDER, order.purchase_id),
        "product": basket.product,
        "quantity": order.quantity,
        "method": order.method.name.lower(),
        "paid": order.state is OrderState.PAID,
    }
    await work.tell(EventKind.PURCHASED, account.account_id, "C1", told)
    await work.hook("purchase.made", told)
    params: dict[str, object] = {"product": basket.product, "quantity": order.quantity}
    once_key = f"purchase:{order.purchase_id}"
    if account.sealed is not None:
        await work.mail(account.account_id, "welcome", {**params, "sealed": account.sealed}, once_key)
    else:
        await work.mail(account.account_id, "licenses_added", params, once_key)
