"""What takes away from a lock in force, which no one person does alone (S0-12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from domain.lock.recurrence import repeats_within
from domain.lock.state import Countersign, Kind, Running, Terms
from domain.lock.timing import over

AS_STRICT: Final[Mapping[Kind, frozenset[Kind]]] = {
    Kind.SOFT: frozenset((Kind.SOFT, Kind.HARD)),
    Kind.HARD: frozenset((Kind.HARD,)),
    Kind.MERGE: frozenset((Kind.MERGE,)),
}
"""The kinds that keep everything from happening that a kind does."""


def weakens(before: Terms, after: Terms, at: datetime) -> bool:
    """Whether something may happen from the moment on, or more easily, that was kept from it.

    Where that cannot be told it is taken for so (X-05). Of a lock that is over nothing is left to
    take away.
    """
    if over(before, at):
        return False
    return (
        _softens(before, after)
        or _narrows(before, after)
        or _exempts(before, after)
        or _shortens(before, after, at)
    )


def _softens(before: Terms, after: Terms) -> bool:
    """Whether it lets more go on where and while it is on."""
    strict = after.kind in AS_STRICT[before.kind]
    spared = frozenset(after.spares) <= frozenset(before.spares)
    halts = before.running is Running.GOES_ON or after.running is Running.HALTS
    signed = before.countersign is Countersign.AFTERWARDS or after.countersign is Countersign.BEFORE
    return not (strict and spared and halts and signed)


def _narrows(before: Terms, after: Terms) -> bool:
    """Whether it is about less; what names nothing is about everything."""
    scopes = (
        (before.environments, after.environments),
        (before.services, after.services),
        (before.projects, after.projects),
    )
    return any(now and (not was or not set(was) <= set(now)) for was, now in scopes)


def _exempts(before: Terms, after: Terms) -> bool:
    """Whether anybody may exempt from it who could not, or fewer are enough."""
    more = not frozenset(after.exempters) <= frozenset(before.exempters)
    return more or (bool(after.exempters) and after.exempting < before.exempting)


def _shortens(before: Terms, after: Terms, at: datetime) -> bool:
    """Whether it is off at a time from the moment on at which it would have been on.

    A lock that comes again is measured against one that does, span by span: whether it does at all
    decides who may end it, so that changing this is never a trifle.
    """
    ends = after.until is not None and (before.until is None or after.until < before.until)
    begins = after.since is not None and after.since > max(at, before.since or at)
    if ends or begins or after.buffer_hours < before.buffer_hours:
        return True
    was, now = before.recurrence, after.recurrence
    if was is None or now is None:
        return was is not now
    earlier = timedelta(hours=after.buffer_hours - before.buffer_hours)
    return not repeats_within(was, now, at, earlier)
