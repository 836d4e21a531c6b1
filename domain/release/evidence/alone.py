"""A release of one thing alone, aimed at the very commit that this was merged as."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.change.covering import is_of, requests_of
from domain.change.state import Change, LinkKind
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import MergeRequest
from domain.process.process import Path
from domain.process.support import branch_name, line_of
from domain.release.evidence.hands import own
from domain.release.gate.question import Question
from domain.release.state import Target


@dataclass(slots=True)
class Things:
    """What a release contains: merge requests, commits of none of these, and what nobody knows."""

    requests: dict[str, MergeRequest] = field(default_factory=dict)
    commits: set[str] = field(default_factory=set)
    unknown: bool = False


def alone(ask: Question, target: Target) -> bool:
    """Whether the release contains one thing, and the version is its commit on its branch.

    A change is what it is tied to, and a commit of a merge request is that. Where a support policy
    says which branches there are, a version comes from that of its line.
    """
    things = _things(ask)
    if things.unknown or len(things.requests) + len(things.commits) != 1:
        return False
    policy = ask.kind.support
    if things.commits:
        return policy is None and target.commit in things.commits
    (request,) = things.requests.values()
    if request.given_up or target.commit != (request.merge_commit or request.head):
        return False
    if not _told_by_others(ask, request):
        return False
    if not is_of(request, target.commit, ask.state.plan.project):
        return False
    branch = policy and policy.branch(line_of(policy, target.version))
    return branch is None or branch_name(request.target) == branch


def commit_alone(ask: Question) -> str | None:
    """The commit of the one thing that the release contains, if it contains one alone."""
    things = _things(ask)
    if things.unknown or len(things.requests) + len(things.commits) != 1:
        return None
    return next(iter(things.commits), None) or next(
        each.merge_commit or each.head for each in things.requests.values()
    )


def _told_by_others(ask: Question, request: MergeRequest) -> bool:
    """Whether what it was merged as is its reviewed head, or the word of who has no hand in this.

    Any commit can be named as the merge: whoever releases does not say by that what they release.
    """
    as_reviewed = request.merge_commit in {None, request.head}
    return as_reviewed or not own(ask, request.merged_by or "", request.merge_commit)


def _things(ask: Question) -> Things:
    """Each once, by whatever names it went in."""
    things, project = Things(), ask.state.plan.project
    for each in ask.items:
        _add(ask, things, each)
    requests = things.requests.values()
    things.commits = {e for e in things.commits if not any(is_of(r, e, project) for r in requests)}
    return things


def _add(ask: Question, things: Things, item: Inclusion) -> None:
    """Count an item as what it is, or as what answers for it."""
    commit = item.kind is ItemKind.COMMIT
    id = (item.covered_by if commit else item.reference) or ""
    request, change = ask.merge_requests.get(id), ask.changes.get(id)
    if request is not None:
        things.requests[id] = request
        things.unknown |= commit and not is_of(request, item.reference, ask.state.plan.project)
    elif commit:
        things.commits.add(item.reference)
    elif change is not None:
        _add_change(ask, things, change)
    else:
        things.unknown = True


def _add_change(ask: Question, things: Things, change: Change) -> None:
    """Count what a change is tied to; on the bare commits of a standard one nobody voted."""
    requests, wanted = ask.tied_to((change,)), requests_of((change,))
    voted = change.path is not Path.STANDARD
    commits = {e.reference for e in change.links if voted and e.kind is LinkKind.COMMIT}
    things.requests |= {each.id: each for each in requests}
    things.commits |= commits
    things.unknown |= len(requests) < len(wanted) or not (wanted or commits)
