"""Generated passwords and tokens, and how they are stored.

All of them are drawn by this server from at least 120 bits of randomness. Nobody guesses through 2**120
values, however fast each guess is, so a fast keyed hash loses nothing, and lets thousands of clients log in
per second. For secrets that people choose it would be wrong: those come from a few billion likely ones, which
a graphics card tries within seconds; they need a slow, memory-hard hash (Argon2, RFC 9106). The key, from the
pepper, makes a stolen database useless alone.
"""

import hashlib
import hmac
import secrets

from crypto.pepper import version_of

DIGEST_BYTES = 16
LEAST_BITS = 120

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32: no i, l, o to misread and no u
_BITS_EACH = 5
_GROUP = 4


def new_password(bits: int = LEAST_BITS) -> str:
    """Return a password to read out and type, like `k7wq-3m9d-...`: groups of four, `bits` strong or more.

    Raises ValueError below 120 bits.
    """
    if bits < LEAST_BITS:
        raise ValueError(f"a generated password has at least {LEAST_BITS} bits")
    length = -(-bits // _BITS_EACH)
    text = "".join(secrets.choice(_ALPHABET) for _ in range(length))
    return "-".join(text[start : start + _GROUP] for start in range(0, length, _GROUP))


def new_token(prefix: str) -> str:
    """Return a bearer token of 256 bits, `prefix_...`; the prefix lets scanners for leaked secrets know it.

    Raises ValueError for a prefix that is not lower case ASCII letters.
    """
    if not (prefix.isascii() and prefix.isalpha() and prefix.islower()):
        raise ValueError("a prefix is lower case letters")
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def hash_secret(key: bytes, name: str, secret: str) -> bytes:
    """Return what is stored of `secret`, 16 bytes: BLAKE2b-128 under a key derived from the pepper.

    `name` (the login) is bound in, its length first, so that no name and secret run into another pair and
    equal secrets of two logins do not show. Under a pepper of version 2 or later one byte more names the
    version, so that what still hangs on an older one can be counted. Raises ValueError for text that UTF-8
    cannot write.
    """
    bound = name.encode("utf-8")
    message = len(bound).to_bytes(4, "big") + bound + secret.encode("utf-8")
    digest = hashlib.blake2b(message, digest_size=DIGEST_BYTES, key=key).digest()
    return name_version(key, digest)


def name_version(key: bytes, digest: bytes) -> bytes:
    """Return a stored digest of 16 bytes with its pepper's version behind it; version 1's stays as it is."""
    version = version_of(key)
    return digest + bytes((version,)) if version > 1 else digest


def version_named(digest: bytes) -> int:
    """Return the version of the pepper that a stored digest was made under."""
    return digest[DIGEST_BYTES] if len(digest) > DIGEST_BYTES else 1


def same_digest(a: bytes, b: bytes) -> bool:
    """Compare in a time that does not tell where the two differ."""
    return hmac.compare_digest(a, b)
