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
from domain.playbook.aggregate import adopted, process

_OVER: Final = "date_over"
_STAYS: Final = "The date is over: what went by it stays as it was."


def cadence_named(context: Context, playbook: str, name: str) -> Cadence:
    """The cadence as the adopted playbook has it; refused where there is none."""
    current = adopted(context.records, playbook)
    if current is None:
        raise refusal("unknown_playbook", "No playbook of this name is adopted.", "playbook")
    found = process(current.body).cadence(name)
    if found is None:
        raise refusal("unknown_cadence", "The playbook has no such cadence.", "cadence")
    return found


def moved(
    context: Context,
    cadence: Cadence,
    playbook: str,
    planned: LocalTime,
    instead: LocalTime | None,
) -> MovedDate:
    """The agreement in the cadence's zone, once the rule gives the date and nobody moved it.

    Gates go by dates that are over: these stay, and none is moved to where it would be over.
    """
    problems = Problems()
    near = beats(cadence.recurrence, planned.at, planned.at.replace(microsecond=999_999))
    if not near:
        raise refusal("unknown_date", "The cadence has no such date.", "planned")
    zone = ZoneInfo(cadence.recurrence.zone)
    date = near[0].local.isoformat()
    entries = context.records.find(CalendarEntry, playbook=playbook, planned_local=date)
    same = [each for each in entries if each.date and each.date.cadence == cadence.name]
    taken = any(each.cancelled_at is None for each in same)
    problems.unless(not taken, "date_moved_already", "Another agreement stands.", "planned")
    ahead = taken or _ahead(cadence, near[0], same, context.at)
    problems.unless(ahead, _OVER, _STAYS, "planned")
    if instead is not None:
        check_clock(problems, instead.clock, "instead")
        other = instead.at != near[0].at
        problems.unless(other, "date_unchanged", "That is the date it has.", "instead")
        ahead = instead.at > context.at
        problems.unless(ahead, _OVER, "A date moves to a time still to come.", "instead")
    problems.settle()
    there = None if instead is None else _in_zone(instead, zone)
    data = (planned.zone_data, HOLIDAY_DATA)
    return MovedDate(playbook, cadence.name, date, near[0].at, zone.key, there, *data)


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
