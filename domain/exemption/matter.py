"""What an exemption is of, who may not approve that, and whether it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from domain.authority import Authority
from domain.authorship import accounts, lost, stands
from domain.change.state import Change
from domain.deployment.state import Deployment
from domain.digest import content_digest
from domain.exemption.hands import Subject, hands
from domain.exemption.state import Exemption, Status
from domain.kernel import Records
from domain.lock.state import Lock
from domain.merge_request.state import MergeRequest
from domain.release.state import Release, cargo_of


def matter(state: Exemption, records: Records) -> str:
    """What is to go on, as it is now: another digest for anything else that would (X-03).

    A deployment brings what it was requested for, or nothing.
    """
    found = _subject(state, records)
    match found:
        case Release():
            return cargo_of(found)
        case MergeRequest():
            return content_digest({"head": found.head, "target": found.target})
        case Change():
            return content_digest({"content": found.content})
        case _:
            return ""


def barred(state: Exemption, authority: Authority, records: Records) -> frozenset[str]:
    """Who may not approve it: who wished for it, and who had a hand in what is to go on."""
    wished = accounts(state.contributors, authority, state.requested_at)
    found = _subject(state, records)
    return wished | hands(found, authority, records) if found else wished


def waits(state: Exemption, authority: Authority) -> bool:
    """Whether it may still be approved: it is open, and who wished for it still may."""
    right, others = state.requested_grant, state.requested_grants
    gone = lost(state.contributors, right, authority, others=others)
    return state.status is Status.OPEN and not gone


def exempt(
    lock: Lock,
    found: Iterable[Exemption],
    authority: Authority,
    records: Records,
    others: Callable[[], frozenset[str]] = frozenset,
) -> Exemption | None:
    """The exemption from the lock that counts now, if one does.

    As many different people as the lock demands, each named by it today, neither suspended nor
    without the right they had, and none of them barred from it, have approved what goes on as it
    is now. `others` tells who had a hand in what goes on by it: a deployment by the exemption of
    its release.
    """
    for each in found:
        if each.lock == lock.id and each.status is Status.OPEN:
            found_by = approvers(each, lock, authority, records) - others()
            if len(set(map(authority.first_account, found_by))) >= lock.terms.exempting:
                return each
    return None


def approvers(
    state: Exemption, lock: Lock, authority: Authority, records: Records
) -> frozenset[str]:
    """Whose approval of it counts, of what is to go on as it is now."""
    out, now = barred(state, authority, records), matter(state, records)
    return frozenset(
        approval.by
        for approval in state.approvals
        if approval.matter in (None, now)
        and approval.by in lock.terms.exempters
        and approval.by not in out
        and stands(approval.by, approval.grant, authority, others=approval.other_grants)
    )


def _subject(state: Exemption, records: Records) -> Subject | None:
    named: tuple[tuple[type[Subject], str | None], ...] = (
        (Release, state.release),
        (MergeRequest, state.merge_request),
        (Change, state.change),
        (Deployment, state.deployment),
    )
    return next((records.get(kind, id) for kind, id in named if id), None)
