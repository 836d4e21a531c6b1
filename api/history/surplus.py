"""What events of old keep of other records that are hidden: left out for whoever reads them.

Since then nothing of the kind is kept (`domain.passage`). The log stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from domain.gate import Status
from domain.passage import Passed

LINKED: Final = "linked"
"""What is asked of linked fixes; it told of those that were left over by a row of its own."""
VERSION: Final = "version"
"""That versions are free; instead of it stood that a release, hidden or not, goes on with one."""


def without_surplus(event: Any, unseen: Collection[str]) -> Any:
    """The event without what counted of its gate that told of nothing but what is hidden (S1-12).

    `unseen` are the ids in it of what is hidden from the reader.
    """
    rows = getattr(event, "evidence", None)
    if not isinstance(rows, tuple) or not any(isinstance(each, Passed) for each in rows):
        return event
    kept = tuple(_kept(rows, frozenset(unseen)))
    return event if kept == rows else replace(event, evidence=kept)


def _kept(rows: Sequence[Passed], unseen: frozenset[str]) -> Iterator[Passed]:
    several = sum(each.requirement == LINKED for each in rows) > 1
    free = any(each.requirement == VERSION and not _goes_on(each, unseen) for each in rows)
    for each in rows:
        if _goes_on(each, unseen):
            yield from () if free else (Passed(VERSION, Status.SATISFIED),)
            free = True
        elif not (several and _is_left_over(each)):
            yield each


def _goes_on(row: Passed, unseen: frozenset[str]) -> bool:
    """Whether it says that only hidden releases go on with a version."""
    beside = row.requirement == VERSION and row.status is Status.NOT_APPLICABLE
    return beside and bool(row.evidence) and unseen.issuperset(row.evidence)


def _is_left_over(row: Passed) -> bool:
    return row.requirement == LINKED and row.status is Status.NOT_APPLICABLE and not row.evidence
