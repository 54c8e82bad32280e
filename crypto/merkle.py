"""Merkle trees over lists (RFC 9162 section 2.1): one hash that stands for all entries and their order.

    hash of no entries   SHA-256("")
    hash of one entry    SHA-256(0x00 || entry)
    hash of more         SHA-256(0x01 || hash of the first k || hash of the rest), k the largest power of two
                         that is smaller than their number

Entries may be many millions: what is kept is one hash for each level.
"""

from hashlib import sha256

HASH_BYTES = 32
LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
EMPTY_ROOT = sha256(b"").digest()


def hash_leaf(entry: bytes) -> bytes:
    """Return the hash of one entry, 32 bytes."""
    return sha256(LEAF_PREFIX + entry).digest()


class MerkleTree:
    """A tree that grows by the hashes of its entries, from left to right."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []
        """The hashes of the full subtrees, the largest first: one for each bit that is set in `size`."""

    def add(self, leaf: bytes) -> None:
        """Append an entry by its hash (`hash_leaf`, 32 bytes)."""
        peaks, size = self._peaks, self.size
        while size & 1:
            leaf = sha256(NODE_PREFIX + peaks.pop() + leaf).digest()
            size >>= 1
        peaks.append(leaf)
        self.size += 1

    def add_many(self, leaves: bytes) -> None:
        """Append entries by their hashes, one behind the other. Raises ValueError for a broken one."""
        if len(leaves) % HASH_BYTES:
            raise ValueError(f"a hash has {HASH_BYTES} bytes")
        for at in range(0, len(leaves), HASH_BYTES):
            self.add(leaves[at : at + HASH_BYTES])

    def root(self) -> bytes:
        """Return the hash of all entries in their order, 32 bytes."""
        if not self._peaks:
            return EMPTY_ROOT
        *before, root = self._peaks
        for peak in reversed(before):
            root = sha256(NODE_PREFIX + peak + root).digest()
        return root
