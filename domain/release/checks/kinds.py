"""Whether merge requests of the kinds that a row names brought what a release contains (S1-16)."""

from __future__ import annotations

from domain.change.covering import is_of, requests_of
from domain.change.state import Change, LinkKind
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import MergeRequest
from domain.playbook.aggregate import Playbook
from domain.process.release import RequirementRow
from domain.release.gate.question import Question


def of_kinds(ask: Question, row: RequirementRow, item: Inclusion) -> bool:
    """Whether the item is of such merge requests alone: what reviewed anything else is not known.

    A change is what it is tied to. A commit that it answers for is of a merge request of the kinds
    that it is tied to, since approving a change reviews no code.
    """
    commit = item.kind is ItemKind.COMMIT
    id = (item.covered_by if commit else item.reference) or ""
    request, change = ask.merge_requests.get(id), ask.changes.get(id)
    if request is not None:
        return _suits(ask, row, request)
    if change is None:
        return False
    tied = [each for each in ask.tied_to((change,)) if _suits(ask, row, each)]
    return _is_any(ask, tied, item.reference) if commit else _consists(ask, tied, change)


def _suits(ask: Question, row: RequirementRow, request: MergeRequest) -> bool:
    book = ask.records.get(Playbook, request.playbook)
    return f"{book.name if book else ''}/{request.kind}" in row.merge_requests


def _is_any(ask: Question, requests: list[MergeRequest], commit: str) -> bool:
    return any(is_of(each, commit, ask.state.plan.project) for each in requests)


def _consists(ask: Question, requests: list[MergeRequest], change: Change) -> bool:
    """Whether a change is tied to these, and to nothing that is of none of them."""
    kind = LinkKind.COMMIT
    commits = (each.reference for each in change.links if each.kind is kind)
    whole = bool(requests) and {each.id for each in requests} == requests_of((change,))
    return whole and all(_is_any(ask, requests, each) for each in commits)
