"""Moving a date of a cadence by agreement: ahead of it, and to a time that is still to come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.calendar.cadence import Cadence, occurrences
from domain.calendar.entry_state import CalendarEntry, MovedDate
from domain.calendar.holiday import HOLIDAY_DATA
from domain.calendar.recurrence import Beat, beats
from domain.calendar.window import LocalTime, check_clock, clock_of, moment_of
from domain.kernel import Context, Problems, refusal
from domain.playbook.aggregate import process
from domain.playbook.naming import book_named
from domain.settled import settled

_OVER: Final = "date_over"
_AHEAD: Final = "A date moves to a time still to come."
_STAYS: Final = "The date is over: what went by it stays as it was."


def cadence_named(problems: Problems, context: Context, playbook: str, name: str) -> Cadence | None:
    """The cadence as the adopted playbook has it; noted where there is none."""
    current = book_named(problems, context.records, playbook)
    found = process(current.body).cadence(name) if current else None
    message = "The playbook has no such cadence."
    problems.unless(current is None or found, "unknown_cadence", message, "cadence")
    return found


def moved(
    problems: Problems,
    context: Context,
    cadence: Cadence | None,
    *,
    playbook: str,
    planned: LocalTime,
    instead: LocalTime | None,
) -> MovedDate:
    """The agreement in the cadence's zone, once the rule gives the date and nobody moved it.

    Gates go by dates that are over: these stay, and none is moved to where it would be over. What
    is wrong is refused with whatever was noted before.
    """
    if instead is not None:
        check_clock(problems, instead.clock, "instead")
        problems.unless(instead.at > context.at, _OVER, _AHEAD, "instead")
    beat = None if cadence is None else _beat(problems, cadence, planned)
    if cadence is not None and beat is not None:
        _check_date(problems, context, (cadence, beat), playbook, instead)
    found, near = settled(problems, cadence), settled(problems, beat)
    zone = ZoneInfo(found.recurrence.zone)
    there = None if instead is None else _in_zone(instead, zone)
    data = (planned.zone_data, HOLIDAY_DATA)
    local = near.local.isoformat()
    return MovedDate(playbook, found.name, local, near.at, zone.key, there, *data)


def _beat(problems: Problems, cadence: Cadence, planned: LocalTime) -> Beat | None:
    near = beats(cadence.recurrence, planned.at, planned.at.replace(microsecond=999_999))
    problems.unless(near, "unknown_date", "The cadence has no such date.", "planned")
    return near[0] if near else None


def _check_date(
    problems: Problems,
    context: Context,
    named: tuple[Cadence, Beat],
    playbook: str,
    instead: LocalTime | None,
) -> None:
    """Note a date that was moved before or is over, and one that is to be where it is."""
    cadence, beat = named
    date = beat.local.isoformat()
    entries = context.records.find(CalendarEntry, playbook=playbook, planned_local=date)
    same = [each for each in entries if each.date and each.date.cadence == cadence.name]
    taken = any(each.cancelled_at is None for each in same)
    problems.unless(not taken, "date_moved_already", "Another agreement stands.", "planned")
    ahead = taken or _ahead(cadence, beat, same, context.at)
    problems.unless(ahead, _OVER, _STAYS, "planned")
    other = instead is None or instead.at != beat.at
    problems.unless(other, "date_unchanged", "That is the date it has.", "instead")


def _ahead(cadence: Cadence, planned: Beat, agreed: Iterable[CalendarEntry], at: datetime) -> bool:
    """Whether a date is still to come: by its rule, or by what was agreed as its rule's was there.

    So what was put back too late may be agreed anew.
    """
    reach = timedelta(days=cadence.reach + 1)
    near = occurrences(cadence, planned.at - reach, planned.at + reach)
    own = next((each for each in near if each.planned.local == planned.local), None)
    if own is not None and own.place > at:
        return True
    kept = (e for e in agreed if e.cancelled_at is not None and e.cancelled_at >= planned.at)
    dates = (each.date.instead for each in kept if each.date is not None)
    return any(each is not None and each.at > at for each in dates)


def check_put_back(date: MovedDate, context: Context) -> None:
    """Refuse to undo an agreement about a date that went by as it was agreed."""
    agreed = date.planned_at if date.instead is None else date.instead.at
    if agreed <= context.at:
        raise refusal(_OVER, _STAYS)


def _in_zone(time: LocalTime, zone: ZoneInfo) -> LocalTime:
    """The same moment on the clocks of another zone."""
    local = time.at.astimezone(zone).replace(tzinfo=None, fold=0)
    if moment_of(local, zone) != time.at:
        raise refusal("repeated_local_time", "There, clocks show this time twice.", "instead")
    return LocalTime(time.at, local.isoformat(), zone.key, clock_of(local, zone), time.zone_data)
