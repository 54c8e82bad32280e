"""The log as those who oversee read it: what happened to a licence or an account, and what a person did."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from activation.console.outcomes import Page
from activation.console.oversight.facts import Fact, facts_of
from activation.console.pages import PageRoute
from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.http.staff.audit import MAX_NAME
from activation.http.staff.telling_audit import read_position, tell_log
from activation.licensing.identifiers import ACCOUNT, LICENSE, STAFF
from activation.licensing.roles import Act
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.auditing.histories import NEWEST, LoggedEvent, Position, name_actors, see_log
from activation.service.working import Work

PATH: Final = "/console/audit"
_PAGES: Final = {LICENSE: "/console/licenses/", ACCOUNT: "/console/accounts/", STAFF: "/console/staff/"}
"""Where things have a page of their own, by what their ids begin with."""


@value
class Logged:
    """An event as the log's page shows it. `told` is the API's; `about_page` is "" where there is none."""

    at: int
    told: Mapping[str, Any]
    facts: tuple[Fact, ...]
    about_page: str
    login: str


async def see(work: Work, call: Call) -> Page:
    """Show what happened to a licence, an account with its licences, or a person, the newest first.

    `?looks=0` leaves out who looked at them.
    """
    with_looks = call.query.get("looks") != "0"
    typed = call.query.get("query", "").strip()
    shown: dict[str, Any] = {"typed": typed, "is_known": True, "events": [], "next_url": None}
    shown |= {"with_looks": with_looks, "other_url": _url(typed, with_looks=not with_looks)}
    if typed:
        shown |= await _find(work, typed, _position(call), with_looks=with_looks)
    status = 200 if shown["is_known"] else 404
    return Page("oversight/audit.html", "audit.title", status=status, **shown)


async def _find(work: Work, typed: str, position: Position, *, with_looks: bool) -> dict[str, Any]:
    found = None
    if len(typed) <= MAX_NAME and "\x00" not in typed:
        found = await see_log(work, typed, position, with_looks=with_looks)
    if found is None or isinstance(found, Refused):
        return {"is_known": False}
    told = tell_log(found)
    logins = await name_actors(work, found.rows)
    pairs = zip(told["events"], found.rows, strict=True)
    before = told.get("next_before")
    return {
        "events": [_logged(one, row, logins) for one, row in pairs],
        "next_url": _url(typed, with_looks=with_looks, before=before) if before else None,
    }


def _url(typed: str, *, with_looks: bool, **more: str) -> str:
    looks = {} if with_looks else {"looks": "0"}
    return f"{PATH}?{urlencode({'query': typed, **looks, **more})}"


def _logged(told: Mapping[str, Any], row: LoggedEvent, logins: Mapping[int, str]) -> Logged:
    about = told["about"]
    page = next((f"{where}{about}" for prefix, where in _PAGES.items() if about.startswith(prefix)), "")
    login = logins.get(row.actor_id or 0, "")
    return Logged(int(row.happened.timestamp()), told, facts_of(told["details"]), page, login)


def _position(call: Call) -> Position:
    before = call.query.get("before")
    position = NEWEST if before is None else read_position(before)
    if position is None:
        raise refuse(Refusal.MALFORMED, "", field="before")
    return position


ROUTES: Final = (PageRoute(PATH, Act.SEE_AUDIT, see),)
