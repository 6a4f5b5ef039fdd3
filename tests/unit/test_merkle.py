"""Merkle trees: the published vectors of Certificate Transparency, another library, and changes."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from tests.examples import examples
from voting.merkle import BLOCK, block_roots, hash_leaf, path_to, root_by_path, root_of

# github.com/transparency-dev/merkle, proof/verify_test.go (Apache 2.0): Certificate Transparency's
LEAVES = (
    *("", "00", "10", "2021", "3031", "40414243"),
    *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PATHS = {  # by index and size
    (0, 1): (),
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}

leaves = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def hashes_of(size: int) -> list[bytes]:
    return [hash_leaf(bytes.fromhex(leaf)) for leaf in LEAVES[:size]]


def blocked_path(hashes: list[bytes], index: int) -> list[bytes]:
    """The path as it is found with the roots of blocks kept."""
    block = index // BLOCK
    inside = hashes[block * BLOCK : (block + 1) * BLOCK]
    return path_to(inside, index % BLOCK) + path_to([*block_roots(hashes)], block)


@pytest.mark.parametrize("size", range(1, 9))
def test_root_is_that_of_the_published_vectors(size: int) -> None:
    assert root_of(hashes_of(size)).hex() == ROOTS[size - 1]


def test_root_of_no_leaves_is_the_hash_of_nothing() -> None:
    assert root_of([]) == sha256(b"").digest()


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_path_is_that_of_the_published_vectors(index: int, size: int) -> None:
    path = path_to(hashes_of(size), index)

    assert tuple(node.hex() for node in path) == PATHS[index, size]
    assert root_by_path(hashes_of(size)[index], index, size, path).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_path_proves_nothing_else_when_it_is_changed_as_the_published_vectors_are(
    index: int, size: int
) -> None:
    leaf, path = hashes_of(size)[index], path_to(hashes_of(size), index)
    root, other = root_of(hashes_of(size)), sha256(b"other").digest()
    flipped = [
        [*path[:i], bytes([path[i][0] ^ 8]) + path[i][1:], *path[i + 1 :]] for i in range(len(path))
    ]

    changed = [
        *((leaf, each, size, path) for each in (index - 1, index + 1, index ^ 2)),
        *((leaf, index, each, path) for each in (size * 2, size // 2)),
        (other, index, size, path),
        *((leaf, index, size, each) for each in ([*path, root], [root, *path], *flipped)),
        *((leaf, index, size, each) for each in ([path[:-1]] if path else [])),
    ]

    for each in changed:
        try:
            assert root_by_path(*each) != root
        except ValueError:
            continue


@given(leaves, st.data())
def test_root_and_paths_are_those_of_another_library(
    data: list[bytes], more: st.DataObject
) -> None:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in data:
        tree.append_entry(leaf)
    hashes = [hash_leaf(leaf) for leaf in data]
    index = more.draw(st.integers(0, len(data) - 1))

    proof = tree.prove_inclusion(index + 1, len(data)).serialize()

    assert root_of(hashes) == tree.get_root()
    assert [hashes[index].hex(), *(node.hex() for node in path_to(hashes, index))] == proof["path"]


@settings(deadline=None, max_examples=examples(30))
@given(st.integers(1, 3 * BLOCK + 2), st.data())
def test_blocks_give_the_same_root_and_paths_as_the_whole_tree(
    size: int, more: st.DataObject
) -> None:
    hashes = [hash_leaf(b"%d" % each) for each in range(size)]
    index = more.draw(st.integers(0, size - 1))

    path = blocked_path(hashes, index)

    assert root_of([*block_roots(hashes)]) == root_of(hashes)
    assert path == path_to(hashes, index)
    assert root_by_path(hashes[index], index, size, path) == root_of(hashes)


@given(leaves, st.data())
def test_path_proves_no_other_leaf_place_or_root(data: list[bytes], more: st.DataObject) -> None:
    distinct = [b"%d " % each + leaf for each, leaf in enumerate(data)]
    hashes = [hash_leaf(leaf) for leaf in distinct]
    index, other = (more.draw(st.integers(0, len(data) - 1)) for _ in range(2))
    path = path_to(hashes, index)

    proved = set()
    for place in range(len(data)):
        try:
            if root_by_path(hashes[other], place, len(data), path) == root_of(hashes):
                proved.add(place)
        except ValueError:
            continue

    assert proved == ({index} if other == index else set())


def test_path_of_the_last_leaf_proves_no_place_in_a_smaller_tree() -> None:
    hashes = hashes_of(8)
    path = path_to(hashes, 7)

    assert root_by_path(hashes[7], 7, 8, path) == root_of(hashes)
    for index, size in ((3, 4), (1, 2), (0, 1)):
        with pytest.raises(ValueError, match="too long"):
            root_by_path(hashes[7], index, size, path)


def test_leaf_and_node_of_the_same_bytes_have_different_hashes() -> None:
    left, right = hashes_of(2)

    assert hash_leaf(left + right) != root_of([left, right])
