"""What covers a deployment where its environment demands that something does (S0-14, S4-26)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.change.going_out import may_go_out
from domain.change.state import Change
from domain.environment.state import Check, Cover
from domain.evidence_state import Evidence, Outcome
from domain.gate import Act, Finding
from domain.gate import Status as Is
from domain.office import holds
from domain.package import Package
from domain.release.made_of import carried_by
from domain.reports import in_the_open

if TYPE_CHECKING:
    from domain.deployment.blockers import Question

COVER: Final = "cover"
TITLE: Final = "Something covers what goes there"


class Way(NamedTuple):
    """One way to be covered: the ids of what covers, in words what it takes, and who helps how."""

    holds: Callable[[Question], tuple[str, ...]]
    told: str
    action: str


def covered(ask: Question) -> Finding:
    """Whether anything that the environment accepts covers what goes there.

    That the release it belongs to lets it, and that every change it names is approved, the same
    gate asks for itself.
    """
    ways = [(each, WAYS[each]) for each in ask.environment.plan.cover or ()]
    if not ways:
        return Finding(COVER, Is.NOT_APPLICABLE, TITLE)
    for _, way in ways:
        if ids := way.holds(ask):
            return Finding(COVER, Is.SATISFIED, TITLE, ids)
    told = ", or ".join(way.told for _, way in ways)
    message = f"Nothing covers it. {ask.state.environment} takes {told}."
    act = Act(ways[0][1].action, description=f"Have it covered: by {told}.")
    answer = Finding(COVER, Is.UNSATISFIED, TITLE, message=message, code="not_covered")
    return replace(answer, missing=tuple(each.value for each, _ in ways), acts=(act,))


def _changes(ask: Question) -> tuple[str, ...]:
    """The changes going out with it that were approved for this very service and environment."""
    return tuple(id for id in sorted(ask.own) if _approved(ask, id))


def _approved(ask: Question, id: str) -> bool:
    change, state = ask.records.get(Change, id), ask.state
    if change is None or change.content.service != state.service:
        return False
    meant = state.environment in change.content.environments
    return meant and may_go_out(change, ask.at, ask.authority, ask.records)


def _releases(ask: Question) -> tuple[str, ...]:
    """The releases that carry it there, each of which has to let it."""
    if (belongs := ask.state.wish.belongs_to) is not None:
        return (belongs,)
    package = ask.records.get(Package, ask.state.package)
    found = carried_by(package, ask.state.environment, ask.records) if package else ()
    return tuple(each.id for each in found)


def _checks(ask: Question) -> tuple[str, ...]:
    """The reports that count, if every check asked of its service passed, and there is one."""
    package, service = ask.records.get(Package, ask.state.package), ask.state.service
    asked = [each for each in ask.environment.plan.checks if each.service in (None, service)]
    if package is None:
        return ()
    subjects = frozenset(filter(None, (package.commit, package.digest)))
    reports = ask.records.find(Evidence, subject=subjects)
    known = reports if ask.hidden else in_the_open(reports, ask.records)
    told = sorted(known, key=lambda each: (each.reported_at, each.id))
    found = [tuple(_newest(ask, check, told)) for check in asked]
    passed = all(each and all(one.outcome is Outcome.PASSED for one in each) for each in found)
    return tuple(one.id for each in found for one in each) if passed else ()


def _newest(ask: Question, check: Check, told: list[Evidence]) -> Iterator[Evidence]:
    """The last word on its commit, and that on its digest, of a reporter whose word counts."""
    counting = {each.subject: each for each in told if _counts(ask, check, each)}
    yield from counting.values()


def _counts(ask: Question, check: Check, report: Evidence) -> bool:
    """Whether a report is of the check, and of somebody who holds the role now.

    What was checked in some environment says nothing of what goes to another.
    """
    same = (report.name, report.project) == (check.name, check.project)
    if not same or report.environment is not None:
        return False
    scopes = {"project": frozenset((report.project,))}
    return holds(ask.authority, report.reporter, check.role, scopes, ask.at)


WAYS: Final[Mapping[Cover, Way]] = {
    Cover.CHANGE: Way(
        _changes,
        "a change of its service that is approved for it now and goes out with the deployment",
        "deployment.request",
    ),
    Cover.RELEASE: Way(_releases, "a release that is made of it and goes there", "release.aim"),
    Cover.CHECKS: Way(
        _checks, "its commit having passed the checks named there", "evidence.report"
    ),
}
"""How each way is looked for."""
