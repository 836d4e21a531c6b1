"""A tree grown in memory the way the ledger stores it, and the slow tree of the RFC beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256

from ledger.merkle import CompactRange, finished_tiles
from ledger.proof import Tree


def leaves(count: int) -> list[bytes]:
    """Leaf hashes that differ from each other."""
    return [sha256(b"\x00%d" % number).digest() for number in range(count)]


LEAVES = tuple(leaves(700))


@cache
def slow_root(start: int, end: int) -> bytes:
    """MTH of RFC 6962 over LEAVES[start:end], by its recursive definition."""
    if end - start == 1:
        return LEAVES[start]
    if end == start:
        return sha256(b"").digest()
    half = 1
    while half * 2 < end - start:
        half *= 2
    return sha256(b"\x01" + slow_root(start, start + half) + slow_root(start + half, end)).digest()


@dataclass
class Grove:
    """Leaf hashes, tiles stored once, and the compact range; counts what is read back."""

    leaves: list[bytes] = field(default_factory=list)
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    roots: dict[tuple[int, int], bytes] = field(default_factory=dict)
    edge: CompactRange = field(default_factory=CompactRange)
    reads: list[tuple[int, int]] = field(default_factory=list)

    def grow(self, fresh: Sequence[bytes]) -> None:
        """Append leaf hashes; a tile stored twice is a fault."""
        for tile in finished_tiles(self.edge.size, fresh, self.read_edge):
            place = (tile.level, tile.number)
            assert place not in self.tiles
            self.tiles[place], self.roots[place] = tile.hashes, tile.root
        self.edge = self.edge.extend(fresh)
        self.leaves.extend(fresh)

    def read_tile(self, level: int, number: int) -> bytes | None:
        """A complete tile."""
        self.reads.append((level, number))
        return self.tiles.get((level, number))

    def read_edge(self, level: int, start: int, end: int) -> list[bytes]:
        """Part of a row: leaf hashes, or the roots of tiles of the level below."""
        assert start < end
        assert start // 256 == (end - 1) // 256
        self.reads.append((level, start // 256))
        if level == 0:
            return self.leaves[start:end]
        return [self.roots[level - 1, number] for number in range(start, end)]

    def tree(self, size: int) -> Tree:
        """The tree of the first leaves."""
        return Tree(size, self.read_tile, self.read_edge)


def grove(fresh: Sequence[bytes]) -> Grove:
    """A tree grown at once."""
    made = Grove()
    made.grow(fresh)
    return made


def flipped(joined: bytes, bit: int) -> bytes:
    """The bytes with one bit turned."""
    changed = bytearray(joined)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
