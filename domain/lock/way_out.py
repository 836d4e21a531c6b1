"""What helps where a lock is on: an exemption that is asked for and approved, or another lock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from domain.authority import Authority
from domain.exemption.matter import approvers, barred
from domain.exemption.state import Exemption, Status
from domain.gate import Act
from domain.kernel import Records
from domain.lock.recurrence import Span
from domain.lock.state import Lock

APPROVE: Final = "exemption.approve"
ASK: Final = Act(
    "exemption.request",
    description="Ask for an exemption from the lock, as somebody who does not approve it.",
)
"""Nobody approves what they asked for."""


def exempting(
    lock: Lock,
    asked: Iterable[Exemption],
    people: frozenset[str],
    authority: Authority,
    records: Records,
) -> tuple[Act, ...]:
    """Who asks for an exemption first, if nobody did whom enough others may answer; who agrees."""
    for each in asked:
        if each.lock == lock.id and each.status is Status.OPEN:
            said = approvers(each, lock, authority, records) & people
            left = people - barred(each, authority, records) - said
            more = lock.terms.exempting - _number(said, authority)
            if 0 < more <= _number(left, authority):
                return (_approve(left, more),)
    return ASK, _approve(people, lock.terms.exempting)


def _approve(people: frozenset[str], count: int) -> Act:
    return Act(APPROVE, people, count, "Exempt it from the lock.")


def _number(people: Iterable[str], authority: Authority) -> int:
    """How many different people these are."""
    return len(set(map(authority.first_account, people)))


def otherwise(lock: Lock, span: Span, told: str) -> Act:
    """Where nobody is left to exempt it: that it is lifted or amended, or else ends by itself."""
    if lock.terms.exempters:
        return Act("lock.lift", description="End the lock, or amend it to name others.")
    if span.until:
        return Act("lock.wait", count=0, description=f"It is locked {told}.")
    return Act("lock.lift", description="End the lock, or amend it.")
