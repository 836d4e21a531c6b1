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
    _kept_at: float = 0.0

    def sign(self, size: int, root: bytes) -> str:
        """The checkpoint note over a head."""
        self._newest = sign_checkpoint(Checkpoint(self.origin, size, root), self.keys)
        note = self._newest
        if monotonic() - self._kept_at > KEPT_EVERY_S:
            try:
                self.rest()
            except OSError:
                LOG.exception("%s was not written", self.kept)
        return note

    def rest(self) -> None:
        """Keep the newest checkpoint in the file, flushed."""
        if self.kept is None or self._newest is None:
            return
        fresh = self.kept.with_name(f"{self.kept.name}.{os.getpid()}")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(self._newest)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.kept)
        self._newest, self._kept_at = None, monotonic()

    def check(self, tree: Tree) -> None:
        """Raise RolledBack unless the log as it is extends the checkpoint kept in the file."""
        kept = self.remembered()
        if kept is None:
            return
        if kept.size > tree.size:
            raise RolledBack(
                f"the log has {tree.size} events, but {kept.size} have been signed: it was rolled "
                "back; record a restore before it is written to again"
            )
        shorter = Tree(kept.size, tree.read_tile, tree.read_edge)
        if shorter.root() != kept.root:
            raise RolledBack(
                f"the first {kept.size} events are not those that were signed; verify the log"
            )

    def remembered(self) -> Checkpoint | None:
        """The checkpoint kept in the file; raises RolledBack when the file cannot be trusted."""
        if self.kept is None or not self.kept.exists():
            return None
        try:
            note = self.kept.read_text(encoding="utf-8")
            return open_checkpoint(note, self.origin, [key.verifier for key in self.keys])
        except (BadNote, UnicodeDecodeError) as bad:
            raise RolledBack(f"{self.kept} is not signed by this log's key: {bad}") from bad

    def forget(self) -> None:
        """A restore was recorded: what was signed before is explained by it."""
        if self.kept is not None:
            self.kept.unlink(missing_ok=True)
