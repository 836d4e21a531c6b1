"""Recorded events as numbers are worked out from them: what happened to what, when, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from domain.metrics.metrics import Fact

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of the log: its id, kind, subject and time, and what it says besides texts.

    `place` is the environment of its subject, where it has one, and `position` its place in the
    log. One that is `claimed` was told of by an importer, and never counts.
    """

    id: str
    kind: str
    subject: str
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    place: str = ""
    claimed: bool = False
    position: int = 0


@dataclass(frozen=True, slots=True)
class Period:
    """The time that is asked about, up to, not including, `until`; `known` is when it is looked at.

    What ends after `known` has not ended yet, whatever was recorded since.
    """

    since: datetime
    until: datetime
    known: datetime

    def holds(self, at: datetime) -> bool:
        """Whether the moment lies inside."""
        return self.since <= at < self.until


def by_subject(happenings: Iterable[Happening]) -> dict[str, list[Happening]]:
    """The happenings of each subject, in their order."""
    found: dict[str, list[Happening]] = {}
    for each in happenings:
        found.setdefault(each.subject, []).append(each)
    return found


def span(start: Happening, end: Happening) -> Fact:
    """The time from one event to another in seconds, as a fact that names both."""
    return Fact(f"{start.id}..{end.id}", seconds(end.at - start.at))


def seconds(span: timedelta) -> int:
    """Whole seconds, rounded down."""
    return span // timedelta(seconds=1)
