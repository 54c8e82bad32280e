"""Licences out of the pool to one customer (P5), and where a file of hundreds begins."""

from typing import Final

from msgspec import Struct

from activation.console.customers import sheets
from activation.console.customers.choosing import Count, What, Who, at_field, supply_of, wish_of
from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.http.calls import Call, Reply
from activation.http.naming import id_of, own_id
from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.model import LicenseKind
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Filed, Refused
from activation.messages.assignments import MAX_ROWS
from activation.service.reselling.assigning import assign, report_limit
from activation.service.reselling.customers import CustomerView, see_customer
from activation.service.working import Work

PATH: Final = "/console/assign"


class AssignForm(Struct, frozen=True, forbid_unknown_fields=True):
    """Who gets how many of what; the customer by login, e-mail or account."""

    who: Who
    what: What
    count: Count = 1


async def see(work: Work, call: Call) -> Page:
    """Show what is left to assign, and the two forms: for one customer, for a file."""
    supply = await supply_of(work, LicenseKind.PERPETUAL)
    return Page(
        "customers/assign.html",
        "assign.title",
        customer=await chosen(work, call),
        lots=supply.lots,
        options=supply.options,
        may_order=may(work.person.role, Act.OWN_ORDER),
        most_rows=MAX_ROWS,
        columns=sheets.COLUMNS,
        example=sheets.EXAMPLE,
    )


async def give(work: Work, _call: Call, form: AssignForm) -> SeeOther | Filed | Refused:
    """Assign licences to one customer."""
    wish = await wish_of(work, form.who, form.what, form.count)
    if isinstance(wish, Refused):
        return wish
    done = await assign(work, own_id(work), wish)
    if isinstance(done, Refused):
        return await report_limit(work, at_field(done))
    to = f"/console/customers/{to_text(ACCOUNT, done.account_id)}"
    if done.ended_tests:
        return SeeOther(to, "assign.done_ended", count=len(done.license_ids), ended=len(done.ended_tests))
    return SeeOther(to, "assign.done", count=len(done.license_ids))


async def chosen(work: Work, call: Call) -> CustomerView | None:
    """Return the customer whom `?account=` names, if any."""
    account_id = id_of(ACCOUNT, call.query.get("account", ""))
    found = await see_customer(work, own_id(work), account_id) if account_id else None
    return None if isinstance(found, Refused) else found


async def get_example(_work: Work, _call: Call) -> Reply:
    """Return a file to begin with."""
    headers = {"Content-Disposition": 'attachment; filename="licences.csv"', "Cache-Control": "no-store"}
    return Reply(200, sheets.EXAMPLE.encode(), "text/csv; charset=utf-8", headers)


PAGE: Final = PageRoute(PATH, Act.OWN_ASSIGN, see)
ROUTES: Final = (
    PAGE,
    PageRoute(f"{PATH}/example.csv", Act.OWN_ASSIGN, get_example),
    FormRoute(PATH, Act.OWN_ASSIGN, AssignForm, give, PAGE),
)
