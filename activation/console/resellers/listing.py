"""All resellers: found by name as one types, and made (P1, P2)."""

from decimal import Decimal
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from msgspec import Meta, Struct

from activation.console.outcomes import Page
from activation.console.pages import FormRoute, PageRoute
from activation.console.reselling.logins import show_login
from activation.http.calls import Call
from activation.http.naming import page_of
from activation.licensing.identifiers import RESELLER, to_text
from activation.licensing.reselling.clients import ResellerKind
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refused
from activation.messages.reselling import Email, Name
from activation.service.reselling.joining import NewClient, create_reseller
from activation.service.reselling.newest import see_resellers_named
from activation.service.working import Work

PATH: Final = "/console/resellers"
Percent = Annotated[str, Meta(pattern=r"^[0-9]{1,2}([.,][0-9]{1,2})?\Z")]


class ResellerForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A reseller, or a company with a distribution licence, to make (C2)."""

    name: Name
    kind: Literal["reseller", "company"]
    email: Email | None = None
    discount: Percent | None = None


async def see(work: Work, call: Call) -> Page:
    """List resellers by pages, those whose name, id or user's login is asked for: `?query=`."""
    after, limit = page_of(call, RESELLER)
    query = call.query.get("query", "")[:200]
    found = await see_resellers_named(work, query, after, limit)
    last = to_text(RESELLER, found[-1].reseller_id) if len(found) == limit else None
    return Page(
        "resellers/list.html",
        "resellers.title",
        resellers=found,
        query=query,
        next_url=f"{PATH}?{urlencode({'query': query, 'after': last})}" if last else None,
        may_make=may(work.person.role, Act.MAKE_RESELLERS),
        may_see_late=may(work.person.role, Act.SEE_ORDERS),
    )


async def make(work: Work, _call: Call, form: ResellerForm) -> Page | Refused:
    """Make a reseller; its owner's login is shown this once."""
    kind = ResellerKind[form.kind.upper()]
    discount = None if form.discount is None else Decimal(form.discount.replace(",", "."))
    made = await create_reseller(work, NewClient(form.name, kind, discount, form.email or ""))
    return show_login(work, made, f"{PATH}/{to_text(RESELLER, made.reseller_id or 0)}")


_PAGE: Final = PageRoute(PATH, Act.SEE_RESELLERS, see)
ROUTES: Final = (_PAGE, FormRoute(f"{PATH}/new", Act.MAKE_RESELLERS, ResellerForm, make, _PAGE))
