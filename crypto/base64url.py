"""Base64url without padding (RFC 4648 section 5, RFC 7515 section 2), in its one canonical spelling."""

import binascii
from collections.abc import Sequence

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# By length modulo 4: the characters that may come last, those whose unused bits are zero.
_LAST = (_ALPHABET, "", "AQgw", "AEIMQUYcgkosw048")
_DIGEST, _TEXT, _SPACED_TEXT = 16, 22, 24


def encode(data: bytes) -> str:
    """Return the text of `data`, without padding."""
    return encode_bytes(data).decode("ascii")


def encode_bytes(data: bytes) -> bytes:
    """Return the text of `data` as ASCII bytes, without padding."""
    # replace() beats translate(): the two characters are rare.
    encoded = binascii.b2a_base64(data, newline=False).replace(b"+", b"-").replace(b"/", b"_")
    return encoded.rstrip(b"=")


def encode_digests(digests: Sequence[bytes]) -> list[str]:
    """Return the texts, 22 characters each, of digests of 16 bytes; cheaper than one by one.

    Raises ValueError when one has another length.
    """
    if set(map(len, digests)) != {_DIGEST}:
        raise ValueError(f"a digest has {_DIGEST} bytes")
    # With two bytes after each, all begin at a multiple of three bytes, which is one of four characters.
    joined = b"\0\0".join(digests) + b"\0\0"
    encoded = encode(joined)
    return [encoded[at : at + _TEXT] for at in range(0, len(encoded), _SPACED_TEXT)]


def decode(text: str | bytes) -> bytes:
    """Return the bytes that `text` spells.

    Raises ValueError for padding, white space, foreign characters and for trailing bits that are not zero:
    of all the spellings that lenient decoders accept for the same bytes, only what `encode` writes is good,
    so that a signed text cannot be rewritten.
    """
    spelt = text.decode("ascii") if isinstance(text, bytes) else text
    surplus = len(spelt) % 4
    if "+" in spelt or "/" in spelt or spelt[-1:] not in _LAST[surplus]:
        raise ValueError("not canonical base64url")
    standard = spelt.replace("-", "+").replace("_", "/") + "=" * (-surplus % 4)
    return binascii.a2b_base64(standard, strict_mode=True)
