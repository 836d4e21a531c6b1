"""What the calendar answers with: its items, and what there was no room for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Annotated, Final

from domain.calendar.cadence import Fate
from domain.kernel import Refusal

MOST: Final = 1_000
"""The most items one answer holds."""
MOST_NAMED: Final = 100
"""The most sources that are named as left out."""


class AgendaKind(StrEnum):
    """What an item of the calendar is.

    CHANGE: a change, by its window. ENTRY: a maintenance window or a business event. DATE: one of a
    cadence. MILESTONE: what is due by such a date, or by that of a release. LOCK: a time in which
    a lock is in force. RELEASE: the date of a release.
    """

    CHANGE = "change"
    ENTRY = "entry"
    DATE = "date"
    MILESTONE = "milestone"
    LOCK = "lock"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """Something in the calendar: half-open from `since` to `until`, which are equal for a moment.

    A date that was left out stands where it would have been, with the reasons.
    """

    kind: Annotated[AgendaKind, "What it is."]
    title: Annotated[str | None, "What it is called. Null once erased."]
    since: Annotated[datetime, "When it begins."]
    until: Annotated[datetime, "When it ends."]
    change: Annotated[str | None, "The change, if it is one."] = None
    entry: Annotated[str | None, "The entry it is, or by which it was moved."] = None
    playbook: Annotated[str | None, "The playbook of a cadence, by name."] = None
    cadence: Annotated[str | None, "The cadence, in the playbook's words."] = None
    milestone: Annotated[str | None, "The milestone, in the playbook's words."] = None
    fate: Annotated[Fate | None, "What became of a cadence's date."] = None
    reasons: Annotated[tuple[str, ...], "Why a date moved or was left out."] = ()
    lock: Annotated[str | None, "The lock, if it is one."] = None
    release: Annotated[str | None, "The release it is, or is due for."] = None


@dataclass(frozen=True, slots=True)
class AgendaLeftOut:
    """What is in the period and not among the items: ask about the time from `since` on for it.

    One cadence, one lock or entry that comes again, or else everything of its kind.
    """

    kind: Annotated[AgendaKind, "What is left out; milestones of a cadence along with its dates."]
    since: Annotated[datetime, "From when on; what begins earlier is there."]
    title: Annotated[str | None, "What it is called, if it is one thing. Null once erased."] = None
    entry: Annotated[str | None, "The entry that comes again, if it is one."] = None
    playbook: Annotated[str | None, "The playbook of a cadence, by name."] = None
    cadence: Annotated[str | None, "The cadence, in the playbook's words."] = None
    lock: Annotated[str | None, "The lock that comes again, if it is one."] = None


@dataclass(frozen=True, slots=True)
class Agenda:
    """The items of a period, by when they begin; `complete` is false when there were too many.

    What comes rarely is there nonetheless: what comes more often shares the room that is left, and
    `left_out` says of what is cut from when on.
    """

    items: tuple[AgendaItem, ...]
    complete: Annotated[bool, "Whether everything is there."]
    left_out: Annotated[
        tuple[AgendaLeftOut, ...], "What is cut short, the first 100 of these by when."
    ] = ()


@dataclass(slots=True)
class Source:
    """Items of one thing, or of one kind, by when they begin; none where these are too many.

    `about` says what is left out where that is all of it.
    """

    about: AgendaLeftOut
    items: Iterator[AgendaItem] | None


def shared(sources: Iterable[Source]) -> Agenda:
    """The items of all sources; where there are too many, each gets as much room as any other.

    What needs less leaves the rest to the others. No more is worked out than the answer holds, and
    one of each source that is cut. Of one that has more than can be worked out, nothing is told.
    """
    found: list[AgendaItem] = []
    unknown: list[AgendaLeftOut] = []
    waiting = [*sources]
    while waiting and len(found) < MOST:
        room = max(1, (MOST - len(found)) // len(waiting))
        going, waiting = waiting, []
        for each in going:
            few = min(room, MOST - len(found))
            taken = _taken(each, few, unknown)
            found += taken
            if len(taken) == few:
                waiting.append(each)
    cut = [
        replace(each.about, since=item.since)
        for each in waiting
        for item in _taken(each, 1, unknown)
    ]
    left = [*unknown, *cut]
    found.sort(key=_order)
    left.sort(key=_order)
    return Agenda(tuple(found), not left, tuple(left[:MOST_NAMED]))


def _order(each: AgendaItem | AgendaLeftOut) -> tuple[datetime, AgendaKind, str]:
    return each.since, each.kind, each.title or ""


def _taken(source: Source, number: int, unknown: list[AgendaLeftOut]) -> list[AgendaItem]:
    """The next items of a source; where there are more than are worked out at once, it is left."""
    try:
        if source.items is not None:
            return list(islice(source.items, number))
    except Refusal:
        pass
    unknown.append(source.about)
    return []
