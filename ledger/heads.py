"""Signing heads, and remembering the newest one outside the database, against a silent rollback."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.note import BadNote
from ledger.proof import Tree
from ledger.signing import SigningKey

LOG = logging.getLogger("changegate.ledger")
KEPT_EVERY_S = 1.0


class RolledBack(RuntimeError):
    """The database holds less, or something else, than what was signed before."""


@dataclass(slots=True)
class HeadSigner:
    """Signs checkpoints of one origin; keeps the newest in a file beside the database.

    The file is written at most once a second and when the signer rests, since it guards against
    yesterday's backup, not against the last second.
    """

    origin: str
    keys: Sequence[SigningKey]
    kept: Path | None = None
    _newest: str | None = None
    _size: int = 0
    _kept_at: float = 0.0

    def sign(self, size: int, root: bytes) -> str:
        """The checkpoint note over a head; raises RolledBack for less than was signed before."""
        if size < self._size:
            raise RolledBack(f"the log has {size} events, but {self._size} have been signed")
        note = sign_checkpoint(Checkpoint(self.origin, size, root), self.keys)
        self._newest, self._size = note, size
        if monotonic() - self._kept_at > KEPT_EVERY_S:
            try:
                self.rest()
            except OSError:
                LOG.exception("%s was not written", self.kept)
        return note

    def rest(self) -> None:
        """Keep the newest checkpoint in the file, flushed, unless another process kept a newer."""
        if self.kept is None or self._newest is None:
            return
        known = self.remembered()
        if known is None or known.size <= self._size:
            fresh = self.kept.with_name(f"{self.kept.name}.{os.getpid()}")
            with fresh.open("w", encoding="utf-8") as file:
                file.write(self._newest)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.kept)
        self._newest, self._kept_at = None, monotonic()

    def check(self, tree: Tree) -> None:
        """Raise RolledBack unless the log as it is extends the checkpoint kept in the file."""
        self.compare(tree, self.remembered())

    def compare(self, tree: Tree, kept: Checkpoint | None) -> None:
        """Check against what was kept before the tree was read, while others may be writing."""
        if kept is None:
            return
        if kept.size > tree.size:
            raise RolledBack(
                f"the log has {tree.size} events, but {kept.size} have been signed: it was rolled "
                "back; record a restore before it is written to again"
            )
        if Tree(kept.size, tree.read_tile, tree.read_edge).root() != kept.root:
            raise RolledBack(
                f"the first {kept.size} events are not those that were signed: verify the log, or "
                "record a restore before it is written to again"
            )
        self._size = max(self._size, kept.size)

    def remembered(self) -> Checkpoint | None:
        """The checkpoint kept in the file; raises RolledBack when the file cannot be trusted."""
        if self.kept is None:
            return None
        verifiers = [key.verifier for key in self.keys]
        try:
            return open_checkpoint(self.kept.read_bytes(), self.origin, verifiers)
        except FileNotFoundError:
            return None
        except (BadNote, OSError) as bad:
            raise RolledBack(f"{self.kept} is not this log's newest checkpoint: {bad}") from bad
