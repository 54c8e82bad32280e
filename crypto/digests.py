"""Component digests: what is stored of a device instead of its serial numbers (D5)."""

import hashlib
from collections.abc import Iterable, Sequence

DIGEST_BYTES = 16


def account_salt(device_key: bytes, account_id: int) -> bytes:
    """Return the account's salt, 16 bytes, derived whenever needed and never stored.

    `device_key` is the pepper's key for the purpose "devices"; `account_id` from 0 to 2**64 - 1, else
    OverflowError. Salts differ between accounts, so that nobody can follow a device from one to another.
    """
    return hashlib.blake2b(account_id.to_bytes(8, "big"), digest_size=DIGEST_BYTES, key=device_key).digest()


def component_digest(salt: bytes, kind: str, value: str) -> bytes:
    """Return BLAKE2b-128(key = salt, kind + NUL + value in UTF-8), 16 bytes, of a normalised value.

    Raises ValueError for a NUL in `kind`, which would let two components share a digest, and for text that
    UTF-8 cannot write.
    """
    if "\0" in kind:
        raise ValueError("a component's kind holds no NUL")
    return hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=DIGEST_BYTES, key=salt).digest()


def component_digests(
    salt: bytes, parts: Iterable[tuple[str, Sequence[str]]]
) -> dict[str, tuple[bytes, ...]]:
    """Return the digests of all values by kind, as `component_digest` makes them, cheaper than one by one."""
    keyed = hashlib.blake2b(digest_size=DIGEST_BYTES, key=salt)
    digests = {}
    for kind, values in parts:
        if "\0" in kind:
            raise ValueError("a component's kind holds no NUL")
        found = []
        for value in values:
            hashed = keyed.copy()
            hashed.update(f"{kind}\0{value}".encode())
            found.append(hashed.digest())
        digests[kind] = tuple(found)
    return digests
