"""What becomes true of a change when what was settled after the fact is settled no more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObligationReopened:
    """What had been approved after the fact is not any more: votes on it have lost their force."""

    name: str
