"""What covers a deployment where its environment demands that something does (S0-14, S4-26)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.authorship import accounts
from domain.change.covering import requests_of
from domain.change.going_out import may_go_out
from domain.change.standing import involved
from domain.change.state import Change
from domain.deployment.bringing import brings, made_of, tied
from domain.environment.state import Check, Cover, Plan
from domain.evidence.reports import judged
from domain.evidence.state import Evidence, Outcome
from domain.gate import Act, Finding, Reference
from domain.gate import Status as Is
from domain.inclusion import Inclusion
from domain.kernel import is_person
from domain.merge_request.standing import writers
from domain.merge_request.state import MergeRequest
from domain.office import holds
from domain.package import Package
from domain.release.evidence.carried import named
from domain.release.evidence.made_of import MOST_NAMED, carried_by
from domain.titles import change_title

if TYPE_CHECKING:
    from domain.deployment.question import Question

COVER: Final = "cover"
TITLE: Final = "Something covers what goes there"
TIED: Final = " and is tied to the commit it was built from, or to a merge request merged as that"
TIE: Final = "Tie the change to the commit, or to its merge request; then have it approved anew."


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
    plan = ask.environment.plan
    ways = [(each, WAYS[each]) for each in plan.cover or ()]
    if not ways:
        return Finding(COVER, Is.NOT_APPLICABLE, TITLE)
    for _, way in ways:
        if ids := way.holds(ask):
            return Finding(COVER, Is.SATISFIED, TITLE, ids)
    return _uncovered(ask, ways)


def _uncovered(ask: Question, ways: list[tuple[Cover, Way]]) -> Finding:
    """That nothing does, what would, and which approved changes are of something else."""
    plan, untied = ask.environment.plan, _untied(ask)
    told = ", or ".join(_told(way, each, plan) for each, way in ways)
    message = f"Nothing covers it. {ask.state.environment} takes {told}."
    acts = [Act(ways[0][1].action, description=f"Have it covered: by {told}.")]
    if untied:
        titles = " and ".join(change_title(each) for each in untied[:MOST_NAMED])
        message += f" Approved, but not tied to what it was built of: {titles}."
        acts.append(Act("change.link", description=TIE))
    answer = Finding(COVER, Is.UNSATISFIED, TITLE, message=message, code="not_covered")
    wanted = tuple(each.value for each, _ in ways)
    grounds = (*wanted, *_wanted(plan.checks), *(("tied",) if plan.tied else ()))
    lacking = tuple(Reference("change", each.id) for each in untied)
    return replace(answer, missing=wanted, acts=tuple(acts), grounds=grounds, lacking=lacking)


def _told(way: Way, cover: Cover, plan: Plan) -> str:
    """What a way takes there, in words."""
    return way.told + (TIED if plan.tied and cover is Cover.CHANGE else "")


def _wanted(checks: Iterable[Check]) -> Iterator[str]:
    """The checks in a form that tells any two of them apart."""
    for each in checks:
        yield repr((each.name, each.project, each.service, each.role))


def _changes(ask: Question) -> tuple[str, ...]:
    """The changes going out with it that were approved for this very service and environment.

    Of those that are tied to commits or merge requests, the ones that it was built of (S3-02).
    """
    return tuple(each.id for each in _approved(ask) if _brings(ask, each))


def _untied(ask: Question) -> tuple[Change, ...]:
    """The changes that are approved, and that would cover it if they were tied to it."""
    if Cover.CHANGE not in (ask.environment.plan.cover or ()):
        return ()
    return tuple(each for each in _approved(ask) if not _brings(ask, each))


def _approved(ask: Question) -> Iterator[Change]:
    """The changes that go out with it, approved for its service and environment and for now."""
    place, service = ask.state.environment, ask.state.service
    for id in sorted(ask.own):
        change = ask.records.get(Change, id)
        if change is None or change.content.service != service:
            continue
        meant = place in change.content.environments
        if meant and may_go_out(change, ask.at, ask.authority, ask.records):
            yield change


def _brings(ask: Question, change: Change) -> bool:
    """Whether the change is tied to what goes there, or to nothing, where that is enough.

    What is tied to something hidden is no less tied by that, and covers nothing else.
    """
    if not tied(change):
        return not ask.environment.plan.tied
    wish = ask.state.wish
    commits = made_of(ask.state.package, wish.belongs_to, ask.records)
    return brings(change, commits, ask.records, hidden=ask.hidden)


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
    subjects = tuple(dict.fromkeys(filter(None, (package.commit, package.digest))))
    found = ask.records.find(Evidence, subject=frozenset(subjects))
    reports = judged(found, ask.records, hidden=ask.hidden)
    barred = _hands(ask, package) if found else frozenset()
    told = [reports.last(e.name, subjects, partial(_counts, ask, e, barred)) for e in asked]
    passed = all(each and all(one.outcome is Outcome.PASSED for one in each) for each in told)
    return tuple(one.id for each in told for one in each) if passed else ()


def _hands(ask: Question, package: Package) -> frozenset[str]:
    """Who wants it there or wrote it, with their programs: their reports are no word of others.

    That is also who had a hand in what goes out with it, by itself, a change or its release.
    """
    wanting = filter(is_person, (ask.state.requested_by,))
    people = accounts(wanting, ask.authority, ask.state.requested_at)
    ids = _inside(ask, package)
    changes = ask.records.find(Change, id=ids) if ids else ()
    wanted = ids | requests_of(changes)
    made = (
        *ask.records.find(MergeRequest, head=package.commit),
        *ask.records.find(MergeRequest, merge_commit=package.commit),
        *(ask.records.find(MergeRequest, id=wanted) if wanted else ()),
    )
    near = (each for each in made if ask.hidden or not each.embargoed)
    wrote = (writers(each, ask.authority) for each in near)
    return people.union(*wrote, *(involved(each, ask.authority) for each in changes))


def _inside(ask: Question, package: Package) -> frozenset[str]:
    """The ids of its changes, and of what is in its release, or in those that carry the package."""
    own = ask.state.wish.belongs_to
    of = carried_by(package, ask.state.environment, ask.records) if own is None else ()
    releases = frozenset((own,)) if own else frozenset(each.id for each in of)
    items = ask.records.find(Inclusion, release=releases) if releases else ()
    return named(each for each in items if each.included).union(ask.state.wish.changes)


def _counts(ask: Question, check: Check, barred: frozenset[str], report: Evidence) -> bool:
    """Whether a report is of the check's project, and of somebody who holds the role now.

    What was checked in some environment says nothing of what goes to another.
    """
    if report.project != check.project or report.environment is not None:
        return False
    if report.reporter in barred:
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
        _checks,
        "its commit having passed the checks named there, as others report",
        "evidence.report",
    ),
}
"""How each way is looked for."""
