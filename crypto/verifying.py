"""Verifying a certificate offline, with its delegation and the roots' public keys.

The rules, in the order in which they are asked (RFC 8725; the word in brackets is the error's `reason`):

 1. The certificate is a JWS of ours in form, of type `license+jwt` [malformed, wrong_type].
 2. So is the delegation, type `license-key+jwt`, and signed by a root that we hold [unknown_root, signature].
 3. The certificate names the delegated key [not_delegated], which signed it [signature].
 4. Its claims are complete and of the right types [malformed].
 5. It was issued within the delegation's time: nbf <= iat < exp [not_delegated].
 6. It lives no longer than max_ttl; without an end only under a delegation that says offline [ttl].
 7. It is for this product [product].
 8. The time is nbf or later [not_yet_valid], and before exp [expired].
"""

from collections.abc import Sequence

from crypto import jws, strict_json
from crypto.delegations import Delegation, verify_delegation
from crypto.errors import (
    ExpiredError,
    InvalidToken,
    NotDelegatedError,
    NotYetValidError,
    SignatureError,
    TermTooLongError,
    WrongProductError,
)
from crypto.recognising import TYP
from crypto.signing import verify_signature
from crypto.terms import Terms, parse_terms, read_number


def verify_certificate(
    token: str, delegation_token: str, roots: Sequence[bytes], *, product: str | None, now: int | None
) -> Terms:
    """Return the terms of a certificate that holds by all the rules above.

    `roots` are public keys of 32 bytes; `product` None asks for no product; `now` in seconds since 1970, None
    skips rule 8 (a renewal accepts certificates that ran out). Raises a CertificateError whose `reason` says
    which rule failed.
    """
    parsed = jws.parse(token, TYP)
    return verify_under(parsed, verify_delegation(delegation_token, roots), product=product, now=now)


def verify_under(
    parsed: jws.Parsed, delegation: Delegation, *, product: str | None, now: int | None
) -> Terms:
    """Return the terms of a parsed certificate under a delegation that was verified before: rules 3 to 8."""
    if parsed.kid != delegation.kid:
        raise NotDelegatedError("signed by another key than the delegated one")
    if not verify_signature(delegation.public_key, parsed.signing_input, parsed.signature):
        raise SignatureError("the certificate's signature does not match")
    terms, not_before = _read_payload(parsed.payload)
    _check_delegation(terms, delegation)
    if product is not None and terms.product != product:
        raise WrongProductError("the certificate is for another product")
    if now is not None:
        _check_time(terms, not_before, now)
    return terms


def _read_payload(payload: bytes) -> tuple[Terms, int]:
    try:
        claims = strict_json.loads(payload)
    except ValueError as error:
        raise InvalidToken(str(error)) from None
    if not isinstance(claims, dict):
        raise InvalidToken("claims are not an object")
    return parse_terms(claims), read_number(claims, "nbf")


def _check_delegation(terms: Terms, delegation: Delegation) -> None:
    if not delegation.not_before <= terms.issued_at < delegation.expires_at:
        raise NotDelegatedError("issued outside the delegation's time")
    if terms.expires_at is None:
        if not delegation.offline:
            raise TermTooLongError("without an end, under a delegation that is not for offline use")
    elif terms.expires_at - terms.issued_at > delegation.max_ttl:
        raise TermTooLongError("lives longer than its delegation allows")


def _check_time(terms: Terms, not_before: int, now: int) -> None:
    if now < not_before:
        raise NotYetValidError("not valid yet: is the clock right?")
    if terms.expires_at is not None and now >= terms.expires_at:
        raise ExpiredError("ran out")
