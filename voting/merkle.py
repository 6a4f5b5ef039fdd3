"""Merkle trees: one hash commits to a whole list, and a short path proves that a leaf is in it.

Source: RFC 9162, section 2.1. Pure; hashes are SHA-256, 32 bytes each. Of a large tree it is enough
to keep the roots of its blocks of `BLOCK` leaves: a path then needs the leaves of one block only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from voting.rest import in_parts

BLOCK = 256
"""Leaves in a block: a power of two, so that a block's root is a node of the whole tree."""


def hash_leaf(leaf: bytes) -> bytes:
    """Return the hash of a leaf; its prefix keeps leaves and nodes apart."""
    return sha256(b"\0" + leaf).digest()


def hash_nodes(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two others."""
    return sha256(b"\1" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root above leaves, or above the roots of blocks, given their hashes in order."""
    if not hashes:
        return sha256().digest()
    while len(hashes) > 1:
        hashes = _level_above(hashes)
    return hashes[0]


def block_roots(hashes: Iterable[bytes]) -> Iterator[bytes]:
    """Return the root of each block of leaves, given all leaves' hashes in order."""
    return map(root_of, in_parts(hashes, BLOCK))


def path_to(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the path of the leaf at `index`: what it is hashed with, one by one, to the root.

    With blocks: the path in the leaf's block, then that of the block among the blocks' roots.
    """
    path = []
    while len(hashes) > 1:
        if index ^ 1 < len(hashes):
            path.append(hashes[index ^ 1])
        hashes, index = _level_above(hashes), index >> 1
    return path


def root_by_path(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a path leads to from the leaf at `index` of `size` leaves.

    Raises `ValueError` for a path that is too short or too long, and for an index beyond the tree.
    Source: RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    node, last = leaf_hash, size - 1
    for sibling in path:
        if last == 0:
            raise ValueError("the path is too long")
        if index & 1 or index == last:
            node = hash_nodes(sibling, node)
            while not index & 1 and index:  # nothing stood beside it on these levels
                index, last = index >> 1, last >> 1
        else:
            node = hash_nodes(node, sibling)
        index, last = index >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return node


def _level_above(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the nodes above others; a last one without a neighbour stays as it is."""
    above = [*map(hash_nodes, hashes[::2], hashes[1::2])]
    return [*above, hashes[-1]] if len(hashes) % 2 else above
