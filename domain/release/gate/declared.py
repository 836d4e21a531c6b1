"""What a release says of itself that it waits for: it counts whatever its playbook asks.

So it does wherever it becomes final: at its tag, on its way to where people use it, and as it is
published. A row about the same stands for it where the playbook has one (S3-35, S4-02, S4-03).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from domain.gate import Finding, Requirement
from domain.process.release import (
    DEPLOY,
    PUBLISH,
    TAG,
    Matter,
    RequirementRow,
)
from domain.release.checks.first import dependencies, repositories
from domain.release.commands.parent import faults
from domain.release.gate.question import Question, found
from domain.release.whereabouts.in_use import in_use

_FIRST: Final = RequirementRow(
    "dependencies",
    "The releases it waits for went first",
    Matter.DEPENDENCIES,
    (),
    source="S3-35",
)
_AS_WELL: Final = RequirementRow(
    "repositories",
    "The repositories it depends on are released as well",
    Matter.REPOSITORIES,
    (),
    source="S4-03",
)
_ABOVE: Final = RequirementRow(
    "parent", "What it derives from stands", Matter.DEPENDENCIES, (), source="S0-03"
)


def declared(ask: Question, gate: str) -> Iterator[Requirement]:
    """What is asked at a gate because the release says that it waits for it, or derives from it."""
    act, _, where = gate.partition(":")
    plan = ask.state.plan
    if act not in (TAG, DEPLOY, PUBLISH) or (act == DEPLOY and not in_use(ask, where)):
        return
    if plan.parent_release is not None:
        yield Requirement(_ABOVE.name, _ABOVE.title, partial(_above, ask), _ABOVE.source)
    told = _told(ask, gate)
    if plan.depends_on and Matter.DEPENDENCIES not in told:
        check = partial(dependencies, ask, _FIRST, gate)
        yield Requirement(_FIRST.name, _FIRST.title, check, _FIRST.source)
    if ask.state.repositories and Matter.REPOSITORIES not in told:
        check = partial(repositories, ask, _AS_WELL, gate)
        yield Requirement(_AS_WELL.name, _AS_WELL.title, check, _AS_WELL.source)


def _told(ask: Question, gate: str) -> frozenset[Matter]:
    """What the rows of the gate are about; nothing where the playbook is gone."""
    try:
        return frozenset(row.about for row in ask.kind.rows(gate))
    except LookupError:
        return frozenset()


def _above(ask: Question) -> tuple[Finding, ...]:
    """What it derives from is of its service and series, and was not given up since (S0-03)."""
    above = ask.others.get(ask.state.plan.parent_release or "")
    if above is None:
        raise LookupError("the release it derives from is not there")
    act = ask.act("release.edit", "Name a release of its service and series that goes on.")
    told = tuple(
        found(_ABOVE, _ABOVE.title, None, code, message, act)
        for code, message in faults(above, ask.state.plan, ask.kind)
    )
    return told or (found(_ABOVE, _ABOVE.title, above, "", ""),)
