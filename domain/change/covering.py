"""Which commits a change answers for: those it is tied to, so that its approvals cover them."""

from __future__ import annotations

from collections.abc import Iterable

from domain.change.state import Change, LinkKind
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as MergeStatus
from domain.process.process import Path


def requests_of(changes: Iterable[Change]) -> frozenset[str]:
    """The ids of the merge requests that these changes are tied to."""
    kind = LinkKind.MERGE_REQUEST
    return frozenset(e.reference for each in changes for e in each.links if e.kind is kind)


def is_of(request: MergeRequest, commit: str, project: str | None) -> bool:
    """Whether the commit is what was signed off, or what that was merged as, in its project.

    A merge request answers for nothing else, and for nothing before it is merged: whoever wants its
    other commits includes it itself.
    """
    return commit in _own(request, project)


def _own(request: MergeRequest, project: str | None) -> tuple[str, ...]:
    """What was signed off of a merged one, and what that was merged as, in its project."""
    if request.status is not MergeStatus.MERGED or project not in (None, request.project):
        return ()
    return tuple(each for each in (request.head, request.merge_commit) if each)


def commits_of(
    change: Change, requests: Iterable[MergeRequest], project: str | None
) -> frozenset[str]:
    """The commits it is tied to, and those that the merge requests of these answer for.

    Of a standard change the latter alone: it was approved in advance, so nobody voted on a commit.
    """
    tied = requests_of((change,))
    voted = change.path is not Path.STANDARD
    own = (each.reference for each in change.links if voted and each.kind is LinkKind.COMMIT)
    theirs = (each for request in requests if request.id in tied for each in _own(request, project))
    return frozenset(own).union(theirs)


def answers_for(
    change: Change, commit: str, requests: Iterable[MergeRequest], project: str | None
) -> bool:
    """Whether the change is tied to the commit, or to a merge request of these that it is of."""
    return commit in commits_of(change, requests, project)
