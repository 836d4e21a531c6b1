"""Both sides are the same wherever something of a release is, once it is out (S1-39)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from domain.gate import Finding
from domain.merge_request.state import MergeRequest
from domain.process.release import RequirementRow
from domain.process.support import branch_name, line_of
from domain.release.checks.patch import policy_of
from domain.release.evidence.results import stands
from domain.release.gate.naming import TOLD
from domain.release.gate.question import Question, found
from domain.sync.state import RefKind, Sync

Name = tuple[RefKind, str]
Wanted = dict[Name, str | None]
"""Branches and tags that must be the same on both sides, and the commit where it is known."""
UNNAMED = "the repository of a hidden merge request"
"""What one is called to who may not see whose it is."""


def synced(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """The newest report of each repository has everything, the same on both sides (S1-39).

    One that only what is hidden from whoever asks is of is not named, nor is how many there are.
    """
    merged = (*ask.merge_requests.values(), *ask.tied_to(ask.changes.values()))
    wanted = _by_repository(ask, merged)
    if not wanted:
        act = ask.act("release.await_repository", "Name the repository that it is in.")
        message = "Neither it nor anything in it names a project, so that none is compared."
        return (found(row, row.title, None, "not_in_sync", message, act),)
    shown = [each for each in merged if ask.sees(each)]
    told = wanted if len(shown) == len(merged) else _by_repository(ask, shown)
    named = (_alike(ask, row, each, wanted[each], told[each]) for each in wanted if each in told)
    apart = {name: refs for name, refs in wanted.items() if name not in told}
    return (*named, *((_unnamed(ask, row, apart),) if apart else ()))


def _by_repository(ask: Question, merged: Collection[MergeRequest]) -> dict[str, Wanted]:
    """What must be the same where, by the release and by these of what is in it."""
    wanted: dict[str, Wanted] = {}
    for repository, kind, name, commit in _wanted(ask, merged):
        refs = wanted.setdefault(repository, {})
        refs[kind, name] = commit or refs.get((kind, name))
    return wanted


def _wanted(
    ask: Question, merged: Collection[MergeRequest]
) -> Iterator[tuple[str, RefKind, str, str | None]]:
    """What must be the same, and where: branches at any commit, tags where they were set.

    In each project that has a version it is the branch of that, and in every one of something in
    the release, or tied to that, what this was merged to.
    """
    policy, state = policy_of(ask), ask.state
    ids = {each.id for each in merged}
    inside = {each.project for id, each in ask.merge_requests.items() if id in ids}
    projects = ask.projects if state.project else ask.projects & inside
    lines = {each: policy.branch(line_of(policy, each)) for each in state.plan.versions}
    for version, branch in lines.items():
        for project in sorted(state.has(version) or projects):
            yield project, RefKind.BRANCH, branch, None
    known = {*policy.default_branches, *lines.values()}
    for each in merged:
        if (name := branch_name(each.target)) in known:
            yield each.project, RefKind.BRANCH, name, None
    yield from _tags(ask, tuple(lines.values()), projects)


def _tags(
    ask: Question, branches: tuple[str, ...], projects: Collection[str]
) -> Iterator[tuple[str, RefKind, str, str | None]]:
    """The tags where they stand, and of what was awaited the tag and the versions' branches."""
    for tag in ask.state.tags:
        for project in sorted(ask.state.stands_in(tag) or projects):
            yield project, RefKind.TAG, tag.name, tag.commit
    for each in ask.state.repositories:
        if each.tag is not None:
            yield from ((each.repository, RefKind.BRANCH, branch, None) for branch in branches)
            yield each.repository, RefKind.TAG, each.tag, None


def _alike(
    ask: Question, row: RequirementRow, repository: str, wanted: Wanted, told: Wanted
) -> Finding:
    """Whether all of it is reported of a repository; what only hidden things are of is unnamed."""
    report = next(_counting(ask, row, repository), None)
    every = tuple(_lacking(report, wanted, policy_of(ask).default_branches))
    lacking = tuple(_spelled(each) for each in every if each in told or each not in wanted)
    message = ", ".join(lacking[:TOLD]) or "a branch of a hidden merge request"
    answer = _found(ask, row, repository, message, held=not every)
    return replace(answer, evidence=(report.id,) if report else (), missing=lacking[:TOLD])


def _unnamed(ask: Question, row: RequirementRow, apart: Mapping[str, Wanted]) -> Finding:
    """Whether it is of every repository that is not named."""
    defaults = policy_of(ask).default_branches
    reports = {each: next(_counting(ask, row, each), None) for each in apart}
    lacks = any(any(_lacking(reports[each], refs, defaults)) for each, refs in apart.items())
    answer = _found(ask, row, UNNAMED, "a branch", held=not lacks)
    return replace(answer, evidence=tuple(each.id for each in reports.values() if each))


def _found(ask: Question, row: RequirementRow, where: str, lacking: str, *, held: bool) -> Finding:
    message = f"Not reported of {where} to be the same on both sides: {lacking}."
    act = ask.act("sync.report", f"Bring both sides of {where} together and report it.")
    return found(row, f"Both sides of {where} are the same", held, "not_in_sync", message, act)


def _counting(ask: Question, row: RequirementRow, repository: str) -> Iterator[Sync]:
    """The reports on a repository that count, newest first."""
    for each in reversed(ask.syncs):
        own = (stands(ask, row.reporter, each.reporter, project) for project in (None, repository))
        if each.repository == repository and any(own):
            yield each


def _lacking(report: Sync | None, wanted: Wanted, defaults: tuple[str, ...]) -> Iterator[Name]:
    """What is missing or differs; also whatever else the report itself tells to differ."""
    pairs = {(each.kind, branch_name(each.name)): each for each in report.refs} if report else {}
    if {(RefKind.BRANCH, each) for each in defaults}.isdisjoint((*pairs, *wanted)):
        yield RefKind.BRANCH, defaults[0]
    for (kind, name), commit in wanted.items():
        pair = pairs.get((kind, name))
        if pair is None or not pair.same or commit not in (None, pair.here):
            yield kind, name
    for (kind, name), pair in pairs.items():
        if (kind, name) not in wanted and not pair.same:
            yield pair.kind, pair.name


def _spelled(name: Name) -> str:
    return f"{name[0].value} {name[1]}"
