"""What a run found: kinds of findings, which of them are faults, and the exit code."""

from __future__ import annotations

from collections import Counter
from enum import Enum


class Kind(Enum):
    """A kind of finding; its value is how it is printed."""

    UNSIGNED = "unsigned"
    EQUIVOCATION = "equivocation"
    ROLLBACK = "rollback"
    INCONSISTENCY = "inconsistency"
    ALTERED_ENTRY = "altered entry"
    UNPROVEN_ENTRY = "unproven entry"
    ALTERED_PAYLOAD = "altered payload"
    WITHHELD_PAYLOAD = "withheld payload"
    ERASED = "erased"


MOST_TEXTS = 100


class Findings:
    """Findings in the order they were made; beyond the first hundred of a kind only counted."""

    def __init__(self, *, complete: bool = False) -> None:
        """With `complete`, a withheld payload is a fault too."""
        self.counts: Counter[Kind] = Counter()
        self.texts: list[tuple[Kind, str]] = []
        self._notices = {Kind.ERASED} | (set() if complete else {Kind.WITHHELD_PAYLOAD})

    def add(self, kind: Kind, text: str) -> None:
        """Note one finding."""
        self.counts[kind] += 1
        if self.counts[kind] <= MOST_TEXTS:
            self.texts.append((kind, text))

    def is_fault(self, kind: Kind) -> bool:
        """Whether a finding of this kind makes the bundle bad."""
        return kind not in self._notices

    @property
    def good(self) -> bool:
        """Whether nothing was found that should not be."""
        return not any(self.is_fault(kind) for kind in self.counts)
