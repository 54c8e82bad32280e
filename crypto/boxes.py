"""Secret boxes (XSalsa20-Poly1305): sealed under the key in use, opened under whichever version it was."""

import nacl.exceptions
import nacl.secret

from crypto.pepper import each_of, version_of


class BoxError(ValueError):
    """No version of the pepper opens this box."""


def seal_box(key: bytes, content: bytes) -> bytes:
    """Return a box of `content` under `key` (32 bytes)."""
    return bytes(nacl.secret.SecretBox(key).encrypt(content))


def open_box(key: bytes, box: bytes) -> bytes:
    """Return what is in a box under `key` or one of its pepper's other versions. Raises BoxError."""
    return _open(key, box)[1]


def version_of_box(key: bytes, box: bytes) -> int | None:
    """Return which version of the pepper opens a box, or None."""
    try:
        return version_of(_open(key, box)[0])
    except BoxError:
        return None


def _open(key: bytes, box: bytes) -> tuple[bytes, bytes]:
    for one in each_of(key):
        try:
            return one, nacl.secret.SecretBox(one).decrypt(box)
        except (nacl.exceptions.CryptoError, ValueError):
            continue
    raise BoxError("the box does not open")
