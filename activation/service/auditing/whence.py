"""From where somebody acted: the address, and the keyed digest of it that stays in the event."""

from collections.abc import Sequence
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

from activation.licensing.events import Whence
from activation.licensing.identifiers import NUMBER_MASK

DIGEST_BYTES: Final = 16
LATE_S: Final = 3600
"""For so long after another version of the pepper is due some process may have used the one before."""
_PERSON: Final = b"event-address"


def digest_address(key: bytes, event_id: int, address: str) -> bytes:
    """Return BLAKE2b-128 (RFC 7693), keyed (32 bytes), over the event's number (8 bytes) and the address.

    The number is the event's id without its shard: events of one statement about many licences share it.
    """
    noted = (event_id & NUMBER_MASK).to_bytes(8, "big") + address.encode()
    return blake2b(noted, digest_size=DIGEST_BYTES, key=key, person=_PERSON).digest()


def note_whence(key: bytes, event_id: int, address: str, now: int) -> Whence:
    """Return what an event keeps of where it came from, at `now` (seconds since 1970)."""
    return Whence(address, now, digest_address(key, event_id, address))


def is_beyond_telling(at: int, gaps: Sequence[tuple[int, int]]) -> bool:
    """Tell whether an event's digest may stand under a pepper that is gone; `at` in seconds since 1970 (D5).

    `gaps` are the times when one was in use. Some process's clock may have been behind.
    """
    return any(since <= at < until + LATE_S for since, until in gaps)


def is_unchanged(key: bytes, event_id: int, address: str, digest: bytes) -> bool:
    """Tell whether an address is the one of which the event keeps the digest."""
    return compare_digest(digest_address(key, event_id, address), digest)
