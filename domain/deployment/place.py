"""What is asked of an environment itself: that its line runs, it is well, nothing blocks it."""

from __future__ import annotations

from domain.deployment.question import Question
from domain.environment.readiness import blocker_findings, health_findings, line_finding
from domain.gate import Finding


def line(ask: Question) -> Finding:
    """Whether nobody has stopped the line."""
    return line_finding(ask.environment, ask.helped)


def health(ask: Question) -> tuple[Finding, ...]:
    """What each of its monitors says (S0-13)."""
    return health_findings(ask.environment, ask.authority, ask.at, ask.now)


def others(ask: Question) -> tuple[Finding, ...]:
    """Whatever else somebody raised (S0-13)."""
    return blocker_findings(ask.environment, ask.helped)
