"""The first page after signing in: what there is to do, by role."""

from typing import Final

from activation.console.navigation import ENTRIES, entries_of
from activation.console.outcomes import Page, SeeOther
from activation.console.pages import TERMS, PageRoute
from activation.http.calls import Call
from activation.licensing.roles import Act
from activation.service.reselling.agreeing import is_newcomer
from activation.service.working import Work


async def see_home(work: Work, _call: Call) -> Page | SeeOther:
    """Show where to begin: the pages that the role has, each with what it is for."""
    if await is_newcomer(work):
        return SeeOther(TERMS)
    role = work.person.role
    entries = [entry for entry in entries_of(role) if entry is not ENTRIES[0]]
    return Page("home.html", "home.title", role=role, entries_here=entries)


ROUTES: Final = (PageRoute("/console/", Act.SELF, see_home),)
