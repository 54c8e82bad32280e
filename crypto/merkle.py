"""Merkle trees over lists (RFC 9162 section 2.1): one hash that stands for all entries and their order.

    hash of no entries   SHA-256("")
    hash of one entry    SHA-256(0x00 || entry)
    hash of more         SHA-256(0x01 || hash of the first k || hash of the rest), k the largest power of two
                         that is smaller than their number

Entries may be many millions: what is kept is a block of hashes, and one hash for each level above.
"""

from collections.abc import Iterator
from hashlib import sha256

HASH_BYTES = 32
LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
EMPTY_ROOT = sha256(b"").digest()
BLOCK = 1024
"""Hashes that are folded level by level, a power of two: three times faster than one after the other."""


def hash_leaf(entry: bytes) -> bytes:
    """Return the hash of one entry, 32 bytes."""
    return sha256(LEAF_PREFIX + entry).digest()


class MerkleTree:
    """A tree that grows by the hashes of its entries, from left to right."""

    def __init__(self) -> None:
        self._peaks: list[bytes] = []
        """The hashes of the full subtrees, the largest first: one for each bit that is set in `_blocks`."""
        self._blocks = 0
        self._pending = bytearray()

    @property
    def size(self) -> int:
        """Return how many entries there are."""
        return self._blocks * BLOCK + len(self._pending) // HASH_BYTES

    def add_many(self, leaves: bytes) -> None:
        """Append entries by their hashes (`hash_leaf`), one behind the other; ValueError for half of one."""
        if len(leaves) % HASH_BYTES:
            raise ValueError(f"a hash has {HASH_BYTES} bytes")
        self._pending += leaves
        width = BLOCK * HASH_BYTES
        whole = len(self._pending) // width * width
        for at in range(0, whole, width):
            self._add_block(_fold(bytes(self._pending[at : at + width])))
        del self._pending[:whole]

    def root(self) -> bytes:
        """Return the hash of all entries in their order, 32 bytes."""
        peaks = [*self._peaks, *_peaks_of(bytes(self._pending))]
        if not peaks:
            return EMPTY_ROOT
        *before, root = peaks
        for peak in reversed(before):
            root = sha256(NODE_PREFIX + peak + root).digest()
        return root

    def _add_block(self, peak: bytes) -> None:
        blocks = self._blocks
        while blocks & 1:
            peak = sha256(NODE_PREFIX + self._peaks.pop() + peak).digest()
            blocks >>= 1
        self._peaks.append(peak)
        self._blocks += 1


def _fold(hashes: bytes) -> bytes:
    """Return the hash over hashes whose number is a power of two."""
    pair = 2 * HASH_BYTES
    while len(hashes) > HASH_BYTES:
        hashes = b"".join(
            [sha256(NODE_PREFIX + hashes[at : at + pair]).digest() for at in range(0, len(hashes), pair)]
        )
    return hashes


def _peaks_of(hashes: bytes) -> Iterator[bytes]:
    """Yield the hashes of the full subtrees over fewer than BLOCK hashes, the largest first."""
    width = BLOCK * HASH_BYTES
    while hashes:
        width //= 2
        if len(hashes) >= width:
            yield _fold(hashes[:width])
            hashes = hashes[width:]
