"""What linked fixes lost by their merge requests, and how these come back as they were (S1-27)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from domain.gate import Act, nowhere
from domain.merge_request.question import knowing
from domain.merge_request.state import MergeRequest, Status
from domain.process.support import Fixes, branch_name, line_of
from domain.release.checks.reach import allowed
from domain.release.gate.naming import merge_request_name
from domain.release.gate.question import Question
from domain.security_fix.earlier import earlier
from domain.security_fix.state import SecurityFix

REOPEN: Final = "merge_request.reopen"
RETARGET: Final = "merge_request.retarget"


def branches(ask: Question) -> list[str]:
    """The stable branches of the versions that the policy has security fixes reach (S1-21)."""
    policy = ask.kind.support
    if policy is None:
        return []
    lines = allowed(ask, policy, Fixes.SECURITY)
    own = (line_of(policy, version) for version in ask.state.plan.versions)
    return [policy.branch(line) for line in own if line in lines]


def comebacks(ask: Question) -> dict[str, str]:
    """The merge requests of linked fixes that come back, by id, each with its branch.

    Such as were closed, of several the last, or aimed elsewhere while they are open, where nothing
    else is for it; of several for one branch what was aimed there last. Of several that might be
    aimed at one, or one at several, nobody knows which. Of what who asks may not know of nothing is
    told, nor in the open of what is hidden.
    """
    policy = ask.kind.support
    if policy is None or not ask.fixes:
        return {}
    every, back = parts(ask), dict[str, str]()
    for fix in ask.fixes:
        own = [every[id] for id in fix.merge_requests if id in every]
        back.update(lost(ask, fix, own))
    return {id: branch for id, branch in back.items() if is_told(ask, every[id])}


def lost(ask: Question, fix: SecurityFix, own: Collection[MergeRequest]) -> dict[str, str]:
    """Which of its parts come back, whoever may be told of them, by id, each with its branch."""
    policy = ask.kind.support
    wanted = (*policy.default_branches[:1], *branches(ask)) if policy else ()
    return dict(_back(ask, fix, own, wanted))


def is_told(ask: Question, request: MergeRequest) -> bool:
    """Whether who asks is told of it, and nothing hidden in the open."""
    return ask.sees(request) and (ask.state.embargoed or not request.embargoed)


def parts(ask: Question) -> dict[str, MergeRequest]:
    """The merge requests of the linked fixes, by id, whether they are in it or not."""
    ids = frozenset(id for fix in ask.fixes for id in fix.merge_requests)
    absent = ids.difference(ask.merge_requests)
    found = ask.records.find(MergeRequest, id=absent) if absent else ()
    inside = {id: each for id, each in ask.merge_requests.items() if id in ids}
    return inside | {each.id: each for each in found}


def _back(
    ask: Question, fix: SecurityFix, own: Collection[MergeRequest], wanted: Collection[str]
) -> Iterator[tuple[str, str]]:
    policy = ask.kind.support
    going = {_target(each): each for each in own if not each.given_up}
    there = {*going, *earlier(fix, ask.records)} if len(going) < len(wanted) else {*going}
    twins = [each for each in own if not each.given_up and each is not going[_target(each)]]
    names = {each: frozenset(policy.names(each) if policy else (each,)) for each in wanted}
    missing = [each for each in wanted if there.isdisjoint(names[each])]
    for branch in tuple(missing):
        closed = [each for each in own if _is_closed(each) and _aims(each, names[branch])]
        if closed:
            missing.remove(branch)
            yield closed[-1].id, branch
    known = frozenset().union(*names.values())
    strays = [each for name, each in going.items() if name not in known]
    strays += _moved_there(twins, own)
    if len(missing) == len(strays) == 1 and strays[0].status is Status.OPEN:
        yield strays[0].id, missing[0]


def _moved_there(
    twins: Collection[MergeRequest], own: Collection[MergeRequest]
) -> Iterator[MergeRequest]:
    """Of several that are aimed at one branch the one that was aimed there last, if any was."""
    for branch in dict.fromkeys(map(_target, twins)):
        there = [each for each in own if not each.given_up and _target(each) == branch]
        moved = [each for each in there if each.retargeted_at is not None]
        if moved:
            yield max(moved, key=lambda each: each.retargeted_at or each.opened_at)


def _target(request: MergeRequest) -> str:
    return branch_name(request.target)


def _is_closed(request: MergeRequest) -> bool:
    return request.status is Status.CLOSED and request.reverted_at is None


def _aims(request: MergeRequest, names: Collection[str]) -> bool:
    return branch_name(request.target) in names


def coming(ask: Question, request: MergeRequest, branch: str) -> Act:
    """That it is opened again, or aimed at the branch again."""
    name = merge_request_name(ask, request)
    if request.status is Status.CLOSED:
        action, told = REOPEN, f"Open {name} again."
    else:
        action, told = RETARGET, f"Aim {name} at {branch} again."
    return Act(action, able(ask, request, action), description=told, subject=request.id)


def able(ask: Question, request: MergeRequest, action: str) -> frozenset[str]:
    """Who may ask for an action of it, in its project, and may know of it."""
    if ask.there is nowhere:
        return knowing(request, action, ask.who)
    place = {"project": frozenset((request.project,))}
    return knowing(request, action, lambda each: ask.there(each, place))


def returning_to(ask: Question, branch: str) -> tuple[Act, ...]:
    """What of linked fixes comes back to a branch, where that is lost there."""
    back, every = comebacks(ask), parts(ask)
    return tuple(coming(ask, every[id], each) for id, each in back.items() if each == branch)
