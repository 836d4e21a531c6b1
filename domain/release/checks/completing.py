"""Linked fixes that are not complete any more: how they are again, or go out with another release.

Past the cut-off no other merge request comes in but for one that was taken back; what was closed
or aimed elsewhere comes back as it was (S1-11, S1-27, S1-54).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from domain.gate import Act
from domain.release.checks.comeback import branches, comebacks, coming, parts
from domain.release.checks.leaving import something_stays, taking_off
from domain.release.commands.late import is_replaced
from domain.release.evidence.carried import carried
from domain.release.gate.question import Question
from domain.release.standing import closed_since
from domain.security_fix.lasting import BY_FINDER, Loss, lost
from domain.security_fix.state import SecurityFix

Short = tuple[SecurityFix, tuple[Loss, ...]]
"""A linked fix, and what it has lost."""
_Acts = tuple[Act, ...]
_GIVE_UP = "Give it up, and plan another: nothing that would help is included any more."


def short(ask: Question) -> list[Short]:
    """The linked fixes that have lost something of what made them complete."""
    wanted, every, left = branches(ask), parts(ask), list[Short]()
    for fix in ask.fixes:
        own = [every[id] for id in fix.merge_requests if id in every]
        told = (fix, own, wanted, ask.records, ask.authority)
        if losses := tuple(lost(*told, at=ask.at, who=ask.who)):
            left.append((fix, losses))
    return left


def completing(ask: Question, left: Collection[Short]) -> list[_Acts]:
    """Each way by which these are complete again, or are none of this release any more.

    What one act mends on a linked fix takes nothing off. A part more does, or another for what
    their finder approved: the fix is taken off, completed, and linked and put in once more.
    """
    if not left:
        return []
    if not all(ask.sees(fix) for fix, _ in left):
        return [tuple(_linked_anew(ask, (Loss(""),)))]
    losses = tuple(dict.fromkeys(each for _, lacks in left for each in lacks))
    own = tuple(_mending(ask, each) for each in losses if each.action)
    more = tuple(each for each in losses if not each.action)
    if not more:
        return [own]
    ways = []
    if (back := _back(ask, more)) is not None:
        ways.append((*own, *back))
    if _may_add(ask, left):
        ways.append((*own, *_linked_anew(ask, more)))
    every = parts(ask)
    gone = (every.get(id) for fix, _ in left for id in fix.merge_requests)
    if something_stays(ask, gone):
        ways.append(tuple(taking_off(ask)))
    return ways or [(ask.act("release.abort", _GIVE_UP),)]


def _back(ask: Question, losses: Collection[Loss]) -> _Acts | None:
    """That what is lost comes back as it was, and is put in again; None where not all of it does.

    What was taken out meanwhile is put in, which it always may be.
    """
    wanted = {branch for each in losses for branch in each.branches}
    back = comebacks(ask)
    if not all(each.branches for each in losses) or not wanted <= set(back.values()):
        return None
    every = parts(ask)
    coming_back = tuple(every[id] for id in back)
    acts = tuple(coming(ask, each, back[each.id]) for each in coming_back)
    inside = carried(ask.items, every, ask.state.plan.project)
    if all(each.id in inside for each in coming_back):
        return acts
    return (*acts, ask.act("release.include", "Put in what is linked."))


def _may_add(ask: Question, left: Collection[Short]) -> bool:
    """Whether it takes what takes the place of what was lost."""
    if closed_since(ask.state, ask.records) is None:
        return True
    return all(is_replaced(ask.state, fix, _lost_of(lacks), ask.records) for fix, lacks in left)


def _lost_of(losses: Iterable[Loss]) -> frozenset[str]:
    return frozenset(branch for each in losses for branch in each.branches)


def _linked_anew(ask: Question, losses: Collection[Loss]) -> Iterator[Act]:
    """That the fixes are taken off, completed, and linked and put in once more."""
    if BY_FINDER in losses:
        yield ask.act("merge_request.revert", "Take back what was merged with the finder's word.")
    yield ask.act("security_fix.unlink", "Take the fix off, and complete it.")
    for each in losses:
        if each.how:
            yield ask.act("security_fix.add_merge_request", each.how)
    yield ask.act("security_fix.link", "Link it once more, once it is complete.")
    if any(each.how for each in losses):
        yield ask.act("release.include", "Put in what is new of it, and take out what is gone.")


def _mending(ask: Question, lack: Loss) -> Act:
    """The act that mends this by itself, by those of them who may know of it."""
    if lack.people is None:
        return ask.act(lack.action, lack.how)
    hidden = ask.state.embargoed
    people = lack.people & ask.who("merge_request.read_embargoed") if hidden else lack.people
    return Act(lack.action, people, lack.needed, lack.how, lack.rule)
