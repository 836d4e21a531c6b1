"""What helps where a lock is on: an exemption that is asked for and approved, or the lock's end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Final

from domain.authority import Authority
from domain.authorship import accounts, others
from domain.exemption.matter import approvers, barred, waits
from domain.exemption.state import Exemption
from domain.gate import Act, There
from domain.kernel import Records
from domain.lock.seconding import confirmers, sole
from domain.lock.state import Lock, Waiting
from domain.titles import quoted

APPROVE: Final = "exemption.approve"
LIFT: Final = "lock.lift"
CONFIRM: Final = "lock.confirm"


def exempting(
    lock: Lock,
    asked: Iterable[Exemption],
    people: frozenset[str],
    authority: Authority,
    records: Records,
) -> tuple[Act, ...]:
    """Who asks for an exemption first, if nobody did whom enough others may answer; who agrees."""
    for each in asked:
        if each.lock == lock.id and waits(each, authority):
            said = approvers(each, lock, authority, records) & people
            left = people - barred(each, authority, records) - said
            more = lock.terms.exempting - _number(said, authority)
            if 0 < more <= _number(left, authority):
                return (_approve(lock, left, more),)
    return _ask(lock), _approve(lock, people, lock.terms.exempting)


def called(lock: Lock) -> str:
    """What people call it, so that they know which of several is meant."""
    return quoted(f"{lock.kind.value} lock", lock.terms.title)


def _ask(lock: Lock) -> Act:
    """That somebody asks: nobody approves what they asked for."""
    told = f"Ask for an exemption from {called(lock)}, as somebody who does not approve it."
    return Act("exemption.request", description=told, subject=lock.id)


def _approve(lock: Lock, people: frozenset[str], count: int) -> Act:
    return Act(APPROVE, people, count, f"Exempt it from {called(lock)}.", subject=lock.id)


def _number(people: Iterable[str], authority: Authority) -> int:
    """How many different people these are."""
    return len(set(map(authority.first_account, people)))


def waiting(until: datetime | None, told: str) -> tuple[tuple[Act, ...], ...]:
    """That it ends by itself, whoever else could end it before, or exempt from it."""
    if until is None:
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
    end, ends = f"End {called(lock)}, or amend it.", f"Confirm that {called(lock)} ends"
    lift = partial(Act, LIFT, description=end, subject=lock.id)
    confirm = partial(Act, CONFIRM, description=f"{ends}, as a second person.", subject=lock.id)
    if lock.waiting is Waiting.LIFTING and (left := confirmers(lock, seconds, authority)):
        return ((confirm(frozenset(left)),),)
    own = able & {sole(lock)}
    alone = ((lift(own),),) if own else ()
    behind = {each: accounts((each,), authority, at) for each in able - own}
    first = frozenset(e for e, same in behind.items() if not same.issuperset(seconds))
    second = frozenset(e for e in seconds if any(e not in behind[each] for each in first))
    return (*alone, (lift(first), confirm(second)))
