"""End users on what they ask for by law: asked, with its deadline, and answered in writing (G4)."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.privacy.knowing import options
from activation.http.calls import Call
from activation.http.privacy.telling import KINDS, REGIMES
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.privacy import Kind, Regime
from activation.service.privacy.requesting import SIGNED_IN, ask, see_of
from activation.service.working import Work

PATH: Final = "/console/mine/data/requests"


class AskForm(Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for, under which law, and a word on it."""

    kind: Kind
    regime: Regime = "gdpr"
    note: Annotated[str, Meta(max_length=480)] = ""


async def see(work: Work, _call: Call) -> Page:
    """List what one asked for, the newest first, with deadlines and answers."""
    kept = await see_of(work, work.person.person_id)
    return Page(
        "mine/requests.html",
        "mine_requests.title",
        requests=kept[::-1],
        now=work.now,
        signed_in=SIGNED_IN,
        kinds=options("privacy.kinds", KINDS),
        regimes=options("privacy.regimes", REGIMES),
    )


async def do_ask(work: Work, _call: Call, form: AskForm) -> SeeOther | Refused:
    """Ask for something that the law grants; the password, shown just now, says who asks."""
    kept = await ask(work, KINDS[form.kind], REGIMES[form.regime], form.note)
    return kept if isinstance(kept, Refused) else SeeOther(PATH, "mine_requests.asked")


_PAGE: Final = PageRoute(PATH, Act.MINE_PRIVACY, see)
ROUTES: Final = (_PAGE, FormRoute(PATH, Act.MINE_PRIVACY, AskForm, do_ask, _PAGE))
