"""What went out before of a fix that follows another: those branches need nothing more of it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.kernel import Records
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as MergeStatus
from domain.process.support import branch_name
from domain.security_fix.state import SecurityFix, Status


def earlier(state: SecurityFix, records: Records) -> dict[str, MergeRequest]:
    """By branch what is out of the fixes that it follows, that of the nearest first (S1-22).

    What was taken back since is out no more, nor is what goes there anew with this fix.
    """
    out, anew = _known(state, records)
    return {branch: each for branch, each in out.items() if branch not in anew}


def twice(state: SecurityFix, records: Records) -> frozenset[str]:
    """The branches at which it has a merge request, and what it follows is out."""
    out, anew = _known(state, records)
    return anew & out.keys()


def _known(state: SecurityFix, records: Records) -> tuple[dict[str, MergeRequest], frozenset[str]]:
    """By branch what is out of what it follows; then the branches that it goes to itself."""
    before = tuple(_followed(state, records))
    ids = frozenset(id for each in before for id in each.merge_requests)
    if not ids:
        return {}, frozenset()
    own = frozenset(state.merge_requests)
    found = {each.id: each for each in records.find(MergeRequest, id=ids | own)}
    anew = (branch_name(found[id].target) for id in own & found.keys() if not found[id].given_up)
    out: dict[str, MergeRequest] = {}
    for each in (found[id] for fix in before for id in fix.merge_requests if id in found):
        if each.status is MergeStatus.MERGED and not each.given_up:
            out.setdefault(branch_name(each.target), each)
    return out, frozenset(anew)


def _followed(state: SecurityFix, records: Records) -> Iterator[SecurityFix]:
    """The fixes that it follows, the nearest first, all of which are out."""
    id = state.follows
    while id is not None:
        found = records.get(SecurityFix, id)
        if found is None or found.status is not Status.RELEASED:
            return
        yield found
        id = found.follows
