"""Locks side by side: what one person makes of several is looked at as one."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from domain.lock.beside import too_long_beside
from domain.lock.recurrence import Boundary, Every, Recurrence
from domain.lock.state import Doubt, Kind, Lock, Status, Terms
from domain.lock.timing import on
from tests.domain.given import DAY, NOON
from tests.domain.organisation import HOUR, MAX, OWEN, Story, refused
from tests.domain.test_lock import HARD, declared
from tests.domain.test_lock_times import recurring, rules

__all__ = ["rules"]

BASE: Final = replace(HARD, since=None, until=None)
FIRST: Final = Recurrence(Every.WEEK, Boundary("00:00", weekday=1), Boundary("00:00", weekday=5))
REST: Final = Recurrence(Every.WEEK, Boundary("00:00", weekday=5), Boundary("00:00", weekday=1))
SOME: Final = Recurrence(Every.WEEK, Boundary("01:00", weekday=5), Boundary("00:00", weekday=1))
EARLY: Final = Recurrence(Every.MONTH, Boundary("00:00", day=1), Boundary("00:00", day=16))
LATE: Final = Recurrence(Every.MONTH, Boundary("00:00", day=16), Boundary("00:00", day=1))
SPRING: Final = Recurrence(
    Every.YEAR, Boundary("00:00", month=1, day=1), Boundary("00:00", month=1, day=31)
)
AFTER: Final = Recurrence(
    Every.YEAR, Boundary("00:00", month=1, day=31), Boundary("00:00", month=2, day=4)
)


def beside(terms: Terms, *others: Terms, confirmed: bool = False) -> Story:
    """A lock that is declared where these are in force."""
    told = [declared(each, subject=f"{number}" * 32) for number, each in enumerate(others, 2)]
    for each in told:
        if confirmed and each.state.doubts:
            each.ask(MAX, "confirm")
    states = [replace(each.state, status=Status.ACTIVE) for each in told]
    return declared(terms, *states)


@pytest.mark.req("S0-12")
@pytest.mark.parametrize(
    "first,second,far",
    [
        ({"recurrence": FIRST}, {"recurrence": REST}, True),
        ({"recurrence": FIRST}, {"recurrence": SOME}, False),
        ({"recurrence": FIRST}, {"recurrence": SOME, "buffer_hours": 1}, True),
        ({"recurrence": FIRST, "kind": Kind.SOFT}, {"recurrence": REST}, True),
        ({"recurrence": FIRST, "environments": ()}, {"recurrence": REST}, True),
        ({"recurrence": FIRST}, {"recurrence": REST, "environments": ()}, True),
        (
            {"recurrence": FIRST},
            {"recurrence": REST, "environments": ("staging", "production")},
            True,
        ),
        ({"recurrence": FIRST}, {"recurrence": REST, "environments": ("staging",)}, False),
        ({"recurrence": FIRST}, {"recurrence": REST, "services": ("billing",)}, True),
        (
            {"recurrence": FIRST, "services": ("shop",)},
            {"recurrence": REST, "services": ("billing",)},
            False,
        ),
        ({"recurrence": EARLY}, {"recurrence": LATE}, True),
        ({"recurrence": SPRING}, {"recurrence": AFTER}, True),
        (
            {"recurrence": FIRST, "until": NOON + 20 * DAY},
            {"recurrence": REST, "until": NOON + 20 * DAY},
            False,
        ),
        (
            {"since": NOON, "until": NOON + 20 * DAY},
            {"since": NOON + 20 * DAY, "until": NOON + 31 * DAY},
            False,
        ),
        (
            {"since": NOON, "until": NOON + 20 * DAY},
            {"since": NOON + 20 * DAY, "until": NOON + 32 * DAY},
            True,
        ),
        (
            {"since": NOON + 20 * DAY, "until": NOON + 32 * DAY},
            {"since": NOON, "until": NOON + 20 * DAY},
            True,
        ),
        (
            {"since": NOON, "until": NOON + 20 * DAY},
            {"since": NOON + 20 * DAY + 3 * HOUR, "until": NOON + 32 * DAY},
            False,
        ),
        (
            {"since": NOON, "until": NOON + 20 * DAY},
            {"since": NOON + 20 * DAY + 2 * HOUR, "until": NOON + 32 * DAY},
            True,
        ),
    ],
)
def test_a_lock_is_as_long_as_with_those_beside_it(
    first: dict[str, Any], second: dict[str, Any], far: bool
) -> None:
    story = beside(replace(BASE, **second), replace(BASE, **first))
    assert (Doubt.FAR_LONGER in story.state.doubts) is far
    assert story.state.status is (Status.PROPOSED if far else Status.ACTIVE)
    if far:
        with refused("needs_second_person"):
            story.ask(OWEN, "confirm")
        story.ask(MAX, "confirm")


@pytest.mark.req("S0-12")
def test_a_gap_far_shorter_than_what_is_locked_beside_it_is_no_pause() -> None:
    second, fortnight = timedelta(seconds=1), timedelta(days=15)
    row = [NOON + each * (fortnight + second) for each in range(3)]
    terms = [replace(BASE, kind=Kind.SOFT, since=e, until=e + fortnight) for e in row]
    assert beside(terms[1], terms[0]).state.doubts == ()
    assert beside(terms[2], terms[0], terms[1]).state.doubts == (Doubt.FAR_LONGER,)
    least = replace(terms[0], since=row[1], until=row[1] + 60 * second)
    after = replace(terms[0], since=row[1] + 61 * second, until=row[1] + 17 * DAY)
    assert beside(after, terms[0], least).state.doubts == (Doubt.FAR_LONGER,)


@pytest.mark.req("S0-12")
@pytest.mark.parametrize("opens,far", [("00:01", True), ("00:45", True), ("01:00", False)])
def test_a_week_without_a_pause_is_for_ever_by_itself(opens: str, far: bool) -> None:
    week = Recurrence(Every.WEEK, Boundary(opens, weekday=1), Boundary("00:00", weekday=1))
    story = declared(replace(BASE, kind=Kind.SOFT, recurrence=week))
    assert (Doubt.FAR_LONGER in story.state.doubts) is far
    assert story.state.status is (Status.PROPOSED if far else Status.ACTIVE)
    if far:
        story.ask(MAX, "confirm")
        assert story.state.status is Status.ACTIVE


@pytest.mark.req("S0-12")
def test_three_are_looked_at_together_and_what_adds_nothing_is_not() -> None:
    week = timedelta(days=14)
    terms = [
        replace(BASE, since=NOON + each * week, until=NOON + (each + 1) * week) for each in range(3)
    ]
    assert beside(terms[1], terms[0]).state.doubts == ()
    assert beside(terms[1], terms[0], terms[2]).state.doubts == (Doubt.FAR_LONGER,)
    inside = replace(BASE, since=NOON + DAY, until=NOON + 2 * DAY)
    assert beside(inside, *terms).state.doubts == ()


@pytest.mark.req("S0-12")
def test_beside_what_two_agreed_on_one_locks_for_a_while_but_not_for_ever() -> None:
    long = replace(BASE, since=NOON, until=NOON + 60 * DAY)
    next_to_it = replace(BASE, since=NOON + 60 * DAY, until=NOON + 62 * DAY)
    assert beside(next_to_it, long, confirmed=True).state.doubts == ()
    buffered = replace(BASE, recurrence=FIRST, buffer_hours=0)
    rest = replace(BASE, recurrence=REST)
    story = beside(buffered)
    agreed = replace(story.state, confirmed_by=MAX, confirmed_at=NOON)
    assert declared(rest, agreed, subject="2" * 32).state.doubts == (Doubt.FAR_LONGER,)


@pytest.mark.req("S0-12")
def test_an_amendment_that_closes_the_gap_waits() -> None:
    first = beside(replace(BASE, recurrence=FIRST)).state
    story = declared(replace(BASE, recurrence=SOME), first, subject="2" * 32)
    assert story.state.doubts == ()
    story.ask(OWEN, "amend", terms=replace(BASE, recurrence=REST))
    assert (story.state.waiting, story.state.doubts) == ("amendment", (Doubt.FAR_LONGER,))
    assert story.state.terms.recurrence == SOME


@pytest.mark.real
@pytest.mark.req("S0-12", "S0-13")
def test_the_locks_of_a_real_company_are_in_no_more_doubt_side_by_side(rules: Any) -> None:
    """Each is entered by one person as it was alone, in whichever order."""
    whole = [recurring(rules, id) for id in ("weekend", "us-thanksgiving", "end-of-year")]
    friday = Recurrence(Every.WEEK, Boundary("00:00", weekday=5), Boundary("00:00", weekday=6))
    weekend = Recurrence(Every.WEEK, Boundary("00:00", weekday=6), Boundary("00:00", weekday=1))
    extra = [
        Terms(title, Kind.SOFT, recurrence=each) for title, each in (("F", friday), ("W", weekend))
    ]
    dates = [
        Terms("Release date", Kind.SOFT, since=NOON + each * DAY, until=NOON + (each + 1) * DAY)
        for each in (1, 22, 50, 85)
    ]
    every = [*whole, *extra, *dates]
    assert {each["reason"] for each in rules["runner_team_extra_locks"]} == {"Friday", "Weekend"}
    for order in range(20):
        mixed = random.Random(order).sample(every, len(every))
        known: list[Lock] = []
        for number, terms in enumerate(mixed):
            beside_it = [replace(each, terms=each.terms) for each in known]
            assert not too_long_beside(terms, NOON, beside_it, timedelta(days=31)), terms
            known.append(replace(declared(terms).state, id=f"{number:032x}", status=Status.ACTIVE))


@pytest.mark.req("S0-12")
@pytest.mark.parametrize("seed", range(25))
def test_it_agrees_with_looking_at_every_hour(seed: int) -> None:
    """Whether two weekly locks leave a gap, or two of once touch, hour by hour."""
    chance = random.Random(seed)

    def edge() -> Boundary:
        return Boundary(f"{chance.choice((0, 6, 12, 18)):02d}:00", weekday=chance.randint(1, 7))

    def some() -> Terms:
        since, until = edge(), edge()
        while since == until:
            until = edge()
        return replace(BASE, recurrence=Recurrence(Every.WEEK, since, until))

    one, other = some(), some()
    hours = [NOON + each * HOUR for each in range(24 * 7)]

    def locked(terms: Terms, at: datetime) -> bool:
        return on(terms, at) is not None

    for_ever = all(locked(one, at) or locked(other, at) for at in hours)
    known = replace(declared(other).state, id="9" * 32, status=Status.ACTIVE)
    assert too_long_beside(one, NOON, [known], timedelta(days=31)) is for_ever
