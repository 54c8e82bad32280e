"""The terms as the licensor publishes them: in force, announced a month ahead, and a new version (P1, G8)."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.resellers.paying import day_of
from activation.http.calls import Call
from activation.http.reselling.clients import MAX_TERMS_BODY
from activation.licensing.reselling.agreeing import NOTICE_S
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refused
from activation.messages.reselling import TermsText, Version
from activation.service.reselling.agreeing import publish_terms, see_terms
from activation.service.working import Work

PATH: Final = "/console/published-terms"


class TermsForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A version of the terms, its text, and from which day on it is in force."""

    version: Version
    text: TermsText
    effective_on: Annotated[str, Meta(max_length=10)] | None = None


async def see(work: Work, _call: Call) -> Page:
    """Show the terms in force and those announced."""
    return Page(
        "resellers/terms.html",
        "terms.published",
        terms=await see_terms(work, None),
        soonest=work.now + NOTICE_S,
        may_publish=may(work.person.role, Act.PUBLISH_TERMS),
    )


async def publish(work: Work, _call: Call, form: TermsForm) -> SeeOther | Refused:
    """Publish a version of the terms; every reseller is told of a change by mail (P1, G8)."""
    effective_at = day_of(form.effective_on, work.desk.week.zone, "effective_on")
    if isinstance(effective_at, Refused):
        return effective_at
    done = await publish_terms(work, form.version, form.text, effective_at)
    return done if isinstance(done, Refused) else SeeOther(PATH, "terms.made", version=done.version)


_PAGE: Final = PageRoute(PATH, Act.SEE_RESELLERS, see)
ROUTES: Final = (
    _PAGE,
    FormRoute(PATH, Act.PUBLISH_TERMS, TermsForm, publish, _PAGE, max_body=3 * MAX_TERMS_BODY),
)
