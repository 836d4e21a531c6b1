"""Requirements about security fixes: those linked to a release are in it, and no others are."""

from __future__ import annotations

from domain.gate import Finding
from domain.merge_request.state import MergeRequest, Status
from domain.process_release import RequirementRow
from domain.release.naming import listed, merge_request_name, of_merge_requests
from domain.release.question import Question, found


def linked(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """What is linked goes out with it, and what is not does not (S1-27, S1-30, S1-51)."""
    return (_nothing_else(ask, row), _everything(ask, row))


def _nothing_else(ask: Question, row: RequirementRow) -> Finding:
    """No security merge request is in it whose fix is not linked, or that is of no fix."""
    wanted = _wanted(ask)
    left = [
        each
        for each in ask.merge_requests.values()
        if each.id not in wanted and _of_security(ask, each)
    ]
    title = "Of security fixes only linked ones are in it"
    named = listed(merge_request_name(ask, each) for each in left)
    message = f"{len(left)} merge requests in it are of no fix that is linked to it: {named}."
    acts = (
        ask.act("security_fix.link", "Link the fix, once it is complete."),
        ask.act("release.exclude", "Take out what is not linked."),
    )
    answer = found(row, title, not left, "fix_not_linked", message, *acts)
    return of_merge_requests(answer, [each.id for each in left])


def _of_security(ask: Question, request: MergeRequest) -> bool:
    """Whether it is part of a fix, or hidden as such are; in the open nothing hidden is told."""
    if request.embargoed:
        return ask.state.embargoed
    return request.fix is not None


def _everything(ask: Question, row: RequirementRow) -> Finding:
    """Every merge request of the linked fixes is in it, but for those that were closed."""
    absent = _wanted(ask) - {each.reference for each in ask.items}
    known = ask.records.find(MergeRequest, id=absent) if absent else ()
    requests = {each.id: each for each in known}
    left = sorted(absent - {each.id for each in known if each.status is Status.CLOSED})
    title = "Every linked security fix is in it"
    named = listed(merge_request_name(ask, requests.get(each)) for each in left)
    message = f"{len(left)} merge requests of linked fixes are not in it: {named}."
    acts = (
        ask.act("release.include", "Put in what is linked."),
        ask.act("security_fix.unlink", "Take the fix off the release."),
    )
    answer = found(row, title, not left, "fix_not_included", message, *acts)
    return of_merge_requests(answer, left)


def _wanted(ask: Question) -> frozenset[str]:
    return frozenset(id for fix in ask.fixes for id in fix.merge_requests)
