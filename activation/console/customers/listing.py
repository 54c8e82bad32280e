"""The reseller's customers: found as one types, the newest first, and what each has (C3)."""

from typing import Final
from urllib.parse import urlencode

from activation.console.outcomes import Page
from activation.console.pages import PageRoute
from activation.http.calls import Call
from activation.http.naming import id_of, own_id
from activation.http.reselling.customers import MOST_QUERY
from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.model import LicenseKind
from activation.licensing.roles import Act
from activation.licensing.values import value
from activation.service.reselling.customers import CustomerView, find_customers
from activation.service.working import Work

PATH: Final = "/console/customers"
ROWS: Final = 50


@value
class Having:
    """How many licences a customer was given, uses and has free, and how many of them are tests."""

    bought: int
    used: int
    free: int
    tests: int


async def see(work: Work, call: Call) -> Page:
    """List one's customers, or those whom the query may mean."""
    query = call.query.get("query", "")[:MOST_QUERY].strip()
    after = call.query.get("after", "")
    found = await find_customers(work, own_id(work), query, id_of(ACCOUNT, after), ROWS)
    rows = [(view.customer, having(view)) for view in found]
    return Page(
        "customers/customers.html",
        "customers.title",
        query=query,
        rows=rows,
        is_first=not after,
        next_url=_next(query, found),
    )


def having(view: CustomerView) -> Having:
    """Return how many licences a customer has, of all products together."""
    regular = [one for one in view.counts if one.kind is not LicenseKind.TEST]
    tests = [one for one in view.counts if one.kind is LicenseKind.TEST]
    return Having(
        sum(one.bought for one in regular),
        sum(one.used for one in regular),
        sum(one.free for one in regular),
        sum(one.used + one.free for one in tests),
    )


def _next(query: str, found: list[CustomerView]) -> str:
    if len(found) < ROWS:
        return ""
    after = to_text(ACCOUNT, found[-1].customer.account_id)
    return f"{PATH}?{urlencode({'query': query, 'after': after} if query else {'after': after})}"


PAGE: Final = PageRoute(PATH, Act.OWN_SEE, see)
ROUTES: Final = (PAGE,)
