"""Whether what is tagged and deployed is made of what the release contains, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from domain.change.covering import requests_of
from domain.change.state import LinkKind
from domain.gate import Finding
from domain.inclusion import ItemKind
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as MergeStatus
from domain.process_release import RequirementRow
from domain.release.question import Question, found
from domain.release.results import passed
from domain.release.state import Target


def traced(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """Every version's commit is one that is included, or everything named passed for it (X-01).

    Included is a commit itself, what a merge request was merged as or what of it was signed off,
    and what included changes are tied to. What contains several is a commit of none of them: of
    that those whose reports count say that it holds just these.
    """
    inside = frozenset(_commits(ask))
    act = ask.act("release.aim", "Aim it at a commit that is included, or include that.")
    return tuple(
        found(
            row,
            f"{target.version} is made of what is included",
            target.commit in inside or _attested(ask, row, target),
            "commit_not_included",
            f"Nothing that is included is {target.commit or 'its commit, which nobody has named'}.",
            act,
        )
        for target in map(ask.state.target, ask.state.plan.versions)
    )


def _commits(ask: Question) -> Iterator[str]:
    for each in ask.items:
        if each.kind is ItemKind.COMMIT:
            yield each.reference
    within = frozenset(each.reference for each in ask.items)
    changes = [each for each in ask.changes.values() if each.id in within]
    for link in (link for each in changes for link in each.links):
        if link.kind is LinkKind.COMMIT:
            yield link.reference
    tied = requests_of(changes)
    others = ask.records.find(MergeRequest, id=tied) if tied else ()
    requests = (*(e for e in ask.merge_requests.values() if e.id in within), *others)
    for request in requests:
        yield from _made(ask, request)


def _made(ask: Question, request: MergeRequest) -> Iterator[str]:
    """What was signed off of it and what it was merged as, in the release's project."""
    known = ask.state.embargoed or not request.embargoed
    own = ask.state.plan.project in (None, request.project)
    if known and own and request.status is MergeStatus.MERGED:
        yield from filter(None, (request.head, request.merge_commit))


def _attested(ask: Question, row: RequirementRow, target: Target) -> bool:
    """Whether everything the row names passed for this version, as told by who counts."""
    if not row.evidence or target.commit is None:
        return False
    return all(_passed(ask, row, name, target.version) for name in row.evidence)


def _passed(ask: Question, row: RequirementRow, name: str, version: str) -> bool:
    return passed(ask, replace(row, environment=None), name, (version,)).holds
