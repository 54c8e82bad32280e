"""A new customer: an account with a generated login, shown this once (P2), and its first licences."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from activation.console.customers.choosing import Count, What, at_field, split, supply_of
from activation.console.outcomes import Page
from activation.console.pages import FormRoute, PageRoute
from activation.http.calls import Call
from activation.http.naming import own_id
from activation.licensing.model import LicenseKind
from activation.licensing.reselling.clients import ResellerKind
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.assignments import Address, Email, Name
from activation.service.reselling.assigning import Wish, assign
from activation.service.reselling.clients import find_reseller
from activation.service.reselling.customers import NewCustomer, make_customer
from activation.service.working import Work

PATH: Final = "/console/customers/new"


class NewForm(Struct, frozen=True, forbid_unknown_fields=True):
    """Who the customer is, and what it gets at once, if anything."""

    name: Annotated[Name, Meta(min_length=1)]
    email: Email = ""
    address: Address = ""
    rolled_out: bool = False
    affiliated: bool = False
    own_use: bool = False
    what: What | None = None
    count: Count = 1


async def see(work: Work, _call: Call) -> Page | Refused:
    """Show the form for a new customer."""
    reseller = await find_reseller(work, own_id(work))
    if isinstance(reseller, Refused):
        return reseller
    supply = await supply_of(work, LicenseKind.PERPETUAL)
    return Page(
        "customers/new.html",
        "customers.new.title",
        is_company=reseller.kind is ResellerKind.COMPANY,
        options=supply.options,
    )


async def make(work: Work, _call: Call, form: NewForm) -> Page | Refused:
    """Make the account, with its licences or not at all, and show the login."""
    new = NewCustomer(form.name, form.email, form.address, form.affiliated, form.own_use, form.rolled_out)
    made = await make_customer(work, own_id(work), new)
    if isinstance(made, Refused):
        return made
    given = 0
    if form.what is not None:
        wish = Wish(made.account_id, *split(form.what), form.count)
        done = await assign(work, own_id(work), wish)
        if isinstance(done, Refused):
            return at_field(done)
        given = len(done.license_ids)
    return Page("customers/made.html", "customers.made.title", made=made, name=form.name, given=given)


_PAGE: Final = PageRoute(PATH, Act.OWN_ASSIGN, see)
ROUTES: Final = (_PAGE, FormRoute(PATH, Act.OWN_ASSIGN, NewForm, make, _PAGE))
