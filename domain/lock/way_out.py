"""What helps where a lock is on: an exemption that is asked for and approved, or the lock's end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from domain.authority import Authority
from domain.authorship import accounts, others
from domain.exemption.matter import approvers, barred
from domain.exemption.state import Exemption, Status
from domain.gate import Act, There
from domain.kernel import Records
from domain.lock.seconding import confirmers, sole
from domain.lock.state import Lock, Waiting

APPROVE: Final = "exemption.approve"
LIFT: Final = "lock.lift"
CONFIRM: Final = "lock.confirm"
END: Final = "End the lock, or amend it."
SECOND: Final = "Confirm that the lock ends, as a second person."
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


def waiting(lock: Lock, until: datetime | None, told: str) -> tuple[tuple[Act, ...], ...]:
    """That it ends by itself, where nobody is named who could exempt from it."""
    if until is None or lock.terms.exempters:
        return ()
    return ((Act("lock.wait", count=0, description=f"It is locked {told}."),),)


def lifting(
    lock: Lock, there: There, authority: Authority, at: datetime
) -> tuple[tuple[Act, ...], ...]:
    """How the lock is ended before its time: by who alone declared it, or else by two (S0-12).

    Where one asked for that already, the second person is left.
    """
    where = {"environment": frozenset(lock.terms.environments)}
    able, seconds = there(LIFT, where), others(there(CONFIRM, where), frozenset(), authority)
    if lock.waiting is Waiting.LIFTING and (left := confirmers(lock, seconds, authority)):
        return ((Act(CONFIRM, frozenset(left), description=SECOND),),)
    own = able & {sole(lock)}
    alone = ((Act(LIFT, own, description=END),),) if own else ()
    behind = {each: accounts((each,), authority, at) for each in able - own}
    first = frozenset(e for e, same in behind.items() if not same.issuperset(seconds))
    second = frozenset(e for e in seconds if any(e not in behind[each] for each in first))
    return (*alone, (Act(LIFT, first, description=END), Act(CONFIRM, second, description=SECOND)))
