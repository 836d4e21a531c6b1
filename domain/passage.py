"""Passing a gate: refused with every finding that blocks, or passed on evidence that is kept."""

from __future__ import annotations

from dataclasses import dataclass

from domain.gate import Status, Verdict
from domain.kernel import Problem, Refusal


@dataclass(frozen=True, slots=True)
class Passed:
    """How one requirement stood when a gate was passed, and the ids of what counted for it."""

    requirement: str
    status: Status
    evidence: tuple[str, ...] = ()


def evidence(verdict: Verdict) -> tuple[Passed, ...]:
    """What is kept of a verdict beside the act it allowed."""
    return tuple(Passed(each.requirement, each.status, each.evidence) for each in verdict.findings)


def require(verdict: Verdict) -> tuple[Passed, ...]:
    """The evidence of an open gate; of a closed one a Refusal with a problem for each finding."""
    if verdict.allowed:
        return evidence(verdict)
    problems = [
        Problem(
            each.code or "blocked", each.message or each.title, (each.requirement,), as_named=True
        )
        for each in verdict.blocking
    ]
    nothing = Problem("nothing_to_evaluate", "No requirement of this gate applies.")
    raise Refusal(*(problems or [nothing]), verdict=verdict)
