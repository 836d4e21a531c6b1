"""The RFC 6962 tree over the log: hashes, the compact range of its right edge, and its tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_LEVEL = 63
MAX_SIZE = 2**63 - 1
EMPTY_ROOT = sha256(b"").digest()

ReadEdge = Callable[[int, int, int], Sequence[bytes]]
"""(level, start, end) -> the hashes start..end-1 of a tile level. Level 0 holds the leaf hashes,
level L > 0 the roots of the complete tiles of level L-1. Start and end lie in one tile."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one log entry: SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The hash of each entry, from one that was begun: to copy it is cheaper than to begin anew."""
    begun, hashes = sha256(b"\x00"), list[bytes]()
    for entry in entries:
        hashed = begun.copy()
        hashed.update(entry)
        hashes.append(hashed.digest())
    return hashes


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The roots of the complete subtrees that make up a tree of `size` leaves, largest first.

    One hash per set bit of the size, so at most 63; enough to grow the tree and to know its root.
    Raises ValueError when number or length of the hashes do not fit the size.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE:
            raise ValueError(f"a tree cannot have {self.size} leaves")
        if len(self.hashes) != self.size.bit_count():
            raise ValueError(f"{len(self.hashes)} hashes cannot stand for {self.size} leaves")
        if any(len(each) != HASH_BYTES for each in self.hashes):
            raise ValueError("every hash of a compact range has 32 bytes")

    def append(self, leaf: bytes) -> CompactRange:
        """The range with one more leaf, given as its hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> CompactRange:
        """The range with more leaves, given as their hashes in order of the log."""
        fresh, kept, waiting = list(leaves), list[bytes](), list(self.hashes)
        size, position = self.size + len(fresh), self.size
        while fresh or waiting:
            if position & 1:
                fresh.insert(0, waiting.pop())
            if len(fresh) & 1:
                kept.append(fresh.pop())
            fresh = _parents(fresh)
            position >>= 1
        return CompactRange(size, tuple(reversed(kept)))

    def root(self) -> bytes:
        """The root hash of the tree; SHA-256 of nothing for the empty one."""
        return fold(self.hashes) if self.hashes else EMPTY_ROOT

    def to_bytes(self) -> bytes:
        """The hashes one after another, 32 bytes each; the size is kept beside them."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, stored: bytes) -> CompactRange:
        """The range read back; raises ValueError when the bytes do not fit the size."""
        return cls(size, tuple(split_hashes(stored)))


class Tile(NamedTuple):
    """256 consecutive hashes of one tile level, stored once when the last of them is known.

    Level 0 holds leaf hashes; level L > 0 holds the roots of 256 complete tiles of level L-1. The
    `root` is stored beside the hashes, so that the level above is read without hashing again.
    """

    level: int
    number: int
    hashes: bytes
    root: bytes


def finished_tiles(size: int, leaves: Sequence[bytes], read_edge: ReadEdge) -> Iterator[Tile]:
    """The tiles that become complete when a tree of `size` leaves grows by `leaves` (their hashes).

    They come lowest level first. `read_edge` is asked only where a tile becomes complete, for its
    hashes that stood before, at most 255; most extensions ask nothing.
    """
    fresh, start, level = list(leaves), size, 0
    while fresh:
        first = start - start % TILE_WIDTH
        if start - first + len(fresh) < TILE_WIDTH:
            return
        before = read_exactly(read_edge, level, first, start) if first < start else []
        tiles = _whole_tiles(level, first // TILE_WIDTH, before + fresh)
        yield from tiles
        fresh, start, level = [tile.root for tile in tiles], first // TILE_WIDTH, level + 1


def read_exactly(read_edge: ReadEdge, level: int, start: int, end: int) -> list[bytes]:
    """What `read_edge` answers, checked for number and length; raises LookupError otherwise."""
    hashes = [bytes(each) for each in read_edge(level, start, end)]
    if len(hashes) != end - start or any(len(each) != HASH_BYTES for each in hashes):
        raise LookupError(f"the tree lacks hashes {start} to {end - 1} of level {level}")
    return hashes


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """Where a static export keeps a tile, spelled as C2SP tlog-tiles demands."""
    if not (0 <= level <= MAX_LEVEL and 0 <= number <= MAX_SIZE and 1 <= width <= TILE_WIDTH):
        raise ValueError(f"there is no tile {number} of level {level} and width {width}")
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/" + "/".join([*(f"x{each}" for each in groups[:-1]), groups[-1]]) + suffix


def split_hashes(joined: bytes) -> list[bytes]:
    """The 32-byte hashes that were stored one after another; raises ValueError on a ragged end."""
    if len(joined) % HASH_BYTES:
        raise ValueError(f"{len(joined)} bytes are no whole number of hashes")
    return [joined[i : i + HASH_BYTES] for i in range(0, len(joined), HASH_BYTES)]


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of sibling hashes."""
    row = list(hashes)
    if not row or len(row) & (len(row) - 1):
        raise ValueError(f"{len(row)} hashes make no complete subtree")
    while len(row) > 1:
        row = _parents(row)
    return row[0]


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root over complete subtrees of falling size: the smaller ones are joined first."""
    *others, root = peaks
    for peak in reversed(others):
        root = node_hash(peak, root)
    return root


def _parents(row: Sequence[bytes]) -> list[bytes]:
    """The row above an even number of nodes; written out because this is the hot loop."""
    pairs = zip(row[::2], row[1::2], strict=True)
    return [sha256(b"\x01" + left + right).digest() for left, right in pairs]


def _whole_tiles(level: int, first: int, row: list[bytes]) -> list[Tile]:
    tiles = []
    for at in range(len(row) // TILE_WIDTH):
        hashes = row[at * TILE_WIDTH : (at + 1) * TILE_WIDTH]
        tiles.append(Tile(level, first + at, b"".join(hashes), complete_root(hashes)))
    return tiles
