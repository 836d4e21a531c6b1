"""Fixes that were to go out with a release that was given up, and are in none: the next says so."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from domain.gate import Finding, Reference
from domain.gate import Status as Is
from domain.merge_request.state import MergeRequest
from domain.process.release import RequirementRow
from domain.release.gate.naming import TOLD
from domain.release.gate.question import Question
from domain.release.standing import closed_since
from domain.release.state import Release
from domain.security_fix.basis import Basis
from domain.security_fix.goal import hindrance, is_given_up
from domain.security_fix.lasting import lost
from domain.security_fix.readiness import completeness
from domain.security_fix.standing import kind_of, policy_of
from domain.security_fix.state import SecurityFix, Status
from domain.sides import Wanted

TITLE = "No fix is left over that was to go out with a release that was given up"


def loose(ask: Question, row: RequirementRow) -> Iterator[Finding]:
    """That complete fixes which it could take are in none since theirs was given up (S1-27).

    What is not linked is not included, so that it keeps nothing back; those who may know of such
    fixes are told of them. It is not kept: these stay hidden when the release is shown.
    """
    left = _ready(ask, [each for each in left_over(ask) if ask.sees(each)])
    if not left:
        return
    shut = closed_since(ask.state, ask.records) is not None
    how = "It takes nothing more: link them to the next." if shut else "Link them to it."
    message = f"{len(left)} complete fixes were to go out with a release that was given up. {how}"
    named = tuple(Reference("security_fix", each.id) for each in left[:TOLD])
    act = ask.act("security_fix.link", how)
    yield Finding(
        row.name,
        Is.NOT_APPLICABLE,
        TITLE,
        message=message,
        source=row.source,
        acts=(act,),
        lacking=named,
        kept=False,
    )


_GOING: Final = frozenset((Status.LINKED, Status.FIXING))


def linked(state: Release) -> Wanted:
    """The fixes of the product that are linked to any release, or were."""
    return SecurityFix, {"service": state.plan.service, "status": _GOING}


def trackers(ask: Question) -> frozenset[str]:
    """The other releases that these are linked to; in the open nothing is asked of them."""
    if not ask.state.embargoed:
        return frozenset()
    every = map(_tracker, _linked(ask))
    return frozenset(filter(None, every)) - {ask.state.id}


def left_over(ask: Question) -> tuple[SecurityFix, ...]:
    """The fixes of the product that are linked to releases that were given up, or taken off one."""
    ids = trackers(ask)
    gone = {e.id for e in ask.records.find(Release, id=ids) if is_given_up(e)} if ids else set()
    return tuple(each for each in _linked(ask) if _tracker(each) in gone) if gone else ()


def _tracker(fix: SecurityFix) -> str | None:
    """The release that it is linked to, else the last that it was taken off."""
    last = fix.unlinked[-1].tracker if fix.unlinked else None
    return fix.tracker or last


def _linked(ask: Question) -> tuple[SecurityFix, ...]:
    return ask.records.find(SecurityFix, **linked(ask.state)[1])


def _ready(ask: Question, fixes: Collection[SecurityFix]) -> list[SecurityFix]:
    """Those that the release could take and that are complete.

    What was taken off may have become another since: all of it is asked anew.
    """
    free = [each for each in fixes if each.tracker is None]
    basis = Basis(ask.records, ask.authority, ask.at, lambda action, _: ask.who(action))
    if free:
        basis.read(free)
    whole = {each.id for each in free if completeness(each, basis, ask.state).complete}
    return [e for e in fixes if (e.tracker or e.id in whole) and _fits(ask, e)]


def _fits(ask: Question, fix: SecurityFix) -> bool:
    """Whether the release could take it, and it lost nothing since it was linked."""
    records, state = ask.records, ask.state
    if state.kind not in kind_of(fix, records).trackers:
        return False
    if hindrance(fix, state, records, ask.at) is not None:
        return False
    parts = records.find(MergeRequest, id=frozenset(fix.merge_requests))
    branches = [policy_of(fix, records).branch(each) for each in fix.versions]
    told = (records, ask.authority)
    return not any(lost(fix, parts, branches, *told, at=ask.at, who=ask.who))
