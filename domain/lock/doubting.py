"""What makes a lock look like a slip, for which it takes a second person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.lock.beside import too_long_beside
from domain.lock.state import Doubt, Kind, Lock, Status, Terms
from domain.lock.timing import longest, over, slips

LONGEST_UNKNOWN: Final = timedelta(days=31)
"""The longest lock of a kind of which there was none before that needs no second person."""
FAR: Final = 3
"""A lock is far longer than its kind's history from so many times the longest of it."""
LATE: Final = timedelta(minutes=5)
"""How long after its beginning a lock may be declared without a doubt."""


def doubts(
    terms: Terms, at: datetime, history: Iterable[Lock], active: Iterable[Lock]
) -> tuple[Doubt, ...]:
    """What makes a lock look like a slip: no end, a time that has passed, or far too long.

    Far too long it may be by itself, by the `history` of its kind, or beside those in force.
    """
    known = tuple(history)
    found = []
    if terms.until is None and terms.recurrence is None:
        found.append(Doubt.WITHOUT_END)
    if over(terms, at) or (terms.since is not None and terms.since < at - LATE):
        found.append(Doubt.IN_THE_PAST)
    lasts, agreed = longest(terms, at), _agreed(terms.kind, known)
    alone = lasts is None or lasts > _most(terms.kind, known)
    if alone or too_long_beside(terms, at, active, max([LONGEST_UNKNOWN, *agreed])):
        found.append(Doubt.FAR_LONGER)
    return tuple(found)


def _most(kind: Kind, history: Sequence[Lock]) -> timedelta:
    """How long a lock of this kind may be without a doubt.

    So many times the longest that never raised one, but no longer than the first of its kind might
    be: else each step of one person would allow the next. As long as two agreed on before, it may
    be, too.
    """
    known = _settled(kind, history)
    alone = [_lasts(each) for each in known if not slips(each.doubts)]
    most = min(FAR * max(alone), LONGEST_UNKNOWN) if any(alone) else LONGEST_UNKNOWN
    return max([most, *_agreed(kind, history)])


def _agreed(kind: Kind, history: Sequence[Lock]) -> list[timedelta]:
    """How long those of the kind were that two agreed on."""
    return [_lasts(e) for e in _settled(kind, history) if e.confirmed_by is not None]


def _settled(kind: Kind, history: Sequence[Lock]) -> list[Lock]:
    settled = (Status.ACTIVE, Status.LIFTED, Status.OVER)
    return [each for each in history if each.kind is kind and each.status in settled]


def _lasts(lock: Lock) -> timedelta:
    """How long it locked without a pause; one that never pauses is no measure for others."""
    return longest(lock.terms, lock.declared_at) or timedelta()
