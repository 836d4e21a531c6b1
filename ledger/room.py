"""Whether the database has room for what is written: the last write tells, or a trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.request import LOOK, Request
from ledger.writes import Database, OutOfReach, Writes

AS_MUCH: Final = 256 * 1024
"""How many bytes a trial writes: more than the events of most batches."""


@dataclass(slots=True)
class Room:
    """What one writer knows of its database: `full` is what the last write came to nothing for."""

    database: Database
    full: OutOfReach | None = None

    def write(self, writes: Writes) -> None:
        """Write a batch and commit; what keeps it out is remembered until one gets in."""
        try:
            self.database.write(writes)
        except OutOfReach as full:
            self.full = full
            raise
        self.full = None

    def show(self, requests: Sequence[Request]) -> None:
        """To who only looks: raise OutOfReach in the open batch if nothing can be written yet.

        After a write that came to nothing a trial tells, so that room is seen without a request.
        """
        if self.full is not None and requests[0].action == LOOK:
            self.database.attempt(AS_MUCH)
            self.full = None
