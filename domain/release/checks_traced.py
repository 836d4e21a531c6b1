"""Whether what is tagged and deployed is made of what the release contains, and of nothing else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from domain.change.covering import answers_for, is_of
from domain.change.state import Change
from domain.gate import Finding
from domain.inclusion import ItemKind
from domain.merge_request.state import MergeRequest
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
    act = ask.act("release.aim", "Aim it at a commit that is included, or include that.")
    within = frozenset(each.reference for each in ask.items)
    changes = tuple(each for id, each in ask.changes.items() if id in within)
    requests = [each for id, each in ask.merge_requests.items() if id in within]
    inside = Inside(changes, ask.tied_to(changes), requests)
    return tuple(
        found(
            row,
            f"{target.version} is made of what is included",
            _contained(ask, target.commit, inside) or _attested(ask, row, target),
            "commit_not_included",
            f"Nothing that is included is {target.commit or 'its commit, which nobody has named'}.",
            act,
        )
        for target in map(ask.state.target, ask.state.plan.versions)
    )


class Inside(NamedTuple):
    """The changes that are included, the merge requests they are tied to, and those included."""

    changes: Collection[Change]
    tied: Collection[MergeRequest]
    requests: Collection[MergeRequest]


def _contained(ask: Question, commit: str | None, inside: Inside) -> bool:
    """Whether it is included itself, or what an included change or merge request answers for."""
    if commit is None:
        return False
    project = ask.state.plan.project
    return (
        any((each.kind, each.reference) == (ItemKind.COMMIT, commit) for each in ask.items)
        or any(answers_for(each, commit, inside.tied, project) for each in inside.changes)
        or any(is_of(each, commit, project) for each in inside.requests)
    )


def _attested(ask: Question, row: RequirementRow, target: Target) -> bool:
    """Whether everything the row names passed for this version, as told by who counts."""
    if not row.evidence or target.commit is None:
        return False
    return all(_passed(ask, row, name, target.version) for name in row.evidence)


def _passed(ask: Question, row: RequirementRow, name: str, version: str) -> bool:
    return passed(ask, replace(row, environment=None), name, (version,)).holds
