"""Which commits a change answers for: those it is tied to, so that its approvals cover them."""

from __future__ import annotations

from collections.abc import Iterable

from domain.change.state import Change, LinkKind
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as MergeStatus


def requests_of(changes: Iterable[Change]) -> frozenset[str]:
    """The ids of the merge requests that these changes are tied to."""
    kind = LinkKind.MERGE_REQUEST
    return frozenset(e.reference for each in changes for e in each.links if e.kind is kind)


def is_of(request: MergeRequest, commit: str, project: str | None) -> bool:
    """Whether the commit is what was signed off, or what that was merged as, in its project.

    A merge request answers for nothing else, and for nothing before it is merged: whoever wants its
    other commits includes it itself.
    """
    merged = request.status is MergeStatus.MERGED and project in (None, request.project)
    return merged and commit in (request.head, request.merge_commit)


def answers_for(
    change: Change, commit: str, requests: Iterable[MergeRequest], project: str | None
) -> bool:
    """Whether the change is tied to the commit, or to a merge request of these that it is of."""
    if any((e.kind, e.reference) == (LinkKind.COMMIT, commit) for e in change.links):
        return True
    tied = requests_of((change,))
    return any(each.id in tied and is_of(each, commit, project) for each in requests)
