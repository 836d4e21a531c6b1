"""RFC 6962 hashing, and RFC 9162's two procedures that check a proof."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

LIMIT = 2**63 - 1
NOTHING = sha256(b"").digest()


class Refused(Exception):
    """A proof, note or envelope that does not hold; the text says why."""


def hash_leaf(entry: bytes) -> bytes:
    """The hash of a log entry."""
    return sha256(b"\x00" + entry).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


class GrowingTree:
    """The root of everything added so far, in memory that hardly grows."""

    def __init__(self) -> None:
        """Start empty."""
        self.size = 0
        self._complete: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append one leaf hash."""
        carried, bits = leaf, self.size
        while bits & 1:
            carried = hash_node(self._complete.pop(), carried)
            bits >>= 1
        self._complete.append(carried)
        self.size += 1

    def root(self) -> bytes:
        """The root hash now."""
        if not self._complete:
            return NOTHING
        root = self._complete[-1]
        for left in reversed(self._complete[:-1]):
            root = hash_node(left, root)
        return root


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """RFC 9162, 2.1.3.2: raise Refused unless the path leads from the leaf to the root."""
    if not 0 <= index < size <= LIMIT:
        raise Refused(f"there is no leaf {index} in a tree of {size}")
    here, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Refused("the audit path is too long")
        if here & 1 or here == last:
            node = hash_node(sibling, node)
            here, last = _to_right_child(here, last)
        else:
            node = hash_node(node, sibling)
        here, last = here >> 1, last >> 1
    if last or node != root:
        raise Refused("the audit path does not lead to the root")


def check_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """RFC 9162, 2.1.4.2: raise Refused unless the new tree extends the old one."""
    if not 0 < old <= new <= LIMIT:
        raise Refused(f"no proof leads from {old} leaves to {new}")
    if old == new:
        if proof or old_root != new_root:
            raise Refused("two roots for one size")
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise Refused("the proof is empty")
    _climb(old - 1, new - 1, path, (old_root, new_root))


def _climb(here: int, last: int, path: list[bytes], roots: tuple[bytes, bytes]) -> None:
    while here & 1:
        here, last = here >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Refused("the proof is too long")
        if here & 1 or here == last:
            before, after = hash_node(sibling, before), hash_node(sibling, after)
            here, last = _to_right_child(here, last)
        else:
            after = hash_node(after, sibling)
        here, last = here >> 1, last >> 1
    if last or (before, after) != roots:
        raise Refused("the proof does not lead to both roots")


def _to_right_child(here: int, last: int) -> tuple[int, int]:
    """Go up along left edges until the node is a right child, or the path is at its left end."""
    while here and not here & 1:
        here, last = here >> 1, last >> 1
    return here, last
