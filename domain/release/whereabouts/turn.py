"""A moment in a release cycle, and the dates around it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from domain.calendar.cadence import Agreed, Cadence, Occurrence, occurrences
from domain.calendar.entry_state import CalendarEntry, EntryKind
from domain.kernel import Records
from domain.process.cycle import Cycle, Place, place_in_cycle, week_of
from domain.process.process import Process


class Turn(NamedTuple):
    """A moment in a cycle: the cycle, its dates around the moment, and where it stands in it."""

    at: datetime
    cycle: Cycle
    dates: tuple[Occurrence, ...]
    place: Place | None
    cadence: Cadence

    @property
    def week(self) -> datetime | None:
        """The Monday of the week that this cycle began with, by the cadence's zone."""
        if self.place is None:
            return None
        return week_of(self.cadence, self.at) - timedelta(weeks=self.place.week - 1)


def turn(book: Process, name: str, at: datetime, records: Records) -> Turn:
    """The moment in the cycle of this name; LookupError when the playbook has none."""
    found = book.cycle(name)
    cadence = book.cadence(found.cadence) if found else None
    if found is None or cadence is None:
        raise LookupError(f"the playbook has no cycle {name}")
    reach = timedelta(weeks=2 * found.weeks, days=cadence.reach)
    around = (at - reach, at + reach)
    dates = occurrences(cadence, *around, agreed(book.name, cadence, records))
    return Turn(at, found, dates, place_in_cycle(cadence, dates, at), cadence)


def agreed(playbook: str, cadence: Cadence, records: Records) -> tuple[Agreed, ...]:
    """What was agreed about dates of a cadence (S4-09)."""
    entries = records.find(CalendarEntry, kind=EntryKind.MOVED_DATE, active=True)
    return tuple(
        each.agreed
        for each in entries
        if each.agreed is not None
        and each.date is not None
        and (each.date.playbook, each.date.cadence) == (playbook, cadence.name)
    )
