"""Recording refusals by policy and by gates: one event per person, action and hour."""

from __future__ import annotations

from ledger.deciding import Decided, Scene
from ledger.writes import Database, Writes


def note_denials(decided: Decided, scene: Scene, writes: Writes, database: Database) -> None:
    """Record a denial by policy or a refused guarded act."""
