"""How far back what a release contains may go: bug fixes less far than security fixes (S1-01)."""

from __future__ import annotations

from dataclasses import replace

from domain.inclusion import Inclusion
from domain.merge_request.mending import mends
from domain.merge_request.state import MergeRequest
from domain.process.support import Fixes, Support, branch_name, order, scope
from domain.release.gate.question import Question
from domain.security_fix.earlier import earlier
from domain.stable_line.state import StableLine, lines, lines_then


def reached(
    ask: Question, policy: Support, fixes: Fixes, *, once_agreed: bool = False
) -> tuple[str, ...]:
    """The lines that fixes go to by the policy as it was when the release was opened (X-02).

    Or those that they would go to, `once_agreed` to what one person alone says of lines.
    """
    then, told = ask.state.opened_at, _lines(ask)
    if once_agreed:
        told = tuple(replace(e, displaces=False) for e in told if e.doubted_by is None)
    return scope(policy, lines_then(told, then), then, fixes)


def allowed(ask: Question, policy: Support, fixes: Fixes) -> tuple[str, ...]:
    """The lines that fixes go to without an accord: those, and what the policy reaches by now.

    What came out since the release was opened it may have a version of, and need not. Nor is what
    it was reached by then taken from it by what two agree on since.
    """
    now = scope(policy, lines(_lines(ask)), ask.at, fixes)
    return tuple(dict.fromkeys((*now, *at_opening(ask, policy, fixes))))


def at_opening(ask: Question, policy: Support, fixes: Fixes) -> tuple[str, ...]:
    """The lines that fixes went to by all that was known as the release was opened, newest first.

    And those that are left of them, by what two agree on since.
    """
    then = ask.state.opened_at
    known = scope(policy, lines_then(_lines(ask), then, alone=True), then, fixes)
    return tuple(sorted({*known, *reached(ask, policy, fixes)}, key=order, reverse=True))


def _lines(ask: Question) -> tuple[StableLine, ...]:
    return ask.records.find(StableLine, service=ask.state.plan.service)


def required(ask: Question, policy: Support, *, once_agreed: bool = False) -> tuple[str, ...]:
    """The lines that it must have a version of: those that what is in it reaches (S1-01, S1-02).

    But for those at which all of its security fixes are out, as fixes that follow others find them,
    unless fixes of bugs reach these.
    """
    wanted, out = reached(ask, policy, widest(ask), once_agreed=once_agreed), spared(ask, policy)
    return tuple(each for each in wanted if each not in out)


def spared(ask: Question, policy: Support) -> frozenset[str]:
    """The lines that nothing in it has to reach: its fixes are out there, and those of no bug do.

    A version of such a line has nothing ported to it, where they bring but what was taken back on
    the default branch.
    """
    out = out_at(ask, policy)
    if out and any(_mends_a_bug(ask, each) for each in ask.items):
        out -= set(reached(ask, policy, Fixes.BUG))
    return out


def out_at(ask: Question, policy: Support) -> frozenset[str]:
    """The lines at which each security fix of it is out already, with one that it follows (S1-22).

    None while anything in it may be of another security fix than those that are linked.
    """
    linked = {each.id for each in ask.fixes}
    every = (each for each in ask.items if not _mends_a_bug(ask, each))
    own = (ask.request_of(each) for each in every)
    if not linked or any(each is None or each.fix not in linked for each in own):
        return frozenset()
    lines = frozenset(allowed(ask, policy, Fixes.SECURITY))
    out = (earlier(each, ask.records) for each in ask.fixes)
    left = (frozenset(e for e in lines if policy.branch(e) in there) for there in out)
    return lines.intersection(*left)


def kind_of_fix(ask: Question, request: MergeRequest) -> Fixes:
    """What a merge request mends; LookupError when its playbook is gone, which blocks."""
    if request.id not in ask.mends:
        ask.mends[request.id] = mends(request, ask.records)
    return ask.mends[request.id]


def widest(ask: Question) -> Fixes:
    """What decides which lines the release must have a version of (S1-01, S1-02).

    Bug fixes alone ask for little. Whatever is not known to be one counts as a security fix, also
    in a release that is empty.
    """
    alone = bool(ask.items) and all(_mends_a_bug(ask, each) for each in ask.items)
    return Fixes.BUG if alone else Fixes.SECURITY


def _mends_a_bug(ask: Question, item: Inclusion) -> bool:
    request = ask.request_of(item)
    return request is not None and kind_of_fix(ask, request) is Fixes.BUG


def ported_to(ask: Question, policy: Support, line: str) -> tuple[MergeRequest, ...]:
    """What is included that goes to the stable branch of a line."""
    branch = policy.branch(line)
    return tuple(each for each in ask.backports if branch_name(each.target) == branch)
