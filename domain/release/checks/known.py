"""Whether each version is a commit that something here knows, and who could make it known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from domain.approval.needs import missing
from domain.approval.voting import MACHINE
from domain.change.covering import is_of
from domain.evidence.aggregate import Evidence
from domain.gate import Act, Finding, or_else
from domain.gate import Status as Is
from domain.merge_request.question import knowing
from domain.merge_request.standing import involved, standings
from domain.merge_request.state import MergeRequest, Status
from domain.office import holds
from domain.package import Package
from domain.release.evidence.hands import own
from domain.release.evidence.of_project import projects_of
from domain.release.gate.question import Question, unknown
from domain.release.state import Release
from domain.sides import Wanted

KNOWN: Final = "Every version is a commit that something here knows"
_UNKNOWN: Final = (
    "Nothing here knows the commit of {}: no reviewed merge request, no package, no program's "
    "evidence."
)
_OWN: Final = " What is built or reported by who had a hand in it does not count."
_SIGN: Final = "merge_request.sign_off"


def known_commits(ask: Question) -> tuple[Finding, ...]:
    """Something of its project or service, that may be told of where it is, knows each version.

    That is a merge request that was merged or is signed off with this head, the merge of an
    included one, a package, or a program's evidence. What an import claims is no knowledge.
    """
    made = (ask.state.target(version) for version in ask.state.plan.versions)
    named = ((each.version, each.commit) for each in made if each.commit is not None)
    left = tuple(_lacking(ask, *each) for each in named if not _is_known(ask, each[1]))
    return left or (Finding("known", Is.SATISFIED, KNOWN),)


def _lacking(ask: Question, version: str, commit: str) -> Finding:
    """That nothing knows it; beside aiming it elsewhere, whose word on it would count."""
    aside = any(own(ask, *each) for each in _words(ask, commit))
    message, code = _UNKNOWN.format(version) + _OWN * aside, "unknown_commit"
    act = ask.act("release.aim", "Aim it at a commit that was reviewed, built or tested.")
    told = {"message": message, "code": code, "acts": (act,), "missing": (version,)}
    answer = Finding("known", Is.UNSATISFIED, KNOWN, **told)  # type: ignore[arg-type]
    return answer if ask.who is unknown else or_else(answer, *_telling(ask, version, commit))


def _telling(ask: Question, version: str, commit: str) -> Iterator[tuple[Act, ...]]:
    """The ways in which somebody without a hand in the release makes the commit known."""
    able = (each for each in ask.who("evidence.report") if each.startswith(MACHINE))
    held = (each for each in able if holds(ask.authority, each, None, {}, ask.at))
    told = f"Report how a check of the commit of {version} ended."
    yield _without_a_hand(ask, "evidence.report", held, commit, told)
    told = f"Build {version} from its commit, and add its package."
    yield _without_a_hand(ask, "package.add", ask.who("package.add"), commit, told)
    near = (each for each in _of_head(ask, commit) if each.status is Status.OPEN)
    yield from (_signing(ask, each) for each in near if ask.sees(each))


def _without_a_hand(
    ask: Question, action: str, able: Iterable[str], commit: str, told: str
) -> tuple[Act, ...]:
    people = frozenset(each for each in able if not own(ask, each, commit))
    return (Act(action, people, description=told),)


def _signing(ask: Question, request: MergeRequest) -> tuple[Act, ...]:
    """That those sign it off whom its rules still lack."""
    able = knowing(request, _SIGN, ask.who) - involved(request, ask.authority)
    rules = standings(request, ask.authority, ask.at).rules
    return tuple(
        Act(_SIGN, need.people & able, need.count, rule.rule.title, need.rule, subject=request.id)
        for rule in rules
        for need in missing(rule)
    )


def witnesses(state: Release) -> Iterator[Wanted]:
    """What may know the commits of its versions, beside what was reported of them."""
    made = (state.target(version) for version in state.plan.versions)
    if commits := frozenset(each.commit for each in made if each.commit):
        yield Package, {"commit": commits}
        yield MergeRequest, {"head": commits}


def _is_known(ask: Question, commit: str) -> bool:
    """Whether anything that may be told of knows the commit; the likeliest is asked first.

    That somebody put it into this release, said by hand that it is good, or opened a merge request
    that nobody else looked at, is no knowledge of it.
    """
    if any(_vouches(ask, each) for each in _reported(ask, commit)):
        return True
    if any(_built(ask, each) for each in _packages(ask, commit)):
        return True
    project = ask.state.plan.project
    if any(is_of(each, commit, project) for each in ask.merge_requests.values()):
        return True
    return any(_reviewed(ask, each) for each in _of_head(ask, commit))


def _words(ask: Question, commit: str) -> Iterator[tuple[str, str]]:
    """By whom something here is of the commit, and of what: reports, and what was built."""
    reports = _reported(ask, commit)
    yield from ((each.reporter, commit) for each in reports if each.reporter.startswith(MACHINE))
    built = (each for each in _packages(ask, commit) if not each.claimed)
    yield from ((each.built_by, commit) for each in built)


def _reported(ask: Question, commit: str) -> tuple[Evidence, ...]:
    """What was reported of it, as far as that may be told of where the release is."""
    every = ask.records.find(Evidence, subject=ask.subjects)
    return ask.told(tuple(each for each in every if each.subject == commit))


def _packages(ask: Question, commit: str) -> Iterator[Package]:
    """What was built of it for the service."""
    sought = dict(witnesses(ask.state))[Package]
    built = (each for each in ask.records.find(Package, **sought) if each.commit == commit)
    return (each for each in built if each.service == ask.state.plan.service)


def _of_head(ask: Question, commit: str) -> Iterator[MergeRequest]:
    """The merge requests with this head, of the release's project, that may be told of there."""
    sought, near = dict(witnesses(ask.state))[MergeRequest], projects_of(ask, commit)
    heads = (each for each in ask.records.find(MergeRequest, **sought) if each.head == commit)
    known = (each for each in heads if ask.state.embargoed or not each.embargoed)
    return (each for each in known if each.project in near)


def _built(ask: Question, package: Package) -> bool:
    """Whether it was built here, and nobody with a hand in the release built it."""
    return not package.claimed and not own(ask, package.built_by, package.commit)


def _vouches(ask: Question, report: Evidence) -> bool:
    """Whether it is a program's that is in service, of a project of the release or for it.

    Nobody with a hand in the release may be behind the program.
    """
    near = report.project in projects_of(ask, report.subject) or report.release == ask.state.id
    program = report.reporter.startswith(MACHINE)
    apart = near and program and not own(ask, report.reporter, report.subject)
    return apart and holds(ask.authority, report.reporter, None, {}, ask.at)


def _reviewed(ask: Question, request: MergeRequest) -> bool:
    """Whether somebody else looked at this head: it was merged, or all its rules are satisfied.

    One that is closed was turned down, and of an open one its author alone may have said what its
    head is.
    """
    if request.status is Status.OPEN:
        return standings(request, ask.authority, ask.at).satisfied
    return request.status is Status.MERGED
