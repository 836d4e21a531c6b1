"""Growing the tree with a batch: the new compact range, and the tiles that became complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ledger.merkle import TILE_WIDTH, finished_tiles
from ledger.writes import Database, Writes


@dataclass(slots=True)
class RightEdge:
    """The leaves of the unfinished tile, remembered while nobody else moves the head."""

    database: Database
    leaves: list[bytes] = field(default_factory=list)

    def grow(self, writes: Writes) -> None:
        """Extend the head by the batch's leaves and add the tiles they finish."""
        head = writes.head
        fresh = [event.leaf for event in writes.events]
        writes.tiles = list(finished_tiles(head.size, fresh, self._read))
        grown = head.range.extend(fresh)
        at = writes.at if fresh else head.at  # counting denials leaves the log as old as it was
        writes.head = replace(head, range=grown, at=at)
        unfinished = grown.size % TILE_WIDTH
        whole = len(self.leaves) == head.size % TILE_WIDTH
        known = [*self.leaves, *fresh] if whole else fresh
        self.leaves = known[-unfinished:] if 0 < unfinished <= len(known) else []

    def forget(self) -> None:
        """Another writer moved the head, or the batch was rolled back."""
        self.leaves.clear()

    def _read(self, level: int, start: int, end: int) -> Sequence[bytes]:
        if level > 0:
            return self.database.roots(level - 1, start, end)
        if len(self.leaves) == end - start:
            return self.leaves
        return self.database.leaves(start, end)
