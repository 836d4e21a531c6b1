"""When the entries of the calendar are, once or again and again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from domain.calendar.entry_state import CalendarEntry, EntryPlan
from domain.calendar.recurring import opening, overlapping
from domain.calendar.window import Window
from domain.clash.clash import Dated
from domain.titles import quoted

UNKNOWN: Final = "calendar_unknown"
"""The code of a finding about an entry of which it is not known when it is."""


def is_untold(entry: CalendarEntry) -> bool:
    """Whether an entry begins again before it has ended, as none does that is new.

    There may be thousands of its times at once, so that no gate works them out: it is not known
    when it is.
    """
    repeats = entry.plan.repeats() if entry.plan else None
    return repeats is not None and overlapping(repeats)


def untold(entry: CalendarEntry) -> str:
    """That it is not known when an entry is, and what helps, in words."""
    return (
        f"{entry_title(entry)} begins again before it has ended, so that it is not known "
        "when it is: cancel it, and plan one that comes less often or is shorter."
    )


def entry_title(entry: CalendarEntry) -> str:
    """An entry by its title, where a sentence begins."""
    return quoted("Calendar entry", entry.plan.title if entry.plan else None)


def times_of(entry: CalendarEntry, since: datetime, until: datetime) -> tuple[Dated, ...]:
    """The times of an entry that touch the period; Refusal when there are too many to tell."""
    return tuple(each_time(entry, since, until))


def each_time(entry: CalendarEntry, since: datetime, until: datetime) -> Iterator[Dated]:
    """The same one by one, by when they begin; nothing is worked out beyond what is taken."""
    if entry.plan is None:
        return
    repeats, window = entry.plan.repeats(), entry.plan.window
    found = opening(repeats, since, until, window.zone_data) if repeats else (window,)
    for each in found:
        if each.since < until and since < each.until:
            yield _dated(entry, entry.plan, each)


def windows_of(entry: CalendarEntry, since: datetime, until: datetime) -> tuple[Dated, ...]:
    """The same for a maintenance window; where it does not touch the period, that there is one.

    One that is over and does not come again is none (S3-15).
    """
    times = times_of(entry, since, until)
    if times or entry.plan is None:
        return times
    to_come = entry.plan.rrule is not None or since < entry.plan.window.until
    return (_dated(entry, entry.plan, entry.plan.window),) if to_come else ()


def _dated(entry: CalendarEntry, plan: EntryPlan, window: Window) -> Dated:
    said = (entry.kind, plan.severity, plan.service, plan.environments)
    return Dated(entry.id, window.since, window.until, *said)
