"""The two sides of a moment, by which records are asked for as by the values of their columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Before:
    """Any moment before this one."""

    at: datetime

    def holds(self, value: datetime | None) -> bool:
        """Whether the moment is there, and before."""
        return value is not None and value < self.at


@dataclass(frozen=True, slots=True)
class After:
    """Any moment after this one."""

    at: datetime

    def holds(self, value: datetime | None) -> bool:
        """Whether the moment is there, and after."""
        return value is not None and value > self.at
