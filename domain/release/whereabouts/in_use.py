"""Whether people use what stands in an environment."""

from __future__ import annotations

from domain.environment.readiness import environment_named
from domain.playbook.aggregate import Playbook, process
from domain.process.release import EnvironmentKind
from domain.release.gate.question import Question


def in_use(ask: Question, where: str) -> bool:
    """Whether it is production, by the playbook or as it is kept; without a playbook it counts.

    What the release's version of the playbook names no more is what an earlier one called it.
    """
    kept = environment_named(ask.records, where)
    if kept is not None and kept.plan.kind == EnvironmentKind.PRODUCTION:
        return True
    try:
        place = ask.process.environment(where)
    except LookupError:
        return True
    if place is None:
        return kept is None and _formerly(ask, where)
    return place.kind is EnvironmentKind.PRODUCTION


def _formerly(ask: Question, where: str) -> bool:
    """Whether any version before called it production, as the release may have gone there by it."""
    own = ask.records.get(Playbook, ask.state.playbook)
    every = ask.records.find(Playbook, name=own.name) if own else ()
    older = (each for each in every if own and each.number < own.number and each.adopted_at)
    before = (process(each.body).releases for each in older)
    places = (book.environment(where) for book in before)
    return any(each is not None and each.kind is EnvironmentKind.PRODUCTION for each in places)
