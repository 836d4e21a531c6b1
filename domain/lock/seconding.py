"""Who may confirm what waits of a lock, and when nobody has to."""

from __future__ import annotations

from collections.abc import Iterable

from domain.authority import Authority
from domain.authorship import accounts, lost, others
from domain.kernel import Context
from domain.lock.state import Lifting, Lock, Waiting, Word


def alone(state: Lock, context: Context) -> bool:
    """Whether nobody but who asks, under this very account, ever had a hand in it.

    What they lock out once for a time, they may take back. What comes again is relied upon, and
    takes two.
    """
    return context.behalf is None and context.by == sole(state)


def sole(state: Lock) -> str | None:
    """The account that alone had a hand in a lock that does not come again, if one did."""
    if state.confirmed_by is not None or state.terms.recurrence is not None:
        return None
    return state.contributors[0] if len(state.contributors) == 1 else None


def involved(state: Lock, authority: Authority) -> frozenset[str]:
    """The accounts of those who are no second person to what waits.

    To what it says, whoever wrote on it; to its end, which nobody writes, who asked for that.
    """
    if state.waiting is Waiting.LIFTING and state.lifting is not None:
        asked = filter(None, (state.lifting.by, state.lifting.behalf))
        return accounts(asked, authority, state.lifting.at)
    return accounts(state.contributors, authority, state.declared_at)


def asked(state: Lock) -> Lifting | Word | None:
    """Whose word waits for that of a second person: on what it says, or on its end."""
    return state.lifting if state.waiting is Waiting.LIFTING else state.word


def is_void(state: Lock, authority: Authority) -> bool:
    """Whether something waits that nobody may confirm: who asked for it may not any more."""
    first = asked(state) if state.waiting else None
    if first is None:
        return False
    others = first.other_grants
    return lost((first.by, first.behalf), first.grant, authority, others=others)


def confirmers(state: Lock, people: Iterable[str], authority: Authority) -> tuple[str, ...]:
    """Those of the people, whom the policy lets ask, whose word would confirm what waits."""
    if state.waiting is None or is_void(state, authority):
        return ()
    return others(people, involved(state, authority), authority)
