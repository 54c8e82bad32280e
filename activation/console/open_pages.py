"""Routes for who is not signed in yet, or signs in: no act of anybody's, and no Idempotency-Key."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from activation.console.forms import message_of, read_sent
from activation.console.outcomes import Page, SeeOther, own_path
from activation.console.showing import (
    SIGN_IN,
    in_pages,
    lead_to,
    malformed,
    now_of,
    redirect,
    refuse_page,
    show,
    who_is,
)
from activation.console.viewing import SentAgain, path_of, view_of
from activation.console.wording import errors_of, explain
from activation.http.calls import Call, Endpoint, Reply
from activation.http.cookies import refuse_foreign, session_token_of
from activation.http.guarding import problem
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.strict import MalformedError
from activation.service.identity.session_tokens import is_csrf_of


@value
class Went:
    """What a step came to: where to go on or what to show, and the session's new cookie."""

    to: SeeOther | Page
    cookie: str | None = None
    token: str | None = None


See = Callable[[Call], Awaitable[Page | SeeOther]]
Do = Callable[[Call, str, Any], Awaitable[Went | Refused]]
"""A step: gets the call, the session's token ("" without one), and the form's message."""


@value
class OpenPage:
    """A page for everybody. `is_named` tells whether it shows who is signed in."""

    path: str
    see: See
    is_named: bool = False

    method = "GET"

    def endpoint(self) -> Endpoint:
        """Return what answers it."""

        async def answer(call: Call) -> Reply:
            found = await self.see(call)
            if isinstance(found, SeeOther):
                return redirect(call, found)
            who = await who_is(call) if self.is_named else None
            return show(call, found, view_of(call, now_of(call), who))

        answer.__doc__ = self.see.__doc__
        return in_pages(answer)


@value
class OpenForm:
    """A step of signing in. One that needs a session needs its token against forged requests, too."""

    path: str
    takes: type[msgspec.Struct]
    do: Do
    again: OpenPage
    in_session: bool = True

    method = "POST"

    def endpoint(self) -> Endpoint:
        """Return what answers it."""

        async def answer(call: Call) -> Reply:
            refuse_foreign(call, named=True)
            token = session_token_of(call) or ""
            sent = await read_sent(call)
            if self.in_session and not token:
                return lead_to(call, SIGN_IN, own_path(sent.one("then")))
            if self.in_session and not is_csrf_of(token, sent.one("csrf")):
                done: Went | Refused = Refused(Refusal.FORBIDDEN, "stale", "")
            else:
                try:
                    # Where to go on to is a part of every step.
                    done = await self.do(call, token, message_of(self.takes, sent))
                except MalformedError as wrong:
                    done = malformed(wrong)
            if isinstance(done, Refused):
                return await self._refuse(call, sent.typed(), done)
            return await _go(call, done, is_named=self.again.is_named)

        answer.__doc__ = self.do.__doc__
        return in_pages(answer)

    async def _refuse(self, call: Call, typed: dict[str, list[str]], refused: Refused) -> Reply:
        told = problem(call, refused)
        if refused.rule == "session":
            return lead_to(call, SIGN_IN, "")
        page = await self.again.see(call)
        if not isinstance(page, Page):
            return await refuse_page(call, refused, told.status, told.headers)
        who = await who_is(call) if self.again.is_named else None
        view = view_of(call, now_of(call), who)
        shown = {name: texts for name, texts in typed.items() if name not in SECRET}
        view.again = SentAgain(path_of(call), shown, errors_of(refused))
        view.explanation = explain(refused)
        page.status = told.status
        reply = show(call, page, view)
        if "Retry-After" in told.headers:
            reply.headers = {**reply.headers, "Retry-After": told.headers["Retry-After"]}
        return reply


SECRET = frozenset({"password", "code", "recovery_code", "old", "new"})
"""What is not shown again."""


async def _go(call: Call, went: Went, *, is_named: bool) -> Reply:
    if isinstance(went.to, SeeOther):
        return redirect(call, went.to, went.cookie)
    who = await who_is(call, went.token) if is_named else None
    view = view_of(call, now_of(call), who, went.token)
    return show(call, went.to, view, went.cookie)
