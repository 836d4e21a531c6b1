"""Who found what an accord settles: no party where application security is one (S1-20, S1-41)."""

from __future__ import annotations

from domain.accord.state import Accord
from domain.authority import Authority
from domain.finders import found_by
from domain.inclusion import Inclusion
from domain.kernel import Records
from domain.merge_request.state import MergeRequest
from domain.process.accord import APPSEC, Subject
from domain.release.evidence.carried import named
from domain.security_fix.state import SecurityFix


def settles(state: Accord) -> bool:
    """Whether application security is a party of it."""
    return any(each.rule.role == APPSEC for each in state.rules)


def finders(state: Accord, records: Records, authority: Authority) -> frozenset[str]:
    """Those of them who agree to nothing here, whatever roles they hold.

    Of a release they are those of the fixes linked to it and of what is in it. In the open nobody
    is kept out for what is hidden.
    """
    if not settles(state):
        return frozenset()
    fixes: tuple[SecurityFix, ...] = ()
    if state.about is Subject.MERGE_REQUEST:
        ids = frozenset((state.subject,))
    else:
        fixes = records.find(SecurityFix, tracker=state.subject)
        inside = records.find(Inclusion, release=state.subject)
        ids = named(each for each in inside if each.included)
    requests = records.find(MergeRequest, id=ids) if ids else ()
    return found_by(
        (each for each in fixes if state.embargoed or not each.embargoed),
        (each for each in requests if state.embargoed or not each.embargoed),
        authority,
    )
