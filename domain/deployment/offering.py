"""That what blocks may be overridden instead: by whom, and who countersigns that first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.authorship import others
from domain.deployment.blockers import may_override
from domain.deployment.cover import COVER
from domain.deployment.overriding import overridden, signed_before
from domain.deployment.owing import barred, owing_since
from domain.deployment.question import Question
from domain.deployment.state import Status
from domain.gate import Act, Finding
from domain.gate import Status as Is
from domain.kernel import is_person

SIGNED_FIRST: Final = frozenset(("criticality", COVER))
"""What an override of takes the second person before it counts."""


def passable(ask: Question, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings with what an override lifts; while none was given, each with that instead."""
    if ask.state.override is not None:
        return overridden(ask, findings)
    return tuple(_or(ask, each) if _may_be(ask, each) else each for each in findings)


def _may_be(ask: Question, finding: Finding) -> bool:
    waits = ask.state.status is Status.REQUESTED and finding.status is Is.UNSATISFIED
    return waits and may_override(ask, finding.requirement)


def _or(ask: Question, finding: Finding) -> Finding:
    way = tuple(_overriding(ask, finding.requirement))
    return replace(finding, instead=(*finding.instead, way)) if way else finding


def _overriding(ask: Question, requirement: str) -> Iterator[Act]:
    """That it is overridden, and where that comes first, countersigned by somebody else.

    What a release is about to begin is requested for it first. Nobody who owes a signature since
    too long overrides anything (S0-13).
    """
    name = ask.state.action("override")
    able = frozenset(filter(is_person, ask.who(name)))
    able -= owing_since(ask.records, ask.authority, ask.at) if able else frozenset()
    if not able:
        return
    if not (ask.state.version or ask.state.by_hand):
        yield Act("deployment.request", description="Request it for the release by itself.")
    yield Act(name, able, description="Override what blocks it, and say why it cannot wait.")
    if requirement in SIGNED_FIRST or signed_before(ask):
        name = ask.state.action("countersign")
        signing = filter(is_person, ask.who(name))
        out = barred(ask.state, ask.authority)
        people = frozenset(others(signing, out, ask.authority))
        yield Act(name, people, description="Countersign that, as somebody else.")
