"""Direct customers for the licensor's staff: purchases by hand, withdrawal, and what an account has."""

from decimal import Decimal
from typing import Any, Final

from msgspec import UNSET

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.http.staff.subscriptions import tell_subscription
from activation.licensing.identifiers import ACCOUNT, LICENSE, ORDER, to_text
from activation.licensing.reselling.ordering import Method, Order
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refused
from activation.messages.answers import Told
from activation.messages.purchases import MoneyRequest, PurchaseRequest, parse_money, parse_purchase
from activation.messages.subscriptions import moment_of
from activation.messages.times import optional_rfc3339, to_rfc3339
from activation.service.purchasing.buyers import Buyer
from activation.service.purchasing.buying import Basket, Bought, buy
from activation.service.purchasing.paying import pay_purchase
from activation.service.purchasing.showing import AccountView, show_account
from activation.service.purchasing.withdrawing import withdraw
from activation.service.reselling.paying import Money
from activation.service.working import Work

METHODS: Final = {"mail": Method.MAIL, "purchase_order": Method.PURCHASE_ORDER}


async def post_purchase(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Enter a purchase by hand (C1); the login goes to the buyer by mail, never to staff (P2)."""
    message = parse_purchase(body)
    basket = Basket(
        Buyer(message.email, message.name, "" if message.address is UNSET else message.address),
        message.product,
        message.major,
        message.quantity,
        Decimal(message.total),
        METHODS[message.method],
        message.reference,
        message.consumer,
    )
    bought = await buy(work, basket)
    return bought if isinstance(bought, Refused) else tell_bought(bought)


async def post_money(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Record money for a purchase order (P8)."""
    message = parse_money(body)
    paid_at = moment_of("paid_at", message.paid_at)
    money = Money(Decimal(message.amount), message.method, message.reference, paid_at)
    paid = await pay_purchase(work, id_of(ORDER, call.path["id"]), money)
    if isinstance(paid, Refused):
        return paid
    return {"paid": str(paid.paid), "total": str(paid.total), "settled": paid.settled}


async def post_withdrawal(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Withdraw from a purchase (P10)."""
    done = await withdraw(work, id_of(ORDER, call.path["id"]))
    if isinstance(done, Refused):
        return done
    return {
        "purchase_id": to_text(ORDER, done.purchase_id),
        "licenses": [to_text(LICENSE, license_id) for license_id in done.license_ids],
        "refund": str(done.refund),
    }


async def get_account(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Show how many licences an account has bought, uses and has free (C3)."""
    view = await show_account(work, call.path["login"])
    if isinstance(view, Refused):
        return view
    return tell_account(work, view)


def tell_account(work: Work, view: AccountView) -> dict[str, Any]:
    """Tell what an account has; amounts of money only to who may see orders."""
    money = may(work.person.role, Act.SEE_ORDERS)
    told = {
        "account_id": to_text(ACCOUNT, view.account_id),
        "state": view.state.name.lower(),
        "licenses": _tell_held(work, view),
        "purchases": _tell_purchases(work, view, money),
    }
    if may(work.person.role, Act.SEE_SUBSCRIPTIONS):
        told["subscriptions"] = [tell_subscription(row) for row in view.subscriptions]
    return told


def tell_bought(bought: Bought) -> dict[str, Any]:
    """Tell a purchase that was entered."""
    return {
        "purchase_id": to_text(ORDER, bought.purchase_id),
        "account_id": to_text(ACCOUNT, bought.account_id),
        "licenses": [to_text(LICENSE, license_id) for license_id in bought.license_ids],
        "fresh": bought.fresh,
    }


def _tell_held(work: Work, view: AccountView) -> list[dict[str, Any]]:
    return [
        {
            "product": _product(work, held.product_id),
            "major": held.major,
            "kind": held.kind.name.lower(),
            "bought": held.bought,
            "used": held.used,
            "free": held.free,
        }
        for held in view.held
    ]


def _tell_purchases(work: Work, view: AccountView, money: bool) -> list[dict[str, Any]]:
    return [
        {
            **_tell_order(work, purchase.order, money),
            "consumer": purchase.consumer,
            "downloaded_at": optional_rfc3339(purchase.downloaded_at),
        }
        for purchase in view.purchases
    ]


def _tell_order(work: Work, order: Order, money: bool) -> dict[str, Any]:
    told = {
        "purchase_id": to_text(ORDER, order.purchase_id),
        "product": _product(work, order.product_id),
        "major": order.major,
        "quantity": order.quantity,
        "method": order.method.name.lower(),
        "state": order.state.name.lower(),
        "placed_at": to_rfc3339(order.placed_at),
        "due_at": to_rfc3339(order.due_at),
    }
    return {**told, "total": str(order.total), "paid": str(order.paid)} if money else told


def _product(work: Work, product_id: int) -> str:
    found = work.desk.catalogue.by_id.get(product_id)
    return found.code if found is not None else str(product_id)


ROUTES: Final = (
    ActRoute("POST", "/v1/staff/purchases", Act.CHANGE_ORDERS, post_purchase, 201, takes=PurchaseRequest),
    ActRoute(
        "POST", "/v1/staff/purchases/{id}/payments", Act.RECORD_PAYMENTS, post_money, takes=MoneyRequest
    ),
    ActRoute("POST", "/v1/staff/purchases/{id}/withdraw", Act.CHANGE_ORDERS, post_withdrawal, bodiless=True),
    ActRoute("GET", "/v1/staff/accounts/{login}", Act.SEE_ACCOUNTS, get_account),
)
