"""Cadences and cycles of a playbook are read strictly, with the line of every fault."""

from __future__ import annotations

import pytest

from domain.calendar.cadence import Milestone, OnHoliday
from domain.calendar.recurrence import Recurrence
from domain.clash.clash import Cause, Severity
from domain.playbook.format import decode
from tests.domain.playbook_examples import assert_announced, faults, varied

TRAIN = """\
format = 1
name = "train"
title = "A train"
[[cadence]]
name = "tuesday"
title = "Every other Tuesday"
rrule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"
start = "2026-01-06T10:00"
zone = "Europe/Berlin"
on_holiday = "later"
holidays = ["DE-BY", "US"]
rest = ["SA", "SU"]
reach = 3
[[cadence.milestone]]
name = "freeze"
title = "Freeze"
days = -3
working = true
time = "09:30"
[[cycle]]
name = "cycle"
title = "A cycle"
cadence = "tuesday"
environments = ["one", "two"]
weeks = 2
[[cycle.shortcut]]
kind = "fix"
week = "off"
environment = "one"
effect = "deploy"
[[cycle.shortcut]]
kind = "fix"
week = "off"
environment = "two"
effect = "none"
[[cycle.shortcut]]
kind = "fix"
week = "release"
environment = "one"
effect = "replace"
[[cycle.shortcut]]
kind = "fix"
week = "release"
environment = "two"
effect = "none"
"""


def test_a_text_may_hold_cadences_alone() -> None:
    found = decode(TRAIN)
    cadence = found.cadence("tuesday")
    assert cadence is not None
    assert cadence.recurrence == Recurrence(
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-01-06T10:00", "Europe/Berlin"
    )
    assert (cadence.on_holiday, cadence.places, cadence.rest, cadence.reach) == (
        OnHoliday.LATER,
        ("DE-BY", "US"),
        ("SA", "SU"),
        3,
    )
    assert cadence.milestones == (Milestone("freeze", "Freeze", -3, working=True, time="09:30"),)
    cycle = found.cycle("cycle")
    assert cycle is not None
    assert (cycle.cadence, sorted(cycle.kinds), len(cycle.shortcuts)) == ("tuesday", ["fix"], 4)
    assert (found.cadence("nobody"), found.cycle("nobody")) == (None, None)


def test_what_is_left_out_is_keep_and_a_week() -> None:
    short = TRAIN[: TRAIN.index("on_holiday")]
    cadence = decode(short).cadence("tuesday")
    assert cadence is not None
    assert (cadence.on_holiday, cadence.reach, cadence.milestones) == (OnHoliday.KEEP, 7, ())


@pytest.mark.parametrize(
    "old, new",
    [
        (
            'rrule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"',
            'rrule = "FREQ=OFTEN" #! FREQ must be one of',
        ),
        (
            'rrule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"',
            'rrule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" #! nothing ever comes about',
        ),
        ('start = "2026-01-06T10:00"', 'start = "2026-03-29T02:30" #! never show 2026-03-29T02:30'),
        ('start = "2026-01-06T10:00"', 'start = "2026-10-25T02:30" #! twice'),
        ('start = "2026-01-06T10:00"', 'start = "soon" #! A wall time looks like'),
        ('zone = "Europe/Berlin"', 'zone = "Europe/Atlantis" #! no zone'),
        ('on_holiday = "later"', 'on_holiday = "tomorrow" #! on_holiday must be one of'),
        ('holidays = ["DE-BY", "US"]', 'holidays = ["DE-BYE"] #! No holidays are known'),
        ('rest = ["SA", "SU"]', 'rest = ["Sunday"] #! is none of MO'),
        ("reach = 3", "reach = 32 #! from 1 to 31"),
        ("days = -3", "days = -367 #! from -366 to 366"),
        ('time = "09:30"', 'time = "24:00" #! time of day'),
        ('time = "09:30"', 'colour = "red" #! unknown key'),
        ('cadence = "tuesday"', 'cadence = "friday" #! there is no cadence'),
        ("weeks = 2", "weeks = 0 #! from 1 to 52"),
        ("weeks = 2", "colour = 2 #! unknown key"),
    ],
)
def test_each_fault_is_told_on_its_line(old: str, new: str) -> None:
    assert_announced(varied(TRAIN, old, new))


def test_a_milestone_is_named_once() -> None:
    doubled = TRAIN.replace(
        "[[cycle]]", '[[cadence.milestone]]\nname = "freeze"\ntitle = "F"\ndays = 1\n[[cycle]]'
    )
    assert [each.partition(": ")[2] for each in faults(doubled)] == [
        "milestone 'freeze' is there 2 times"
    ] * 2


@pytest.mark.req("S4-20")
def test_a_short_cut_says_what_it_does_in_every_week_and_environment() -> None:
    short = TRAIN[: TRAIN.rindex("[[cycle.shortcut]]")]
    [fault] = faults(short)
    assert "fix does not say what it does in two (release)" in fault
    again = TRAIN + TRAIN[TRAIN.rindex("[[cycle.shortcut]]") :]
    assert len(faults(again)) == 2
    strange = TRAIN.rindex('environment = "two"')
    found = faults(TRAIN[:strange] + TRAIN[strange:].replace('"two"', '"three"'))
    assert any("no environment 'three'" in each for each in found)


def test_a_list_too_long_is_a_fault_and_is_not_worked_through() -> None:
    places = ", ".join(f'"US-{number}"' for number in range(90))
    found = faults(TRAIN.replace('"DE-BY", "US"', places))
    assert any("names more than 20" in each for each in found)


def test_how_grave_a_clash_is_may_be_said_for_each_cause() -> None:
    process = decode(TRAIN + '[clash]\nitem = "block"\nperson = "warn"\n')
    assert process.severities()[Cause.ITEM] is Severity.BLOCK
    assert process.severities()[Cause.UNKNOWN] is Severity.BLOCK
    assert_announced(TRAIN + '[clash]\nitem = "fatal" #! item must be one of')
    assert_announced(TRAIN + '[clash]\nmoon = "warn" #! unknown key')
    assert_announced(TRAIN + '[clash]\nunknown = "warn" #! what is unknown blocks')
