"""What a reseller's users call: terms, account, users, prices, orders. Another's things are not found."""

from typing import Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import id_of, own_id, page_of
from activation.http.reselling.telling import (
    tell_charge,
    tell_order,
    tell_page,
    tell_prices,
    tell_reseller,
    tell_terms,
    tell_user,
)
from activation.http.reselling.users import add_user_of, close_user_of, issue_login_of
from activation.licensing.identifiers import CHARGE, ORDER
from activation.licensing.reselling.ordering import Method
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages import reselling as messages
from activation.messages.answers import Told
from activation.messages.reselling import parse
from activation.messages.times import to_rfc3339
from activation.service.reselling.agreeing import accept_terms, see_terms
from activation.service.reselling.ordering import Wish, cancel_order, place_order, see_order, see_orders
from activation.service.reselling.pricing import see_prices
from activation.service.reselling.seeing import see_charges, see_reseller
from activation.service.working import Work


def _whose(work: Work, _call: Call) -> int:
    return own_id(work)


async def get_terms(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell the terms in force and those announced."""
    return tell_terms(await see_terms(work, own_id(work)))


async def post_acceptance(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Accept a version of the terms (P1)."""
    version = parse(messages.Acceptance, body).version
    done = await accept_terms(work, own_id(work), version)
    if isinstance(done, Refused):
        return done
    return {"version": done.version, "accepted_at": to_rfc3339(done.accepted_at)}


async def get_account(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell how the account stands; the discount is part of its prices."""
    seen = await see_reseller(work, own_id(work))
    if isinstance(seen, Refused):
        return seen
    return {**tell_reseller(seen.reseller, work.now), "accepted": seen.accepted}


async def get_users(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """List the account's users, all of them: 200 at most."""
    seen = await see_reseller(work, own_id(work))
    return seen if isinstance(seen, Refused) else {"users": [tell_user(one) for one in seen.users]}


async def get_prices(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell the account's own prices (P4)."""
    seen = await see_reseller(work, own_id(work))
    return seen if isinstance(seen, Refused) else tell_prices(await see_prices(work, seen.reseller.discount))


async def post_order(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Place an order (P3)."""
    message = parse(messages.NewOrder, body)
    method = Method[message.method.upper()]
    order = await place_order(
        work, own_id(work), Wish(message.product, message.major, message.quantity, method)
    )
    return order if isinstance(order, Refused) else tell_order(work, order)


async def get_orders(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List the account's orders, by pages."""
    after, limit = page_of(call, ORDER)
    orders = await see_orders(work, own_id(work), None, after, limit)
    return tell_page("orders", [tell_order(work, one) for one in orders], limit, "order_id")


async def get_order(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell one order."""
    order = await see_order(work, id_of(ORDER, call.path["order_id"]))
    return order if isinstance(order, Refused) else tell_order(work, order)


async def post_cancel(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Cancel an order of which nothing is paid."""
    parse(messages.Nothing, body)
    order = await cancel_order(work, id_of(ORDER, call.path["order_id"]))
    return order if isinstance(order, Refused) else tell_order(work, order)


async def get_charges(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List penalties and other charges, by pages."""
    after, limit = page_of(call, CHARGE)
    charges = await see_charges(work, own_id(work), None, after, limit)
    return tell_page("charges", [tell_charge(one) for one in charges], limit, "charge_id")


_add_user: Final = add_user_of(_whose, "Add a user; the login is shown this once (P2).")
_issue_login: Final = issue_login_of(_whose, "Issue a user a new login; the old one ends (P2).")
_close_user: Final = close_user_of(_whose, "Close a user's login.")
ROUTES: Final = (
    ActRoute("GET", "/v1/reseller/terms", Act.OWN_SEE, get_terms),
    ActRoute(
        "POST", "/v1/reseller/acceptance", Act.OWN_ACCEPT, post_acceptance, 201, takes=messages.Acceptance
    ),
    ActRoute("GET", "/v1/reseller/account", Act.OWN_SEE, get_account),
    ActRoute("GET", "/v1/reseller/users", Act.OWN_SEE_USERS, get_users),
    ActRoute("POST", "/v1/reseller/users", Act.OWN_USERS, _add_user, 201, takes=messages.NewUser),
    ActRoute("POST", "/v1/reseller/users/{login}/login", Act.OWN_USERS, _issue_login, bodiless=True),
    ActRoute("POST", "/v1/reseller/users/{login}/close", Act.OWN_USERS, _close_user, bodiless=True),
    ActRoute("GET", "/v1/reseller/prices", Act.OWN_SEE, get_prices),
    ActRoute("GET", "/v1/reseller/orders", Act.OWN_SEE, get_orders),
    ActRoute("POST", "/v1/reseller/orders", Act.OWN_ORDER, post_order, 201, takes=messages.NewOrder),
    ActRoute("GET", "/v1/reseller/orders/{order_id}", Act.OWN_SEE, get_order),
    ActRoute("POST", "/v1/reseller/orders/{order_id}/cancel", Act.OWN_ORDER, post_cancel, bodiless=True),
    ActRoute("GET", "/v1/reseller/charges", Act.OWN_SEE, get_charges),
)
