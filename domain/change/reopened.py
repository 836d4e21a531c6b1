"""What becomes true of a change when what was settled after the fact is settled no more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObligationReopened:
    """What had been decided after the fact is not any more: votes on it have lost their force.

    `dropped` are the write-ups owed because it was refused, which are not owed any more.
    """

    name: str
    dropped: tuple[str, ...] = ()
