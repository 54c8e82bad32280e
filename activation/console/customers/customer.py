"""One customer: what is known of it, what it has, what it can be given."""

from typing import Final
from urllib.parse import urlencode

from activation.console.customers.listing import having
from activation.console.outcomes import Page
from activation.console.pages import PageRoute
from activation.http.calls import Call
from activation.http.naming import id_of, own_id
from activation.licensing.identifiers import ACCOUNT, LICENSE, to_text
from activation.licensing.roles import Act
from activation.licensing.standing import state_word
from activation.licensing.verdicts import Refused
from activation.service.reselling.customers import License, see_customer, see_licenses
from activation.service.working import Work

PATH: Final = "/console/customers/{account_id}"
ROWS: Final = 100


async def see(work: Work, call: Call) -> Page | Refused:
    """Show a customer and its licences, a page of them after `?after=`."""
    account_id = id_of(ACCOUNT, call.path["account_id"])
    found = await see_customer(work, own_id(work), account_id)
    if isinstance(found, Refused):
        return found
    after = call.query.get("after", "")
    licenses = await see_licenses(work, own_id(work), account_id, id_of(LICENSE, after), ROWS)
    codes = work.desk.catalogue.by_id
    rows = [
        (one, codes[one.product_id].code, state_word(one.state, one.ends_at, work.now)) for one in licenses
    ]
    return Page(
        "customers/customer.html",
        "customers.one.title",
        title_values={"name": found.customer.name or found.customer.login},
        customer=found.customer,
        having=having(found),
        rows=rows,
        next_url=_next(account_id, licenses),
    )


def _next(account_id: int, licenses: list[License]) -> str:
    if len(licenses) < ROWS:
        return ""
    after = to_text(LICENSE, licenses[-1].license_id)
    path = PATH.format(account_id=to_text(ACCOUNT, account_id))
    return f"{path}?{urlencode({'after': after})}"


PAGE: Final = PageRoute(PATH, Act.OWN_SEE, see)
ROUTES: Final = (PAGE,)
