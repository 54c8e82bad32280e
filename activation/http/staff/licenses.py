"""Licences for the licensor's staff: finding them, their history, their standing, and giving new ones."""

from collections.abc import Awaitable, Callable
from typing import Final

from activation.http.acting import ActRoute, Do
from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.http.naming import id_of
from activation.http.staff.telling_licenses import tell_given, tell_history, tell_license, tell_page
from activation.licensing.identifiers import LICENSE, from_text
from activation.licensing.model import LicenseKind
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.answers import Told
from activation.messages.licenses import GrantRequest, NoteRequest, parse_grant, parse_note
from activation.service.licenses.finding import Seen, find_licenses, see_history
from activation.service.licenses.giving import Gift, give_licenses
from activation.service.licenses.tending import (
    extend_license,
    reinstate_license,
    revoke_license,
    suspend_license,
)
from activation.service.working import Work

MAX_QUERY: Final = 254
_BAD_QUERY: Final = f"A query has at most {MAX_QUERY} characters."
_BAD_AFTER: Final = "`after` is the licence that the page before ended with."


async def get_licenses(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Find by login, e-mail, id of licence, activation or account, or a device's name: `?query=&after=`."""
    query, after = call.query.get("query", ""), call.query.get("after")
    if len(query) > MAX_QUERY or "\x00" in query:
        raise refuse(Refusal.MALFORMED, _BAD_QUERY, field="query")
    last = 0 if after is None else from_text(LICENSE, after)
    if last is None:
        raise refuse(Refusal.MALFORMED, _BAD_AFTER, field="after")
    return tell_page(await find_licenses(work, query, last))


async def get_license(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell a licence and what happened to it."""
    history = await see_history(work, _named(call))
    return history if isinstance(history, Refused) else tell_history(history)


async def post_grant(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Give an account licences (L5)."""
    message = parse_grant(body)
    kind = LicenseKind[message.kind.upper()]
    gift = Gift(message.product, message.major, kind, message.count, message.device_limit)
    login = call.path["login"]
    given = await give_licenses(work, login, gift)
    return given if isinstance(given, Refused) else tell_given(login, given)


def _tend(tend: Callable[[Work, int, str], Awaitable[Seen | Refused]]) -> Do:
    """Return what changes one licence's standing by `tend`."""

    async def post(work: Work, call: Call, body: bytes) -> Told | Refused:
        seen = await tend(work, _named(call), parse_note(body))
        return seen if isinstance(seen, Refused) else tell_license(seen)

    post.__doc__ = tend.__doc__
    return post


def _named(call: Call) -> int:
    return id_of(LICENSE, call.path["license_id"])


_ONE: Final = "/v1/staff/licenses/{license_id}"
ROUTES: Final = (
    ActRoute("GET", "/v1/staff/licenses", Act.SEE_LICENSES, get_licenses),
    ActRoute("GET", _ONE, Act.SEE_LICENSES, get_license),
    ActRoute("POST", f"{_ONE}/suspend", Act.SUSPEND, _tend(suspend_license), takes=NoteRequest),
    ActRoute("POST", f"{_ONE}/reinstate", Act.SUSPEND, _tend(reinstate_license), takes=NoteRequest),
    ActRoute("POST", f"{_ONE}/revoke", Act.REVOKE, _tend(revoke_license), takes=NoteRequest),
    ActRoute("POST", f"{_ONE}/extend", Act.EXTEND, _tend(extend_license), takes=NoteRequest),
    ActRoute(
        "POST", "/v1/staff/accounts/{login}/licenses", Act.MAKE_ACCOUNTS, post_grant, 201, takes=GrantRequest
    ),
)
