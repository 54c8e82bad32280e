"""Credentials of a request; a request without any is refused like one with wrong ones."""

from activation.http.calls import Call
from activation.http.cookies import refuse_foreign, refuse_forged, session_token_of
from activation.http.guarding import refuse
from activation.licensing.verdicts import Refusal
from activation.messages.credentials import Basic, parse_basic, parse_bearer
from activation.service.activating.asking import WRONG_CREDENTIAL
from activation.service.identity.identifying import PasswordShown, SessionShown, Shown, TokenShown


def basic_of(call: Call) -> Basic:
    """Return the request's login and password. Raises RefusedError."""
    basic = _own_basic(call)
    if basic is None:
        raise refuse(Refusal.CREDENTIALS, WRONG_CREDENTIAL)
    return basic


def shown_by(call: Call) -> Shown:
    """Return what the request shows of who it is from: a token, an end user's password, or a session.

    A session's cookie is sent by browsers of themselves: what is more than reading must be shown to come from
    our own pages. Raises RefusedError.
    """
    token = parse_bearer(call.headers.get("Authorization"))
    if token is not None:
        return TokenShown(token)
    basic = _own_basic(call)
    if basic is not None:
        return PasswordShown(basic.login, basic.password)
    session = session_token_of(call)
    if session is not None:
        if not _only_reads(call):
            refuse_forged(call, session)
        return SessionShown(session)
    raise refuse(Refusal.CREDENTIALS, "Sign in first, or send a token: Authorization: Bearer …")


def _own_basic(call: Call) -> Basic | None:
    """Return a login and password, or None.

    A browser that was once told them sends them of itself, like a cookie (RFC 7617, 4): what names another
    site's page as its origin may only read. Programs name none.
    """
    basic = parse_basic(call.headers.get("Authorization"))
    if basic is not None and not _only_reads(call):
        refuse_foreign(call)
    return basic


def _only_reads(call: Call) -> bool:
    return call.route.startswith("GET ")
