"""Credentials of a request; a request without any is refused like one with wrong ones."""

from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.licensing.verdicts import Refusal
from activation.messages.credentials import Basic, parse_basic, parse_bearer
from activation.service.activating.asking import WRONG_CREDENTIAL


def basic_of(call: Call) -> Basic:
    """Return the request's login and password."""
    basic = parse_basic(call.headers.get("Authorization"))
    if basic is None:
        raise refuse(Refusal.CREDENTIALS, WRONG_CREDENTIAL)
    return basic


def bearer_of(call: Call) -> str:
    """Return the request's bearer token."""
    token = parse_bearer(call.headers.get("Authorization"))
    if token is None:
        raise refuse(Refusal.CREDENTIALS, "This needs a staff token: Authorization: Bearer …")
    return token
