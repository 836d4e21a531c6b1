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
    ENTER_PHASE,
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
_THERE: Final = frozenset((Matter.DEPLOYED, Matter.DWELL, Matter.WATCHED))


def faults(body: str) -> Iterator[Fault]:
    """Each row of a well-formed text that waits for what comes only after what it is asked for.

    What may be waived keeps nothing away for good.
    """
    at = None
    for number, kind in enumerate(process(body).releases.kinds):
        for place, row in enumerate(kind.requirements):
            for key, message in _wrong(kind, row):
                at = at or lines(body)
                path = ("release", number, "requirement", place)
                yield Fault("playbook", at.get((*path, key), at[path]), message)


def _wrong(kind: ReleaseKind, row: RequirementRow) -> Iterator[tuple[str, str]]:
    """Why the row never lets anything pass, and in which of its keys that stands."""
    if row.waivable_by:
        return
    if row.about in _THERE and row.environment not in (None, *kind.environments):
        message = f"{row.name} waits for {row.environment}, where no {kind.name} goes"
        yield "environment", message
    elif (gate := _circle(kind, row)) is not None:
        yield "gates", f"{row.name} waits at {gate} for what comes only after that"


def _circle(kind: ReleaseKind, row: RequirementRow) -> str | None:
    """The gate of the row that comes before the act it waits for."""
    act = _brought_by(kind, row)
    if act is None:
        return None
    return next((gate for gate in row.gates if gate in {act, *_before(kind, act)}), None)


def _before(kind: ReleaseKind, act: str) -> frozenset[str]:
    """The acts that the matrix asks before this one, one after the other."""
    found: frozenset[str] = frozenset()
    left = {act}
    while left:
        rows = [row for each in left for row in kind.rows(each) if not row.waivable_by]
        asked = (_brought_by(kind, row) for row in rows)
        left = {each for each in (*asked, *(_phase_before(kind, each) for each in left)) if each}
        left -= found
        found |= left
    return found


def _phase_before(kind: ReleaseKind, act: str) -> str | None:
    """How the phase before is entered, of entering a phase: they come in their order."""
    verb, _, phase = act.partition(":")
    names = [each.name for each in kind.phases]
    at = names.index(phase) if verb == ENTER_PHASE else 0
    return _entering(kind, names[at - 1]) if at else None


def _entering(kind: ReleaseKind, phase: str) -> str | None:
    """How a phase is entered; releases begin in the first."""
    return None if phase == kind.phases[0].name else f"{ENTER_PHASE}:{phase}"


def _brought_by(kind: ReleaseKind, row: RequirementRow) -> str | None:
    """The one act of the release that brings about what the row is about, if it is one."""
    if row.about in _THERE and row.environment:
        return f"{DEPLOY}:{row.environment}"
    if row.about is Matter.PHASE and row.phase:
        return _entering(kind, row.phase)
    return _BY.get(row.about)
