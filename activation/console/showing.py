"""Pages into replies: what a person may see, what they are told instead, and where they go on."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

import structlog
from multidict import CIMultiDict

from activation.console.flashes import clear_flash, flash, read_flash
from activation.console.outcomes import Kept, Page, SeeOther
from activation.console.rendering import CONTENT_TYPE, HEADERS, render
from activation.console.saying import say
from activation.console.viewing import View, Who, view_of
from activation.console.wording import explain
from activation.http.calls import Call, Endpoint, Reply
from activation.http.cookies import session_token_of
from activation.http.guarding import RefusedError, problem
from activation.licensing.identity.sessions import Stage
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.strict import MalformedError
from activation.service.identity.entering import Entered
from activation.service.identity.own_sessions import see_session

SIGN_IN: Final = "/console/sign-in"
STEP_UP: Final = "/console/step-up"
_log = structlog.get_logger("activation.console")


def now_of(call: Call) -> int:
    """Return the time in seconds for what is only shown; what is decided goes by the database's clock."""
    return int(time.time()) + call.desk.clock.shift_s


def show(call: Call, page: Page, view: View, cookie: str | None = None) -> Reply:
    """Return a page as a reply; `cookie` is a new session's."""
    view.told = view.told or read_flash(call, view.now)
    headers: CIMultiDict[str] = CIMultiDict(HEADERS)
    for one in (cookie, None if view.is_fragment else clear_flash(call)):
        if one is not None:
            headers.add("Set-Cookie", one)
    return Reply(page.status, render(page, view), CONTENT_TYPE, headers)


def redirect(call: Call, to: SeeOther, cookie: str | None = None) -> Reply:
    """Return the reply that leads on, with its message for the next page."""
    headers: CIMultiDict[str] = CIMultiDict({"Location": to.to, "Cache-Control": "no-store"})
    if cookie is not None:
        headers.add("Set-Cookie", cookie)
    if to.told is not None:
        headers.add("Set-Cookie", flash(call, to.told, to.values, now_of(call)))
    return Reply(303, b"", "text/plain", headers)


def lead_to(call: Call, where: str, then: str) -> Reply:
    """Return the reply that leads to signing in, say, and back to `then` after it."""
    return redirect(call, SeeOther(f"{where}?{urlencode({'next': then})}"))


async def refuse_page(
    call: Call,
    refused: Refused,
    status: int,
    headers: Mapping[str, str] | None = None,
    who: Who | None = None,
) -> Reply:
    """Return the page that tells a refusal on its own, and what to do instead."""
    seen = who or await who_is(call)
    view = view_of(call, now_of(call), seen)
    view.is_fragment = False
    told = explain(refused)
    page = Page("refused.html", "layout.refused", status=status, told=told)
    page.title_values = {"title": told.title}
    reply = show(call, page, view)
    kept: CIMultiDict[str] = CIMultiDict(reply.headers)
    if headers and "Retry-After" in headers:
        kept["Retry-After"] = headers["Retry-After"]
    return replace(reply, headers=kept)


async def who_is(call: Call, token: str | None = None) -> Who | None:
    """Return who is signed in, for a page that no act was made for; nobody after a password alone."""
    token = token or session_token_of(call)
    seen = await see_session(call.desk, call.caller(), token) if token is not None else None
    return who_of(seen) if isinstance(seen, Entered) and seen.stage is Stage.SIGNED_IN else None


def who_of(entered: Entered) -> Who:
    """Return who a session is of."""
    return Who(entered.person.login, entered.person.role)


def in_pages(endpoint: Callable[[Call], Awaitable[Reply]]) -> Endpoint:
    """Return an endpoint that tells what goes wrong as a page. It raises ConnectionError only."""

    async def answer(call: Call) -> Reply:
        try:
            return await endpoint(call)
        except RefusedError as wrong:
            refused = wrong.refused
        except MalformedError as wrong:
            refused = malformed(wrong)
        except ConnectionError:
            raise  # the browser has gone
        except Exception:
            _log.exception("failed", trace_id=call.trace_id, route=call.route)
            detail = say("refusal.fault.detail")
            refused = Refused(Refusal.UNAVAILABLE, "fault", detail, facts={"retry_after_s": 5})
        told = problem(call, refused)
        return await refuse_page(call, refused, told.status, told.headers)

    answer.__doc__ = endpoint.__doc__
    return answer


def malformed(wrong: MalformedError) -> Refused:
    """Return the refusal of a form that cannot be taken."""
    return Refused(Refusal.MALFORMED, "request", wrong.detail, facts={"field": wrong.field})


def reply_of(kept: Kept) -> Reply:
    """Return a reply that was kept."""
    return Reply(kept.status, kept.body, kept.content_type, kept.headers)
