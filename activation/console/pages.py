"""Routes of pages and forms for people who are signed in, each naming the act that it is.

Role, terms, step-up, limits and doing it once are `service.acting.act`'s, as for the API (http/acting.py).
A form carries its session's token against forged requests, and `once`, which is its Idempotency-Key.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from multidict import CIMultiDict

from activation.console.forms import MAX_FORM, Sent, message_of, read_sent
from activation.console.outcomes import Kept, Page, SeeOther, keep_refused
from activation.console.rendering import CONTENT_TYPE, HEADERS, render
from activation.console.showing import (
    SIGN_IN,
    in_pages,
    lead_to,
    malformed,
    now_of,
    redirect,
    refuse_page,
    reply_of,
    show,
    who_is,
)
from activation.console.showing import STEP_UP as STEP_UP_PAGE
from activation.console.viewing import SentAgain, View, Who, address_of, fill, path_of, view_of
from activation.console.wording import Explanation, errors_of, explain
from activation.http.acting import KEY_LENGTH
from activation.http.calls import Call, Endpoint, Reply
from activation.http.cookies import refuse_foreign, session_token_of, set_cookie
from activation.http.guarding import problem
from activation.licensing.roles import Act, Role
from activation.licensing.values import value
from activation.licensing.verdicts import Filed, Refusal, Refused
from activation.messages.strict import MalformedError
from activation.service.acting import Answer, Wanted, act, concerning
from activation.service.identity.identifying import STEP_UP, SessionShown
from activation.service.identity.second_factor import Factor, step_up
from activation.service.identity.session_tokens import is_csrf_of
from activation.service.working import Work

See = Callable[[Work, Call], Awaitable[Page | Reply | SeeOther | Refused]]
Do = Callable[[Work, Call, Any], Awaitable[SeeOther | Page | Reply | Filed | Refused]]
"""A use case behind a form: gets the work, the call, and the form's message."""
TERMS: Final = "/console/terms"
"""Where a reseller's newcomers are led: they accept the terms before anything else (P1)."""
_STALE: Final = "stale"


@dataclass(slots=True)
class _Seen:
    """What a page's function found, and who looked."""

    found: Page | Reply | SeeOther | None = None
    who: Who | None = None
    now: int = 0
    refused: Refused | None = None
    status: int = 200
    headers: dict[str, str] | None = None


@value
class PageRoute:
    """A page for people who are signed in."""

    path: str
    act: Act
    see: See

    method = "GET"

    def endpoint(self) -> Endpoint:
        """Return what answers it."""

        async def answer(call: Call) -> Reply:
            token = session_token_of(call)
            if token is None:
                return lead_to(call, SIGN_IN, address_of(call))
            seen = await self.look(call, token)
            if seen.refused is not None:
                return await _refuse_look(call, seen, seen.refused)
            if isinstance(seen.found, SeeOther):
                return redirect(call, seen.found)
            if isinstance(seen.found, Page):
                return show(call, seen.found, view_of(call, seen.now, seen.who))
            assert seen.found is not None  # noqa: S101  (an act that is not refused has run)
            return seen.found

        answer.__doc__ = self.see.__doc__
        return in_pages(answer)

    async def look(self, call: Call, token: str, *, is_beside: bool = False) -> _Seen:
        """Run the page's function as the act that it is; `is_beside` what is refused already, and counted."""
        seen = _Seen(now=now_of(call))

        async def run(work: Work) -> Answer | Refused:
            found = await self.see(work, call)
            if isinstance(found, Refused):
                return found
            seen.found, seen.who, seen.now = found, _who(work), work.now
            return Answer(200, CONTENT_TYPE, b"")

        def tell(refused: Refused) -> Answer:
            if is_beside:
                seen.refused = refused
                return Answer(seen.status, CONTENT_TYPE, b"")
            told = problem(call, refused)
            seen.refused, seen.status, seen.headers = refused, told.status, dict(told.headers)
            return Answer(told.status, told.content_type, b"")

        await act(call.desk, call.caller(), Wanted(SessionShown(token), self.act, is_look=True), run, tell)
        return seen


def is_newcomers(refused: Refused) -> bool:
    """Tell whether it is refused for nothing but terms that wait to be accepted (P1)."""
    return refused.rule == "P1" and "terms" in refused.facts


async def _refuse_look(call: Call, seen: _Seen, refused: Refused) -> Reply:
    if refused.code is Refusal.CREDENTIALS:
        return lead_to(call, SIGN_IN, address_of(call))
    if refused.rule == STEP_UP:
        return lead_to(call, STEP_UP_PAGE, address_of(call))
    if is_newcomers(refused):
        return lead_to(call, TERMS, address_of(call))
    return await refuse_page(call, refused, seen.status, seen.headers, seen.who)


@value
class FormRoute:
    """A form for people who are signed in. `again` is the page it stands on, shown when it is refused."""

    path: str
    act: Act
    takes: type[msgspec.Struct]
    do: Do
    again: PageRoute | None = None
    max_body: int = MAX_FORM

    method = "POST"

    def endpoint(self) -> Endpoint:
        """Return what answers it."""

        async def answer(call: Call) -> Reply:
            token = session_token_of(call)
            if token is None:
                return lead_to(call, SIGN_IN, self.page_of(call))
            refuse_foreign(call, named=True)
            sent = await read_sent(call, self.max_body)
            return await _Submission(self, call, sent, token).answer()

        answer.__doc__ = self.do.__doc__
        return in_pages(answer)

    def page_of(self, call: Call) -> str:
        """Return the address of the page that the form stands on."""
        return fill(self.again.path, call.path) if self.again is not None else "/console/"


class _Submission:
    """One form that was sent. Its session's token changes on the way where a second factor is shown."""

    def __init__(self, route: FormRoute, call: Call, sent: Sent, token: str) -> None:
        self.route, self.call, self.sent, self.token = route, call, sent, token
        self.cookie: str | None = None

    async def answer(self) -> Reply:
        call, shown = self.call, self.sent.one("csrf")
        if not is_csrf_of(self.token, shown):
            return await self._refuse(_of(call, Refused(Refusal.FORBIDDEN, _STALE, "")))
        if self.sent.one("step_up"):
            refused = await self._step_up()
            if refused is not None:
                return await self._refuse(_of(call, refused), asks_factor=True)
        kept = await self._act()
        if kept.kind in ("refused", "filed"):
            return await self._refuse(kept)
        if kept.kind == "see_other":
            return redirect(call, SeeOther(kept.to, kept.told, **kept.values), self.cookie)
        reply = reply_of(kept)
        if self.cookie is not None:
            reply.headers = {**reply.headers, "Set-Cookie": self.cookie}
        return reply

    async def _step_up(self) -> Refused | None:
        """Show the second factor that came with the form: a code, an end user's password."""
        given = self.sent.one("step_up")
        is_code = len(given) == 6 and given.isascii() and given.isdigit()
        factor = Factor(given) if is_code else Factor(password=given)
        done = await step_up(self.call.desk, self.call.caller(), self.token, factor)
        if isinstance(done, Refused):
            return done
        if done.token is not None:
            self.token, self.cookie = done.token, set_cookie(done.token)["Set-Cookie"]
        return None

    async def _act(self) -> Kept:
        call, route = self.call, self.route
        key = self.sent.one("once") or None
        if key is not None and (len(key) > KEY_LENGTH or not (key.isascii() and key.isprintable())):
            return _of(call, malformed(MalformedError("once", "This is no key of a form.")))
        wanted = Wanted(SessionShown(self.token), route.act, key, self._bytes())

        async def run(work: Work) -> Answer | Refused:
            try:
                message = message_of(route.takes, self.sent)
            except MalformedError as wrong:
                return malformed(wrong)
            done = await route.do(work, call, message)
            return done if isinstance(done, Refused) else _answer(self._keep(work, done))

        done = await act(call.desk, call.caller(), wanted, run, lambda refused: _answer(_of(call, refused)))
        return Kept.decode(done.body)

    def _bytes(self) -> bytes:
        """Return what is asked for, so that one key goes with one request."""
        files = sorted((name, one.name, one.content) for name, one in self.sent.files.items())
        asked = [self.call.route, sorted(self.call.path.items()), sorted(self.sent.typed().items()), files]
        return msgspec.msgpack.encode(asked)

    def _keep(self, work: Work, done: SeeOther | Page | Reply | Filed) -> Kept:
        if isinstance(done, Filed):
            refused = concerning(work.person, done.refused)
            told = problem(self.call, refused)
            return keep_refused(refused, told.status, told.headers, "filed")
        if isinstance(done, SeeOther):
            return Kept("see_other", 303, to=done.to, told=done.told, values=done.values)
        if isinstance(done, Page):
            view = view_of(self.call, work.now, _who(work), self.token)
            return Kept("reply", done.status, CONTENT_TYPE, HEADERS, render(done, view))
        return Kept("reply", done.status, done.content_type, dict(done.headers), done.body)

    async def _refuse(self, kept: Kept, *, asks_factor: bool = False) -> Reply:
        """Show the form again with what was typed; ask for a second factor where that is what is missing."""
        call, refused = self.call, kept.refused()
        if refused.code is Refusal.CREDENTIALS and not asks_factor:
            return lead_to(call, SIGN_IN, self.route.page_of(call))
        if refused.rule == STEP_UP or asks_factor:
            return await self._ask_factor(kept, explain(refused) if asks_factor else None)
        again = self.route.again
        seen = await again.look(call, self.token, is_beside=True) if again is not None else None
        if seen is None or not isinstance(seen.found, Page):
            return await refuse_page(call, refused, kept.status, kept.headers)
        view = view_of(call, seen.now, seen.who, self.token)
        view.again = SentAgain(path_of(call), self.sent.typed(), errors_of(refused))
        view.explanation = explain(refused)
        # A limit that was hit is kept for the vendor's webhooks, too: nobody is waited for there.
        view.is_filed = kept.kind == "filed" and refused.code is Refusal.APPROVAL_REQUIRED
        seen.found.status = kept.status
        return self._shown(seen.found, view, kept)

    async def _ask_factor(self, kept: Kept, wrong: Explanation | None) -> Reply:
        found = await who_is(self.call, self.token)
        if found is None:
            return lead_to(self.call, SIGN_IN, self.route.page_of(self.call))
        view = view_of(self.call, now_of(self.call), found, self.token)
        page = Page(
            "step_up_form.html",
            "signing.step_up.title",
            status=kept.status,
            action=path_of(self.call),
            typed=[(name, text) for name, texts in self.sent.typed().items() for text in texts],
            once=self.sent.one("once"),
            is_end_user=found.role is Role.END_USER,
            has_files=any(one.name for one in self.sent.files.values()),
            wrong=wrong,
        )
        return self._shown(page, view, kept)

    def _shown(self, page: Page, view: View, kept: Kept) -> Reply:
        reply = show(self.call, page, view, self.cookie)
        headers = CIMultiDict(reply.headers)
        headers.update(kept.headers)
        return replace(reply, headers=headers)


def _of(call: Call, refused: Refused) -> Kept:
    told = problem(call, refused)
    return keep_refused(refused, told.status, told.headers)


def _answer(kept: Kept) -> Answer:
    return Answer(kept.status, CONTENT_TYPE, kept.encode())


def _who(work: Work) -> Who:
    return Who(work.person.login, work.person.role)
