"""Finding a licence by whatever the person on the phone can tell, as one types."""

from typing import Final
from urllib.parse import urlencode

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import PageRoute
from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.http.naming import id_of
from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refusal
from activation.service.licenses.searching import SHORTEST, Found, search
from activation.service.working import Work

PATH: Final = "/console/licenses"
MAX_QUERY: Final = 4000
"""A whole certificate is pasted."""
_BAD_QUERY: Final = f"What is searched for has at most {MAX_QUERY} characters."


async def see(work: Work, call: Call) -> Page | SeeOther:
    """Find by login, e-mail, device's name, an id, a certificate, a trace: `?query=&after=`."""
    query = call.query.get("query", "").strip()
    if len(query) > MAX_QUERY or "\x00" in query:
        raise refuse(Refusal.MALFORMED, _BAD_QUERY, field="query")
    after = id_of(LICENSE, call.query.get("after", ""))
    found = await search(work, query, after)
    if call.query.get("fragment") != "1":
        leads_to = _only_meant(found)
        if leads_to is not None:
            return SeeOther(leads_to)
    return Page(
        "licenses/finding.html",
        "finding.title",
        query=query,
        found=found,
        is_short=0 < len(query) < SHORTEST,
        next_url=_next(query, found.next_after),
    )


def _only_meant(found: Found) -> str | None:
    """Return where Enter leads to: who names a licence or a refusal by its id wants to see it."""
    if found.license_id is not None:
        return f"{PATH}/{to_text(LICENSE, found.license_id)}"
    if found.trace_id is not None and not found.rows and not found.accounts:
        return f"/console/traces/{found.trace_id}"
    return None


def _next(query: str, after: int | None) -> str | None:
    if after is None:
        return None
    return f"{PATH}?{urlencode({'query': query, 'after': to_text(LICENSE, after)})}"


ROUTES: Final = (PageRoute(PATH, Act.SEE_LICENSES, see),)
