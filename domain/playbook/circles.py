"""What a matrix asks before an act that nothing but that act brings about: it would never open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.playbook.format import process
from domain.playbook.toml_lines import lines
from domain.playbook.toml_table import Fault
from domain.process.release import (
    ANNOUNCE,
    DEPLOY,
    PUBLISH,
    TAG,
    Matter,
    ReleaseKind,
    RequirementRow,
)

_BY: Final = {
    Matter.TAGGED: TAG,
    Matter.PUBLISHED: PUBLISH,
    Matter.ANNOUNCED: ANNOUNCE,
}
_THERE: Final = frozenset((Matter.DEPLOYED, Matter.DWELL))


def faults(body: str) -> Iterator[Fault]:
    """Each row of a well-formed text that waits for what comes only after what it is asked for.

    What may be waived keeps nothing away for good.
    """
    at = None
    for number, kind in enumerate(process(body).releases.kinds):
        for place, row in enumerate(kind.requirements):
            if (gate := _circle(kind, row)) is not None:
                at = at or lines(body)
                path = ("release", number, "requirement", place)
                message = f"{row.name} waits at {gate} for what comes only after that"
                yield Fault("playbook", at.get((*path, "gates"), at[path]), message)


def _circle(kind: ReleaseKind, row: RequirementRow) -> str | None:
    """The gate of the row that comes before the act it waits for."""
    act = None if row.waivable_by else _brought_by(row)
    if act is None:
        return None
    return next((gate for gate in row.gates if gate in {act, *_before(kind, act)}), None)


def _before(kind: ReleaseKind, act: str) -> frozenset[str]:
    """The acts that the matrix asks before this one, one after the other."""
    found: frozenset[str] = frozenset()
    left = {act}
    while left:
        rows = [row for each in left for row in kind.rows(each) if not row.waivable_by]
        left = {each for each in map(_brought_by, rows) if each} - found
        found |= left
    return found


def _brought_by(row: RequirementRow) -> str | None:
    """The one act of the release that brings about what the row is about, if it is one."""
    if row.about in _THERE and row.environment:
        return f"{DEPLOY}:{row.environment}"
    return _BY.get(row.about)
