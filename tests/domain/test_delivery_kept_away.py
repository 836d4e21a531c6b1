"""Hours that locks and critical changes kept deployments away: worked out by hand, and by looking.

Every test looks at the month of March, from what was known long after it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.change.state import Change
from domain.change.state import Status as ChangeStatus
from domain.delivery import blockers
from domain.delivery.blockers import BlockerHours
from domain.delivery.happening import Happening, Period
from domain.delivery.intervals import Stage, places
from domain.delivery.kept_away import OF_SOME, locked, under_way
from domain.delivery.report import Recorded, report
from domain.lock.recurrence import Boundary, Every, Recurrence
from domain.lock.state import Kind, Lock, Status, Terms
from domain.lock.timing import on
from tests.domain.test_delivery import BEGIN, DAY, HOUR, MARCH, happened
from tests.domain.test_deployment import change

WEEKEND = Recurrence(Every.WEEK, Boundary("01:00", weekday=6), Boundary("21:00", weekday=7))
HERE = happened("environment.defined", "e", -DAY)
Story = list[tuple[timedelta, Lock]]


def hard(**more: Any) -> Lock:
    """A hard lock in force, everywhere and always unless more is said."""
    terms = Terms("No releases now", **({"kind": Kind.HARD} | more))
    return Lock("l", 1, Status.ACTIVE, terms.kind, terms, 1, "owen", BEGIN)


def stages(name: str, *moves: tuple[timedelta, Any]) -> list[Stage[Any]]:
    """How something stood from so long after the beginning of March on, event by event."""
    return [Stage(f"{name}{at}", BEGIN + after, s) for at, (after, s) in enumerate(moves)]


def cost(
    *stories: list[Stage[Lock]],
    there: tuple[Happening, ...] = (HERE,),
    service: str | None = None,
    period: Period = MARCH,
) -> tuple[BlockerHours, ...]:
    """What these locks cost where these environments stood."""
    losses = locked(stories, places(there, (), period), period, service)
    return blockers.lost((), period, losses)


def hours(found: tuple[BlockerHours, ...]) -> list[tuple[str, str, str | None]]:
    return [(each.cause, each.environment, each.hours.value) for each in found]


@pytest.mark.req("S0-13", "S0-25", "S0-28", "X-06")
def test_a_lock_costs_the_hours_in_which_it_was_in_force_and_on() -> None:
    lock = hard(since=BEGIN + HOUR, until=BEGIN + 9 * HOUR, buffer_hours=1)
    lifted = replace(lock, status=Status.LIFTED)
    (whole,) = cost(stages("a", (-DAY, lock)))
    assert (whole.hours.value, whole.hours.sources) == ("9.00", ("a0..",))
    (cut,) = cost(stages("a", (-DAY, lock), (4 * HOUR, lifted)))
    assert (cut.hours.value, cut.hours.sources) == ("4.00", ("a0..a1",))
    assert cut.hours.definition == blockers.HOURS
    assert blockers.HOURS.version == 3
    proposed = replace(lock, status=Status.PROPOSED)
    (confirmed,) = cost(stages("a", (-DAY, proposed), (7 * HOUR, lock)))
    assert (confirmed.hours.value, confirmed.hours.sources) == ("2.00", ("a1..",))
    assert cost(stages("a", (-DAY, proposed))) == ()


@pytest.mark.req("S0-13")
def test_a_lock_that_says_something_else_costs_what_it_said_when_it_said_it() -> None:
    first, second = hard(until=BEGIN + 10 * HOUR), hard(until=BEGIN + 30 * HOUR, kind=Kind.SOFT)
    waits = replace(first, proposal=second.terms)
    story = stages("a", (0 * HOUR, first), (2 * HOUR, waits), (4 * HOUR, second))
    found = cost(story)
    assert hours(found) == [
        ("hard_locked", "production", "4.00"),
        ("soft_locked", "production", "26.00"),
    ]
    assert [each.hours.sources for each in found] == [("a0..a2",), ("a2..",)]


@pytest.mark.req("S0-13", "S0-28")
def test_locks_that_overlap_count_once_and_merge_locks_never() -> None:
    one = stages("a", (-DAY, hard(since=BEGIN, until=BEGIN + 6 * HOUR)))
    two = stages("b", (-DAY, hard(since=BEGIN + 4 * HOUR, until=BEGIN + 9 * HOUR)))
    merging = stages("c", (-DAY, hard(kind=Kind.MERGE, until=BEGIN + DAY)))
    within = stages("d", (-DAY, hard(since=BEGIN + 5 * HOUR, until=BEGIN + 8 * HOUR)))
    (found,) = cost(one, two, merging, within)
    assert (found.hours.value, found.hours.sources) == ("9.00", ("a0..", "b0.."))


@pytest.mark.req("S0-13")
def test_a_lock_costs_where_it_locks_while_that_stands() -> None:
    later = happened("environment.defined", "f", 2 * HOUR, place="new")
    gone = happened("environment.defined", "g", -DAY, place="old")
    retired = happened("environment.retired", "g", 3 * HOUR, place="old")
    there = (HERE, later, gone, retired)
    day = {"since": BEGIN, "until": BEGIN + 8 * HOUR}
    assert hours(cost(stages("a", (-DAY, hard(**day))), there=there)) == [
        ("hard_locked", "new", "6.00"),
        ("hard_locked", "old", "3.00"),
        ("hard_locked", "production", "8.00"),
    ]
    again = (*there, happened("environment.reinstated", "g", 6 * HOUR, place="old"))
    assert ("hard_locked", "old", "5.00") in hours(
        cost(stages("a", (-DAY, hard(**day))), there=again)
    )
    named = hard(environments=("new", "never"), **day)
    assert hours(cost(stages("a", (-DAY, named)), there=there)) == [("hard_locked", "new", "6.00")]


@pytest.mark.req("S0-13", "X-06")
def test_a_lock_of_some_services_counts_for_these_and_is_told_as_excluded_of_all() -> None:
    story = stages("a", (-DAY, hard(services=("till",), since=BEGIN, until=BEGIN + HOUR)))
    assert hours(cost(story, service="till")) == [("hard_locked", "production", "1.00")]
    assert cost(story, service="billing") == ()
    (found,) = cost(story)
    assert (found.hours.value, found.hours.count) == ("0.00", 0)
    assert [(each.reason, each.count) for each in found.hours.excluded] == [(OF_SOME, 1)]


@pytest.mark.req("S0-13", "X-06")
@given(
    at=st.lists(st.integers(-30, 400), min_size=1, max_size=5, unique=True),
    buffer=st.integers(0, 5),
    known=st.integers(0, 400),
    recurs=st.booleans(),
    active=st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_hours_locked_against_looking_every_hour(
    at: list[int], buffer: int, known: int, recurs: bool, active: list[bool]
) -> None:
    moves = []
    for number, hour in enumerate(sorted(at)):
        recurrence = WEEKEND if recurs else None
        lock = hard(
            since=BEGIN + number * DAY,
            until=BEGIN + (number + 9) * DAY,
            recurrence=recurrence,
            buffer_hours=buffer,
        )
        status = Status.ACTIVE if active[number] else Status.PROPOSED
        moves.append((hour * HOUR, replace(lock, status=status)))
    period = Period(BEGIN, BEGIN + 300 * HOUR, known=BEGIN + known * HOUR)
    moves = [each for each in moves if BEGIN + each[0] <= period.known] or moves[:0]
    found = cost(stages("a", *moves), period=period)
    expected = sum(_locks(moves, BEGIN + hour * HOUR) for hour in range(min(300, known)))
    assert sum(each.hours.numerator or 0 for each in found) == expected * 3_600


def _locks(moves: Story, at: datetime) -> bool:
    stood = [lock for after, lock in moves if BEGIN + after <= at]
    return bool(stood) and stood[-1].status is Status.ACTIVE and bool(on(stood[-1].terms, at))


# Changes.


@pytest.mark.req("S0-13", "S0-28", "X-06")
def test_a_critical_change_costs_the_time_from_its_start_to_its_end_on_hold_too() -> None:
    drafted = change(ChangeStatus.SCHEDULED, environments=("production", "elsewhere"))
    going, held, back = (
        replace(drafted, status=each, started_at=BEGIN - HOUR)
        for each in (ChangeStatus.IMPLEMENTING, ChangeStatus.ON_HOLD, ChangeStatus.SCHEDULED)
    )
    done = replace(going, status=ChangeStatus.REVIEW, finished_at=BEGIN + 9 * HOUR)
    moves = ((-DAY, drafted), (-HOUR, going), (2 * HOUR, held), (5 * HOUR, back), (9 * HOUR, done))
    story = stages("c", *moves)

    def lost(*critical: tuple[str, str]) -> tuple[BlockerHours, ...]:
        recorded = Recorded((), environments=[HERE], under_way=[story], critical=critical)
        return report(recorded, MARCH, service="till", target=HOUR).blocker_hours

    (found,) = lost((drafted.playbook, "normal"))
    assert hours((found,)) == [("critical_change_under_way", "production", "9.00")]
    assert found.hours.sources == ("c1..c4",)
    assert lost((drafted.playbook, "standard"), ("another", "normal")) == ()


@pytest.mark.req("S0-13")
def test_critical_changes_at_once_count_once_and_what_goes_on_counts_up_to_now() -> None:
    going: Change = change(ChangeStatus.IMPLEMENTING, environments=("production",))
    one, two = stages("c", (HOUR, going)), stages("d", (2 * HOUR, going))
    period = Period(BEGIN, BEGIN + 31 * DAY, known=BEGIN + 5 * HOUR)
    losses = under_way((one, two), places((HERE,), (), period), period, lambda _: True)
    (found,) = blockers.lost((), period, losses)
    assert (found.hours.value, found.hours.sources) == ("4.00", ("c0..",))
