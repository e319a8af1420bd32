"""The Merkle tree of RFC 6962: roots and proofs; what the leaves mean is up to other modules."""

import hashlib
import hmac
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Hash one leaf; the first byte differs from that of a node, so that no node passes for a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root, 32 bytes, of the tree over `leaves` in their order (RFC 6962 §2.1)."""
    return _root([leaf_hash(leaf) for leaf in leaves])


class GrowingTree:
    """A tree that grows leaf by leaf and can tell its root at every size, for logs too long to hold."""

    def __init__(self) -> None:
        self._size = 0
        self._complete: list[bytes] = []  # roots of complete subtrees, the largest first

    def append(self, leaf: bytes) -> None:
        """Add a leaf at the end."""
        node, size = leaf_hash(leaf), self._size
        while size & 1:
            node, size = node_hash(self._complete.pop(), node), size >> 1
        self._complete.append(node)
        self._size += 1

    @property
    def root(self) -> bytes:
        """The root, 32 bytes, of all leaves so far."""
        if not self._complete:
            return EMPTY_ROOT
        *larger, root = self._complete
        for left in reversed(larger):
            root = node_hash(left, root)
        return root


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes, lowest first, that lead from the leaf at `index` to the root (RFC 6962 §2.1.1).

    Raises IndexError when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} in a tree of {len(leaves)}")
    hashes = [leaf_hash(leaf) for leaf in leaves]
    proof = []
    low, high = 0, len(hashes)
    while high - low > 1:
        middle = low + _left_size(high - low)
        if index < middle:
            proof.append(_root(hashes[middle:high]))
            high = middle
        else:
            proof.append(_root(hashes[low:middle]))
            low = middle
    return proof[::-1]


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the hashes that prove the first `old_size` leaves to be unchanged (RFC 6962 §2.1.2).

    Raises IndexError when the tree is smaller than `old_size`.
    """
    if not 0 <= old_size <= len(leaves):
        raise IndexError(f"no tree of {old_size} inside one of {len(leaves)}")
    if old_size == 0:
        return []
    hashes = [leaf_hash(leaf) for leaf in leaves]
    proof = []
    low, high = 0, len(hashes)
    while old_size < high:
        middle = low + _left_size(high - low)
        if old_size <= middle:
            proof.append(_root(hashes[middle:high]))
            high = middle
        else:
            proof.append(_root(hashes[low:middle]))
            low = middle
    if low > 0:  # otherwise the last subtree is the old tree itself, whose root the verifier has
        proof.append(_root(hashes[low:high]))
    return proof[::-1]


def verify_inclusion(leaf: bytes, index: int, proof: Sequence[bytes], *, size: int, root: bytes) -> bool:
    """Whether `proof` shows `leaf` at `index` in the tree of this size and root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last = index, size - 1
    computed = leaf_hash(leaf)
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            position, last = _skip_promoted(position, last)
        else:
            computed = node_hash(computed, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and hmac.compare_digest(computed, root)


def verify_consistency(
    proof: Sequence[bytes], *, old_size: int, old_root: bytes, new_size: int, new_root: bytes
) -> bool:
    """Whether `proof` shows that the new tree only adds leaves to the old one (RFC 9162 §2.1.4.2)."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if old_size == new_size:
        return not proof and hmac.compare_digest(old_root, new_root)
    # The root of a complete tree is a node of the new tree, so the proof leaves it out.
    if old_size & (old_size - 1) == 0:
        proof = [old_root, *proof]
    roots = _roots_from(proof, old_size, new_size)
    return roots == (old_root, new_root)


def _roots_from(proof: Sequence[bytes], old_size: int, new_size: int) -> tuple[bytes, bytes] | None:
    """Compute the old and the new root from a proof, or None when it has the wrong number of hashes."""
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    if not proof:
        return None
    old = new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            position, last = _skip_promoted(position, last)
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return (old, new) if last == 0 else None


def _skip_promoted(position: int, last: int) -> tuple[int, int]:
    """Climb the levels on which a node without a right neighbour moves up unchanged."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _left_size(size: int) -> int:
    """The size of the left subtree: the largest power of two below `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _root(hashes: list[bytes]) -> bytes:
    """Combine leaf hashes level by level; an odd one moves up, as in the RFC's recursion."""
    if not hashes:
        return EMPTY_ROOT
    sha256 = hashlib.sha256
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=False)
        parents = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        hashes = parents + hashes[len(parents) * 2 :]
    return hashes[0]
