"""What records are asked for by: the values of their columns, or a side of a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Wanted = tuple[type, Mapping[str, object]]
"""What is asked for: a state, and what its indexed columns equal (a frozenset: one of them)."""


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
