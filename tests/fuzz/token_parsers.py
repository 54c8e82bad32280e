"""Parsers of `crypto/`: texts, tokens, and what stands in a token whose signature is good."""

import json
from collections.abc import Callable

from parsing import Parser, chosen, seeds_for, text_of
from sample_certificates import KEYS, ONLINE, PRODUCT, ROOTS, TAG_KEY, dump, forge, split
from token_targets import CERTIFICATE, CERTIFICATES, NOW, PROOF, REVOCATIONS
from vector_seeds import behind, contents, texts

from crypto import base64url, jws, strict_json
from crypto.certificates import recognise, verify_certificate
from crypto.delegations import verify_delegation
from crypto.errors import CertificateError, InvalidToken
from crypto.pkcs8 import read_private_pem, write_private_pem
from crypto.proofs import verify_proof
from crypto.requesting import Span, read_lines, read_request, write_request
from crypto.revocations import name_certificate, verify_revocations
from crypto.sealing import SealError, SealingKey, seal

SEALING = SealingKey(b"s" * 32)
REQUEST = write_request(KEYS["online"], Span(1, 2, False))
VECTORS = [CERTIFICATE, *CERTIFICATES, ONLINE, PROOF, REVOCATIONS, REQUEST]


def certificate(token: str) -> object:
    return verify_certificate(token, ONLINE, ROOTS, product=PRODUCT, now=NOW)


def proof(token: str) -> object:
    return verify_proof(token, KEYS["other"].public_key, CERTIFICATE)


def revocations(token: str) -> object:
    return verify_revocations(token, ONLINE, ROOTS, now=NOW)


def delegation(token: str) -> object:
    return verify_delegation(token, ROOTS)


READERS: list[tuple[Callable[[str], object], str, str]] = [
    (certificate, CERTIFICATE, "online"),
    (delegation, ONLINE, "root_current"),
    (proof, PROOF, "other"),
    (revocations, REVOCATIONS, "online"),
    (read_request, REQUEST, "online"),
]
"""A verifier, a token that it believes, and whose key signs such tokens."""


def feed_base64url(data: bytes) -> None:
    text = text_of(data)
    assert base64url.encode(base64url.decode(text)) == text


def feed_json(data: bytes) -> None:
    assert strict_json.loads(data) == json.loads(data)


def feed_jws(data: bytes) -> None:
    parsed = jws.parse(text_of(data), "license+jwt")
    assert parsed.signing_input + b"." + base64url.encode_bytes(parsed.signature) == data


def feed_token(data: bytes) -> None:
    """No unsigned change is believed: `mutations.py` looks for that; here nothing may break."""
    which, rest = chosen(data, len(READERS) + 2)
    token = text_of(rest)
    if which < len(READERS):
        READERS[which][0](token)
    elif which == len(READERS):
        recognise(token, TAG_KEY, {KEYS["online"].kid})
    else:
        name_certificate(token)


def feed_signed_claims(data: bytes) -> None:
    which, claims = chosen(data, len(READERS))
    reader, token, key = READERS[which]
    reader(forge(split(token)[0], claims, key))


def feed_signed_header(data: bytes) -> None:
    which, header = chosen(data, len(READERS))
    reader, token, key = READERS[which]
    reader(forge(header, split(token)[1], key))


def feed_pem(data: bytes) -> None:
    key = read_private_pem(text_of(data))
    assert read_private_pem(write_private_pem(key)).public_key == key.public_key


def feed_box(data: bytes) -> None:
    SEALING.open(data)


def feed_lines(data: bytes) -> None:
    assert all(line == line.strip() != "" for line in read_lines(text_of(data)))


def _claims(token: str) -> bytes:
    return dump(split(token)[1])


def _header(token: str) -> bytes:
    return dump(split(token)[0])


_SAMPLES = [token for _, token, _ in READERS]
PARSERS = [
    Parser(
        "base64url",
        feed_base64url,
        texts("base64url", "text"),
        (ValueError,),
    ),
    Parser(
        "strict JSON",
        feed_json,
        (*map(_claims, VECTORS), *contents("strict_json", "json")),
        (ValueError,),
    ),
    Parser("JWS", feed_jws, texts("certificates", "certificate"), (InvalidToken,)),
    Parser(
        "tokens",
        feed_token,
        (
            *seeds_for(*(token.encode() for token in (*_SAMPLES, CERTIFICATE, CERTIFICATE))),
            *behind(0, texts("certificates", "certificate")),
            *behind(1, texts("delegations", "delegation")),
            *behind(2, texts("proofs", "proof")),
            *behind(3, texts("revocations", "revocations")),
        ),
        (CertificateError,),
    ),
    Parser("signed claims", feed_signed_claims, seeds_for(*map(_claims, _SAMPLES)), (CertificateError,)),
    Parser("signed headers", feed_signed_header, seeds_for(*map(_header, _SAMPLES)), (CertificateError,)),
    Parser("PKCS#8", feed_pem, (write_private_pem(KEYS["online"]).encode(),), (ValueError,)),
    Parser("sealed boxes", feed_box, (seal(SEALING.public_key, b"{}"),), (SealError,)),
    Parser("lines of tokens", feed_lines, (f"\ufeff{ONLINE}\r\n {ONLINE} \n".encode(),)),
]
