"""Ways to change a token, each as somebody who wants a licence might try it: text in, another text out.

A way may give back what it was given, or another token that is genuine; who asks looks at that.
"""

import base64
import hashlib
import hmac
import json
import string
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from crypto import base64url
from crypto.signing import SigningKey, public_jwk

ALPHABET = string.ascii_letters + string.digits + "-_"
STRANGE = '+/=. \t\n\r\0~%"{}é\u2024\uff0e\U0001f511'
ORDER = 2**252 + 27742317777372353535851937790883648493
"""L, the order of Ed25519's base point."""
SMALL_ORDER = [
    bytes(32),
    (1).to_bytes(32, "little"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    (2**255 - 20).to_bytes(32, "little"),
    (2**255 - 19).to_bytes(32, "little"),
    b"\xff" * 32,
]
"""Encodings of points of small order, two that are not canonical, and one that is no point."""
ATTACKER = SigningKey.from_seed(b"a" * 32)
VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2**53,
    4_000_000_000,
    1e9,
    "",
    "x",
    "zoiper-biz",
    [],
    {},
    [[]],
]

Way = Callable[[Random, str, Sequence[str]], str]
"""Takes randomness, the token, and others (genuine ones too); returns a token."""


def flip_bits(rng: Random, token: str, _others: Sequence[str]) -> str:
    data = bytearray(token.encode("latin-1"))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data.decode("latin-1")


def replace_characters(rng: Random, token: str, _others: Sequence[str]) -> str:
    characters = list(token)
    for _ in range(rng.choice((1, 1, 2, 4))):
        characters[rng.randrange(len(token))] = rng.choice(ALPHABET if rng.random() < 0.8 else STRANGE)
    return "".join(characters)


def swap_places(rng: Random, token: str, _others: Sequence[str]) -> str:
    a, b, c = sorted(rng.randrange(len(token) + 1) for _ in range(3))
    return token[:a] + token[b:c] + token[a:b] + token[c:]


def cut(rng: Random, token: str, _others: Sequence[str]) -> str:
    a, b = sorted(rng.randrange(len(token) + 1) for _ in range(2))
    return rng.choice((token[:a], token[a:], token[:a] + token[b:]))


def insert(rng: Random, token: str, _others: Sequence[str]) -> str:
    at, length = rng.randrange(len(token) + 1), rng.choice((1, 1, 2, 4, 64))
    begin = rng.randrange(len(token))
    piece = rng.choice((token[begin : begin + length], rng.choice(STRANGE), rng.choice(ALPHABET) * length))
    return token[:at] + piece + token[at:]


def spell_otherwise(rng: Random, token: str, _others: Sequence[str]) -> str:
    """Write the same bytes as lenient decoders take them: padding, the other alphabet, unused bits."""
    parts = token.split(".")
    at = rng.randrange(len(parts))
    part = parts[at]
    parts[at] = rng.choice(
        (
            part + "=" * (-len(part) % 4 or rng.randint(1, 4)),
            part.replace("-", "+").replace("_", "/") + rng.choice(("", "=")),
            part[:-1] + rng.choice(ALPHABET) if part else "A",
            part[: len(part) // 2] + rng.choice((" ", "\n", "\r\n", "=")) + part[len(part) // 2 :],
            base64.b32encode(part.encode()).decode(),
            part.swapcase(),
        )
    )
    return rng.choice((".", ".", ".", "..", " . ", "\u2024")).join(parts)


def flip_decoded_bits(rng: Random, token: str, _others: Sequence[str]) -> str:
    parts = [bytearray(base64url.decode(part)) for part in token.split(".")]
    data = rng.choice(parts)
    for _ in range(rng.choice((1, 1, 2))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return _join([bytes(part) for part in parts])


def rewrite_header(rng: Random, token: str, others: Sequence[str]) -> str:
    """Choose algorithm, type or key anew, bring a key along, or sign with the public key as a secret."""
    header, payload, signature = (base64url.decode(part) for part in token.split("."))
    members = json.loads(header)
    changes: list[dict[str, Any]] = [
        {"alg": rng.choice(("none", "None", "HS256", "HS512", "EdDSA ", "eddsa", "Ed25519", "ES256", ""))},
        {"typ": rng.choice(("JWT", "license-key+jwt", "license-proof+jwt", "LICENSE+JWT", ""))},
        {"kid": rng.choice((ATTACKER.kid, "", json.loads(_head(rng.choice(others)))["kid"]))},
        {"jwk": public_jwk(ATTACKER.public_key), "kid": ATTACKER.kid},
        {rng.choice(("crit", "b64", "zip", "jku", "x5u", "cty")): rng.choice(VALUES)},
        {rng.choice(("alg", "typ", "kid")): rng.choice(VALUES)},
    ]
    members |= rng.choice(changes)
    order = rng.sample(sorted(members), len(members))
    changed = json.dumps({name: members[name] for name in order}, separators=(",", ":")).encode()
    signing_input = f"{base64url.encode(changed)}.{base64url.encode(payload)}".encode()
    signatures = (
        signature,
        b"",
        hmac.digest(ATTACKER.public_key, signing_input, hashlib.sha256),
        ATTACKER.sign(signing_input),
    )
    return f"{signing_input.decode()}.{base64url.encode(rng.choice(signatures))}"


def edit_claims(rng: Random, token: str, others: Sequence[str]) -> str:
    """Write a claim anew or twice, take it away or from another token; sign it oneself or not."""
    header, payload, signature = (base64url.decode(part) for part in token.split("."))
    claims = json.loads(payload)
    name = rng.choice(sorted(claims))
    foreign = json.loads(base64url.decode(rng.choice(others).split(".")[1]))
    number = claims[name] if isinstance(claims[name], int) else 0
    edited = rng.choice(
        (
            claims | {name: rng.choice(VALUES)},
            claims | {name: number + rng.choice((-86400, -1, 1, 3600, 86400, 10**8))},
            {other: value for other, value in claims.items() if other != name},
            claims | {other: foreign[other] for other in rng.sample(sorted(foreign), 1)},
            foreign | claims,
        )
    )
    data = json.dumps(edited, separators=(",", ":")).encode()
    if rng.random() < 0.1:
        data = payload[:-1] + f',"{name}":{json.dumps(rng.choice(VALUES))}}}'.encode()
    signing_input = f"{base64url.encode(header)}.{base64url.encode(data)}".encode()
    signed = signature if rng.random() < 0.7 else ATTACKER.sign(signing_input)
    return f"{signing_input.decode()}.{base64url.encode(signed)}"


def mix_parts(rng: Random, token: str, others: Sequence[str]) -> str:
    sources = [token.split("."), rng.choice(others).split("."), rng.choice(others).split(".")]
    return ".".join(rng.choice(sources)[at] for at in range(3))


def swap_tokens(rng: Random, _token: str, others: Sequence[str]) -> str:
    """Show another token in this one's place: another key's, another type's, one of one's own making."""
    other = rng.choice(others)
    if rng.random() < 0.5:
        return other
    signing_input = other.rpartition(".")[0]
    return f"{signing_input}.{base64url.encode(ATTACKER.sign(signing_input.encode()))}"


def bend_signature(rng: Random, token: str, others: Sequence[str]) -> str:
    """Use what is known of Ed25519: S + L, -S, R of small order, halves of other signatures, constants."""
    signing_input, _, text = token.rpartition(".")
    signature = base64url.decode(text)
    foreign = base64url.decode(rng.choice(others).rpartition(".")[2])
    point, scalar = signature[:32], int.from_bytes(signature[32:], "little")
    bent = rng.choice(
        (
            point + _number(scalar + rng.randint(1, 15) * ORDER),
            point + _number(-scalar % ORDER),
            point + _number(scalar + rng.choice((-1, 1, 8))),
            _flip_sign(point) + signature[32:],
            rng.choice(SMALL_ORDER) + signature[32:],
            rng.choice(SMALL_ORDER) + _number(rng.choice((0, 1, ORDER, ORDER - 1))),
            point + foreign[32:],
            foreign[:32] + signature[32:],
            signature[32:] + point,
            rng.randbytes(64),
            signature[: rng.randrange(64)],
            signature + rng.randbytes(rng.randint(1, 64)),
        )
    )
    return f"{signing_input}.{base64url.encode(bent)}"


WAYS: tuple[Way, ...] = (
    flip_bits,
    replace_characters,
    swap_places,
    cut,
    insert,
    spell_otherwise,
    flip_decoded_bits,
    rewrite_header,
    edit_claims,
    mix_parts,
    swap_tokens,
    bend_signature,
)


def _number(scalar: int) -> bytes:
    return (scalar % 2**256).to_bytes(32, "little")


def _flip_sign(point: bytes) -> bytes:
    return point[:31] + bytes([point[31] ^ 0x80])


def _head(token: str) -> bytes:
    return base64url.decode(token.split(".", maxsplit=1)[0])


def _join(parts: Sequence[bytes]) -> str:
    return ".".join(map(base64url.encode, parts))
