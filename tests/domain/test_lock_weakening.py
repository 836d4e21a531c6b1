"""What takes away from a lock takes two people; what adds to it, or is one's own, does not."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from domain.lock.aggregate import AGGREGATE
from domain.lock.recurrence import Boundary, Every, Recurrence
from domain.lock.seconding import confirmers
from domain.lock.state import Countersign, Doubt, Kind, Lock, Running, Status, Terms, Waiting
from domain.lock.timing import on
from domain.lock.weakening import weakens
from domain.principal.state import Former
from tests.domain.given import DAY, NOON, authority
from tests.domain.organisation import HOUR, MAX, OWEN, PEOPLE, ROBOT, SUE, person, refused
from tests.domain.test_lock import HARD, MERGE, declared

SOFT = replace(HARD, kind=Kind.SOFT, spares=("canary", "docs"))
STRICT = replace(
    HARD,
    running=Running.HALTS,
    countersign=Countersign.BEFORE,
    buffer_hours=3,
    services=("billing", "search"),
    exempters=(SUE, MAX),
    exempting=2,
)
AHEAD = replace(HARD, since=NOON + DAY, until=NOON + 3 * DAY)


def week(begins: str, on: int, ends: str, off: int, **more: Any) -> Terms:
    """A lock of every week, from a weekday to a weekday."""
    edges = (Boundary(begins, weekday=on), Boundary(ends, weekday=off))
    return Terms("Week-end", Kind.HARD, recurrence=Recurrence(Every.WEEK, *edges), **more)


def year(since: Boundary, until: Boundary, **more: Any) -> Terms:
    """A lock of every year."""
    return Terms("Feast", Kind.HARD, recurrence=Recurrence(Every.YEAR, since, until), **more)


WEEKEND = week("20:00", 5, "06:00", 1, buffer_hours=2, environments=("production",))
FEAST = year(Boundary("00:00", month=12, day=20), Boundary("09:00", month=1, day=5))
THANKS = year(
    Boundary("22:00", month=11, weekday=4, nth=4, offset_days=-1),
    Boundary("02:00", month=11, weekday=4, nth=4, offset_days=5),
)


LESS: list[tuple[Terms, dict[str, Any]]] = [
    (HARD, {"until": NOON + DAY - HOUR}),
    (AHEAD, {"since": NOON + DAY + HOUR}),
    (STRICT, {"buffer_hours": 2}),
    (STRICT, {"services": ("billing",)}),
    (HARD, {"environments": ("staging",)}),
    (HARD, {"services": ("billing",)}),
    (MERGE, {"projects": ("a/b",)}),
    (SOFT, {"spares": ("canary", "docs", "tests")}),
    (HARD, {"kind": Kind.SOFT}),
    (HARD, {"kind": Kind.MERGE, "environments": ()}),
    (SOFT, {"kind": Kind.MERGE, "environments": (), "spares": ()}),
    (MERGE, {"kind": Kind.HARD}),
    (STRICT, {"exempters": (SUE, MAX, OWEN)}),
    (STRICT, {"exempters": (SUE, OWEN)}),
    (HARD, {"exempters": (SUE,)}),
    (STRICT, {"exempting": 1}),
    (STRICT, {"running": Running.GOES_ON}),
    (STRICT, {"countersign": Countersign.AFTERWARDS}),
    (HARD, {"recurrence": WEEKEND.recurrence}),
    (WEEKEND, {"recurrence": None, "since": NOON}),
    (WEEKEND, {"until": NOON + 300 * DAY}),
    (WEEKEND, {"since": NOON + HOUR}),
    (WEEKEND, {"recurrence": week("21:00", 5, "06:00", 1).recurrence}),
    (WEEKEND, {"recurrence": week("20:00", 5, "05:59", 1).recurrence}),
    (WEEKEND, {"recurrence": week("20:00", 1, "06:00", 4).recurrence}),
    (WEEKEND, {"recurrence": FEAST.recurrence}),
    (FEAST, {"recurrence": WEEKEND.recurrence}),
    (FEAST, {"recurrence": THANKS.recurrence}),
]
HARMLESS = {"title", "warning_hours"}
"""The terms of a lock that keep nothing from happening."""


@pytest.mark.req("S0-12")
@pytest.mark.parametrize("before,more", LESS)
def test_less_than_a_lock_in_force_is_less(before: Terms, more: dict[str, Any]) -> None:
    assert weakens(before, replace(before, **more), NOON)


def test_every_term_of_a_lock_can_be_less_or_keeps_nothing_from_happening() -> None:
    """A term that is added to locks is weighed, or it is said here that it need not be."""
    weighed = {name for _, more in LESS for name in more}
    assert weighed | HARMLESS == {each.name for each in fields(Terms)}
    assert weighed.isdisjoint(HARMLESS)


@pytest.mark.parametrize(
    "before,more",
    [
        (HARD, {}),
        (HARD, {"title": "A better title", "warning_hours": 5}),
        (HARD, {"until": NOON + 2 * DAY}),
        (HARD, {"until": None}),
        (HARD, {"since": NOON - DAY}),
        (HARD, {"environments": ("production", "staging")}),
        (HARD, {"environments": ()}),
        (HARD, {"running": Running.HALTS, "countersign": Countersign.BEFORE, "buffer_hours": 2}),
        (AHEAD, {"since": NOON}),
        (SOFT, {"spares": ("docs",)}),
        (SOFT, {"kind": Kind.HARD, "spares": ()}),
        (STRICT, {"exempters": (), "exempting": 1}),
        (replace(STRICT, exempting=1), {"exempters": (SUE,)}),
        (replace(WEEKEND, until=NOON + DAY), {"until": NOON + 2 * DAY}),
        (replace(WEEKEND, until=NOON + DAY), {"until": None}),
        (WEEKEND, {"since": NOON - DAY}),
        (WEEKEND, {"recurrence": week("19:00", 5, "06:00", 1).recurrence}),
        (WEEKEND, {"recurrence": week("20:00", 4, "07:00", 1).recurrence}),
        (WEEKEND, {"recurrence": week("22:00", 5, "06:00", 1).recurrence, "buffer_hours": 4}),
    ],
)
def test_as_much_or_more_is_not(before: Terms, more: dict[str, Any]) -> None:
    assert not weakens(before, replace(before, **more), NOON)


def test_a_year_is_measured_by_every_year_there_is() -> None:
    """The fourth Thursday is the 22nd to the 28th: no fewer days hold it in every year."""

    def around(first: int, last: int) -> Terms:
        since = Boundary("00:00", month=11, day=first)
        return year(since, Boundary("00:00", month=12, day=last))

    day = Boundary("00:00", month=11, weekday=4, nth=4)
    after = Boundary("00:00", month=11, weekday=4, nth=4, offset_days=3)
    thanks = year(day, after)
    assert not weakens(thanks, around(22, 1), NOON)
    assert weakens(thanks, around(23, 1), NOON)
    assert weakens(around(22, 1), thanks, NOON)
    longer = year(Boundary("00:00", month=12, day=19), Boundary("09:00", month=1, day=6))
    assert not weakens(FEAST, longer, NOON)
    assert weakens(longer, FEAST, NOON)


def test_nothing_is_left_to_take_from_a_lock_that_is_over() -> None:
    over = replace(HARD, until=NOON)
    assert not weakens(over, replace(over, environments=("staging",)), NOON)


SOME: list[Terms] = [
    HARD,
    AHEAD,
    replace(AHEAD, buffer_hours=30),
    WEEKEND,
    replace(WEEKEND, since=NOON + 5 * DAY, until=NOON + 20 * DAY),
    week("20:00", 4, "06:00", 2, buffer_hours=2, since=NOON + DAY, environments=("production",)),
    week("00:00", 6, "00:00", 1, buffer_hours=40, environments=("production",)),
]


@pytest.mark.parametrize("before", SOME)
@pytest.mark.parametrize("after", SOME)
def test_what_is_not_less_is_on_whenever_the_other_was(before: Terms, after: Terms) -> None:
    """Hour by hour over five weeks: the rule may call too much less, and never too little."""
    hours = [NOON + each * HOUR for each in range(24 * 35)]
    lost = [each for each in hours if on(before, each) and not on(after, each)]
    assert weakens(before, after, NOON) or not lost


# Two people.


@pytest.mark.req("S0-12")
def test_what_takes_away_waits_and_the_lock_stays_on_as_it_was() -> None:
    story = declared()
    story.ask(MAX, "amend", terms=replace(HARD, environments=("staging",)))
    state: Lock = story.state
    assert (state.status, state.terms, state.waiting) == (Status.ACTIVE, HARD, Waiting.AMENDMENT)
    assert state.doubts == (Doubt.TAKES_AWAY,)
    for who in (MAX, OWEN):
        with refused("needs_second_person"):
            story.ask(who, "confirm")
    story.ask(SUE, "confirm")
    assert (story.state.terms.environments, story.state.waiting) == (("staging",), None)
    assert (story.state.doubts, story.state.confirmed_by) == ((), SUE)


def test_a_second_amendment_takes_the_place_of_the_one_that_waits() -> None:
    story = declared()
    story.ask(MAX, "amend", terms=replace(HARD, until=NOON + HOUR))
    seen = story.state.revision
    story.ask(SUE, "amend", terms=replace(HARD, kind=Kind.SOFT))
    assert story.state.revision > seen
    assert story.state.proposal.kind is Kind.SOFT
    for who in (MAX, SUE, OWEN):
        with refused("needs_second_person"):
            story.ask(who, "confirm")
    story.ask(MAX, "amend", terms=replace(HARD, until=NOON + 2 * DAY))
    assert (story.state.terms.until, story.state.waiting) == (NOON + 2 * DAY, None)
    assert story.ask(SUE, "amend", terms=story.state.terms) == []


@pytest.mark.req("S0-12")
def test_a_lock_is_lifted_by_two_and_stays_on_until_then() -> None:
    story = declared()
    story.ask(MAX, "lift", reason="I want to deploy.")
    state: Lock = story.state
    assert (state.status, state.waiting, state.terms) == (Status.ACTIVE, Waiting.LIFTING, HARD)
    assert state.lifting is not None
    assert (state.lifting.by, state.lifting.reason) == (MAX, "I want to deploy.")
    with refused("needs_second_person"):
        story.ask(MAX, "confirm")
    with refused("not_a_person"):
        story.ask(ROBOT, "confirm")
    story.ask(SUE, "confirm")
    state = story.state
    assert (state.status, state.ended_by, state.confirmed_by) == (Status.LIFTED, SUE, SUE)
    assert (state.ended_because, state.waiting) == ("I want to deploy.", None)
    with refused("nothing_proposed"):
        story.ask(OWEN, "confirm")


def test_who_declared_a_lock_may_agree_to_its_end() -> None:
    story = declared(WEEKEND)
    story.ask(MAX, "lift", reason="We work at week-ends now.")
    story.ask(OWEN, "confirm")
    assert story.state.status is Status.LIFTED


def test_a_lift_that_is_declined_leaves_the_lock_as_it_was() -> None:
    story = declared(replace(HARD, until=NOON + 300 * DAY))
    story.ask(SUE, "confirm")
    before = story.state.doubts
    story.ask(MAX, "lift", reason="It is in my way.")
    story.ask(OWEN, "decline", reason="That is what it is for.")
    state: Lock = story.state
    assert (state.status, state.lifting, state.waiting) == (Status.ACTIVE, None, None)
    assert state.doubts == before == (Doubt.FAR_LONGER,)
    story.ask(MAX, "amend", terms=replace(state.terms, kind=Kind.SOFT))
    story.ask(MAX, "decline", reason="Never mind.")
    assert story.state.doubts == before


def test_one_thing_waits_at_a_time_and_the_newest_stands() -> None:
    story = declared()
    story.ask(MAX, "amend", terms=replace(HARD, kind=Kind.SOFT))
    seen = story.state.revision
    story.ask(MAX, "lift", reason="All of it.")
    state: Lock = story.state
    assert (state.proposal, state.doubts, state.waiting) == (None, (), Waiting.LIFTING)
    assert state.revision > seen
    story.ask(SUE, "amend", terms=replace(HARD, until=NOON + 2 * DAY))
    assert (story.state.lifting, story.state.waiting) == (None, None)


@pytest.mark.parametrize("link", ["linked", "owned"])
def test_the_same_person_under_another_name_is_no_second_one(link: str) -> None:
    story = declared()
    if link == "linked":
        story.learn(person(SUE, linked=(MAX,)))
        story.ask(MAX, "lift", reason="I want to deploy.")
    else:
        story.learn(person(ROBOT, owner=SUE))
        story.ask(ROBOT, "lift", reason="It says so in the script.")
    with refused("needs_second_person"):
        story.ask(SUE, "confirm")


@pytest.mark.req("X-04")
@pytest.mark.parametrize("owner, before", [(SUE, MAX), (MAX, SUE)])
def test_who_owns_a_program_after_another_is_a_second_person_to_them(
    owner: str, before: str
) -> None:
    story = declared()
    story.learn(person(ROBOT, owner=owner, former=(Former(story.at, owner=before),)))
    story.ask(MAX, "lift", reason="I want to deploy.")
    assert SUE in confirmers(story.state, (MAX, SUE), authority(*story.world))
    story.ask(SUE, "confirm")


@pytest.mark.req("X-04")
def test_who_owned_a_program_as_it_asked_is_no_second_person_to_it() -> None:
    story = declared()
    story.learn(person(ROBOT, owner=MAX, former=(Former(story.at, owner=SUE),)))
    story.ask(ROBOT, "lift", reason="It says so in the script.")
    with refused("needs_second_person"):
        story.ask(SUE, "confirm")


def test_who_may_confirm_is_told_of_everybody_who_may_ask() -> None:
    story = declared()
    known = authority(*PEOPLE)
    everybody = [MAX, OWEN, SUE, ROBOT]
    assert confirmers(story.state, everybody, known) == ()
    story.ask(MAX, "lift", reason="I want to deploy.")
    assert set(confirmers(story.state, everybody, known)) == {OWEN, SUE}
    gone = authority(*[person(SUE, suspended=True) if e.id == SUE else e for e in PEOPLE])
    assert set(confirmers(story.state, everybody, gone)) == {OWEN}
    story.ask(MAX, "amend", terms=replace(HARD, kind=Kind.SOFT))
    assert confirmers(story.state, everybody, known) == (SUE,)


# One's own.


def test_who_alone_had_a_hand_in_a_lock_may_take_it_back() -> None:
    story = declared()
    story.ask(OWEN, "amend", terms=replace(HARD, until=NOON + HOUR))
    assert (story.state.terms.until, story.state.waiting) == (NOON + HOUR, None)
    story.ask(OWEN, "lift", reason="Done early.")
    assert (story.state.status, story.state.ended_by) == (Status.LIFTED, OWEN)


@pytest.mark.parametrize("touched", ["amended", "confirmed", "again", "account"])
def test_a_lock_that_others_rely_on_is_nobodys_own(touched: str) -> None:
    """Once another wrote on it or confirmed it, if it comes again, or under another account."""
    terms = {"confirmed": replace(HARD, until=None), "again": WEEKEND}.get(touched, HARD)
    story, asking = declared(terms), OWEN
    if touched == "amended":
        story.ask(MAX, "amend", terms=replace(HARD, until=NOON + 2 * DAY))
    if touched == "confirmed":
        story.ask(MAX, "confirm")
    if touched == "account":
        story.learn(person(MAX, linked=(OWEN,)))
        asking = MAX
    story.ask(asking, "lift", reason="Done early.")
    assert (story.state.status, story.state.waiting) == (Status.ACTIVE, Waiting.LIFTING)


def test_a_lock_that_came_again_stays_one_that_takes_two() -> None:
    story = declared(replace(WEEKEND, until=NOON + 20 * DAY))
    once = replace(WEEKEND, recurrence=None, since=NOON, until=NOON + 30 * DAY)
    story.ask(OWEN, "amend", terms=once)
    assert story.state.waiting is Waiting.AMENDMENT


def test_a_lock_whose_time_is_over_is_lifted_by_anybody() -> None:
    story = declared()
    story.at = NOON + DAY
    story.ask(MAX, "lift", reason="Put it away.")
    assert story.state.status is Status.LIFTED


def test_what_takes_away_says_nothing_of_how_long_a_lock_may_be() -> None:
    before = declared(replace(HARD, until=NOON + 2 * DAY))
    before.ask(MAX, "amend", terms=replace(before.state.terms, kind=Kind.SOFT))
    assert before.state.doubts == (Doubt.TAKES_AWAY,)
    story = declared(replace(HARD, until=NOON + 7 * DAY), before.state, subject="2" * 32)
    assert story.state.doubts == (Doubt.FAR_LONGER,)


def test_what_would_reach_further_is_confirmed_for_where_it_would_reach() -> None:
    story = declared()
    story.ask(MAX, "amend", terms=replace(HARD, environments=(), until=None))
    assert AGGREGATE.scopes(story.state, "confirm", {}) == {"environment": frozenset()}
    assert AGGREGATE.scopes(story.state, "lift", {}) == {"environment": frozenset(("production",))}
