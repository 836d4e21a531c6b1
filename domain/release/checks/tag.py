"""Whether its versions may be tagged: they are its own, and each is a commit that is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.approval.voting import MACHINE
from domain.change.covering import is_of
from domain.evidence.aggregate import Evidence
from domain.gate import Finding
from domain.gate import Status as Is
from domain.merge_request.standing import standings
from domain.merge_request.state import MergeRequest, Status
from domain.office import holds
from domain.package import Package
from domain.process.release import DEPLOY, TAG, ReleaseStatus
from domain.process.support import Support, line_of, order
from domain.release.embargo import known
from domain.release.evidence.hands import own
from domain.release.evidence.made_of import named
from domain.release.evidence.of_project import projects_of
from domain.release.evidence.repository import meets, others, tagged_in
from domain.release.gate.question import Question
from domain.release.state import Release
from domain.release.whereabouts.live import live_since
from domain.sides import Wanted

ABORTED: Final = ReleaseStatus.ABORTED
FREE: Final = "No other release has its versions"
KNOWN: Final = "Every version is a commit that something here knows"
_UNKNOWN: Final = (
    "Nothing here knows the commit of {}: no reviewed merge request, no package, no program's "
    "evidence."
)


def versions_free(ask: Question, act: str) -> tuple[Finding, ...]:
    """No other release of the service and project was published with its versions, nor tagged.

    Nor, of a patch, any of the service with a higher one of a line, of whichever project: whoever
    runs that would be offered none of it.

    One that is tagged keeps only others from being tagged: the first to be published has it. From
    production the first that went there keeps others as well. What goes on with the same version is
    told of, and one that was given up has none, unless it went there; but its tag stays, and its
    version with that is tagged at no other commit. A tag keeps its version also where the release
    goes by another one since.
    """
    told: list[Finding] = []
    beside: list[Finding] = []
    for version in ask.state.plan.versions:
        near = tuple(_near(ask, version))
        same = [each for each in near if version in each.plan.versions]
        taken = [each for each in near if _has(ask, each, version, act)]
        going = [each for each in same if each.status is not ABORTED]
        told += _taken(ask, version, taken) if taken else ()
        beside += () if taken else _going_on(version, going)
        told += _outrun(ask, version) if act != DEPLOY else ()
    return (*(told or (Finding("version", Is.SATISFIED, FREE),)), *beside)


def _near(ask: Question, version: str) -> Iterator[Release]:
    """The other releases of the service that it may know of and are of the version's project."""
    state, projects = ask.state, tagged_in(ask, version)
    for each in others(state, projects, ask.records):
        ours = each.service == state.service and known(each, state)
        if ours and meets(state, projects, each, each.has(version)):
            yield each


def _has(ask: Question, other: Release, version: str, act: str) -> bool:
    named = version in other.plan.versions
    if named and other.published_at is not None:
        return True
    tags = [each for each in other.tags if act == TAG and each.version == version]
    if not (named or tags):
        return False
    if other.status is ABORTED and live_since(ask, other) is None:
        commit = ask.state.target(version).commit
        return any(each.commit != commit for each in tags)
    return bool(tags) or (act == DEPLOY and named and _went_first(ask, other))


def _went_first(ask: Question, other: Release) -> bool:
    """Whether it is, or is on its way, where people use it, and before this one."""
    theirs, ours = live_since(ask, other), live_since(ask, ask.state)
    return theirs is not None and (ours is None or theirs < ours)


def _by_tag_alone(ask: Question, other: Release, version: str) -> bool:
    """Whether it was given up before it went out with that version: then its tag alone stays."""
    out = other.published_at is not None and version in other.plan.versions
    return other.status is ABORTED and not out and live_since(ask, other) is None


def _taken(ask: Question, version: str, taken: list[Release]) -> Iterator[Finding]:
    message = f"The release of {named(taken)} has {version} already."
    told = "Give it a version of its own."
    if all(_by_tag_alone(ask, each, version) for each in taken):
        tags = (each for other in taken for each in other.tags if each.version == version)
        at = ", ".join(dict.fromkeys(each.commit for each in tags))
        message = f"{version} was tagged at {at} by what was given up since: a tag stays."
        told = "Give it a version of its own, or aim it at that commit."
    acts = (ask.act("release.edit", told),)
    answer = Finding("version", Is.UNSATISFIED, FREE, message=message, code="version_taken")
    yield replace(answer, acts=acts, evidence=tuple(each.id for each in taken))


def _going_on(version: str, going: list[Release]) -> Iterator[Finding]:
    """That others go on with the version: of the hidden ones nothing is kept, as if none did."""
    message = f"Another release goes on with {version}: the first to go out has it."
    for hidden in (False, True):
        ids = tuple(each.id for each in going if each.embargoed is hidden)
        if ids:
            yield Finding("version", Is.NOT_APPLICABLE, FREE, ids, message=message, kept=not hidden)


def _outrun(ask: Question, version: str) -> Iterator[Finding]:
    """That a higher version of its line was published already, by the support policy's lines."""
    policy = ask.kind.support
    if policy is None:
        return
    every = ask.records.find(Release, service=ask.state.service)
    out = [e for e in every if e.published_at and e.id != ask.state.id and known(e, ask.state)]
    higher = [each for each in out if any(_above(policy, v, version) for v in each.plan.versions)]
    if higher:
        message = f"The release of {named(higher)} is out with a higher version than {version}."
        act = ask.act("release.edit", "Give it a version above that.")
        ids = tuple(each.id for each in higher)
        answer = Finding("version", Is.UNSATISFIED, FREE, message=message, code="newer_is_out")
        yield replace(answer, acts=(act,), evidence=ids)


def _above(policy: Support, one: str, other: str) -> bool:
    """Whether a version is a higher one of the same line; what is no numbers is of none."""
    try:
        return line_of(policy, one) == line_of(policy, other) and order(one) > order(other)
    except ValueError:
        return False


def known_commits(ask: Question) -> Finding:
    """Something of its project or service, that may be told of where it is, knows each version.

    That is a merge request that was merged or is signed off with this head, the merge of an
    included one, a package, or a program's evidence. What an import claims is no knowledge.
    """
    made = (ask.state.target(version) for version in ask.state.plan.versions)
    left = [e.version for e in made if e.commit is not None and not _is_known(ask, e.commit)]
    if not left:
        return Finding("known", Is.SATISFIED, KNOWN)
    message, code = _UNKNOWN.format(", ".join(left)), "unknown_commit"
    act = ask.act("release.aim", "Aim it at a commit that was reviewed, built or tested.")
    return Finding(
        "known", Is.UNSATISFIED, KNOWN, message=message, code=code, acts=(act,), missing=tuple(left)
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
    records, sought = ask.records, dict(witnesses(ask.state))
    told = (e for e in records.find(Evidence, subject=ask.subjects) if e.subject == commit)
    if any(_vouches(ask, each) for each in ask.told(tuple(told))):
        return True
    built = (e for e in records.find(Package, **sought[Package]) if e.commit == commit)
    if any(_built(ask, each) for each in built):
        return True
    project, own = ask.state.plan.project, projects_of(ask, commit)
    if any(is_of(each, commit, project) for each in ask.merge_requests.values()):
        return True
    heads = (e for e in records.find(MergeRequest, **sought[MergeRequest]) if e.head == commit)
    return any(each.project in own and _reviewed(ask, each) for each in heads)


def _built(ask: Question, package: Package) -> bool:
    """Whether it was built here, of its service, and nobody with a hand in the release built it."""
    ours = package.service == ask.state.plan.service and not package.claimed
    return ours and not own(ask, package.built_by, package.commit)


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

    It may be told of where the release is told of. One that is closed was turned down, and of an
    open one its author alone may have said what its head is.
    """
    if request.embargoed and not ask.state.embargoed:
        return False
    if request.status is Status.OPEN:
        return standings(request, ask.authority, ask.at).satisfied
    return request.status is Status.MERGED
