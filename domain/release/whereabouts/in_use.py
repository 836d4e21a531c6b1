"""Whether people use what stands in an environment."""

from __future__ import annotations

from domain.environment.readiness import environment_named
from domain.process.release import EnvironmentKind
from domain.release.gate.question import Question


def in_use(ask: Question, where: str) -> bool:
    """Whether it is production, by the playbook or as it is kept; without a playbook it counts."""
    kept = environment_named(ask.records, where)
    if kept is not None and kept.plan.kind == EnvironmentKind.PRODUCTION:
        return True
    try:
        place = ask.process.environment(where)
    except LookupError:
        return True
    return place is not None and place.kind is EnvironmentKind.PRODUCTION
