"""What a matrix asks before an act that nothing but that act brings about: it would never open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
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
    Environment,
    EnvironmentKind,
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
    found = process(body).releases
    for number, kind in enumerate(found.kinds):
        out = _out(kind, found.environments)
        for place, row in enumerate(kind.requirements):
            for key, message in _wrong(kind, row, out):
                at = at or lines(body)
                path = ("release", number, "requirement", place)
                yield Fault("playbook", at.get((*path, key), at[path]), message)


def _wrong(
    kind: ReleaseKind, row: RequirementRow, out: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Why the row never lets anything pass, and in which of its keys that stands."""
    if row.waivable_by:
        return
    if row.about in _THERE and row.environment not in (None, *kind.environments):
        message = f"{row.name} waits for {row.environment}, where no {kind.name} goes"
        yield "environment", message
    elif (gate := next(circle(kind, row, out), None)) is not None:
        yield "gates", f"{row.name} waits at {gate} for what comes only after that"


def circle(kind: ReleaseKind, row: RequirementRow, out: Collection[str]) -> Iterator[str]:
    """The gates of the row that come before what it waits for, where `out` brings a release out.

    Where any of several acts would do, none of them is ever possible.
    """
    asked = {act: tuple(_asked(kind, act, row, out)) for act in _acts(kind, out)}
    shut = _never(asked)
    found: set[str] = set()
    left = set(_in_vain((_brought_by(kind, row, out),), shut))
    while left:
        found |= left
        left = {each for act in left for each in _in_vain(asked[act], shut)} - found
    yield from (gate for gate in row.gates if gate in found)


def _acts(kind: ReleaseKind, out: Collection[str]) -> frozenset[str]:
    """Every act that a row may be asked at, or wait for."""
    places = (f"{DEPLOY}:{each}" for each in kind.environments)
    waited = (act for row in kind.requirements for act in _brought_by(kind, row, out))
    phases = (f"{ENTER_PHASE}:{each.name}" for each in kind.phases)
    return frozenset((*kind.gates, *places, *waited, *phases, TAG, PUBLISH, ANNOUNCE, *out))


def _asked(
    kind: ReleaseKind, act: str, row: RequirementRow, out: Collection[str]
) -> Iterator[tuple[str, ...]]:
    """What has to come before an act by the matrix, any of each; as if nobody waived the row."""
    for each in kind.rows(act):
        if (each is row or not each.waivable_by) and (acts := _brought_by(kind, each, out)):
            yield acts
    if first := PUBLISH if act == ANNOUNCE else _phase_before(kind, act):
        yield (first,)


def _never(asked: Mapping[str, Collection[tuple[str, ...]]]) -> frozenset[str]:
    """The acts that wait for each other, or for such."""
    shut = frozenset(asked)
    while opens := {act for act in shut if not any(True for _ in _in_vain(asked[act], shut))}:
        shut -= opens
    return shut


def _in_vain(asked: Iterable[tuple[str, ...]], shut: Collection[str]) -> Iterator[str]:
    """The acts that are waited for, where none of those that would do is possible."""
    return (act for acts in asked if all(each in shut for each in acts) for act in acts)


def _phase_before(kind: ReleaseKind, act: str) -> str | None:
    """How the phase before is entered, of entering a phase: they come in their order."""
    verb, _, phase = act.partition(":")
    names = [each.name for each in kind.phases]
    at = names.index(phase) if verb == ENTER_PHASE else 0
    return _entering(kind, names[at - 1]) if at else None


def _entering(kind: ReleaseKind, phase: str) -> str | None:
    """How a phase is entered; releases begin in the first."""
    return None if phase == kind.phases[0].name else f"{ENTER_PHASE}:{phase}"


def _brought_by(kind: ReleaseKind, row: RequirementRow, out: Collection[str]) -> tuple[str, ...]:
    """The acts of the release any of which brings about what the row is about, if acts do."""
    if row.about in _THERE and row.environment:
        return (f"{DEPLOY}:{row.environment}",)
    if row.about is Matter.PHASE and row.phase:
        first = _entering(kind, row.phase)
        return (first,) if first else ()
    if row.about is Matter.REVIEW:
        return tuple(out)
    return (_BY[row.about],) if row.about in _BY else ()


def _out(kind: ReleaseKind, places: Collection[Environment]) -> tuple[str, ...]:
    live = {each.name for each in places if each.kind is EnvironmentKind.PRODUCTION}
    return brings_out(kind, [each for each in kind.environments if each in live])


def brings_out(kind: ReleaseKind, live: Collection[str]) -> tuple[str, ...]:
    """The acts any of which brings a release out, by where people use what goes there (S3-11).

    That is to go there, or to be published; where there is neither, to go anywhere.
    """
    published = (PUBLISH,) if kind.rows(PUBLISH) else ()
    places = live if live or published else kind.environments
    return (*(f"{DEPLOY}:{each}" for each in places), *published)
