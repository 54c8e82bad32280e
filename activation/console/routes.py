"""Every address of the console; each module of pages lists its own."""

from typing import Final

from activation.console import home, passwords, signing_in
from activation.console.customers import assigning, assigning_rows, customer, listing, making, trying
from activation.console.licenses import account as owner_account
from activation.console.licenses import approvals, finding, offline, resetting, standing
from activation.console.licenses import license as license_page
from activation.console.mine import account as mine_account
from activation.console.mine import data, holdings
from activation.console.mine import requests as own_requests
from activation.console.open_pages import OpenForm, OpenPage
from activation.console.outcomes import SeeOther
from activation.console.oversight import audit, person, staff, traces
from activation.console.own import account as own_account
from activation.console.own import proofs, sessions, tokens
from activation.console.pages import FormRoute, PageRoute
from activation.console.privacy import erasing, persons, requests
from activation.console.resellers import charges as reseller_charges
from activation.console.resellers import ending, late, reseller
from activation.console.resellers import listing as reseller_listing
from activation.console.resellers import orders as reseller_orders
from activation.console.resellers import prices as reseller_prices
from activation.console.resellers import terms as published_terms
from activation.console.resellers import users as reseller_users
from activation.console.reselling import orders as own_orders
from activation.console.reselling import pool as own_pool
from activation.console.reselling import terms as own_terms
from activation.console.reselling import users as own_users
from activation.console.showing import in_pages, redirect
from activation.console.static_files import PATH, get_static
from activation.console.vendor import overview, products
from activation.http.calls import Call, Endpoint, Reply
from activation.http.guarding import refuse
from activation.licensing.verdicts import Refusal

CONSOLE_ROUTES: Final[tuple[PageRoute | FormRoute, ...]] = (
    *home.ROUTES,
    *sessions.ROUTES,
    *tokens.ROUTES,
    *holdings.ROUTES,
    *data.ROUTES,
    *own_requests.ROUTES,
    *mine_account.ROUTES,
    *requests.ROUTES,
    *persons.ROUTES,
    *erasing.ROUTES,
    *finding.ROUTES,
    *license_page.ROUTES,
    *owner_account.ROUTES,
    *resetting.ROUTES,
    *approvals.ROUTES,
    *offline.ROUTES,
    *standing.ROUTES,
    *traces.ROUTES,
    *audit.ROUTES,
    *overview.ROUTES,
    *products.ROUTES,
    *staff.ROUTES,
    *person.ROUTES,
    *listing.ROUTES,
    *making.ROUTES,
    *customer.ROUTES,
    *assigning.ROUTES,
    *assigning_rows.ROUTES,
    *trying.ROUTES,
    *own_pool.ROUTES,
    *own_orders.ROUTES,
    *own_users.ROUTES,
    *own_terms.ROUTES,
    *reseller_listing.ROUTES,
    *reseller.ROUTES,
    *reseller_orders.ROUTES,
    *reseller_charges.ROUTES,
    *reseller_users.ROUTES,
    *ending.ROUTES,
    *reseller_prices.ROUTES,
    *published_terms.ROUTES,
    *late.ROUTES,
)
"""For people who are signed in."""
OPEN_ROUTES: Final[tuple[OpenPage | OpenForm, ...]] = (
    *signing_in.OPEN_ROUTES,
    *passwords.OPEN_ROUTES,
    *own_account.OPEN_ROUTES,
    *proofs.OPEN_ROUTES,
)
"""For who is not, or not yet."""


async def get_console(call: Call) -> Reply:
    """`GET /console`: lead to its first page."""
    return redirect(call, SeeOther("/console/"))


async def get_nothing(_call: Call) -> Reply:
    """`GET` of what is not there: say so, with a way back."""
    raise refuse(Refusal.NOT_FOUND, "")


CONSOLE_ENDPOINTS: Final[tuple[tuple[str, str, Endpoint], ...]] = (
    *((route.method, route.path, route.endpoint()) for route in (*CONSOLE_ROUTES, *OPEN_ROUTES)),
    ("GET", PATH, in_pages(get_static)),
    ("GET", "/console", get_console),
    ("GET", "/console/{nowhere:.+}", in_pages(get_nothing)),
)
