"""What is approved in advance no more: another is opened in its place, and nothing else helps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from domain.change.gate_submit import preapproved
from domain.change.question import Question, unknown
from domain.change.standing import resumed
from domain.change.state import EDITABLE
from domain.gate import Act, Finding, Requirement, evaluate, or_else

Acts = tuple[Act, ...]


def opens(acts: Iterable[Act]) -> bool:
    """Whether a way leads to another change, and no further with this one."""
    return any(each.action == "change.open" for each in acts)


def in_its_place(ask: Question, requirements: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
    """The requirements of what has not begun, each met as well by whatever opens another.

    Where nothing else has this one approved in advance, by that alone: to resume, to submit or to
    carry it out would be in vain (S3-14).
    """
    if ask.who is unknown or resumed(ask.state).status not in EDITABLE:
        return requirements
    ways, alone = _opening(ask)
    return tuple(_met(each, ways, alone=alone) for each in requirements) if ways else requirements


def _opening(ask: Question) -> tuple[tuple[Acts, ...], bool]:
    """The ways in which another is opened, and whether there is no other for what it is."""
    if not (conditions := preapproved(ask)):
        return (), False
    blocking = evaluate(conditions).blocking
    every = [tuple(acts for acts in (each.acts, *each.instead) if acts) for each in blocking]
    opening = dict.fromkeys(acts for ways in every for acts in ways if opens(acts))
    return tuple(opening), any(ways and all(map(opens, ways)) for ways in every)


def _met(requirement: Requirement, ways: tuple[Acts, ...], *, alone: bool) -> Requirement:
    def check() -> tuple[Finding, ...]:
        answer = requirement.check()
        every = (answer,) if isinstance(answer, Finding) else answer
        return tuple(_told(each, ways, alone=alone) for each in every)

    return replace(requirement, check=check)


def _told(finding: Finding, ways: tuple[Acts, ...], *, alone: bool) -> Finding:
    if not finding.status.blocks:
        return finding
    if alone:
        bare = replace(finding, acts=ways[0], instead=(), standing=None, vain=(), lacking=())
        return or_else(bare, *ways[1:])
    known = (finding.acts, *finding.instead)
    return or_else(finding, *(each for each in ways if each not in known))
