"""What went out before of a fix that follows another: those branches need nothing more of it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.kernel import Records
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as MergeStatus
from domain.process.support import Support
from domain.security_fix.standing import policy_of
from domain.security_fix.state import SecurityFix, Status


def earlier(state: SecurityFix, records: Records) -> dict[str, MergeRequest]:
    """By branch what is out of the fixes that it follows, that of the nearest first (S1-22).

    The default branch is there by each of its names, as the fix has them and as what it follows
    had them. What was taken back since is out no more, nor is what goes there anew with this fix.
    """
    out, anew = _known(state, records)
    return {branch: each for branch, each in out.items() if branch not in anew}


def twice(state: SecurityFix, records: Records) -> frozenset[str]:
    """The branches, by each name, at which it has a merge request and what it follows is out."""
    out, anew = _known(state, records)
    return anew & out.keys()


def _known(state: SecurityFix, records: Records) -> tuple[dict[str, MergeRequest], frozenset[str]]:
    """By branch what is out of what it follows; then the branches that it goes to itself."""
    before = tuple(_followed(state, records))
    ids = frozenset(id for each in before for id in each.merge_requests)
    if not ids:
        return {}, frozenset()
    own, policy = frozenset(state.merge_requests), policy_of(state, records)
    found = {each.id: each for each in records.find(MergeRequest, id=ids | own)}
    going = (found[id].target for id in own & found.keys() if not found[id].given_up)
    anew = frozenset(name for target in going for name in policy.names(target))
    out: dict[str, MergeRequest] = {}
    for fix in before:
        told = (policy_of(fix, records), policy)
        for each in (found[id] for id in fix.merge_requests if id in found):
            if each.status is MergeStatus.MERGED and not each.given_up:
                out = dict.fromkeys(_names(each.target, *told), each) | out
    return out, anew


def _names(target: str, then: Support, now: Support) -> frozenset[str]:
    """The names of a branch then and now: what was the default branch is that, by another name."""
    names = then.names(target)
    main = now.default_branches if names == then.default_branches else ()
    return frozenset((*names, *main, *now.names(target)))


def _followed(state: SecurityFix, records: Records) -> Iterator[SecurityFix]:
    """The fixes that it follows, the nearest first, all of which are out."""
    id = state.follows
    while id is not None:
        found = records.get(SecurityFix, id)
        if found is None or found.status is not Status.RELEASED:
            return
        yield found
        id = found.follows
