"""Whether what backports were ported from runs where everything in a patch has to run (S1-32)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from domain.change.covering import requests_of
from domain.gate import Act, Finding, or_else
from domain.inclusion import Inclusion
from domain.merge_request.state import MergeRequest
from domain.process.release import ENTER_PHASE, PUBLISH, TAG, Matter, RequirementRow
from domain.process.support import branch_name
from domain.release.checks import content
from domain.release.checks.leaving import leaving
from domain.release.commands.late import returning
from domain.release.embargo import known
from domain.release.evidence.carried import carried, sought
from domain.release.gate.naming import how_many, listed, merge_request_name, of_merge_requests
from domain.release.gate.question import Question, found
from domain.release.standing import closed_since
from domain.release.state import Release
from domain.release.whereabouts.brought import holding
from domain.release.whereabouts.there import running
from domain.security_fix.earlier import earlier


def deployed(ask: Question, row: RequirementRow, gate: str) -> tuple[Finding, ...]:
    """Everything included runs there, backports as what they were ported from (S1-05, S1-32).

    Of what was hidden until it was published that stands as it was found then: the package that
    brought it may stay hidden, and the answer would tell who may not know of it that it does.
    """
    if _went_out(ask, row, gate):
        return (found(row, row.title, "it was", "", ""),)
    own = content.deployed(ask, row, gate)
    ported = ask.backports and running(ask, ask.state, row.environment or "")
    return (*own, _ported(ask, row)) if ported else own


def _went_out(ask: Question, row: RequirementRow, gate: str) -> bool:
    """Whether its gates found so on its way to a publication that ended its embargo (S1-12).

    Nobody could waive that, as nobody asks for a waiver of what is hidden.
    """
    state, (act, _, phase) = ask.state, gate.partition(":")
    hidden = state.published_at is not None and state.revealed_at == state.published_at
    entered = act == ENTER_PHASE and any(each.phase == phase for each in state.entered)
    return hidden and PUBLISH in row.gates and (act in (TAG, PUBLISH) or entered)


def _ported(ask: Question, row: RequirementRow) -> Finding:
    """Each backport comes from something that is in the release, or runs there already."""
    left = tuple(_without(ask, row.environment or ""))
    named = listed(merge_request_name(ask, each) for each in left)
    count = how_many(ask, left)
    message = f"{count} were ported from nothing known that is in {row.environment}: {named}."
    first, *others = _bringing(ask, left) if left else [()]
    title = f"{row.title}: what is ported"
    answer = found(row, title, not left, "changes_not_deployed", message, *first)
    return of_merge_requests(or_else(answer, *others), [each.id for each in left])


def _bringing(ask: Question, left: Collection[MergeRequest]) -> list[tuple[Act, ...]]:
    """What each was ported from is put in; past the cut-off these are taken out, or that put back.

    What is linked is taken off first: it goes out whole.
    """
    told = "Include what they were ported from, on the default branch, or a change tied to them."
    putting = (ask.act("release.include", told),)
    if closed_since(ask.state, ask.records) is None:
        return [putting]
    out = tuple(leaving(ask, left, "Take out what was ported from nothing that is in it."))
    fixes = {each.fix for each in left}
    back = [e for e in returning(ask.state, ask.records) if e is not None and _is_main(ask, e)]
    return [putting, out] if fixes <= {each.fix for each in back} else [out]


def comes_of_something(ask: Question, request: MergeRequest) -> bool:
    """Whether what a backport was ported from is in it or put back, where that is asked for."""
    if request.fix or not any(
        each.about is Matter.CHANGES_DEPLOYED for each in ask.kind.requirements
    ):
        return True
    back = (each for each in returning(ask.state, ask.records) if each is not None)
    main = (*_originals(ask), *(each for each in back if _is_main(ask, each)))
    return request.id in requests_of(ask.changes.values()) or any(not each.fix for each in main)


def _without(ask: Question, environment: str) -> Iterator[MergeRequest]:
    """The backports whose original is neither in the release nor in the environment.

    The original of a security fix is the merge request of its fix for the default branch, or what
    a change in the release is tied to together with it. One of no fix may be of any merge request
    for the default branch that is in the release and of no fix either; each is that of one for
    each branch.
    """
    tied = requests_of(ask.changes.values())
    loose = [each for each in ask.backports if each.id not in tied]
    main = _originals(ask)
    fixes = {each.fix for each in main if each.fix}
    lacking = frozenset(each.fix for each in loose if each.fix) - fixes
    lacking -= _hosted(ask, lacking, environment) if lacking else frozenset()
    number = sum(each.fix is None and each.id not in tied for each in main)
    branches = Counter(branch_name(each.target) for each in loose if each.fix is None)
    for each in loose:
        many = each.fix is None and branches[branch_name(each.target)] > number
        if many or each.fix in lacking:
            yield each


def _originals(ask: Question) -> list[MergeRequest]:
    """What is included that goes to the default branch, as such or as a commit of it."""
    inside = carried(ask.originals, ask.merge_requests, ask.state.plan.project)
    every = (ask.merge_requests[id] for id in sorted(inside) if id in ask.merge_requests)
    return [each for each in every if _is_main(ask, each)]


def _is_main(ask: Question, request: MergeRequest) -> bool:
    """Whether it is for the default branch, and stands there or is still to come."""
    policy = ask.kind.support
    main = policy is not None and branch_name(request.target) in policy.default_branches
    return main and not request.given_up


def _hosted(ask: Question, fixes: frozenset[str], environment: str) -> set[str]:
    """Those fixes whose merge request for the default branch another release brought there.

    That of a fix which follows another is what that had.
    """
    own = ((e, e.fix or "") for e in ask.records.find(MergeRequest, fix=fixes))
    before = ((e, fix.id) for fix in ask.fixes for e in earlier(fix, ask.records).values())
    asked = [(e, fix) for e, fix in (*own, *before) if fix in fixes and _is_main(ask, e)]
    main = {e.id: e for e, _ in asked if ask.state.embargoed or not e.embargoed}
    rows = ask.records.find(Inclusion, reference=sought(main.values())) if main else ()
    inside = [each for each in rows if each.included]
    ids = frozenset(each.release for each in inside)
    carrying = [e for e in ask.records.find(Release, id=ids) if known(e, ask.state)] if ids else []
    arrived = holding(ask, carrying, environment).values()
    stands = (each for each in arrived if not running(ask, each, environment))
    projects = {each.id: each.plan.project for each in stands}
    brought = (
        carried((each,), main, projects[each.release])
        for each in inside
        if each.release in projects
    )
    there = frozenset(id for each in brought for id in each)
    return {fix for each, fix in asked if each.id in there}
