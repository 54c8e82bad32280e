"""Seals: a signing key's word for what the event log held, each over the events since the seal before.

A JWS of type `license-seal+jwt` under an online signing key; claims, exactly: iss, iat, number (from 1,
without gaps), layout (of an event's bytes, 1), database (which one it is, by its own account), offset (what
is added to the numbers of its transactions), from and until (the transactions: from <= xid < until), events
(how many), root (their Merkle root, `merkle`), before (SHA-256 of the token before, 32 zero bytes for the
first). The hashes are in base64url.

Verifying asks in this order (the word in brackets is the error's `reason`):

 1. The seal is a JWS of ours in form, of type `license-seal+jwt` [malformed, wrong_type].
 2. So is the delegation, type `license-key+jwt`, and signed by a root that we hold [unknown_root, signature].
 3. The seal names the delegated key, which is for online use [not_delegated] and signed it [signature].
 4. Its claims are these, of the right types and ranges [malformed].
 5. It was issued within the delegation's time: nbf <= iat < exp [not_delegated].

Whether it follows the seal before, and whether its root is that of the events, is for who holds them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from crypto import base64url, jws, strict_json
from crypto.delegations import verify_delegation
from crypto.errors import InvalidToken, NotDelegatedError, SignatureError
from crypto.merkle import HASH_BYTES
from crypto.signing import Signer, verify_signature

TYP = "license-seal+jwt"
LAYOUT = 1
"""Of the bytes of an event: raised when the columns that are sealed change."""
NOTHING_BEFORE = bytes(HASH_BYTES)
_NUMBERS = ("iat", "number", "layout", "offset", "from", "until", "events")
_CLAIMS = {"iss", "database", "root", "before", *_NUMBERS}


@dataclass(frozen=True, slots=True)
class Seal:
    """What a seal says. `issued_at` in seconds since 1970; `root` and `before` have 32 bytes."""

    issuer: str
    issued_at: int
    number: int
    database: str
    offset: int
    from_xid: int
    until_xid: int
    events: int
    root: bytes
    before: bytes
    layout: int = LAYOUT


def issue_seal(key: Signer, seal: Seal) -> str:
    """Return the seal, signed. Raises ValueError for one that no verifier would accept."""
    claims = {
        "iss": seal.issuer,
        "iat": seal.issued_at,
        "number": seal.number,
        "layout": seal.layout,
        "database": seal.database,
        "offset": seal.offset,
        "from": seal.from_xid,
        "until": seal.until_xid,
        "events": seal.events,
        "root": base64url.encode(seal.root),
        "before": base64url.encode(seal.before),
    }
    _read_claims(claims)
    payload = json.dumps(claims, separators=(",", ":")).encode("ascii")
    return jws.compact(jws.encode_header(TYP, key.kid), payload, key)


def verify_seal(token: str, delegation_token: str, roots: Sequence[bytes]) -> tuple[Seal, str]:
    """Return what a seal says that holds by all the rules above, and the kid that signed it.

    `roots` are public keys of 32 bytes. Raises a CertificateError whose `reason` says which rule failed.
    """
    parsed = jws.parse(token, TYP)
    delegation = verify_delegation(delegation_token, roots)
    if parsed.kid != delegation.kid or delegation.offline:
        raise NotDelegatedError("signed by another key than the delegated one, or by one for offline use")
    if not verify_signature(delegation.public_key, parsed.signing_input, parsed.signature):
        raise SignatureError("the seal's signature does not match")
    seal = read_seal(token)
    if not delegation.not_before <= seal.issued_at < delegation.expires_at:
        raise NotDelegatedError("issued outside the delegation's time")
    return seal, parsed.kid


def read_seal(token: str) -> Seal:
    """Return what a seal says, its signature not looked at. Raises InvalidToken (WrongTypeError)."""
    try:
        return _read_claims(strict_json.loads(jws.parse(token, TYP).payload))
    except InvalidToken:
        raise
    except ValueError as error:
        raise InvalidToken(str(error)) from None


def hash_seal(token: str) -> bytes:
    """Return the hash by which the next seal names this one, 32 bytes."""
    return sha256(token.encode()).digest()


def _read_claims(claims: object) -> Seal:
    if not isinstance(claims, dict) or claims.keys() != _CLAIMS:
        raise ValueError(f"a seal has {', '.join(sorted(_CLAIMS))} and nothing else")
    for name in ("iss", "database"):
        if not isinstance(claims[name], str) or not claims[name]:
            raise ValueError(f"{name} is a string, not empty")
    # type() and not isinstance(): JSON's true is no number.
    if any(type(claims[name]) is not int or abs(claims[name]) >> 63 for name in _NUMBERS):
        raise ValueError(f"{', '.join(_NUMBERS)} are integers")
    if claims["layout"] != LAYOUT:
        raise ValueError(f"layout is {LAYOUT}")
    if claims["iat"] < 0 or claims["number"] < 1 or claims["events"] < 0:
        raise ValueError("a seal has a time, a number from 1, and a count")
    if not 0 <= claims["from"] <= claims["until"]:
        raise ValueError("a seal reaches from a transaction to a later one")
    return Seal(
        issuer=claims["iss"],
        issued_at=claims["iat"],
        number=claims["number"],
        database=claims["database"],
        offset=claims["offset"],
        from_xid=claims["from"],
        until_xid=claims["until"],
        events=claims["events"],
        root=_read_hash(claims, "root"),
        before=_read_hash(claims, "before"),
        layout=claims["layout"],
    )


def _read_hash(claims: dict[str, object], name: str) -> bytes:
    text = claims[name]
    read = base64url.decode(text) if isinstance(text, str) else b""
    if len(read) != HASH_BYTES:
        raise ValueError(f"{name} has {HASH_BYTES} bytes")
    return read
