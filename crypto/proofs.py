"""Proofs of possession: a device shows that it has the key that its certificate names (RFC 7800 section 3.1).

A proof is a JWS of type `license-proof+jwt` by the device's key over a counter and the certificate that it
comes with. The claims are exactly `iat` (seconds, the device's clock: told, not judged), `ctr` (1 or more,
higher with each proof) and `cth` (base64url of the SHA-256 of the certificate's ASCII bytes).

A verifier asks, in this order (the word in brackets is the error's `reason`):

 1. The proof is a JWS of ours in form, of type `license-proof+jwt` [malformed, wrong_type].
 2. It names this device's key [key], which signed it [signature].
 3. It has these three claims, of the right types, and no other [malformed].
 4. It is over this certificate [certificate].
"""

import hashlib
import json
from dataclasses import dataclass

from crypto import base64url, jws, strict_json
from crypto.errors import InvalidToken, SignatureError, WrongCertificateError, WrongKeyError
from crypto.signing import SigningKey, thumbprint, verify_signature

TYP = "license-proof+jwt"
MAX_COUNTER = 2**53 - 1
"""The highest counter and time: what every JSON parser still reads exactly (RFC 8259 section 6)."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof that holds says."""

    issued_at: int
    """The device's clock, in seconds since 1970: it may be wrong."""
    counter: int


def make_proof(key: SigningKey, certificate: str, counter: int, now: int) -> str:
    """Return the proof that goes with `certificate`; `now` in seconds since 1970.

    Raises ValueError for a counter or a time that no verifier would take.
    """
    if not 1 <= counter <= MAX_COUNTER or not 0 <= now <= MAX_COUNTER:
        raise ValueError("a counter is 1 or more, a time is after 1970")
    claims = {"iat": now, "ctr": counter, "cth": certificate_hash(certificate)}
    payload = json.dumps(claims, separators=(",", ":")).encode("ascii")
    return jws.compact(jws.encode_header(TYP, key.kid), payload, key)


def verify_proof(token: str, public_key: bytes, certificate: str) -> Proof:
    """Return what a proof by this key (32 bytes) over this certificate says.

    Raises a CertificateError whose `reason` says which rule failed.
    """
    parsed = jws.parse(token, TYP)
    if parsed.kid != thumbprint(public_key):
        raise WrongKeyError("made by another key than the device's")
    if not verify_signature(public_key, parsed.signing_input, parsed.signature):
        raise SignatureError("the proof's signature does not match")
    proof, hashed = _read_claims(parsed.payload)
    if hashed != certificate_hash(certificate):
        raise WrongCertificateError("the proof is over another certificate")
    return proof


def certificate_hash(certificate: str) -> str:
    """Return `cth` of a certificate: base64url of SHA-256.

    Raises InvalidToken for what is not ASCII, and so no certificate.
    """
    try:
        return base64url.encode(hashlib.sha256(certificate.encode("ascii")).digest())
    except UnicodeEncodeError:
        raise InvalidToken("a certificate is ASCII") from None


def _read_claims(payload: bytes) -> tuple[Proof, str]:
    try:
        claims = strict_json.loads(payload)
    except ValueError as error:
        raise InvalidToken(str(error)) from None
    if not isinstance(claims, dict) or claims.keys() != {"iat", "ctr", "cth"}:
        raise InvalidToken("a proof has iat, ctr, cth and nothing else")
    hashed = claims["cth"]
    if not isinstance(hashed, str):
        raise InvalidToken("cth is a string")
    return Proof(_number(claims, "iat", 0), _number(claims, "ctr", 1)), hashed


def _number(claims: dict[str, object], name: str, least: int) -> int:
    number = claims[name]
    if type(number) is not int or not least <= number <= MAX_COUNTER:
        raise InvalidToken(f"{name} is a whole number, {least} or more")
    return number
