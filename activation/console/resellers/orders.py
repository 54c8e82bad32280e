"""A reseller's orders as sales see them: placed for it, paid, cancelled (P3, P4)."""

from typing import Final, Literal
from urllib.parse import urlencode

from msgspec import Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.resellers.paying import METHODS, PaymentForm, record, told_of
from activation.console.reselling.logins import ButtonForm
from activation.console.reselling.quoting import asked_of, own_prices, quote, refuse_changed
from activation.console.reselling.showing_orders import show_order, show_orders
from activation.http.calls import Call
from activation.http.naming import id_of, page_of, reseller_of
from activation.licensing.identifiers import ORDER, RESELLER, to_text
from activation.licensing.reselling.ordering import Method
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refused
from activation.messages.requests import Word
from activation.messages.reselling import Licenses, Major
from activation.service.reselling.clients import find_reseller
from activation.service.reselling.newest import see_newest_orders, see_order_of
from activation.service.reselling.ordering import Wish, cancel_order, place_order
from activation.service.working import Work

PATH: Final = "/console/resellers/{reseller_id}/orders"


class StaffOrderForm(Struct, frozen=True, forbid_unknown_fields=True):
    """What sales order for a reseller, and the total that was shown."""

    product: Word
    major: Major
    quantity: Licenses
    total: str
    method: Literal["purchase_order", "online", "mail"] = "purchase_order"


async def see_all(work: Work, call: Call) -> Page | Refused:
    """List a reseller's orders, the newest first, and what another one would cost it."""
    before, limit = page_of(call, ORDER)
    reseller = await find_reseller(work, reseller_of(call))
    if isinstance(reseller, Refused):
        return reseller
    orders = await see_newest_orders(work, reseller.reseller_id, None, before, limit)
    prices = await own_prices(work, reseller)
    asked = await asked_of(work, call, reseller.reseller_id, prices)
    path = path_of(reseller.reseller_id)
    return Page(
        "resellers/orders.html",
        "resellers.orders",
        title_values={"name": reseller.name},
        reseller=reseller,
        path=path,
        orders=show_orders(work, orders),
        next_url=f"{path}?after={to_text(ORDER, orders[-1].purchase_id)}" if len(orders) == limit else None,
        is_first=before == 0,
        prices=prices,
        products=[(one.product, one.product) for one in prices],
        discount=reseller.discount,
        asked=asked,
        quote=quote(prices, asked),
        asked_again=urlencode({"product": asked.product, "major": asked.major, "quantity": asked.quantity}),
        may_order=may(work.person.role, Act.CHANGE_ORDERS),
    )


async def place(work: Work, call: Call, form: StaffOrderForm) -> SeeOther | Refused:
    """Place an order for a reseller (P3)."""
    wish = Wish(form.product, form.major, form.quantity, Method[form.method.upper()])
    order = await place_order(work, reseller_of(call), wish)
    if isinstance(order, Refused):
        return order
    to = f"{path_of(reseller_of(call))}/{to_text(ORDER, order.purchase_id)}"
    return refuse_changed(order, form.total) or SeeOther(to, "orders.placed")


async def see_one(work: Work, call: Call) -> Page | Refused:
    """Show an order of a reseller's, what came in for it, and the form to record more."""
    reseller = await find_reseller(work, reseller_of(call))
    if isinstance(reseller, Refused):
        return reseller
    seen = await see_order_of(work, reseller.reseller_id, id_of(ORDER, call.path["order_id"]))
    if isinstance(seen, Refused):
        return seen
    shown, role = show_order(work, seen.order), work.person.role
    return Page(
        "resellers/order.html",
        "orders.one",
        title_values={"order": to_text(ORDER, seen.order.purchase_id)},
        reseller=reseller,
        path=path_of(reseller.reseller_id),
        shown_order=shown,
        payments=seen.payments,
        methods=METHODS,
        may_cancel=shown.may_cancel and may(role, Act.CHANGE_ORDERS),
        may_pay=shown.is_open and may(role, Act.RECORD_PAYMENTS),
    )


async def pay(work: Work, call: Call, form: PaymentForm) -> SeeOther | Refused:
    """Record a payment for an order; paid in full, its licences join the pool (P3)."""
    purchase_id = id_of(ORDER, call.path["order_id"])
    seen = await see_order_of(work, reseller_of(call), purchase_id)
    if isinstance(seen, Refused):
        return seen
    paid = await record(work, form, seen.order.placed_at, purchase_id=purchase_id)
    if isinstance(paid, Refused):
        return paid
    return SeeOther(f"{path_of(reseller_of(call))}/{to_text(ORDER, purchase_id)}", told_of(paid))


async def cancel(work: Work, call: Call, _form: ButtonForm) -> SeeOther | Refused:
    """Cancel an order of which nothing is paid (P3)."""
    purchase_id = id_of(ORDER, call.path["order_id"])
    seen = await see_order_of(work, reseller_of(call), purchase_id)
    if isinstance(seen, Refused):
        return seen
    order = await cancel_order(work, purchase_id)
    if isinstance(order, Refused):
        return order
    return SeeOther(f"{path_of(reseller_of(call))}/{to_text(ORDER, purchase_id)}", "orders.cancelled")


def path_of(reseller_id: int) -> str:
    """Return the address of a reseller's orders."""
    return f"/console/resellers/{to_text(RESELLER, reseller_id)}/orders"


_ALL: Final = PageRoute(PATH, Act.SEE_ORDERS, see_all)
_ONE: Final = PageRoute(f"{PATH}/{{order_id}}", Act.SEE_ORDERS, see_one)
ROUTES: Final = (
    _ALL,
    FormRoute(PATH, Act.CHANGE_ORDERS, StaffOrderForm, place, _ALL),
    _ONE,
    FormRoute(f"{PATH}/{{order_id}}/payments", Act.RECORD_PAYMENTS, PaymentForm, pay, _ONE),
    FormRoute(f"{PATH}/{{order_id}}/cancel", Act.CHANGE_ORDERS, ButtonForm, cancel, _ONE),
)
