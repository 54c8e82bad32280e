"""Asking for a delegation without moving a secret: the server's side makes keys, the roots' side signs.

A request is a JWS of type `license-key-request+jwt`, signed by the very key that it asks for, so that nobody
asks in the name of a key he does not have; claims: jwk, nbf, exp, offline. It says nothing of who asks: the
people on both sides compare the kid. Requests travel as a text file, one a line; delegations come back alike.
"""

import json
from dataclasses import dataclass
from typing import Final

from crypto import jws, strict_json
from crypto.delegations import Delegation, issue_delegation
from crypto.errors import InvalidToken, SignatureError
from crypto.signing import Signer, parse_public_jwk, public_jwk, thumbprint, verify_signature

TYP: Final = "license-key-request+jwt"
_CLAIMS: Final = {"jwk", "nbf", "exp", "offline"}


@dataclass(frozen=True, slots=True)
class Span:
    """What a delegation is wanted for: since when and until when (seconds since 1970), and which kind."""

    not_before: int
    expires_at: int
    offline: bool


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """A request that its key has signed."""

    kid: str
    public_key: bytes
    span: Span


def write_request(key: Signer, span: Span) -> str:
    """Return the request of a delegation for `key`."""
    claims = {
        "jwk": public_jwk(key.public_key),
        "nbf": span.not_before,
        "exp": span.expires_at,
        "offline": span.offline,
    }
    payload = json.dumps(claims, separators=(",", ":")).encode("ascii")
    return jws.compact(jws.encode_header(TYP, key.kid), payload, key)


def read_request(token: str) -> KeyRequest:
    """Return what is asked for; raises InvalidToken, or SignatureError when another key signed it."""
    parsed = jws.parse(token, TYP)
    try:
        request = _read_claims(strict_json.loads(parsed.payload))
    except ValueError as error:
        raise InvalidToken(str(error)) from None
    signed = verify_signature(request.public_key, parsed.signing_input, parsed.signature)
    if parsed.kid != request.kid or not signed:
        raise SignatureError("the request is not signed by the key that it asks for")
    return request


def grant_request(request: KeyRequest, root: Signer, max_ttl_s: int) -> Delegation:
    """Sign what is asked for; certificates under it may live `max_ttl_s` seconds."""
    span = request.span
    return issue_delegation(
        root, request.public_key, span.not_before, span.expires_at, max_ttl_s, span.offline
    )


def read_lines(text: str) -> list[str]:
    """Return the tokens of a file: one a line, whatever mail did to line ends, blanks and the first byte."""
    lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    return [line for line in lines if line]


def _read_claims(claims: object) -> KeyRequest:
    if not isinstance(claims, dict) or claims.keys() != _CLAIMS:
        raise ValueError("a request has jwk, nbf, exp, offline and nothing else")
    public_key = parse_public_jwk(claims["jwk"])
    begin, end, offline = claims["nbf"], claims["exp"], claims["offline"]
    if type(begin) is not int or type(end) is not int or type(offline) is not bool or not 0 <= begin < end:
        raise ValueError("nbf and a later exp are integers, offline is true or false")
    return KeyRequest(thumbprint(public_key), public_key, Span(begin, end, offline))
