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
    """What is kept of a verdict beside the act it allowed, which reads with it once it is shown.

    What a finding tells of other hidden records, and was not there without them, is for who asks
    alone: kept, its row would tell everybody of what is hidden still (S1-12).
    """
    kept = (each for each in verdict.findings if each.kept)
    return tuple(Passed(each.requirement, each.status, each.evidence) for each in kept)


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
