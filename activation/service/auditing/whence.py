"""From where somebody acted: the address, and the keyed digest of it that stays in the event."""

from hashlib import blake2b
from hmac import compare_digest
from typing import Final

from activation.licensing.events import Whence
from activation.licensing.identifiers import NUMBER_MASK

DIGEST_BYTES: Final = 16
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


def is_unchanged(key: bytes, event_id: int, address: str, digest: bytes) -> bool:
    """Tell whether an address is the one of which the event keeps the digest."""
    return compare_digest(digest_address(key, event_id, address), digest)
