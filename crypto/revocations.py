"""Revocations: the signed list of keys that are retired and of certificates without an end that are revoked.

A JWS of type `license-revocations+jwt` under an online signing key; claims, exactly: iss, iat (cut to the
hour), exp (at most seven days later), keys [{kid, why}], certificates [jti]. Both lists are sorted and name
nothing twice, so that the same facts give the same bytes, whichever worker writes them.

Verifying asks in this order (the word in brackets is the error's `reason`):

 1. The list is a JWS of ours in form, of type `license-revocations+jwt` [malformed, wrong_type].
 2. So is the delegation, type `license-key+jwt`, and signed by a root that we hold [unknown_root, signature].
 3. The list names the delegated key, which is for online use [not_delegated] and signed it [signature].
 4. Its claims are these, of the right types and sorted [malformed], and it lasts seven days at most [ttl].
 5. It was issued within the delegation's time: nbf <= iat < exp [not_delegated].
 6. It does not itself name its key as leaked, nor does the list that is known already [retired].
 7. It is dated a day ahead at most [not_yet_valid], and is not out of date [expired].
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crypto import jws, strict_json
from crypto.delegations import Delegation, verify_delegation
from crypto.errors import (
    ExpiredError,
    InvalidToken,
    NotDelegatedError,
    NotYetValidError,
    RetiredKeyError,
    SignatureError,
    TermTooLongError,
)
from crypto.key_folder import LEAKED, ROTATED
from crypto.recognising import TYP as CERTIFICATE_TYP
from crypto.signing import Signer, verify_signature
from crypto.terms import read_number

TYP = "license-revocations+jwt"
HOUR_S = 3600
DAY_S = 86_400
LIFE_S = 7 * DAY_S
"""For how long a list is good to be handed out."""
MAX_CERTIFICATES = 200_000
"""How many certificates a list names at most: 25 bytes each, a third more as a token."""
MAX_TOKEN_CHARACTERS = 8 * 1024 * 1024

_CLAIMS = {"iss", "iat", "exp", "keys", "certificates"}
_is_kid = re.compile(r"[A-Za-z0-9_-]{43}").fullmatch
_is_jti = re.compile(r"[A-Za-z0-9_-]{22}").fullmatch


@dataclass(frozen=True, slots=True)
class Revocations:
    """What a list says that was verified. Times in seconds since 1970."""

    issuer: str
    issued_at: int
    expires_at: int
    keys: Mapping[str, str] = field(default_factory=dict)
    """By kid: leaked or rotated."""
    certificates: frozenset[str] = frozenset()
    """By jti: those without an end that are revoked."""
    signer: str = ""
    """The kid of the key that signed the list."""

    @property
    def leaked(self) -> frozenset[str]:
        """The keys under which nothing is believed any more."""
        return frozenset(kid for kid, why in self.keys.items() if why == LEAKED)


def issue_revocations(
    key: Signer, issuer: str, now: int, keys: Mapping[str, str], certificates: Collection[str]
) -> str:
    """Return the list that is right at `now` (seconds since 1970), signed.

    Raises ValueError for what no verifier would accept: more than MAX_CERTIFICATES, names or reasons of
    another form, a key that its own list names as leaked.
    """
    issued_at = now - now % HOUR_S
    claims = {
        "iss": issuer,
        "iat": issued_at,
        "exp": issued_at + LIFE_S,
        "keys": [{"kid": kid, "why": keys[kid]} for kid in sorted(keys)],
        "certificates": sorted(certificates),
    }
    if key.kid in _read_claims(claims).leaked or len(certificates) > MAX_CERTIFICATES:
        raise ValueError("a list under a key that it names as leaked, or with too many certificates")
    payload = json.dumps(claims, separators=(",", ":")).encode("ascii")
    return jws.compact(jws.encode_header(TYP, key.kid), payload, key)


def verify_revocations(
    token: str,
    delegation_token: str,
    roots: Sequence[bytes],
    *,
    now: int | None,
    leaked: Collection[str] = frozenset(),
) -> Revocations:
    """Return what a list says that holds by all the rules above.

    `roots` are public keys of 32 bytes; `now` in seconds since 1970, None skips rule 7 (a kept list is good
    until a newer one comes); `leaked` are the keys that are known as such already. Raises a CertificateError
    whose `reason` says which rule failed.
    """
    parsed = jws.parse(token, TYP, MAX_TOKEN_CHARACTERS)
    delegation = verify_delegation(delegation_token, roots)
    if parsed.kid != delegation.kid or delegation.offline:
        raise NotDelegatedError("signed by another key than the delegated one, or by one for offline use")
    if not verify_signature(delegation.public_key, parsed.signing_input, parsed.signature):
        raise SignatureError("the list's signature does not match")
    listed = _read_payload(parsed.payload)
    _check_term(listed, delegation)
    if parsed.kid in leaked or parsed.kid in listed.leaked:
        raise RetiredKeyError("signed by a key that leaked")
    if now is not None:
        _check_time(listed, now)
    return replace(listed, signer=parsed.kid)


def name_certificate(certificate: str) -> tuple[str, str]:
    """Return the names by which a list may revoke a certificate: its kid and its jti.

    The certificate is not verified here. Raises InvalidToken (WrongTypeError).
    """
    parsed = jws.parse(certificate, CERTIFICATE_TYP)
    try:
        claims = strict_json.loads(parsed.payload)
    except ValueError as error:
        raise InvalidToken(str(error)) from None
    jti = claims.get("jti") if isinstance(claims, dict) else None
    if not isinstance(jti, str):
        raise InvalidToken("jti is missing or no string")
    return parsed.kid, jti


def _read_payload(payload: bytes) -> Revocations:
    try:
        return _read_claims(strict_json.loads(payload))
    except InvalidToken:
        raise
    except ValueError as error:
        raise InvalidToken(str(error)) from None


def _read_claims(claims: object) -> Revocations:
    if not isinstance(claims, dict) or claims.keys() != _CLAIMS:
        raise ValueError("a list has iss, iat, exp, keys, certificates and nothing else")
    issuer, keys, certificates = claims["iss"], claims["keys"], claims["certificates"]
    if not isinstance(issuer, str) or not issuer:
        raise ValueError("iss is a string, not empty")
    if not isinstance(keys, list) or not isinstance(certificates, list):
        raise ValueError("keys and certificates are lists")
    pairs = [_read_key(entry) for entry in keys]
    if not all(isinstance(jti, str) and _is_jti(jti) for jti in certificates):
        raise ValueError("a certificate is named by its jti, 22 characters of base64url")
    if not _is_ascending(kid for kid, _ in pairs) or not _is_ascending(certificates):
        raise ValueError("keys and certificates are sorted, and none is named twice")
    return Revocations(
        issuer, read_number(claims, "iat"), read_number(claims, "exp"), dict(pairs), frozenset(certificates)
    )


def _read_key(entry: object) -> tuple[str, str]:
    if not isinstance(entry, dict) or entry.keys() != {"kid", "why"}:
        raise ValueError("a key has kid and why and nothing else")
    kid, why = entry["kid"], entry["why"]
    if not isinstance(kid, str) or not _is_kid(kid) or why not in (LEAKED, ROTATED):
        raise ValueError(f"kid has 43 characters of base64url, why is {LEAKED} or {ROTATED}")
    return kid, why


def _is_ascending(names: Iterable[str]) -> bool:
    last = ""
    for name in names:
        if name <= last:
            return False
        last = name
    return True


def _check_term(listed: Revocations, delegation: Delegation) -> None:
    if not 0 < listed.expires_at - listed.issued_at <= LIFE_S:
        raise TermTooLongError("lasts longer than seven days, or no time at all")
    if not delegation.not_before <= listed.issued_at < delegation.expires_at:
        raise NotDelegatedError("issued outside the delegation's time")


def _check_time(listed: Revocations, now: int) -> None:
    if now < listed.issued_at - DAY_S:
        raise NotYetValidError("dated more than a day ahead: is the clock right?")
    if now >= listed.expires_at:
        raise ExpiredError("out of date")
