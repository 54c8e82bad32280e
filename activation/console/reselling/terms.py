"""The terms: read, and accepted by the owner; who has not accepted them yet is led here (P1, G8)."""

from typing import Final

from msgspec import Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.http.calls import Call
from activation.http.naming import own_id
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refused
from activation.messages.reselling import Version
from activation.service.reselling.agreeing import accept_terms, is_newcomer, see_terms
from activation.service.reselling.clients import find_reseller
from activation.service.working import Work

PATH: Final = "/console/terms"


class AcceptanceForm(Struct, frozen=True, forbid_unknown_fields=True):
    """Which version is accepted; `then` is the page that led here."""

    version: Version
    then: str = "/console/"


async def see(work: Work, call: Call) -> Page | Refused:
    """Show the terms in force and those announced, and when they were accepted."""
    reseller = await find_reseller(work, own_id(work))
    if isinstance(reseller, Refused):
        return reseller
    return Page(
        "reselling/terms.html",
        "terms.title",
        terms=await see_terms(work, own_id(work)),
        is_newcomer=await is_newcomer(work),
        may_accept=may(work.person.role, Act.OWN_ACCEPT),
        company=reseller.name,
        then=call.query.get("next", ""),
    )


async def accept(work: Work, _call: Call, form: AcceptanceForm) -> SeeOther | Refused:
    """Accept a version of the terms (P1)."""
    done = await accept_terms(work, own_id(work), form.version)
    return done if isinstance(done, Refused) else SeeOther(form.then, "terms.done", version=done.version)


_PAGE: Final = PageRoute(PATH, Act.OWN_SEE, see)
ROUTES: Final = (_PAGE, FormRoute(PATH, Act.OWN_ACCEPT, AcceptanceForm, accept, _PAGE))
