"""Merkle trees against the definition of RFC 9162, and what its authors computed."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.merkle import BLOCK, EMPTY_ROOT, LEAF_PREFIX, NODE_PREFIX, MerkleTree, hash_leaf


def naive(entries: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(LEAF_PREFIX + entries[0]).digest()
    k = 1
    while 2 * k < len(entries):
        k *= 2
    return sha256(NODE_PREFIX + naive(entries[:k]) + naive(entries[k:])).digest()


@pytest.mark.parametrize("size", [BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 7 * BLOCK + 5])
def test_roots_of_many_are_those_of_the_definition(size):
    entries = [n.to_bytes(3, "big") for n in range(size)]
    tree = MerkleTree()
    tree.add_many(b"".join(map(hash_leaf, entries[: BLOCK + 3])))
    tree.add_many(b"".join(map(hash_leaf, entries[BLOCK + 3 :])))
    assert tree.root() == naive(entries)
    assert tree.size == size


@given(st.lists(st.binary(max_size=40), max_size=200), st.integers(0, 200))
def test_roots_are_those_of_the_definition(entries, cut):
    tree = MerkleTree()
    tree.add_many(b"".join(map(hash_leaf, entries[:cut])))
    for entry in entries[cut:]:
        tree.add_many(hash_leaf(entry))
    assert tree.root() == naive(entries)
    assert tree.size == len(entries)


def test_known_roots():
    # The test data of certificate transparency's own trees.
    entries = " 00 10 2021 3031 40414243 5051525354555657 606162636465666768696a6b6c6d6e6f"
    tree = MerkleTree()
    assert tree.root() == EMPTY_ROOT
    for entry in entries.split(" "):
        tree.add_many(hash_leaf(bytes.fromhex(entry)))
    assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_half_a_hash_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        MerkleTree().add_many(bytes(33))
