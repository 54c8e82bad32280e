"""Signing in by steps, and one's session: for browsers, by a cookie.

These are no acts of somebody who is signed in, and answer no Idempotency-Key: a code is good once by itself.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from activation.http.answering import respond
from activation.http.bodies import read_json
from activation.http.browsers import browser_of
from activation.http.calls import Call, Endpoint, Reply
from activation.http.cookies import (
    clear_cookie,
    refuse_foreign,
    refuse_forged,
    session_token_of,
    set_cookie,
)
from activation.http.guarding import problem, refuse
from activation.http.self.telling_sessions import tell_session
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.messages import signing_in as messages
from activation.messages.reselling import Nothing, parse
from activation.messages.strict import MalformedError
from activation.service.identity.changing_password import Change, change_password
from activation.service.identity.enrolling import confirm_factor, offer_factor, renew_codes
from activation.service.identity.entering import Entered
from activation.service.identity.identifying import SESSION_ENDED
from activation.service.identity.own_sessions import see_session, sign_out
from activation.service.identity.second_factor import Factor, show_second_factor, step_up
from activation.service.identity.signing_in import Shown, sign_in

_UNKEPT: Final = {"Cache-Control": "no-store"}
Told = Entered | msgspec.Struct
Do = Callable[[Call, str, bytes], Awaitable[Told | Refused | None]]
"""What is done in a session: gets the call, the session's token and the body."""


@value
class SessionRoute:
    """A route for somebody with a session, at whatever stage of signing in."""

    method: str
    path: str
    do: Do
    takes: type[msgspec.Struct] | None = None
    tells: type[msgspec.Struct] = messages.SessionAnswer

    def endpoint(self) -> Endpoint:
        """Return what answers it."""

        async def answer(call: Call) -> Reply:
            token = session_token_of(call)
            if token is None:
                raise refuse(Refusal.CREDENTIALS, SESSION_ENDED)
            body = b""
            if self.method == "POST":
                refuse_forged(call, token)
                body = await read_json(call)
            done = await self.do(call, token, body)
            return problem(call, done) if isinstance(done, Refused) else reply_to(done)

        answer.__doc__ = self.do.__doc__
        return answer


def reply_to(done: Told | None, status: int = 200) -> Reply:
    """Return the answer of a use case; a new token goes into the cookie, None takes it away.

    Nobody may keep it: it may show recovery codes, or a second factor's secret.
    """
    if done is None:
        return Reply(status, b"{}", headers=_UNKEPT | clear_cookie())
    if not isinstance(done, Entered):
        told, cookie = respond(done, status), {}
    else:
        told = respond(tell_session(done), status)
        cookie = set_cookie(done.token) if done.token is not None else {}
    return Reply(told.status, told.body, told.content_type, _UNKEPT | cookie)


async def post_sign_in(call: Call) -> Reply:
    """Sign in with login and password; staff and resellers' users have a second step before them."""
    refuse_foreign(call)
    message = parse(messages.SignIn, await read_json(call))
    shown = Shown(
        message.login,
        message.password,
        browser_of(call.headers.get("User-Agent", "")),
        session_token_of(call),
    )
    done = await sign_in(call.desk, call.caller(), shown)
    return problem(call, done) if isinstance(done, Refused) else reply_to(done, 201)


async def post_second_factor(call: Call, token: str, body: bytes) -> Told | Refused | None:
    """Finish signing in with a code, or with a recovery code; each is good once."""
    message = parse(messages.SecondFactor, body)
    factor = Factor(message.code or None, message.recovery_code or None)
    if (factor.code is None) is (factor.recovery_code is None):
        raise MalformedError("code", "Send a code, or else a recovery_code.")
    return await show_second_factor(call.desk, call.caller(), token, factor)


async def post_step_up(call: Call, token: str, body: bytes) -> Told | Refused | None:
    """Show the second factor again (end users: the password): ten minutes for what is dangerous."""
    message = parse(messages.StepUp, body)
    factor = Factor(message.code or None, password=message.password or None)
    if (factor.code is None) is (factor.password is None):
        raise MalformedError("code", "Send a code; an end user the password.")
    return await step_up(call.desk, call.caller(), token, factor)


async def get_session(call: Call, token: str, _body: bytes) -> Told | Refused | None:
    """Tell one's session: its stage, its token against forged requests, until when it lasts."""
    return await see_session(call.desk, call.caller(), token)


async def post_sign_out(call: Call, token: str, body: bytes) -> Told | Refused | None:
    """Sign out: the session ends, and its cookie is worth nothing."""
    parse(Nothing, body)
    return await sign_out(call.desk, call.caller(), token)


async def post_enrolment(call: Call, token: str, body: bytes) -> Told | Refused | None:
    """Draw a second factor to set up: its secret, its otpauth URI, and what confirms it (ten minutes)."""
    parse(Nothing, body)
    offered = await offer_factor(call.desk, call.caller(), token)
    if isinstance(offered, Refused):
        return offered
    return messages.EnrolmentAnswer(offered.secret, offered.uri, offered.pending)


async def post_confirmation(call: Call, token: str, body: bytes) -> Told | Refused | None:
    """Confirm a second factor by a code of it; ten recovery codes are shown this once."""
    message = parse(messages.FactorConfirmation, body)
    return await confirm_factor(call.desk, call.caller(), token, message.pending, message.code)


async def post_recovery_codes(call: Call, token: str, body: bytes) -> Told | Refused | None:
    """Make recovery codes anew, shown this once; the second factor must have been shown shortly before."""
    parse(Nothing, body)
    return await renew_codes(call.desk, call.caller(), token)


async def post_password(call: Call, token: str, body: bytes) -> Told | Refused | None:
    """Change one's own password (staff and resellers' users); all other sessions end."""
    message = parse(messages.PasswordChange, body)
    return await change_password(call.desk, call.caller(), token, Change(message.old, message.new))


SESSION_ROUTES: Final = (
    SessionRoute("POST", "/v1/self/second-factor", post_second_factor, messages.SecondFactor),
    SessionRoute("POST", "/v1/self/step-up", post_step_up, messages.StepUp),
    SessionRoute("POST", "/v1/self/enrolment", post_enrolment, Nothing, messages.EnrolmentAnswer),
    SessionRoute("POST", "/v1/self/enrolment/confirm", post_confirmation, messages.FactorConfirmation),
    SessionRoute("POST", "/v1/self/recovery-codes", post_recovery_codes, Nothing),
    SessionRoute("POST", "/v1/self/password", post_password, messages.PasswordChange),
    SessionRoute("GET", "/v1/self/session", get_session),
    SessionRoute("POST", "/v1/self/sign-out", post_sign_out, Nothing, Nothing),
)
SIGNING_IN: Final[tuple[tuple[str, str, Endpoint], ...]] = (
    ("POST", "/v1/self/sign-in", post_sign_in),
    *((route.method, route.path, route.endpoint()) for route in SESSION_ROUTES),
)
"""What stands under /v1/self and asks for no act."""
