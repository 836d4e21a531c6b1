"""That what blocks may be overridden instead: by whom, and who countersigns that first."""

from __future__ import annotations

from dataclasses import replace

from domain.deployment.blockers import may_override
from domain.deployment.overriding import overridden, possible, ways
from domain.deployment.question import Question
from domain.deployment.state import Status
from domain.gate import Act, Finding, or_else
from domain.gate import Status as Is
from domain.verdict import Anew


def passable(ask: Question, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings with what an override lifts; while none was given, each with that instead."""
    if ask.state.override is not None:
        return overridden(ask, findings)
    return tuple(_or(ask, each) if _may_be(ask, each) else each for each in findings)


def _may_be(ask: Question, finding: Finding) -> bool:
    waits = ask.state.status is Status.REQUESTED and finding.status is Is.UNSATISFIED
    return waits and may_override(ask, finding.requirement)


def _or(ask: Question, finding: Finding) -> Finding:
    """The finding with those ways; what a release is about to begin is requested for it first.

    Where the playbook that says who signs an override is gone, there is no way that is known.
    """
    told = "Override what blocks it, and say why it cannot wait."
    try:
        found = possible(ways(ask, finding.requirement, told))
    except LookupError:
        return finding
    request = Act("deployment.request", description="Request it for the release by itself.")
    first = () if ask.state.version or ask.state.by_hand else (request,)
    if first and finding.code == "same_version":  # what stands there is not requested again
        return finding
    if (release := ask.state.wish.belongs_to) and ask.state.version:
        found = tuple((_anew(request, each[0], release), *each[1:]) for each in found)
    return or_else(finding, *((*first, *each) for each in found))


def _anew(request: Act, over: Act, release: str) -> Act:
    """The first act of a way; what is then requested is requested before it is overridden."""
    return replace(over, anew=Anew(release, (request, over)))
