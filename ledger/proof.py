"""Inclusion and consistency proofs over the log's tree: made from tiles, checked from nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ledger.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    MAX_SIZE,
    TILE_HEIGHT,
    TILE_WIDTH,
    CompactRange,
    ReadEdge,
    complete_root,
    fold,
    node_hash,
    read_exactly,
    split_hashes,
)

ReadTile = Callable[[int, int], bytes | None]
"""(level, number) -> the 8192 bytes of a complete tile, None if it is not stored."""

MAX_TILES_KEPT = 32


class BadProof(ValueError):
    """A proof that does not show what it claims."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree of the first `size` leaves, read from storage as questions need it.

    The storage may already hold more leaves. A question reads at most two tiles or ragged edges per
    tile level; the last few are kept, so that many questions to one tree cost little and no memory.
    Raises LookupError when the storage lacks a hash, IndexError for a leaf or size beyond the tree.
    """

    size: int
    read_tile: ReadTile
    read_edge: ReadEdge
    _kept: dict[tuple[int, int], list[bytes]] = field(default_factory=dict, repr=False)

    def compact_range(self) -> CompactRange:
        """The right edge of the tree; the head row's, if the tree is the whole log."""
        return CompactRange(self.size, tuple(self._peaks(0, self.size)))

    def root(self) -> bytes:
        """The root hash."""
        return fold(self._peaks(0, self.size)) if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> list[bytes]:
        """The audit path of one leaf, from its sibling up (RFC 6962, 2.1.1)."""
        if not 0 <= index < self.size:
            raise IndexError(f"a tree of {self.size} leaves has no leaf {index}")
        start, end, path = 0, self.size, list[bytes]()
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._span(middle, end))
                end = middle
            else:
                path.append(self._span(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, old: int) -> list[bytes]:
        """The proof that this tree extends the one of `old` leaves (RFC 6962, 2.1.2).

        Size 0 is refused: every tree extends the empty one, so such a proof would show nothing.
        """
        if not 0 < old <= self.size:
            raise IndexError(f"no tree of {old} leaves grows into one of {self.size}")
        start, end, proof = 0, self.size, list[bytes]()
        while old != end:
            middle = start + _split(end - start)
            if old <= middle:
                proof.append(self._span(middle, end))
                end = middle
            else:
                proof.append(self._span(start, middle))
                start = middle
        if start:
            proof.append(self._span(start, end))
        return proof[::-1]

    def _span(self, start: int, end: int) -> bytes:
        return fold(self._peaks(start, end))

    def _peaks(self, start: int, end: int) -> list[bytes]:
        """The roots of the complete subtrees that cover leaves start..end-1, largest first."""
        peaks = []
        while start < end:
            height = (end - start).bit_length() - 1
            peaks.append(self._node(height, start >> height))
            start += 1 << height
        return peaks

    def _node(self, height: int, index: int) -> bytes:
        level, inner = divmod(height, TILE_HEIGHT)
        row = self._row(level, index >> (TILE_HEIGHT - inner))
        first = (index << inner) % TILE_WIDTH
        return complete_root(row[first : first + (1 << inner)])

    def _row(self, level: int, number: int) -> list[bytes]:
        row = self._kept.get((level, number))
        if row is None:
            if len(self._kept) >= MAX_TILES_KEPT:
                self._kept.clear()
            row = self._kept[level, number] = self._read(level, number)
        return row

    def _read(self, level: int, number: int) -> list[bytes]:
        first = number * TILE_WIDTH
        width = min(TILE_WIDTH, (self.size >> (TILE_HEIGHT * level)) - first)
        if width < TILE_WIDTH:
            return read_exactly(self.read_edge, level, first, first + width)
        stored = self.read_tile(level, number)
        if stored is None or len(stored) != TILE_WIDTH * HASH_BYTES:
            raise LookupError(f"tile {number} of level {level} is missing or cut")
        return split_hashes(stored)


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise BadProof unless the proof puts this leaf hash at the index of the tree of this root."""
    if not 0 <= index < size <= MAX_SIZE:
        raise BadProof(f"leaf {index} of a tree of {size} leaves cannot be")
    inner, border = _shape(index, size)
    _check_hashes(proof, inner + border, leaf, root)
    if _climb(leaf, proof, index, inner) != root:
        raise BadProof("the audit path does not lead to the root")


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Raise BadProof unless the proof shows that the new tree only adds leaves to the old one.

    An old size of 0 is refused: first contact is a decision, not a proof.
    """
    if not 0 < old_size <= new_size <= MAX_SIZE:
        raise BadProof(f"no proof leads from {old_size} leaves to {new_size}")
    if old_size == new_size:
        _check_hashes(proof, 0, old_root, new_root)
        if old_root != new_root:
            raise BadProof("two roots for one size")
        return
    _verify_growth(old_size, new_size, proof, (old_root, new_root))


def _verify_growth(old: int, new: int, proof: Sequence[bytes], roots: tuple[bytes, bytes]) -> None:
    """Climb from the last complete subtree of the old tree to both roots at once."""
    shift = (old & -old).bit_length() - 1
    inner, border = _shape(old - 1, new)
    inner -= shift
    seeded = old != 1 << shift
    _check_hashes(proof, seeded + inner + border, *roots)
    seed, path = (proof[0], proof[1:]) if seeded else (roots[0], proof)
    index = (old - 1) >> shift
    left_only = [each for at, each in enumerate(path) if at >= inner or index >> at & 1]
    if _climb(seed, left_only, 0, 0) != roots[0]:
        raise BadProof("the proof does not lead to the old root")
    if _climb(seed, path, index, inner) != roots[1]:
        raise BadProof("the proof does not lead to the new root")


def _climb(start: bytes, path: Sequence[bytes], index: int, inner: int) -> bytes:
    """Hash upwards: below `inner` the bits of the index tell the side; above, siblings are left."""
    node = start
    for at, sibling in enumerate(path):
        right = at < inner and not index >> at & 1
        node = node_hash(node, sibling) if right else node_hash(sibling, node)
    return node


def _shape(index: int, size: int) -> tuple[int, int]:
    """How many siblings lie below the path's meeting with the right edge, and how many above."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _check_hashes(proof: Sequence[bytes], length: int, *others: bytes) -> None:
    if len(proof) != length:
        raise BadProof(f"the proof has {len(proof)} hashes, {length} are needed")
    if any(len(each) != HASH_BYTES for each in (*proof, *others)):
        raise BadProof("every hash has 32 bytes")


def _split(width: int) -> int:
    """The largest power of two below the width."""
    return 1 << ((width - 1).bit_length() - 1)
