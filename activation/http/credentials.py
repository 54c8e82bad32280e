"""Credentials of a request; a request without any is refused like one with wrong ones."""

from activation.http.calls import Call
from activation.http.cookies import refuse_forged, session_token_of
from activation.http.guarding import refuse
from activation.licensing.verdicts import Refusal
from activation.messages.credentials import Basic, parse_basic, parse_bearer
from activation.service.activating.asking import WRONG_CREDENTIAL
from activation.service.identity.identifying import PasswordShown, SessionShown, Shown, TokenShown


def basic_of(call: Call) -> Basic:
    """Return the request's login and password."""
    basic = parse_basic(call.headers.get("Authorization"))
    if basic is None:
        raise refuse(Refusal.CREDENTIALS, WRONG_CREDENTIAL)
    return basic


def shown_by(call: Call) -> Shown:
    """Return what the request shows of who it is from: a token, an end user's password, or a session.

    A session's cookie is sent by browsers of themselves: what is more than reading must be shown to come from
    our own pages. Raises RefusedError.
    """
    header = call.headers.get("Authorization")
    token = parse_bearer(header)
    if token is not None:
        return TokenShown(token)
    basic = parse_basic(header)
    if basic is not None:
        return PasswordShown(basic.login, basic.password)
    session = session_token_of(call)
    if session is not None:
        if not call.route.startswith("GET "):
            refuse_forged(call, session)
        return SessionShown(session)
    raise refuse(Refusal.CREDENTIALS, "Sign in first, or send a token: Authorization: Bearer …")
