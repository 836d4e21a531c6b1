"""Locks that are short alone, and together with those beside them lock something for long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Final

from domain.lock.recurrence import Span, spans_between
from domain.lock.state import Kind, Lock, Terms
from domain.lock.timing import buffered, within

AHEAD: Final = timedelta(days=400)
"""How far ahead locks are looked at."""
FOR_EVER: Final = timedelta(days=366)
"""What locks for as long as this without a pause counts as never pausing."""
PAUSE: Final = 200
"""A gap is a pause from a two-hundredth of the longer time that is locked beside it on."""
DAY: Final = timedelta(days=1)
Run = tuple[datetime, datetime]
"""A time that is locked, from when until when."""
_SCOPES: Final[tuple[Callable[[Terms], tuple[str, ...]], ...]] = (
    lambda terms: terms.environments,
    lambda terms: terms.services,
    lambda terms: terms.projects,
)


def too_long_beside(terms: Terms, at: datetime, active: Iterable[Lock], most: timedelta) -> bool:
    """Whether with this lock something would be locked without a pause for longer than `most`.

    Beside locks that nobody confirmed any longer time counts, since one person may have declared
    them all; beside confirmed ones only a time without end. What is locked as long without this
    lock does not count.
    """
    known = [each for each in active if _alike(each.terms.kind, terms.kind)]
    begin = max(at, terms.since or at)
    own = _spans(terms, at, begin, begin + AHEAD)
    if not own or own[-1].until is None:
        return False
    since, until = own[0].since - most - DAY, own[-1].until + most + DAY
    places = list(_places(terms, known))
    near = {each.id: each.terms for beside in places for each in beside}
    times = {id: _spans(said, at, since, until) for id, said in near.items()}
    for beside in places:
        alone = [each for each in beside if each.confirmed_by is None]
        if _longest(own, [s for each in alone for s in times[each.id]], until) > most:
            return True
        if _longest(own, [s for each in beside for s in times[each.id]], until) > max(
            most, FOR_EVER
        ):
            return True
    return False


def _alike(one: Kind, other: Kind) -> bool:
    """Whether both are about merging, or neither is."""
    return (one is Kind.MERGE) is (other is Kind.MERGE)


def _places(terms: Terms, known: Sequence[Lock]) -> Iterator[list[Lock]]:
    """For each place that the lock covers: the other locks that cover it, too."""
    around = (_largest(_around(scope, terms, known)) for scope in _SCOPES)
    sets = {one & two & three for one, two, three in product(*around)}
    for ids in sorted(map(sorted, _largest(sets))):
        yield [each for each in known if each.id in ids]


def _largest(sets: set[frozenset[str]]) -> list[frozenset[str]]:
    """The sets that are part of no other of these."""
    return [each for each in sets if not any(each < other for other in sets)]


def _around(
    scope: Callable[[Terms], tuple[str, ...]], terms: Terms, known: Sequence[Lock]
) -> set[frozenset[str]]:
    """For each name of one kind of scope: the locks that cover it. None stands for every other."""
    named = {name for each in known for name in scope(each.terms)}
    touched: Iterable[str | None] = scope(terms) or (None, *named)
    return {
        frozenset(each.id for each in known if not scope(each.terms) or name in scope(each.terms))
        for name in touched
    }


def _longest(own: Iterable[Span], others: Sequence[Span], end: datetime) -> timedelta:
    """The longest time without a pause that there is with the lock, and not without it."""
    before = set(_without_pause(_runs(others, end)))
    fresh = (e for e in _without_pause(_runs((*own, *others), end)) if e not in before)
    return max((until - since for since, until in fresh), default=timedelta())


def _without_pause(runs: Iterable[Run]) -> Iterator[Run]:
    """The same, those taken together between which the gap is too short to be a pause."""
    whole: Run | None = None
    last = timedelta()
    for since, until in runs:
        longer = max(last, until - since)
        if whole is not None and (since - whole[1]) * PAUSE < longer:
            whole = whole[0], until
        else:
            if whole is not None:
                yield whole
            whole = since, until
        last = until - since
    if whole is not None:
        yield whole


def _runs(spans: Iterable[Span], end: datetime) -> Iterator[Run]:
    """Each time without a pause in these spans, from when until when; spans that touch are one."""
    run: Run | None = None
    for each in sorted(spans, key=lambda span: span.since):
        until = end if each.until is None else min(each.until, end)
        if run is not None and each.since <= run[1]:
            run = run[0], max(run[1], until)
        else:
            if run is not None:
                yield run
            run = each.since, until
    if run is not None:
        yield run


def _spans(terms: Terms, at: datetime, since: datetime, until: datetime) -> list[Span]:
    """When a lock of these terms locks in the period, buffer included."""
    if terms.recurrence is None:
        every: Iterable[Span] = (Span(terms.since or at, terms.until),)
    else:
        every = spans_between(terms.recurrence, since, until)
    kept = (found for each in every if (found := within(each, terms)) is not None)
    locked = (buffered(each, terms, at) for each in kept)
    return [e for e in locked if e.since <= until and (e.until is None or since <= e.until)]
