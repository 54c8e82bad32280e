"""One's own sessions: listed, ended."""

from typing import Final

from msgspec import Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.licensing.identifiers import SESSION
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.service.identity.own_sessions import end_other_sessions, end_own_session, see_sessions
from activation.service.working import Work

PATH: Final = "/console/own/sessions"


class EndForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A button."""


async def see(work: Work, _call: Call) -> Page:
    """List one's own sessions that are not over: with which browser, from where, since when."""
    sessions = await see_sessions(work)
    return Page("own/sessions.html", "sessions.title", sessions=sessions, own_id=work.person.session_id)


async def end(work: Work, call: Call, _form: EndForm) -> SeeOther | Refused:
    """End one of one's own sessions, at once."""
    refused = await end_own_session(work, id_of(SESSION, call.path["session_id"]))
    return refused or SeeOther(PATH, "sessions.ended")


async def end_others(work: Work, _call: Call, _form: EndForm) -> SeeOther:
    """End all of one's own sessions but the one that asks."""
    return SeeOther(PATH, "sessions.ended_others", count=await end_other_sessions(work))


_PAGE: Final = PageRoute(PATH, Act.SELF, see)
ROUTES: Final = (
    _PAGE,
    FormRoute(f"{PATH}/end-others", Act.SELF, EndForm, end_others, _PAGE),
    FormRoute(f"{PATH}/{{session_id}}/end", Act.SELF, EndForm, end, _PAGE),
)
