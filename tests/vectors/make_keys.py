"""keys.json and signatures.json: Ed25519 keys, their names, and what they signed or did not."""

import json
from collections.abc import Iterator
from typing import Any

from nacl.signing import SigningKey as Signer
from sample_certificates import SEEDS
from writing import FOLDER, Build, Case, subject

from crypto import base64url
from crypto.signing import public_jwk, thumbprint

ORDER = 2**252 + 27742317777372353535851937790883648493
# RFC 8037, appendix A: this key and this thumbprint.
RFC_8037 = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
RFC_8037_KID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def keys() -> Iterator[Case]:
    for name, seed in {"RFC 8037": base64url.decode(RFC_8037), **SEEDS, "all zeros": bytes(32)}.items():
        public = bytes(Signer(seed).verify_key)
        yield {
            "name": name,
            "seed": base64url.encode(seed),
            "jwk": public_jwk(public),
            "kid": RFC_8037_KID if name == "RFC 8037" else thumbprint(public),
        }
    public = bytes(Signer(SEEDS["other"]).verify_key)
    good = public_jwk(public)
    more = {"kid": "of no account", "use": "sig", "x5c": []}
    yield {"name": "members beside the three", "jwk": good | more, "kid": thumbprint(public)}
    short, long = base64url.encode(public[:31]), base64url.encode(public + b"\0")
    # 32 bytes leave two unused bits in the last character: the next one spells the same bytes.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = good["x"][:-1] + letters[letters.index(good["x"][-1]) + 1]
    for name, jwk in [
        ("another kty", good | {"kty": "EC"}),
        ("another crv", good | {"crv": "X25519"}),
        ("crv in lower case", good | {"crv": "ed25519"}),
        ("no kty", {"crv": "Ed25519", "x": good["x"]}),
        ("no crv", {"kty": "OKP", "x": good["x"]}),
        ("no x", {"kty": "OKP", "crv": "Ed25519"}),
        ("x of 31 bytes", good | {"x": short}),
        ("x of 33 bytes", good | {"x": long}),
        ("x with padding", good | {"x": good["x"] + "="}),
        ("x with trailing bits", good | {"x": last}),
        ("x a number", good | {"x": 7}),
        ("x null", good | {"x": None}),
        ("not an object", "OKP"),
    ]:
        yield {"name": name, "jwk": jwk, "kid": None}


def _case(name: str, public: bytes, message: bytes, signature: bytes, good: bool) -> Case:
    parts: dict[str, Any] = {"public_key": public, "message": message, "signature": signature}
    return {"name": name, **{part: base64url.encode(value) for part, value in parts.items()}, "good": good}


def signatures() -> Iterator[Case]:
    for vector in json.loads((FOLDER / "rfc8032.json").read_text("ascii"))["vectors"]:
        parts = [bytes.fromhex(vector[part]) for part in ("public_key", "message", "signature")]
        yield _case(f"RFC 8032, {vector['name']}", parts[0], parts[1], parts[2], True)
    signer = Signer(SEEDS["other"])
    public, message = bytes(signer.verify_key), b"the same message"
    signature = signer.sign(message).signature
    point, scalar = signature[:32], int.from_bytes(signature[32:], "little")
    yield _case("of a key of these vectors", public, message, signature, True)
    for name, key, text, signed in [
        ("another message", public, message + b".", signature),
        ("empty message", public, b"", signature),
        ("another key", bytes(Signer(SEEDS["online"]).verify_key), message, signature),
        ("first bit flipped", public, message, bytes([signature[0] ^ 1]) + signature[1:]),
        ("last bit flipped", public, message, signature[:-1] + bytes([signature[-1] ^ 128])),
        ("scalar not reduced", public, message, point + (scalar + ORDER).to_bytes(32, "little")),
        ("scalar zero", public, message, point + bytes(32)),
        ("scalar the order", public, message, point + ORDER.to_bytes(32, "little")),
        ("halves swapped", public, message, signature[32:] + point),
        ("63 bytes", public, message, signature[:-1]),
        ("65 bytes", public, message, signature + b"\0"),
        ("empty", public, message, b""),
        ("all zeros", public, message, bytes(64)),
        ("all ones", public, message, b"\xff" * 64),
        ("key the neutral point, which signs everything", b"\1" + bytes(31), message, b"\1" + bytes(63)),
        ("key of small order", bytes(32), message, bytes(64)),
        ("key not canonical", b"\xee" + b"\xff" * 30 + b"\x7f", message, b"\1" + bytes(63)),
        ("key that is no point", b"\2" + bytes(31), message, signature),
    ]:
        yield _case(name, key, text, signed, False)


FILES: dict[str, Build] = {
    "keys.json": lambda: subject(
        "Ed25519 keys: a JWK and its thumbprint (RFC 7638) as kid; null: the JWK is to be refused. seed, "
        "where there is one, is the private key (RFC 8032) in base64url.",
        keys(),
    ),
    "signatures.json": lambda: subject(
        "Ed25519 signatures (RFC 8032); public_key, message, signature in base64url. Keys of small order and "
        "scalars that are not reduced are to be refused.",
        signatures(),
    ),
}
