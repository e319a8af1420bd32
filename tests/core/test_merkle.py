"""The Merkle tree gives the roots of RFC 6962 and its proofs convince of nothing that is not so."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.merkle import (
    EMPTY_ROOT,
    GrowingTree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    merkle_root,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.pace import within

LARGEST = 130
LEAVES = [f"leaf {number}".encode() for number in range(LARGEST)]
ROOTS = [merkle_root(LEAVES[:size]) for size in range(LARGEST + 1)]

# The inputs and roots that implementations of certificate transparency share.
VECTORS = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    ("606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
]

sizes = st.integers(1, LARGEST)


def oracle(leaves: Sequence[bytes]) -> bytes:
    """The definition of RFC 6962 §2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + oracle(leaves[:k]) + oracle(leaves[k:])).digest()


def includes(index: int, size: int, proof: Sequence[bytes]) -> bool:
    return verify_inclusion(LEAVES[index], index, proof, size=size, root=ROOTS[size])


def consistent(old: int, new: int, proof: Sequence[bytes]) -> bool:
    return verify_consistency(proof, old_size=old, old_root=ROOTS[old], new_size=new, new_root=ROOTS[new])


def test_known_roots() -> None:
    leaves = [bytes.fromhex(leaf) for leaf, _ in VECTORS]
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [merkle_root(leaves[:size]).hex() for size in range(1, 9)] == [root for _, root in VECTORS]


def test_every_root_is_that_of_the_definition() -> None:
    assert [oracle(LEAVES[:size]) for size in range(LARGEST + 1)] == ROOTS


def test_every_leaf_of_every_tree_is_included() -> None:
    for size in range(1, LARGEST + 1):
        for index in range(size):
            assert includes(index, size, inclusion_proof(LEAVES[:size], index))


def test_every_tree_is_consistent_with_every_larger_one() -> None:
    for new in range(LARGEST + 1):
        for old in range(new + 1):
            assert consistent(old, new, consistency_proof(LEAVES[:new], old))


@given(st.data())
def test_an_inclusion_proof_proves_nothing_else(data: st.DataObject) -> None:
    size = data.draw(sizes)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(LEAVES[:size], index)
    other = data.draw(st.integers(0, size).filter(lambda other: other != index))
    assert not verify_inclusion(LEAVES[index], other, proof, size=size, root=ROOTS[size])
    assert not verify_inclusion(b"another leaf", index, proof, size=size, root=ROOTS[size])
    assert not verify_inclusion(LEAVES[index], index, proof, size=size, root=ROOTS[size - 1])
    for changed in tampered(data, proof):
        assert not includes(index, size, changed)


@given(st.data())
def test_a_consistency_proof_proves_nothing_else(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, LARGEST))
    old = data.draw(st.integers(1, new - 1))
    proof = consistency_proof(LEAVES[:new], old)
    rewritten = [*LEAVES[: old - 1], b"another leaf", *LEAVES[old:new]]
    fork, old_root = merkle_root(rewritten), ROOTS[old]
    for offered in (proof, consistency_proof(rewritten, old)):
        assert not verify_consistency(offered, old_size=old, old_root=old_root, new_size=new, new_root=fork)
    for changed in tampered(data, proof):
        assert not consistent(old, new, changed)


def tampered(data: st.DataObject, proof: list[bytes]) -> list[list[bytes]]:
    """The proof with a hash added at either end, one bit flipped, one hash gone, and two swapped."""
    changed = [[*proof, EMPTY_ROOT], [EMPTY_ROOT, *proof]]
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        flipped = bytearray(proof[place])
        flipped[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
        changed.append([*proof[:place], bytes(flipped), *proof[place + 1 :]])
        changed.append(proof[:place] + proof[place + 1 :])
    if len(proof) > 1:
        changed.append([proof[1], proof[0], *proof[2:]])
    return changed


def test_impossible_sizes_are_refused() -> None:
    assert not verify_inclusion(LEAVES[0], 0, [], size=0, root=EMPTY_ROOT)
    assert not verify_inclusion(LEAVES[0], -1, [], size=1, root=ROOTS[1])
    assert not verify_inclusion(LEAVES[0], 0, [], size=2, root=ROOTS[1]), "a proof too short for the size"
    assert not consistent(2, 1, [])
    assert not consistent(-2, 1, [])
    assert not consistent(5, 5, [ROOTS[5]])
    assert not consistent(0, 5, [ROOTS[5]])
    assert not verify_consistency([], old_size=3, old_root=ROOTS[3], new_size=5, new_root=ROOTS[5])
    assert not verify_consistency([], old_size=0, old_root=ROOTS[1], new_size=5, new_root=ROOTS[5])
    assert not verify_consistency([], old_size=5, old_root=ROOTS[4], new_size=5, new_root=ROOTS[5])
    with pytest.raises(IndexError):
        inclusion_proof(LEAVES[:3], 3)
    with pytest.raises(IndexError):
        consistency_proof(LEAVES[:3], 4)


def test_a_node_never_passes_for_a_leaf() -> None:
    left, right = leaf_hash(LEAVES[0]), leaf_hash(LEAVES[1])
    forged = left + right
    assert merkle_root([forged]) != merkle_root(LEAVES[:2]) == node_hash(left, right)
    assert merkle_root([b"\x01" + forged]) != merkle_root(LEAVES[:2])
    assert not verify_inclusion(forged, 0, [], size=1, root=ROOTS[2])


@pytest.mark.speed
def test_a_hundred_thousand_leaves_are_quick() -> None:
    leaves = [number.to_bytes(32, "big") for number in range(100_000)]
    within(0.17, lambda: merkle_root(leaves))


def test_a_growing_tree_has_the_root_of_each_size() -> None:
    tree, leaves = GrowingTree(), [bytes([number]) for number in range(70)]
    for size in range(70):
        assert tree.root == merkle_root(leaves[:size])
        tree.append(leaves[size])
