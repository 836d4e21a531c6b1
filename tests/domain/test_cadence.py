"""Cadences: what becomes of a date on a holiday, by rule or by agreement, and why."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar.calendar import (
    HOLIDAY_DATA,
    Agreed,
    Cadence,
    Fate,
    Milestone,
    OnHoliday,
    Recurrence,
    check_cadence,
    days_off,
    due,
    following,
    holidays_on,
    known_place,
    occurrences,
)
from domain.kernel import Problems
from tests.domain.organisation import refused

NEW_YORK = "America/New_York"
TRAIN = Cadence(
    "train",
    "Two-week train",
    Recurrence("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2028-12-12T10:00", NEW_YORK),
    OnHoliday.SKIP,
    ("US",),
)
"""Christmas Day of 2029 is one of its dates."""


def year(number: int) -> tuple[datetime, datetime]:
    return datetime(number, 1, 1, tzinfo=UTC), datetime(number + 1, 1, 1, tzinfo=UTC)


def with_(rule: OnHoliday, rrule: str = "FREQ=WEEKLY;BYDAY=TU", **changes: object) -> Cadence:
    recurrence = Recurrence(rrule, "2029-01-02T10:00", NEW_YORK)
    given: dict[str, object] = {"on_holiday": rule, "places": ("US",), **changes}
    return Cadence("weekly", "Weekly", recurrence, **given)  # type: ignore[arg-type]


def on(cadence: Cadence, day: str, *agreed: Agreed) -> tuple[Fate, str | None, tuple[str, ...]]:
    """What became of the date planned for that day."""
    planned = datetime.fromisoformat(day).replace(tzinfo=UTC)
    around = timedelta(days=40)
    found = occurrences(cadence, planned - around, planned + around, agreed)
    [it] = [each for each in found if each.planned.local.date() == planned.date()]
    return it.fate, None if it.local is None else it.local.isoformat()[:16], it.reasons


@pytest.mark.req("S4-24", "S4-28")
@pytest.mark.parametrize(
    "rule, fate, local, last",
    [
        (OnHoliday.KEEP, Fate.KEPT, "2029-12-25T10:00", "2029-12-25 is Christmas Day (US)."),
        (OnHoliday.SKIP, Fate.SKIPPED, None, "Left out, as the rule says."),
        (OnHoliday.EARLIER, Fate.MOVED, "2029-12-24T10:00", "Moved earlier to 2029-12-24."),
        (OnHoliday.LATER, Fate.MOVED, "2029-12-26T10:00", "Moved later to 2029-12-26."),
    ],
)
def test_a_date_on_a_holiday_does_what_the_rule_says(
    rule: OnHoliday, fate: Fate, local: str | None, last: str
) -> None:
    got, where, why = on(with_(rule), "2029-12-25")
    assert (got, where) == (fate, local)
    assert (why[0], why[-1]) == ("2029-12-25 is Christmas Day (US).", last)


@pytest.mark.req("S4-08", "S4-24")
def test_a_train_keeps_its_step_past_a_date_that_was_left_out() -> None:
    found = occurrences(TRAIN, *year(2029))
    left_out = [each.planned.local.date() for each in found if each.fate is Fate.SKIPPED]
    assert left_out == [date(2029, 12, 25)]
    steps = [b.planned.local - a.planned.local for a, b in pairwise(found)]
    assert (len(found), set(steps)) == (26, {timedelta(days=14)})


def test_it_moves_past_everything_that_is_off_and_says_what() -> None:
    cadence = with_(OnHoliday.LATER, places=("GB-ENG",), rest=("SA", "SU", "TH", "FR"))
    _, local, why = on(cadence, "2029-12-25")
    assert local == "2029-12-31T10:00"
    assert why[1] == "2029-12-26 is Boxing Day (GB-ENG)."
    assert len(why) == 7


def test_it_moves_no_farther_than_it_may() -> None:
    cadence = with_(OnHoliday.LATER, places=("GB-ENG",), reach=1)
    fate, _, why = on(cadence, "2029-12-25")
    assert fate is Fate.SKIPPED
    assert why[-1] == "Left out: no working day within 1 days."


def test_of_two_dates_on_one_moment_the_planned_one_stands() -> None:
    daily = with_(OnHoliday.LATER, "FREQ=DAILY")
    assert on(daily, "2029-12-25")[0] is Fate.MERGED
    assert on(daily, "2029-12-26")[0] is Fate.KEPT


def test_a_day_of_rest_is_off_like_a_holiday() -> None:
    cadence = with_(OnHoliday.EARLIER, "FREQ=MONTHLY;BYMONTHDAY=1", places=(), rest=("SA", "SU"))
    assert on(cadence, "2029-09-01")[1] == "2029-08-31T10:00"


def test_the_wall_time_is_kept_when_a_date_moves_over_a_change_of_clocks() -> None:
    recurrence = Recurrence("FREQ=DAILY", "2029-01-01T02:30", "Europe/Berlin")
    cadence = Cadence("d", "D", recurrence, OnHoliday.EARLIER, (), ("SU",))
    [sunday] = [
        each
        for each in occurrences(
            cadence, datetime(2029, 3, 23, tzinfo=UTC), datetime(2029, 3, 26, tzinfo=UTC)
        )
        if each.planned.local.day == 25
    ]
    assert sunday.fate is Fate.MERGED


@pytest.mark.req("S4-09", "S4-24")
def test_what_was_agreed_goes_before_the_rule() -> None:
    moved = Agreed("2029-12-25T10:00", "2029-12-20T09:00", "The whole team is away.", "entry")
    assert on(with_(OnHoliday.SKIP), "2029-12-25", moved) == (
        Fate.MOVED,
        "2029-12-20T09:00",
        ("Agreed: The whole team is away.",),
    )
    dropped = Agreed("2029-12-18T10:00", None, "Nobody is there.")
    assert on(with_(OnHoliday.KEEP), "2029-12-18", dropped)[0] is Fate.SKIPPED


def test_a_date_that_was_agreed_to_move_far_is_found_where_it_is() -> None:
    far = Agreed("2029-03-06T10:00", "2029-09-05T10:00", "After the fair.")
    day = datetime(2029, 9, 5, tzinfo=UTC)
    [found] = occurrences(with_(OnHoliday.SKIP), day, day + timedelta(days=1), [far])
    assert (found.fate, found.planned.local.month) == (Fate.MOVED, 3)


def test_a_date_that_moved_over_the_edge_is_in_the_period_it_moved_to() -> None:
    cadence = with_(OnHoliday.LATER)
    christmas = datetime(2029, 12, 25, tzinfo=UTC)
    day = timedelta(days=1)
    assert occurrences(cadence, christmas, christmas + day) == ()
    assert len(occurrences(cadence, christmas + day, christmas + 2 * day)) == 1


@pytest.mark.req("X-03")
def test_milestones_are_counted_in_days_or_in_working_days() -> None:
    monthly = with_(
        OnHoliday.KEEP,
        "FREQ=MONTHLY;BYDAY=3TH",
        rest=("SA", "SU"),
        milestones=(
            Milestone("tag", "Candidate tagged", -2, time="15:00"),
            Milestone("before", "Patch before", -8),
            Milestone("after", "Patch after", 6),
            Milestone("review", "Review", 3, working=True),
            Milestone("freeze", "Freeze", -5, working=True),
        ),
    )
    [november] = occurrences(
        monthly, datetime(2029, 11, 10, tzinfo=UTC), datetime(2029, 11, 20, tzinfo=UTC)
    )
    found = {each.milestone.name: each.local.isoformat()[5:16] for each in due(monthly, november)}
    assert found == {
        "tag": "11-13T15:00",
        "before": "11-07T10:00",
        "after": "11-21T10:00",
        "review": "11-20T10:00",
        "freeze": "11-07T10:00",  # the 12th is Veterans Day, observed
    }
    assert due(TRAIN, next(each for each in occurrences(TRAIN, *year(2029)) if not each.at)) == ()


def test_what_comes_next_stands() -> None:
    christmas = datetime(2029, 12, 24, tzinfo=UTC)
    found = following(with_(OnHoliday.SKIP), christmas, 2)
    assert [each.local.date() for each in found if each.local] == [
        date(2030, 1, 8),
        date(2030, 1, 15),
    ]
    rare = Cadence("r", "R", Recurrence("FREQ=YEARLY;INTERVAL=9", "2029-01-02T10:00", "UTC"))
    [far] = following(rare, christmas)
    assert far.planned.local.year == 2038
    over = Cadence("o", "O", Recurrence("FREQ=DAILY;UNTIL=20290105", "2029-01-02T10:00", "UTC"))
    assert following(over, christmas) == ()


@given(
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=2WE,4WE"]),
    st.sampled_from(OnHoliday),
    st.sampled_from([("US",), ("DE-BY", "US"), ("JP",)]),
    st.sets(st.sampled_from(["SA", "SU", "MO"])),
    st.integers(0, 700),
)
def test_no_date_stands_on_a_day_off_and_none_is_lost(
    rrule: str, rule: OnHoliday, places: tuple[str, ...], rest: set[str], begin: int
) -> None:
    cadence = with_(rule, rrule, places=places, rest=tuple(sorted(rest)))
    low = datetime(2029, 1, 2, tzinfo=UTC) + timedelta(days=begin)
    found = occurrences(cadence, low, low + timedelta(days=60))
    standing = [each.at for each in found if each.at]
    assert len(set(standing)) == len(standing)
    for each in found:
        assert low <= each.place < low + timedelta(days=60)
        off = bool(days_off(cadence, each.planned.local.date()))
        assert (each.fate is Fate.KEPT) == (rule is OnHoliday.KEEP or not off)
        if each.local and rule is not OnHoliday.KEEP:
            assert days_off(cadence, each.local.date()) == ()
        assert bool(each.reasons) == off


# What is refused.


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"places": ("ZZ",)}, "unknown_holidays"),
        ({"places": ("DE-ZZ",)}, "unknown_holidays"),
        ({"places": ("de",)}, "unknown_holidays"),
        ({"places": ("../DE",)}, "unknown_holidays"),
        ({"places": ()}, "no_days_off"),
        ({"rest": ("XX",)}, "unknown_weekday"),
        ({"rest": ("MO", "TU", "WE", "TH", "FR", "SA", "SU")}, "no_days_left"),
        ({"reach": 0}, "out_of_range"),
        ({"reach": 32}, "out_of_range"),
        ({"places": ("US",) * 21}, "too_many"),
        ({"milestones": (Milestone("m", "M", 367),)}, "out_of_range"),
        ({"milestones": (Milestone("m", "M", 1, time="25:00"),)}, "unreadable_time"),
        ({"milestones": (Milestone("m", "M", 1, time="9:00"),)}, "unreadable_time"),
    ],
)
def test_a_cadence_that_cannot_be_kept_is_refused(changes: dict[str, object], code: str) -> None:
    problems = Problems()
    check_cadence(problems, with_(OnHoliday.LATER, "FREQ=DAILY", **changes))
    assert [each.code for each in problems] == [code]


def test_a_year_whose_holidays_nobody_knows_is_no_year_without_holidays() -> None:
    with refused("unknown_holidays"):
        days_off(TRAIN, date(2150, 1, 1))
    with refused("unknown_holidays"):
        holidays_on(date(2029, 1, 1), ("DE-ZZ",))


# Holidays.


def test_the_version_of_the_data_is_that_of_the_package() -> None:
    from holidays.version import __version__

    assert __version__ == HOLIDAY_DATA


def test_a_region_has_the_holidays_of_its_country_and_its_own() -> None:
    assert [each.name for each in holidays_on(date(2026, 1, 6), ("DE", "DE-BY"))] == ["Epiphany"]
    unity = holidays_on(date(2026, 10, 3), ("DE", "DE-BY", "US"))
    assert [each.place for each in unity] == ["DE", "DE-BY"]
    assert known_place("GB-SCT")


@pytest.mark.real
@pytest.mark.req("S4-24")
def test_holidays_are_those_that_were_published(real_data: Path) -> None:
    """Every published row is found, and no other holiday of these countries in these years."""
    rows = map(json.loads, (real_data / "public-holidays.jsonl").read_text().splitlines())
    published: dict[str, dict[str, str]] = {}
    for row in rows:
        place = "-".join(filter(None, (row["country"], row["subdivision"])))
        published.setdefault(place, {})[row["date"]] = row["name"]
    assert sum(map(len, published.values())) == 1154
    for place, days in published.items():
        first, last = min(days), max(days)
        day = date(int(first[:4]), 1, 1)
        found: dict[str, str] = {}
        while day <= date(int(last[:4]), 12, 31):
            found |= {each.day.isoformat(): each.name for each in holidays_on(day, (place,))}
            day += timedelta(days=1)
        assert found == days, place
