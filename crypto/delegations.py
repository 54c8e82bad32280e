"""Delegations: a root key's word that a signing key may issue certificates, for how long and of what length.

A delegation is a JWS of type `license-key+jwt` whose header names the root; claims: kid, jwk, nbf, exp,
max_ttl, offline. A client that holds the roots' public keys needs nothing else to follow a new signing key.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from crypto import jws, strict_json
from crypto.errors import InvalidToken, SignatureError, UnknownRootError
from crypto.signing import Signer, parse_public_jwk, public_jwk, thumbprint, verify_signature

TYP = "license-key+jwt"
_CLAIMS = {"kid", "jwk", "nbf", "exp", "max_ttl", "offline"}


@dataclass(frozen=True, slots=True)
class Delegation:
    """What a root has said of one signing key; made only by `issue_delegation` and `verify_delegation`."""

    kid: str
    """The signing key's thumbprint."""
    public_key: bytes
    not_before: int
    """Seconds since 1970; certificates have not_before <= iat < expires_at."""
    expires_at: int
    max_ttl: int
    """Seconds that a certificate may live at most."""
    offline: bool
    """Whether certificates may live for ever (offline activations)."""
    root_kid: str
    token: str
    """The JWS, as clients get it."""


def issue_delegation(
    root: Signer, public_key: bytes, not_before: int, expires_at: int, max_ttl: int, offline: bool
) -> Delegation:
    """Sign over `public_key` (32 bytes) from `not_before` to `expires_at`; times in seconds since 1970.

    Raises ValueError for a time that is empty or a `max_ttl` (seconds) below one.
    """
    claims = {
        "kid": thumbprint(public_key),
        "jwk": public_jwk(public_key),
        "nbf": not_before,
        "exp": expires_at,
        "max_ttl": max_ttl,
        "offline": offline,
    }
    payload = json.dumps(claims, separators=(",", ":")).encode("ascii")
    token = jws.compact(jws.encode_header(TYP, root.kid), payload, root)
    return _read_claims(claims, root.kid, token)


def verify_delegation(token: str, roots: Sequence[bytes]) -> Delegation:
    """Return what one of `roots` (public keys, 32 bytes each) has said in `token`.

    Raises InvalidToken (WrongTypeError), UnknownRootError or SignatureError. Whether the delegation's time
    has come is a question about a certificate's `iat`, not about now, and is not asked here.
    """
    parsed = jws.parse(token, TYP)
    root = next((root for root in roots if thumbprint(root) == parsed.kid), None)
    if root is None:
        raise UnknownRootError("delegated by a root that is not ours")
    if not verify_signature(root, parsed.signing_input, parsed.signature):
        raise SignatureError("the root's signature does not match")
    try:
        return _read_claims(strict_json.loads(parsed.payload), parsed.kid, token)
    except ValueError as error:
        raise InvalidToken(str(error)) from None


def _read_claims(claims: object, root_kid: str, token: str) -> Delegation:
    if not isinstance(claims, dict) or claims.keys() != _CLAIMS:
        raise ValueError("a delegation has kid, jwk, nbf, exp, max_ttl, offline and nothing else")
    public_key = parse_public_jwk(claims["jwk"])
    if claims["kid"] != thumbprint(public_key):
        raise ValueError("kid is another key's")
    not_before, expires_at, max_ttl, offline = (claims[name] for name in ("nbf", "exp", "max_ttl", "offline"))
    # type() and not isinstance(): JSON's true is no number of seconds, though Python's True is an int.
    if {type(not_before), type(expires_at), type(max_ttl)} != {int} or type(offline) is not bool:
        raise ValueError("nbf, exp, max_ttl are integers, offline is true or false")
    if not 0 <= not_before < expires_at or max_ttl < 1:
        raise ValueError("a delegation lasts from nbf to a later exp and allows at least a second")
    return Delegation(
        kid=claims["kid"],
        public_key=public_key,
        not_before=not_before,
        expires_at=expires_at,
        max_ttl=max_ttl,
        offline=offline,
        root_kid=root_kid,
        token=token,
    )
