"""P3: a payment is recorded once, whoever tells of it and how often; paid in full, licences join the pool."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from activation.licensing.events import Actor, Event, EventKind
from activation.licensing.identifiers import CHARGE, ORDER, shard_of, to_text
from activation.licensing.reselling.amounts import is_settled
from activation.licensing.reselling.charging import Charge, ChargeState, refuse_charge_payment
from activation.licensing.reselling.ordering import Order, OrderState, refuse_payment
from activation.licensing.reselling.pool import PoolKey, PoolWhy
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.ids import IdSource
from activation.service.working import Work
from activation.storage.connection import Connection
from activation.storage.events import add_events
from activation.storage.outgoing.outbox import write_hook_message, write_mail
from activation.storage.reselling.charges import Payment, add_payment, find_payment, read_charge, write_charge
from activation.storage.reselling.orders import read_order, write_paid
from activation.storage.reselling.pool_ledger import enter, lock_reseller

_UNKNOWN: Final = "There is no such order or charge."
_OTHER: Final = "This reference stands for another payment."
_FUTURE: Final = "A payment was made by now, not later."


@value
class Paid:
    """A payment as recorded. `fresh` is False when it had been before; then nothing was changed.

    `paid` of `total` euros have come in by now; `settled` says whether that is all. What a settled charge,
    or an order of an end-user account, leads to is for the caller to do, once: when `fresh` and `settled`.
    """

    payment_id: int
    purchase_id: int | None
    charge_id: int | None
    paid: Decimal
    total: Decimal
    settled: bool
    fresh: bool


@value
class Money:
    """What came in: how many euros, how, under which reference, and when (seconds; None: now).

    The reference is the bank's or the processor's. What counts is when it was paid, not when it was recorded.
    """

    amount: Decimal
    method: str
    reference: str
    paid_at: int | None = None

    def when(self, now: int) -> int:
        """Return when it was paid, in seconds since 1970."""
        return now if self.paid_at is None else self.paid_at


def _by_itself(event: Event) -> Event:
    return event


@value
class Books:
    """Where a payment is entered, and by whom (None: by itself); `attribute` gives events that role."""

    connection: Connection
    ids: IdSource
    trace_id: str
    now: int
    recorded_by: int | None = None
    attribute: Callable[[Event], Event] = _by_itself

    async def tell(self, kind: EventKind, client_id: int, rule: str, details: Mapping[str, Any]) -> None:
        """Append an event about a client."""
        actor = Actor.SYSTEM if self.recorded_by is None else Actor.STAFF
        event = Event(
            client_id,
            self.ids.new(shard_of(client_id)),
            kind,
            actor,
            rule,
            self.trace_id,
            self.recorded_by,
            None,
            json.dumps(details),
        )
        await add_events(self.connection, [self.attribute(event)])


async def take_payment(
    work: Work, money: Money, *, purchase_id: int | None = None, charge_id: int | None = None
) -> Paid | Refused:
    """Record a payment for an order or a charge; the same one told again changes nothing."""
    books = Books(
        work.connection,
        work.desk.ids,
        work.trace_id,
        work.now,
        work.person.person_id or None,
        work.attribute,
    )
    return await enter_payment(books, money, purchase_id=purchase_id, charge_id=charge_id)


async def enter_payment(
    books: Books, money: Money, *, purchase_id: int | None = None, charge_id: int | None = None
) -> Paid | Refused:
    """Record a payment within a transaction. Partial payments add up to what is owed and no more.

    The same payment told again is recorded once, and answers with `fresh=False`. A reseller's order paid in
    full enters its pool here.
    """
    if money.when(books.now) > books.now:
        return Refused(Refusal.CONFLICT, "P3", _FUTURE)
    if purchase_id is not None:
        return await _pay_order(books, purchase_id, money)
    return await _pay_charge(books, charge_id or 0, money)


async def _pay_order(books: Books, purchase_id: int, money: Money) -> Paid | Refused:
    order = await _lock_order(books.connection, purchase_id)
    if order is None:
        return Refused(Refusal.NOT_FOUND, "P3", _UNKNOWN)
    known = await find_payment(books.connection, money.reference)
    if known is not None:
        return _again(known, money, purchase_id, None, order.paid, order.total)
    refused = refuse_payment(order, money.amount, money.when(books.now))
    if refused is not None:
        return refused
    paid = order.paid + money.amount
    settled = is_settled(order.total, paid)
    payment_id = books.ids.new(0)
    await _add(books, payment_id, purchase_id, None, money)
    state = OrderState.PAID if settled else OrderState.OPEN
    await write_paid(books.connection, purchase_id, paid, state, books.now if settled else None)
    await _tell_order(books, order, money, settled)
    if settled and order.reseller_id is not None:
        key = PoolKey(order.reseller_id, order.product_id, order.major, order.kind)
        await enter(
            books.connection,
            key,
            order.quantity,
            PoolWhy.PAID,
            now=books.now,
            purchase_id=purchase_id,
            actor_id=books.recorded_by,
        )
    return Paid(payment_id, purchase_id, None, paid, order.total, settled, True)


async def _lock_order(connection: Connection, purchase_id: int) -> Order | None:
    """Lock the reseller's row, then the order: the pool spans all that the reseller has."""
    seen = await read_order(connection, purchase_id)
    if seen is not None and seen.reseller_id is not None:
        await lock_reseller(connection, seen.reseller_id)
    return await read_order(connection, purchase_id, lock=True)


async def _tell_order(books: Books, order: Order, money: Money, settled: bool) -> None:
    client_id = order.reseller_id or order.account_id or 0
    told = {"order": to_text(ORDER, order.purchase_id), "amount": str(money.amount), "method": money.method}
    await books.tell(EventKind.PAYMENT_RECORDED, client_id, "P3", told)
    if settled:
        paid = {"order": told["order"], "quantity": order.quantity, "total": str(order.total)}
        await books.tell(EventKind.ORDER_PAID, client_id, "P3", paid)
        await write_hook_message(books.connection, books.ids.new(0), "order.paid", paid, books.now)
    if settled and order.reseller_id is not None:
        await write_mail(
            books.connection,
            books.ids.new(0),
            order.reseller_id,
            "order_paid",
            {"order": told["order"]},
            books.now,
            f"paid:{order.purchase_id}",
        )


async def _pay_charge(books: Books, charge_id: int, money: Money) -> Paid | Refused:
    charge = await _lock_charge(books.connection, charge_id)
    if charge is None:
        return Refused(Refusal.NOT_FOUND, "P8", _UNKNOWN)
    known = await find_payment(books.connection, money.reference)
    if known is not None:
        return _again(known, money, None, charge_id, charge.paid, charge.amount)
    refused = refuse_charge_payment(charge, money.amount)
    if refused is not None:
        return refused
    paid = charge.paid + money.amount
    settled = is_settled(charge.amount, paid)
    payment_id = books.ids.new(0)
    await _add(books, payment_id, None, charge_id, money)
    state = ChargeState.PAID if settled else charge.state
    await write_charge(books.connection, charge_id, paid, state, books.now if settled else None)
    await _tell_charge(books, charge, money, settled)
    return Paid(payment_id, None, charge_id, paid, charge.amount, settled, True)


async def _lock_charge(connection: Connection, charge_id: int) -> Charge | None:
    seen = await read_charge(connection, charge_id)
    if seen is not None and seen.reseller_id is not None:
        await lock_reseller(connection, seen.reseller_id)
    return await read_charge(connection, charge_id, lock=True)


async def _tell_charge(books: Books, charge: Charge, money: Money, settled: bool) -> None:
    client_id = charge.reseller_id or charge.account_id or 0
    told = {
        "charge": to_text(CHARGE, charge.charge_id),
        "amount": str(money.amount),
        "method": money.method,
        "settled": settled,
    }
    await books.tell(EventKind.PAYMENT_RECORDED, client_id, "P8", told)


async def _add(
    books: Books, payment_id: int, purchase_id: int | None, charge_id: int | None, money: Money
) -> None:
    payment = Payment(
        payment_id,
        purchase_id,
        charge_id,
        money.amount,
        money.when(books.now),
        books.recorded_by,
        money.method,
        money.reference,
    )
    await add_payment(books.connection, payment)


def _again(
    known: Payment,
    money: Money,
    purchase_id: int | None,
    charge_id: int | None,
    paid: Decimal,
    total: Decimal,
) -> Paid | Refused:
    """Answer a payment that was recorded before, or refuse another one under its reference."""
    same = (known.purchase_id, known.charge_id, known.amount) == (purchase_id, charge_id, money.amount)
    if not same:
        return Refused(Refusal.CONFLICT, "P3", _OTHER)
    return Paid(known.payment_id, purchase_id, charge_id, paid, total, is_settled(total, paid), False)
