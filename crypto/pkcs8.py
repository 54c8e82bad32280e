"""Ed25519 keys as OpenSSL writes and reads them: PKCS#8 and SubjectPublicKeyInfo in PEM (RFC 8410, 7468).

Every Ed25519 key has the same DER around its 32 bytes, so that it is written and compared as it stands and no
ASN.1 is parsed. Under a password of its own: `openssl pkcs8 -topk8` and back.
"""

import binascii
import re
from typing import Final

from crypto.signing import KEY_BYTES, SigningKey, seed_of

# PrivateKeyInfo (RFC 5958): version 0, algorithm 1.3.101.112, the seed as an octet string in one.
_PRIVATE: Final = bytes.fromhex("302e020100300506032b657004220420")
# OneAsymmetricKey: version 1, the same, and at its end the public key.
_WITH_PUBLIC: Final = bytes.fromhex("3051020101300506032b657004220420")
_THEN_PUBLIC: Final = bytes.fromhex("812100")
_PUBLIC: Final = bytes.fromhex("302a300506032b6570032100")
_find_private: Final = re.compile(
    r"\s*-----BEGIN PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END PRIVATE KEY-----\s*"
).fullmatch


def write_private_pem(key: SigningKey) -> str:
    """Return the private key as PEM, to be kept as secret as the key."""
    return _armour("PRIVATE KEY", _PRIVATE + seed_of(key))


def write_public_pem(public_key: bytes) -> str:
    """Return a public key of 32 bytes as PEM, what `openssl pkey -pubin` reads. Raises ValueError."""
    if len(public_key) != KEY_BYTES:
        raise ValueError(f"an Ed25519 public key has {KEY_BYTES} bytes")
    return _armour("PUBLIC KEY", _PUBLIC + public_key)


def read_private_pem(text: str) -> SigningKey:
    """Return the Ed25519 key of a PKCS#8 file, with or without its public half.

    Raises ValueError for everything else: encrypted ones (decrypt with `openssl pkey` first), other kinds of
    key, a public half of another key, anything beside the one key.
    """
    if "ENCRYPTED" in text:
        raise ValueError("the file is encrypted: decrypt it with `openssl pkey` first")
    armoured = _find_private(text)
    if armoured is None:
        raise ValueError("not one private key in PEM (BEGIN PRIVATE KEY)")
    try:
        der = binascii.a2b_base64("".join(armoured[1].split()), strict_mode=True)
    except binascii.Error as wrong:
        raise ValueError(f"not base64: {wrong}") from None
    return _read_private(der)


def _read_private(der: bytes) -> SigningKey:
    if der.startswith(_PRIVATE):
        return SigningKey.from_seed(der[len(_PRIVATE) :])
    if not der.startswith(_WITH_PUBLIC):
        raise ValueError("not an Ed25519 key in PKCS#8")
    begin, end = len(_WITH_PUBLIC), len(_WITH_PUBLIC) + KEY_BYTES
    key = SigningKey.from_seed(der[begin:end])
    if der[end:] != _THEN_PUBLIC + key.public_key:
        raise ValueError("the file holds two halves of different keys")
    return key


def _armour(label: str, der: bytes) -> str:
    # All of it is under 64 characters of base64 in a line or two.
    text = binascii.b2a_base64(der, newline=False).decode("ascii")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))
