"""The calendar, for whoever asks it: recurrences, recurring windows, holidays and cadences.

What a playbook or a person writes down:

* `Recurrence(rrule, start, zone)`: when something comes about, on the wall clock of a zone.
  `FREQ=WEEKLY;INTERVAL=2;BYDAY=TU`, `FREQ=MONTHLY;BYDAY=2WE,4WE`, `FREQ=MONTHLY;BYDAY=3TH`,
  `FREQ=HOURLY`, `FREQ=DAILY;BYHOUR=6,12,18;BYMINUTE=0`, `FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20`.
* `RecurringWindow(recurrence, minutes)`: the same, with how long it lasts on the wall clock.
* `Cadence(name, title, recurrence, on_holiday, places, rest, reach, milestones)`: a recurrence
  that gives way to days off, with what is due before and after.

`check_recurrence`, `check_recurring` and `check_cadence` note what is wrong, with stable codes.
What passed them may be asked:

* `beats(recurrence, since, until)` and `first(recurrence, since)`: the times themselves;
* `openings(window, since, until, zone_data)` and `open_at(window, at, zone_data)`: windows;
* `occurrences(cadence, since, until, agreed)` and `following(cadence, after, number)`: dates with
  what became of each and why; `due(cadence, occurrence)`: its milestones; `days_off(cadence, day)`;
* `holidays_on(day, places)` and `known_place(place)`: public holidays of `US`, `DE-BY`, ...

Periods are half-open, moments UTC. Nothing here reads a clock: the zone data version is the
caller's to give, that of the holidays is `HOLIDAY_DATA`; both belong in every event that keeps a
date worked out here. Whatever is asked is bounded: ten years and 10,000 dates a question.
"""

from __future__ import annotations

from domain.calendar.cadence import (
    Agreed,
    Cadence,
    Due,
    Fate,
    Milestone,
    Occurrence,
    OnHoliday,
    check_cadence,
    days_off,
    due,
    following,
    occurrences,
)
from domain.calendar.holiday import HOLIDAY_DATA, Holiday, holidays_on, known_place
from domain.calendar.recurrence import (
    Beat,
    Recurrence,
    beats,
    check_recurrence,
    first,
    wall,
)
from domain.calendar.recurring import RecurringWindow, check_recurring, open_at, openings

__all__ = [
    "HOLIDAY_DATA",
    "Agreed",
    "Beat",
    "Cadence",
    "Due",
    "Fate",
    "Holiday",
    "Milestone",
    "Occurrence",
    "OnHoliday",
    "Recurrence",
    "RecurringWindow",
    "beats",
    "check_cadence",
    "check_recurrence",
    "check_recurring",
    "days_off",
    "due",
    "first",
    "following",
    "holidays_on",
    "known_place",
    "occurrences",
    "open_at",
    "openings",
    "wall",
]
