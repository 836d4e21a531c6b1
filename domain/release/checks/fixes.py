"""Requirements about security fixes: those linked to a release are in it, and no others are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from domain.gate import Act, Finding, Reference, or_else
from domain.merge_request.state import MergeRequest
from domain.process.release import RequirementRow
from domain.process.support import branch_name, line_of
from domain.release.checks.astray import covering, versions
from domain.release.checks.completing import completing, short
from domain.release.checks.finders import spoken
from domain.release.checks.leaving import something_stays, taking_off, taking_out, unlinked
from domain.release.checks.loose import loose
from domain.release.checks.reach import required
from domain.release.commands.late import linked_again
from domain.release.evidence.carried import carried
from domain.release.gate.naming import (
    TOLD,
    how_many,
    listed,
    merge_request_name,
    of_merge_requests,
)
from domain.release.gate.question import Question, found
from domain.release.standing import closed_since
from domain.security_fix.lasting import BY_FINDER, UNLESS

Parts = dict[str, MergeRequest | None]
"""Merge requests of fixes by their ids."""


def linked(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """What is linked goes out with it, and what is not does not (S1-27, S1-30, S1-51)."""
    inside = carried(ask.items, ask.merge_requests, ask.state.plan.project)
    absent = _absent(ask, inside)
    within = (_nothing_else(ask, row), _everything(ask, row, inside, absent))
    return (*within, _complete(ask, row), *spoken(ask, row), *loose(ask, row))


def _nothing_else(ask: Question, row: RequirementRow) -> Finding:
    """No security merge request is in it whose fix is not linked, or that is of no fix."""
    left = unlinked(ask)
    title = "Of security fixes only linked ones are in it"
    named = listed(merge_request_name(ask, each) for each in left)
    message = (
        f"{how_many(ask, left)} merge requests in it are of no fix that is linked to it: {named}."
    )
    first, *more = [way for way in (_linking(ask, left), (taking_out(ask),)) if way]
    answer = or_else(found(row, title, not left, "fix_not_linked", message, *first), *more)
    return of_merge_requests(answer, [each.id for each in left])


def _linking(ask: Question, left: Collection[MergeRequest]) -> tuple[Act, ...]:
    """That their fixes are linked to it; past its cut-off only those that it had by then may be."""
    told = "Make what is of no fix part of one."
    loner = any(each.fix is None for each in left)
    part = (ask.act("security_fix.add_merge_request", told),) if loner else ()
    if left and closed_since(ask.state, ask.records) is not None:
        again = {each.fix for each in linked_again(ask.state, ask.records)}
        if loner or not again.issuperset(each.fix for each in left):
            return ()
    return (*part, ask.act("security_fix.link", "Link the fix, once it is complete."))


def _absent(ask: Question, inside: frozenset[str]) -> Parts:
    """The merge requests of the linked fixes that are not in it; None for one not on record."""
    absent = _wanted(ask) - inside
    known = ask.records.find(MergeRequest, id=absent) if absent else ()
    return dict.fromkeys(sorted(absent)) | {each.id: each for each in known}


def _everything(
    ask: Question, row: RequirementRow, inside: frozenset[str], absent: Parts
) -> Finding:
    """Every merge request of the linked fixes is in it, but for those that were given up.

    One that was merged may be in it as the commit that was signed off, or that it was merged as.
    """
    left = [id for id, each in absent.items() if each is None or not each.given_up]
    title = "Every linked security fix is in it"
    named = listed(merge_request_name(ask, absent[each]) for each in left)
    count = how_many(ask, map(absent.get, left))
    message = f"{count} merge requests of linked fixes are not in it: {named}."
    acts = (*_versions(ask, absent, left), ask.act("release.include", "Put in what is linked."))
    answer = found(row, title, not left, "fix_not_included", message, *acts)
    ids = frozenset(left)
    short_of = [each for each in ask.fixes if not ids.isdisjoint(each.merge_requests)]
    off = taking_off(ask, inside=any(not inside.isdisjoint(e.merge_requests) for e in short_of))
    ways = (tuple(off),) if something_stays(ask, map(absent.get, left)) else ()
    return of_merge_requests(or_else(answer, *ways), left)


def _versions(ask: Question, absent: Parts, left: Collection[str]) -> Iterator[Act]:
    """That it has a version of the line of each part to put in: else that would go nowhere here."""
    policy = ask.kind.support
    if policy is None:
        return
    own = (policy.branch(line_of(policy, each)) for each in ask.state.plan.versions)
    names = {*policy.default_branches, *own}
    parts = [each for id in left if (each := absent[id]) is not None]
    if away := {branch_name(each.target) for each in parts} - names:
        wanted = set(map(policy.branch, required(ask, policy)))
        yield covering(ask) if away <= wanted else versions(ask)


def _complete(ask: Question, row: RequirementRow) -> Finding:
    """No linked fix has lost what made it complete when it was linked.

    A part that is not in the release yet is no loss: that it has to be is asked by itself.
    """
    left = short(ask)
    lacks = dict.fromkeys(each for _, losses in left for each in losses)
    title = "Every linked security fix is as complete as it was"
    said = "; ".join(dict.fromkeys(each.said for each in lacks))
    message = f"{len(left)} linked fixes are not complete any more: {said}."
    if BY_FINDER in lacks and any(fix.own_words for fix, _ in left):
        message = f"{message} {UNLESS}"
    if not all(ask.sees(fix) for fix, _ in left):
        message = "What is linked to it is not as complete any more as it was."
    first, *more = completing(ask, left) or [()]
    answer = or_else(found(row, title, not left, "fix_incomplete", message, *first), *more)
    lacking = tuple(Reference("security_fix", fix.id) for fix, _ in left[:TOLD])
    return replace(answer, lacking=lacking)


def _wanted(ask: Question) -> frozenset[str]:
    return frozenset(id for fix in ask.fixes for id in fix.merge_requests)
