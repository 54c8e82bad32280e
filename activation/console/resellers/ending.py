"""The end of an agreement: what it would end is shown first; and the duty to delete it leaves (P8, P9)."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.http.calls import Call
from activation.http.naming import reseller_of
from activation.licensing.identifiers import RESELLER, to_text
from activation.licensing.reselling.clients import ResellerState
from activation.licensing.reselling.terminating import Why
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.requests import Note
from activation.service.reselling.clients import find_reseller
from activation.service.reselling.terminating import confirm_deletion, preview_ending, terminate
from activation.service.working import Work

PATH: Final = "/console/resellers/{reseller_id}/end"
_OTHER_NAME: Final = "This is not the reseller's name."


class EndForm(Struct, frozen=True, forbid_unknown_fields=True):
    """Why an agreement ends; the name is typed, so that nobody ends another's."""

    why: Literal["late", "breach"]
    note: Note
    name: Annotated[str, Meta(min_length=1, max_length=200)]


class DeletionForm(Struct, frozen=True, forbid_unknown_fields=True):
    """With what evidence the reseller deleted what it copied."""

    evidence: Note


async def see(work: Work, call: Call) -> Page | Refused:
    """Show what ending the agreement would end; of one that ended, what is still owed."""
    reseller = await find_reseller(work, reseller_of(call))
    if isinstance(reseller, Refused):
        return reseller
    ending = await preview_ending(work, reseller.reseller_id)
    if isinstance(ending, Refused):
        return ending
    return Page(
        "resellers/end.html",
        "resellers.end",
        title_values={"name": reseller.name},
        reseller=reseller,
        path=f"/console/resellers/{to_text(RESELLER, reseller.reseller_id)}",
        has_ended=reseller.state is ResellerState.TERMINATED,
        ending=ending,
        may_end=may(work.person.role, Act.TERMINATE),
    )


async def end(work: Work, call: Call, form: EndForm) -> SeeOther | Refused:
    """End an agreement (P8, P9)."""
    reseller = await find_reseller(work, reseller_of(call))
    if isinstance(reseller, Refused):
        return reseller
    if form.name.strip().casefold() != reseller.name.strip().casefold():
        return Refused(Refusal.MALFORMED, "request", _OTHER_NAME, facts={"field": "name"})
    done = await terminate(work, reseller.reseller_id, Why(form.why), form.note)
    if isinstance(done, Refused):
        return done
    return SeeOther(_path(call), "resellers.ended", forfeited=done.forfeited, orphaned=done.orphaned)


async def confirm(work: Work, call: Call, form: DeletionForm) -> SeeOther | Refused:
    """Record with what evidence a reseller deleted what it copied (P9)."""
    done = await confirm_deletion(work, reseller_of(call), form.evidence)
    return done if isinstance(done, Refused) else SeeOther(_path(call), "resellers.deletion.confirmed")


def _path(call: Call) -> str:
    return f"/console/resellers/{to_text(RESELLER, reseller_of(call))}/end"


_PAGE: Final = PageRoute(PATH, Act.SEE_RESELLERS, see)
ROUTES: Final = (
    _PAGE,
    FormRoute(PATH, Act.TERMINATE, EndForm, end, _PAGE),
    FormRoute(f"{PATH}/deletion", Act.TERMINATE, DeletionForm, confirm, _PAGE),
)
