"""When a lock is on, when it is announced, and when it is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from domain.lock.recurrence import Span, spans_from, spans_near
from domain.lock.state import Doubt, Terms

STEP: Final = timedelta(days=7)
"""How far apart the moments are around which the spans of a period are looked for."""


def spans(terms: Terms, at: datetime) -> tuple[Span, ...]:
    """The spans of the lock around a moment, without buffer, earliest first."""
    if terms.recurrence is None:
        return (Span(terms.since or at, terms.until),)
    near = spans_near(terms.recurrence, at)
    return tuple(found for each in near if (found := within(each, terms)) is not None)


def within(span: Span, terms: Terms) -> Span | None:
    """The part of a span that lies in the time from the first to the last of a recurring lock."""
    since = span.since if terms.since is None else max(span.since, terms.since)
    ends = [each for each in (span.until, terms.until) if each is not None]
    until = min(ends) if ends else None
    return Span(since, until) if until is None or since < until else None


def on(terms: Terms, at: datetime) -> Span | None:
    """The span in which it locks at this moment, buffer included; None while it is off."""
    buffer = _buffer(terms)
    locked = (Span(each.since - buffer, each.until) for each in spans(terms, at + buffer))
    return next((each for each in locked if each.holds(at)), None)


def spans_within(terms: Terms, since: datetime, until: datetime) -> tuple[Span, ...]:
    """The spans in which it locks that touch the period, buffer included, earliest first."""
    buffer, at = _buffer(terms), since
    found: dict[datetime, Span] = {}
    while at < until + buffer + STEP:
        found |= {each.since: each for each in spans(terms, at)}
        at += STEP
    locked = (Span(found[each].since - buffer, found[each].until) for each in sorted(found))
    return tuple(e for e in locked if e.since < until and (e.until is None or since < e.until))


def announced(terms: Terms, at: datetime) -> Span | None:
    """The span that is announced at this moment: it locks later, within the warning time.

    The warning time is counted back from when the lock begins, not from when it starts to lock.
    """
    ahead = timedelta(hours=terms.warning_hours)
    buffer = _buffer(terms)
    for each in _ahead(terms, at, at + max(buffer, ahead)):
        if at < each.since and each.since + buffer - ahead <= at:
            return each
    return None


def _ahead(terms: Terms, at: datetime, until: datetime) -> tuple[Span, ...]:
    """The spans in which it locks that come next, up to one that begins at `until`."""
    if terms.recurrence is not None:
        return spans_within(terms, at, until + STEP)
    return tuple(Span(each.since - _buffer(terms), each.until) for each in spans(terms, at))


def over(terms: Terms, at: datetime) -> bool:
    """Whether it will never lock again."""
    return terms.until is not None and terms.until <= at


def never_locks(terms: Terms, at: datetime) -> bool:
    """Whether it recurs at no time between its first and its last: of what began, since then."""
    if terms.recurrence is None:
        return False
    first = terms.since or at
    coming, known = spans_from(terms.recurrence, first), replace(terms, since=first)
    return all(within(each, known) is None for each in coming)


def slips(doubts: Iterable[Doubt]) -> tuple[Doubt, ...]:
    """Those of the doubts that say it looks like a slip; that it takes away is no slip."""
    return tuple(each for each in doubts if each is not Doubt.TAKES_AWAY)


def longest(terms: Terms, at: datetime) -> timedelta | None:
    """How long it locks without a pause, buffer included; None where it never pauses.

    Spans that touch are one. Of a lock that says no end and comes but once nothing is known.
    """
    telling = _telling(terms, at)
    kept = [found for each in telling if (found := within(each, terms)) is not None]
    runs = _runs(terms, at, kept)
    if terms.recurrence is not None and len(runs) == 1 and kept[-1] == telling[-1]:
        return None if terms.until is None else terms.until - runs[0].since
    known = (each.until - each.since for each in runs if each.until is not None)
    return max(known, default=timedelta())


def _runs(terms: Terms, at: datetime, spans: Iterable[Span]) -> list[Span]:
    """When it locks in these spans, buffer included; those that touch are taken together."""
    runs: list[Span] = []
    for each in spans:
        locked = buffered(each, terms, at)
        last = runs[-1] if runs else None
        if last is not None and last.until is not None and locked.since <= last.until:
            runs[-1] = Span(last.since, each.until)
        else:
            runs.append(locked)
    return runs


def buffered(span: Span, terms: Terms, at: datetime) -> Span:
    """The span with its buffer, of which what is past locks nothing where it comes but once."""
    begins = span.since - _buffer(terms)
    if terms.recurrence is None:
        begins = max(begins, min(span.since, at))
    return Span(begins, span.until)


def _telling(terms: Terms, at: datetime) -> tuple[Span, ...]:
    """The spans that tell how long each of it lasts, first and last left aside, earliest first."""
    if terms.recurrence is None:
        return spans(terms, at)
    return spans_from(terms.recurrence, at if terms.since is None else max(at, terms.since))


def _buffer(terms: Terms) -> timedelta:
    return timedelta(hours=terms.buffer_hours)
