"""Requirements of releases for lines that are out already: backports, and fixes on their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from domain.evidence.state import Evidence, Outcome
from domain.gate import Act, Finding, either, or_else
from domain.merge_request.state import MergeRequest, Status
from domain.process.release import RequirementRow
from domain.process.support import Fixes, Support, branch_name, line_of
from domain.release.checks.astray import ELSEWHERE as ASTRAY
from domain.release.checks.astray import helping, strays, wanting
from domain.release.checks.comeback import RETARGET, returning_to
from domain.release.checks.content import every, putting_in
from domain.release.checks.moving import moving
from domain.release.checks.ported import comes_of_something
from domain.release.checks.reach import allowed, kind_of_fix, out_at, ported_to, spared
from domain.release.checks.shut import including
from domain.release.evidence.manifest import manifest
from domain.release.evidence.results import counts, reporting
from domain.release.gate.naming import TOLD, listed, merge_request_name, of_merge_requests
from domain.release.gate.question import Question, aside, found
from domain.security_fix.earlier import earlier

_REPORT: Final = "Report that {} passed for the head of each."
ELSEWHERE: Final = (
    " What was reported of a head while that was not for this branch alone is not of it, unless it "
    "names the manifest of this release."
)


def backports(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """Each version has backports, none goes elsewhere, and all are reported to apply (S1-32)."""
    policy = policy_of(ask)
    return (
        _placed(ask, row, policy),
        *(_covered(ask, row, version, policy) for version in ask.state.plan.versions),
        *(_applies(ask, row, name) for name in row.evidence),
    )


def policy_of(ask: Question) -> Support:
    """The kind's support policy; LookupError when its playbook names none, which blocks."""
    if ask.kind.support is None:
        raise LookupError("the playbook does not say which branches there are")
    return ask.kind.support


def _placed(ask: Question, row: RequirementRow, policy: Support) -> Finding:
    """What is included goes to the default branch, or to that of one of the versions."""
    stray = strays(ask, policy)
    ways = helping(ask, stray) if stray else [()]
    first, *others = (_reported_anew(ask, row, each) for each in ways)
    answer = every(ask, row, stray, "target_not_covered", ASTRAY, *first)
    return or_else(answer, *others)


def _reported_anew(ask: Question, row: RequirementRow, way: tuple[Act, ...]) -> tuple[Act, ...]:
    """A way, with what is reported anew of what it aims at another branch."""
    if not any(each.action == RETARGET for each in way):
        return way
    told = (reporting(ask, row, _REPORT.format(name)) for name in row.evidence)
    return (*way, *(act for each in told for act in each))


def _covered(ask: Question, row: RequirementRow, version: str, policy: Support) -> Finding:
    """Something is ported to a version, and a security fix where those that are in it reach.

    Nothing has to be where all that is in it is out already.
    """
    line = line_of(policy, version)
    branch = policy.branch(line)
    ported = tuple(each for each in ported_to(ask, policy, line) if not each.given_up)
    if not ported and line in spared(ask, policy):
        return aside(row, f"What is in it is out on {branch}: {version} needs nothing ported.")
    what = "No security fix" if _secured(ask, policy, line) else "Nothing"
    if what != "Nothing":
        ported = tuple(e for e in ported if kind_of_fix(ask, e) is Fixes.SECURITY)
    message = f"{what} is ported to {branch}, which {version} comes from."
    title = f"{version} has what is ported"
    if ported:
        return found(row, title, ported, "backport_missing", message)

    def goes_there(request: MergeRequest) -> bool:
        return branch_name(request.target) == branch

    def helps(request: MergeRequest | None) -> bool:
        if request is None or not goes_there(request):
            return False
        return comes_of_something(ask, request)

    told = f"Include what is ported to {branch}."
    acts = returning_to(ask, branch) or including(ask, told, helps, goes_there)
    return found(row, title, None, "backport_missing", message, *acts)


def _secured(ask: Question, policy: Support, line: str) -> bool:
    """Whether a line that security fixes reach needs one, since some are in the release (S1-02).

    It needs none where all of them are out already.
    """
    kinds = {kind_of_fix(ask, each) for each in ask.merge_requests.values()}
    lines = frozenset(allowed(ask, policy, Fixes.SECURITY)) - out_at(ask, policy)
    return Fixes.SECURITY in kinds and line in lines


def _applies(ask: Question, row: RequirementRow, name: str) -> Finding:
    """The newest counting report on the head of every backport says that it passed (X-05).

    A head that several have tells of no branch, so that each takes one of its own. So does what was
    reported while the head was for another branch, such as of a merge request that was closed. Of
    what was given up nothing is asked: that leaves, or others answer for it.
    """
    ports = [each for each in ask.backports if not each.given_up]
    heads = Counter(each.head for each in ports)
    shared = {each.id for each in ports if heads[each.head] > 1}
    newest = {each.id: _newest(ask, row, name, each) for each in ports}
    lacking = tuple(id for id, e in newest.items() if not (e and e[1]) or id in shared)
    told = tuple(report[0] for report in newest.values() if report)
    named = listed(merge_request_name(ask, ask.merge_requests.get(each)) for each in lacking)
    message = f"Of {len(newest)} backports {len(lacking)} are not reported: {name} passed"
    if not all(map(ask.sees, ports)):
        message = f"Not of every backport it is reported: {name} passed"
    told_anew = reporting(ask, row, _REPORT.format(name))
    if not newest:
        return _unported(ask, row, name)
    whole = f"{message} ({named})." if lacking else f"{message}."
    whole += ELSEWHERE * any(_told_elsewhere(ask, name, ask.merge_requests[e]) for e in lacking)
    whole += " Several have one head, which tells of no branch." * bool(shared)
    twins = _closing_twins(ask, frozenset(ask.merge_requests[e].head for e in lacking))
    acts = (*_parting(ask, shared), *told_anew, *twins)
    answer = found(row, f"{row.title}: {name}", not lacking, "evidence_missing", whole, *acts)
    return of_merge_requests(replace(answer, evidence=told), lacking)


def _unported(ask: Question, row: RequirementRow, name: str) -> Finding:
    """Without backports there is none to report of, where no version needs one (X-05)."""
    policy, versions = policy_of(ask), ask.state.plan.versions
    out = spared(ask, policy)
    if versions and all(line_of(policy, each) in out for each in versions):
        return aside(row, f"No backport is in it, nor needed, to report of: {name}.")
    message = f"No backport is in it of which it was reported: {name} passed."
    acts = including(ask, "Include what is ported.")
    return found(row, f"{row.title}: {name}", None, "evidence_missing", message, *acts)


def _parting(ask: Question, shared: Collection[str]) -> Iterator[Act]:
    """That backports with one head take one each, as far as they are open."""
    left = [ask.merge_requests[id] for id in shared if id in ask.merge_requests]
    if going := [each for each in left if each.status is Status.OPEN]:
        told = "Push each of those with one head to a head of its own, or close all but one."
        yield moving(ask, "merge_request.push", going, told)


def _told_elsewhere(ask: Question, name: str, request: MergeRequest) -> bool:
    """Whether it was reported of a head, but not while that was for the branch of the backport."""
    told = ask.backport_reports.told(request.head, name)
    return bool(told) and not any(_of_branch(ask, each, request) for each in told)


def _closing_twins(ask: Question, heads: frozenset[str]) -> Iterator[Act]:
    """That what has one of the heads too and is not in the release is closed, as far as is told."""
    near = ask.records.find(MergeRequest, head=heads) if heads else ()
    own = {each.id for each in ask.backports}
    known = (each for each in near if ask.state.embargoed or not each.embargoed)
    twins = [e for e in known if e.status is Status.OPEN and e.id not in own]
    if twins:
        named = listed(merge_request_name(ask, each) for each in twins)
        told = f"Close what has a head too ({named}), and report."
        yield moving(ask, "merge_request.close", twins, told)


def _newest(
    ask: Question, row: RequirementRow, name: str, request: MergeRequest
) -> tuple[str, bool] | None:
    """The newest report that counts for a head: its id, and whether it passed.

    What was said while that was not for this branch, or for several, was said of another.
    """

    def counting(report: Evidence) -> bool:
        return _of_branch(ask, report, request) and counts(ask, row, report)

    found = ask.backport_reports.last(name, (request.head,), counting)
    return next(((each.id, each.outcome is Outcome.PASSED) for each in found), None)


def _of_branch(ask: Question, report: Evidence, request: MergeRequest) -> bool:
    """Whether it was for the branch of a backport as its head was reported on, and is since.

    So is what names the manifest of the release as it is: that has the head for this branch. Of
    what may have been for it bad news counts.
    """
    since = request.retargeted_at
    late = since is None or report.reported_at >= since
    bad = report.branch is None and report.outcome is not Outcome.PASSED
    same = report.branch == branch_name(request.target) or report.manifest == manifest(ask)
    return late and (same or bad) and report.project == request.project


def single(ask: Question, row: RequirementRow, _gate: str) -> Finding:
    """One change goes out, with its backports, and nothing beside it (S1-49).

    A fix is one, too, that follows what is on the default branch already.
    """
    number = len(ask.originals) + sum(1 for _ in _following(ask))
    message = f"Beside backports there are {number} things in it, and not one."
    if not all(map(ask.sees, ask.merge_requests.values())):
        message = "Beside backports there is not one thing in it."
    leave = ask.act("release.exclude", "Leave exactly one in it, with its backports.")
    ways = [(leave,) if number else putting_in(ask)]
    if (astray := wanting(ask)) and number - len(astray) == 1:
        ways = helping(ask, astray)
    bare = found(row, row.title, number == 1, "not_a_single_change", message)
    answer = either(bare, tuple(ways))
    named = tuple(each.reference for each in ask.originals[:TOLD])
    return replace(answer, evidence=named) if number == 1 else answer


def _following(ask: Question) -> Iterator[str]:
    """The fixes whose backports are in it, and which are out already for the default branch."""
    ported = {each.fix for each in ask.backports}
    main = frozenset(ask.kind.support.default_branches if ask.kind.support else ())
    for fix in ask.fixes:
        if fix.id in ported and not main.isdisjoint(earlier(fix, ask.records)):
            yield fix.id
