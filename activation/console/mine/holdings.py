"""End users' licences: which device each is on, when it may be freed, and freeing it (R1-R3, C3)."""

from typing import Final
from urllib.parse import urlencode

from msgspec import Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.service.activating.holdings import list_mine
from activation.service.licenses.owning import count_mine, see_mine
from activation.service.resetting.resets import reset_mine
from activation.service.working import Work

PATH: Final = "/console/mine"
PAGE: Final = 25
_MOST_QUERY: Final = 100


class FreeForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A button."""


async def see(work: Work, call: Call) -> Page:
    """List one's licences, some at a time, or those on devices with a word in their names."""
    query = call.query.get("query", "").strip()[:_MOST_QUERY]
    listing = await list_mine(work, id_of(LICENSE, call.query.get("after", "")), PAGE, query)
    return Page(
        "mine/licenses.html",
        "mine.title",
        rows=listing.rows,
        counts=await count_mine(work),
        query=query,
        next_url=_next(listing.next_after, query),
        week=work.desk.week,
    )


def _next(after: int | None, query: str) -> str:
    """Return the address of the next page, or "" where this is the last."""
    if after is None:
        return ""
    named = {"query": query} if query else {}
    return f"{PATH}?{urlencode({**named, 'after': to_text(LICENSE, after)})}"


async def see_one(work: Work, call: Call) -> Page | Refused:
    """Show one licence: its device, when it may be freed, what it was freed from."""
    seen = await see_mine(work, id_of(LICENSE, call.path["license_id"]))
    if isinstance(seen, Refused):
        return seen
    held = seen.row.license
    return Page(
        "mine/license.html",
        "mine.license.title",
        title_values={"product": f"{held.product_name} {held.major}"},
        seen=seen,
        row=seen.row,
        week=work.desk.week,
    )


async def free(work: Work, call: Call, _form: FreeForm) -> SeeOther | Refused:
    """Free one of one's licences from its device, once a week (R3)."""
    done = await reset_mine(work, id_of(LICENSE, call.path["license_id"]))
    if isinstance(done, Refused):
        return done
    return SeeOther(f"{PATH}/licenses/{to_text(LICENSE, done.license_id)}", "mine.freed")


_ONE: Final = PageRoute(f"{PATH}/licenses/{{license_id}}", Act.MINE_SEE, see_one)
ROUTES: Final = (
    PageRoute(PATH, Act.MINE_SEE, see),
    _ONE,
    FormRoute(f"{_ONE.path}/free", Act.MINE_RESET, FreeForm, free, _ONE),
)
