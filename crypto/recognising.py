"""The server's own certificates, known again by a keyed tag instead of an Ed25519 verification.

The last claim, `tag`, is base64url(BLAKE2b-128(key, kid + NUL + payload without the tag)), the key derived
from the pepper. Forging it needs the pepper and buys no certificate: clients never look at it, only Ed25519
convinces them. All that a forged tag opens is the renewal path, where every term is taken from stored facts
and nothing from the certificate but which activation to look up. The signature part is not covered by the
tag and not looked at beyond its form.
"""

import hashlib
import hmac
import json
from collections.abc import Container
from functools import lru_cache

from crypto import base64url
from crypto.jws import MAX_TOKEN_CHARACTERS
from crypto.signing import SIGNATURE_BYTES
from crypto.terms import DIGEST_BYTES, Terms, parse_terms

TYP = "license+jwt"
_HEADER_START = f'{{"alg":"EdDSA","typ":"{TYP}","kid":"'.encode("ascii")
_HEADER_END = b'"}'
_TAG_START = b',"tag":"'
_TAG_END = b'"}'
_TAG_CHARACTERS = 22
_ENDING = len(_TAG_START) + _TAG_CHARACTERS + len(_TAG_END)


def append_tag(tag_key: bytes, kid: bytes, claims: bytes) -> bytes:
    """Return the payload: `claims` (a JSON object without its closing brace), the tag and the brace."""
    tag = base64url.encode_bytes(_compute_tag(tag_key, kid, claims))
    return b"".join((claims, _TAG_START, tag, _TAG_END))


def recognise(token: str, tag_key: bytes, known_kids: Container[str]) -> Terms | None:
    """Return the terms of a certificate that this server has issued under one of `known_kids`, else None.

    None says only that the cheap way did not work: a certificate from before the pepper changed still
    verifies by its signature. Never raises, whatever the text. Times are not looked at.
    """
    try:
        return _recognise(token, tag_key, known_kids)
    except ValueError:
        return None


def _recognise(token: str, tag_key: bytes, known_kids: Container[str]) -> Terms | None:
    if len(token) > MAX_TOKEN_CHARACTERS:
        return None
    header, body, signature = token.split(".")
    kid = read_kid(header)
    if kid not in known_kids or len(base64url.decode(signature)) != SIGNATURE_BYTES:
        return None
    payload = base64url.decode(body)
    tag = base64url.encode_bytes(_compute_tag(tag_key, kid.encode("ascii"), payload[:-_ENDING]))
    if not hmac.compare_digest(payload[-_ENDING:], _TAG_START + tag + _TAG_END):
        return None
    # Whatever carries the tag was written by `Issuer`: the plain parser reads it as the strict one would.
    return parse_terms(json.loads(payload.decode("ascii")))


@lru_cache(maxsize=64)  # a server has a few keys; what strangers send is looked at in vain, or forgotten soon
def read_kid(encoded: str) -> str:
    """Return the kid that an encoded header of ours names; raises ValueError for any other header."""
    header = base64url.decode(encoded)
    if not header.startswith(_HEADER_START) or not header.endswith(_HEADER_END):
        raise ValueError("not a header of ours")
    return header[len(_HEADER_START) : -len(_HEADER_END)].decode("ascii")


def _compute_tag(tag_key: bytes, kid: bytes, claims: bytes) -> bytes:
    message = b"%b\0%b}" % (kid, claims)
    return hashlib.blake2b(message, digest_size=DIGEST_BYTES, key=tag_key).digest()
