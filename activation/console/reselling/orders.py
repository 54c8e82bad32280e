"""A reseller's orders: the price before it orders, what is paid, what is not yet."""

from typing import Final, Literal
from urllib.parse import urlencode

from msgspec import Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.reselling.quoting import asked_of, own_prices, quote, refuse_changed
from activation.console.reselling.showing_orders import show_order, show_orders
from activation.http.calls import Call
from activation.http.naming import id_of, own_id, page_of
from activation.licensing.identifiers import ORDER, to_text
from activation.licensing.reselling.ordering import Method
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refused
from activation.messages.requests import Word
from activation.messages.reselling import Licenses, Major
from activation.service.reselling.clients import find_reseller
from activation.service.reselling.newest import see_newest_orders, see_order_of
from activation.service.reselling.ordering import Wish, cancel_order, place_order
from activation.service.working import Work

PATH: Final = "/console/orders"


class OrderForm(Struct, frozen=True, forbid_unknown_fields=True):
    """What is ordered, how it is paid, and the total that was shown."""

    product: Word
    major: Major
    quantity: Licenses
    total: str
    method: Literal["purchase_order", "online"] = "purchase_order"


class CancelForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A button."""


async def see_orders(work: Work, call: Call) -> Page | Refused:
    """List the account's orders, the newest first, and what another one would cost."""
    before, limit = page_of(call, ORDER)
    reseller = await find_reseller(work, own_id(work))
    if isinstance(reseller, Refused):
        return reseller
    orders = await see_newest_orders(work, own_id(work), None, before, limit)
    prices = await own_prices(work, reseller)
    asked = await asked_of(work, call, own_id(work), prices)
    return Page(
        "reselling/orders.html",
        "orders.title",
        orders=show_orders(work, orders),
        next_url=f"{PATH}?after={to_text(ORDER, orders[-1].purchase_id)}" if len(orders) == limit else None,
        is_first=before == 0,
        prices=prices,
        products=[(one.product, one.product) for one in prices],
        discount=reseller.discount,
        asked=asked,
        quote=quote(prices, asked),
        asked_again=urlencode({"product": asked.product, "major": asked.major, "quantity": asked.quantity}),
        may_order=may(work.person.role, Act.OWN_ORDER),
    )


async def place(work: Work, _call: Call, form: OrderForm) -> SeeOther | Refused:
    """Place an order at the price that was shown (P3, P4)."""
    wish = Wish(form.product, form.major, form.quantity, Method[form.method.upper()])
    order = await place_order(work, own_id(work), wish)
    if isinstance(order, Refused):
        return order
    refused = refuse_changed(order, form.total)
    return refused or SeeOther(f"{PATH}/{to_text(ORDER, order.purchase_id)}", "orders.placed")


async def see_one(work: Work, call: Call) -> Page | Refused:
    """Show an order: what is to be paid until when, or since when its licences are in the pool."""
    seen = await see_order_of(work, own_id(work), id_of(ORDER, call.path["order_id"]))
    if isinstance(seen, Refused):
        return seen
    shown = show_order(work, seen.order)
    return Page(
        "reselling/order.html",
        "orders.one",
        title_values={"order": to_text(ORDER, seen.order.purchase_id)},
        shown_order=shown,
        may_cancel=shown.may_cancel and may(work.person.role, Act.OWN_ORDER),
    )


async def cancel(work: Work, call: Call, _form: CancelForm) -> SeeOther | Refused:
    """Cancel an order of which nothing is paid (P3)."""
    order = await cancel_order(work, id_of(ORDER, call.path["order_id"]))
    if isinstance(order, Refused):
        return order
    return SeeOther(f"{PATH}/{to_text(ORDER, order.purchase_id)}", "orders.cancelled")


_ORDERS: Final = PageRoute(PATH, Act.OWN_SEE, see_orders)
_ORDER: Final = PageRoute(f"{PATH}/{{order_id}}", Act.OWN_SEE, see_one)
ROUTES: Final = (
    _ORDERS,
    FormRoute(PATH, Act.OWN_ORDER, OrderForm, place, _ORDERS),
    _ORDER,
    FormRoute(f"{PATH}/{{order_id}}/cancel", Act.OWN_ORDER, CancelForm, cancel, _ORDER),
)
