"""A fix that changes nothing planned takes no time from what it stood in the place of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.deployment.promoting import stood
from domain.deployment.question import Question as Going
from domain.deployment.state import Deployment, Stand, Status
from domain.gate import Status as Is
from domain.release.gate.bringing import asking
from domain.release.gate.question import Question
from domain.release.state import Delivery, Progress, Stood, cargo_of
from domain.release.whereabouts.by_override import going_by_hand
from domain.release.whereabouts.promoted import asked_by_hand
from tests.domain.deployment_stories import PLANS, PRODUCTION, environment, requested
from tests.domain.given import DAY
from tests.domain.organisation import HOUR
from tests.domain.release_stories import (
    DATE,
    OTHER,
    PLAN,
    RITA,
    Office,
    filled,
    merged,
    opened,
)
from tests.domain.test_release_there import brought, codes, deployment, gone, package

Back = Callable[[Office, str], None]
STAGING, LIVE = "deploy:staging", "deploy:production"
CAME, WENT = DATE + 3 * DAY, DATE + 4 * DAY
"""When the fix came to staging, and when the train was back."""
NEXT = DATE + 14 * DAY
TRAIN, FIX, AGAIN = "d" * 32, "e" * 32, "f" * 32
TURN, TIME = "turn", "staging_time"


def parted(kind: str = "hotfix", came: datetime = CAME) -> tuple[Office, str, str]:
    """A train that was in staging from its date on, until something else came there."""
    office = Office(at=DATE)
    train = filled(office)
    office.learn(package(days=20), package("b" * 32, 30, OTHER))
    stood = deployment("staging", DATE, TRAIN)
    office.learn(replace(stood, wish=replace(stood.wish, belongs_to=train)))
    brought(office, train, kept(office, TRAIN))
    office.at = came
    other = filled(office, "mozilla", kind, replace(PLAN, versions=("1.1.1",)), scheduled=None)
    brought(office, other, deployment("staging", came, FIX, "b" * 32))
    office.learn(gone(kept(office, TRAIN), came))
    return office, train, other


def kept(office: Office, id: str) -> Deployment:
    found: Deployment = office.states[Deployment, id]
    return found


def put_back(office: Office, train: str, at: datetime = WENT) -> None:
    """Let the train be deployed there anew."""
    office.learn(gone(kept(office, FIX), at))
    again = deployment("staging", at, AGAIN)
    state = office.release(train)
    office.learn(replace(state, deliveries=()))
    brought(office, train, replace(again, wish=replace(again.wish, belongs_to=train)))


def reinstated(office: Office, train: str) -> None:
    """Let the fix be rolled back, so that the train is there again."""
    office.learn(gone(kept(office, FIX), WENT))
    was = kept(office, TRAIN)
    office.learn(replace(was, current=True, stands=(*was.stands, Stand(WENT))))


def turned(office: Office, train: str) -> list[str]:
    """What helps where it is not its turn in production, shortly before its date."""
    every = office.verdict(train, LIVE, NEXT - DAY).findings
    (found,) = (each for each in every if each.code == "trails_a_cycle")
    return [each.description for each in found.acts]


@pytest.mark.req("S4-19", "S4-07", "S4-14")
def test_a_train_that_gave_way_to_a_hotfix_is_put_back_and_its_time_goes_on() -> None:
    office, train, _ = parted()
    for at in (CAME, WENT, NEXT + DAY):
        assert codes(office, train, LIVE, TIME, at) == {"dwell_interrupted"}
    assert codes(office, train, STAGING, TURN, WENT) == set(), "in the week it is in"
    assert codes(office, train, STAGING, TURN, DATE + 7 * DAY) == set(), "in the off week"
    assert turned(office, train) == ["Deploy it to staging."], "waiting alone helps nothing"
    put_back(office, train)
    date = NEXT.replace(hour=14).isoformat()
    assert turned(office, train) == [f"Wait for the next date of the cycle, {date}."]
    ripe = DATE + 312 * HOUR + (WENT - CAME)
    assert codes(office, train, LIVE, TIME, ripe - HOUR) == {"dwell_too_short"}
    assert codes(office, train, LIVE, TIME, ripe) == set()
    assert codes(office, train, LIVE, TURN, NEXT - DAY) == {"trails_a_cycle"}
    assert codes(office, train, LIVE, TURN, NEXT) == set()


@pytest.mark.req("S4-19", "S4-07")
def test_taking_the_fix_back_brings_the_train_back_no_less() -> None:
    office, train, _ = parted()
    reinstated(office, train)
    ripe = DATE + 312 * HOUR + (WENT - CAME)
    assert codes(office, train, LIVE, TIME, ripe - HOUR) == {"dwell_too_short"}
    assert codes(office, train, LIVE, TIME, ripe) == set()


def dwelling(office: Office, train: str, at: datetime) -> set[str]:
    """What the environment's own time to dwell has against a deployment to production."""
    asked = requested(PRODUCTION).state
    goes = replace(
        asked, package=kept(office, TRAIN).package, wish=replace(asked.wish, belongs_to=train)
    )
    ask = Going(goes, at, office.authority, office.records)
    return {each.code for each in (stood(ask, "staging", 312),) if each.status.blocks}


@pytest.mark.req("S4-19", "S0-12")
@pytest.mark.parametrize("back", [reinstated, put_back])
def test_an_environments_own_time_goes_on_after_a_hotfix_too(back: Back) -> None:
    office, train, _ = parted()
    assert dwelling(office, train, NEXT) == {"dwell_interrupted"}
    back(office, train)
    ripe = DATE + 312 * HOUR + (WENT - CAME)
    assert dwelling(office, train, ripe - HOUR) == {"dwell_too_short"}
    assert dwelling(office, train, ripe) == set()


@pytest.mark.req("S4-18", "S0-12")
@pytest.mark.parametrize("kind", ["warmfix", "train"])
def test_an_environments_own_time_begins_anew_after_anything_else(kind: str) -> None:
    office, train, _ = parted(kind)
    put_back(office, train)
    assert dwelling(office, train, WENT + 311 * HOUR) == {"dwell_too_short"}
    assert dwelling(office, train, WENT + 312 * HOUR) == set()


@pytest.mark.req("S4-18", "S4-07")
@pytest.mark.parametrize("kind", ["warmfix", "train"])
def test_what_takes_the_place_of_what_was_planned_has_the_time_begin_anew(kind: str) -> None:
    office, train, _ = parted(kind)
    assert codes(office, train, STAGING, TURN, DATE + 7 * DAY) == {"off_week"}
    put_back(office, train)
    assert codes(office, train, LIVE, TIME, WENT + 311 * HOUR) == {"dwell_too_short"}
    assert codes(office, train, LIVE, TIME, WENT + 312 * HOUR) == set()


@pytest.mark.req("S4-18", "S4-14")
@pytest.mark.parametrize("hand", [False, True])
def test_what_gave_way_to_a_fix_that_replaces_it_lost_its_turn(*, hand: bool) -> None:
    office, train, fix = parted("warmfix")
    if hand:
        office.learn(gone(kept(office, FIX), CAME), replace(office.release(fix), deliveries=()))
        laid(office, fix, (CAME, None))
        office.learn(replace(kept(office, TRAIN), stands=(Stand(DATE),), current=True))
    assert codes(office, train, LIVE, TURN, NEXT) == {"trails_a_cycle"}
    assert turned(office, train) == ["Deploy it to staging."]
    put_back(office, train, NEXT)
    assert codes(office, train, LIVE, TURN, NEXT + DAY) == {"trails_a_cycle"}
    assert codes(office, train, LIVE, TURN, NEXT + 14 * DAY) == set()


@pytest.mark.req("S4-18", "S4-14")
def test_a_fix_of_the_week_of_its_date_takes_no_turn_in_production() -> None:
    office, train, _ = parted("warmfix", NEXT - HOUR)
    assert codes(office, train, LIVE, TURN, NEXT) == set(), "it took what was planned for staging"
    assert codes(office, train, LIVE, TURN, NEXT + 14 * DAY) == {"trails_a_cycle"}


@pytest.mark.req("S4-19", "S4-07")
def test_what_stood_there_beside_the_fix_has_the_time_begin_anew() -> None:
    office, train, _ = parted()
    office.learn(gone(kept(office, FIX), CAME + HOUR))
    assert codes(office, train, STAGING, TURN, DATE + 7 * DAY) == {"off_week"}, "it is gone"
    put_back(office, train)
    office.learn(replace(kept(office, FIX), stands=(Stand(CAME, CAME + HOUR),)))
    assert codes(office, train, LIVE, TIME, WENT + 311 * HOUR) == {"dwell_too_short"}


def by_hand(office: Office, since: datetime, until: datetime, kind: str = "train") -> None:
    """Another release that went to staging by hand, and was rolled back."""
    plan = replace(PLAN, versions=("1.1.7", "1.1.8"))
    other = opened(office, "mozilla", kind, plan, scheduled=None)
    gone_by = Delivery("staging", "", Progress.ROLLED_BACK, RITA, since)
    span = Stood("staging", "1.1.7, 1.1.8", since, until)
    office.learn(replace(office.release(other), deliveries=(gone_by,), stood=(span,)))


BACK = pytest.mark.parametrize("back", [reinstated, put_back])


@pytest.mark.req("S4-07", "S4-19")
@BACK
def test_what_came_by_hand_before_the_fix_has_the_time_begin_anew_when_it_went(back: Back) -> None:
    office, train, _ = parted()
    went = DATE + DAY
    by_hand(office, went - HOUR, went)
    back(office, train)
    ripe = went + 312 * HOUR + (WENT - CAME)
    assert codes(office, train, LIVE, TIME, ripe - timedelta(minutes=1)) == {"dwell_too_short"}
    assert codes(office, train, LIVE, TIME, ripe) == set()


@pytest.mark.req("S4-07", "S4-19")
@BACK
def test_what_came_by_hand_over_the_fix_has_the_time_begin_anew(back: Back) -> None:
    office, train, _ = parted()
    by_hand(office, CAME + HOUR, CAME + 2 * HOUR)
    back(office, train)
    assert codes(office, train, LIVE, TIME, WENT + 311 * HOUR) == {"dwell_too_short"}
    assert codes(office, train, LIVE, TIME, WENT + 312 * HOUR) == set()


@pytest.mark.req("S4-07", "S4-19")
def test_what_was_deployed_over_a_fix_that_came_by_hand_has_the_time_begin_anew() -> None:
    office, train, fix = parted()
    office.learn(replace(office.release(fix), deliveries=()))
    by_hand(office, CAME, WENT, "hotfix")
    was = kept(office, TRAIN)
    alone = replace(was, current=True, stands=(Stand(DATE),))
    over = deployment("staging", CAME + HOUR, AGAIN, "c" * 32)
    parted_once = (Stand(DATE, CAME + HOUR), Stand(CAME + 2 * HOUR))
    for world, since in (
        ((alone,), DATE + (WENT - CAME)),
        ((replace(alone, stands=parted_once), gone(over, CAME + 2 * HOUR)), WENT),
    ):
        office.learn(*world)
        ripe = since + 312 * HOUR
        assert codes(office, train, LIVE, TIME, ripe - HOUR) == {"dwell_too_short"}
        assert codes(office, train, LIVE, TIME, ripe) == set()


# What went by hand.


def laid(
    office: Office, id: str, *spans: tuple[datetime, datetime | None], cargo: str = ""
) -> None:
    """Let a release have been brought to staging by hand in these spans, the same each time."""
    state = office.release(id)
    told = cargo or cargo_of(state)
    stood = tuple(Stood("staging", "1.2.0", since, until, told) for since, until in spans)
    at = spans[-1][0]
    going = Delivery("staging", told, Progress.SUCCEEDED, RITA, at, RITA, at)
    office.learn(replace(state, deliveries=(going,), stood=(*state.stood, *stood)))


def other_kind(office: Office, kind: str) -> str:
    """Another release, opened as it came."""
    office.at = CAME
    return filled(office, "mozilla", kind, replace(PLAN, versions=("1.1.1",)), scheduled=None)


@pytest.mark.req("S4-19", "S4-07", "S4-14")
@pytest.mark.parametrize("hand", [False, True])
@pytest.mark.parametrize("kind", ["hotfix", "warmfix"])
def test_a_train_that_went_by_hand_is_put_back_by_hand(kind: str, *, hand: bool) -> None:
    office = Office(at=DATE)
    train = filled(office)
    laid(office, train, (DATE, None))
    other = other_kind(office, kind)
    if hand:
        laid(office, other, (CAME, None))
    else:
        office.learn(package("b" * 32, 30, OTHER))
        brought(office, other, deployment("staging", CAME, FIX, "b" * 32))
    goes_on = kind == "hotfix"
    for at in (CAME, WENT, NEXT + DAY):
        assert codes(office, train, LIVE, TIME, at) == {"dwell_interrupted"}
    turns = set() if goes_on else {"off_week"}
    assert codes(office, train, STAGING, TURN, DATE + 7 * DAY) == turns
    office.learn(replace(office.release(train), stood=()))
    laid(office, train, (DATE, WENT), (WENT, None))
    ripe = (DATE + (WENT - CAME) if goes_on else WENT) + 312 * HOUR
    assert codes(office, train, LIVE, TIME, ripe - HOUR) == {"dwell_too_short"}
    assert codes(office, train, LIVE, TIME, ripe) == set()


def by_itself(office: Office, train: str, at: datetime) -> set[str]:
    """What the environment's own time to dwell has against bringing it to production by hand."""
    state = office.release(train)
    ask = Question(state, at, office.authority, office.records)
    going = asking(ask, going_by_hand(state, "production"))
    (promoted,) = (e for e in asked_by_hand(ask, going) if e.name == "promotion")
    found = promoted.check(going)
    every = found if isinstance(found, tuple | list) else (found,)
    return {each.code for each in every if each.status.blocks}


@pytest.mark.req("S4-19", "S0-12")
@pytest.mark.parametrize("kind", ["hotfix", "warmfix"])
def test_an_environments_own_time_goes_on_after_a_hotfix_by_hand_too(kind: str) -> None:
    office = Office(at=DATE)
    train = filled(office)
    laid(office, train, (DATE, None))
    laid(office, other_kind(office, kind), (CAME, None))
    plan = replace(PLANS[PRODUCTION], dwell_hours=312)
    office.learn(environment("staging"), environment(PRODUCTION, plan=plan))
    assert by_itself(office, train, NEXT) == {"dwell_interrupted"}
    office.learn(replace(office.release(train), stood=()))
    laid(office, train, (DATE, WENT), (WENT, None))
    ripe = (DATE + (WENT - CAME) if kind == "hotfix" else WENT) + 312 * HOUR
    assert by_itself(office, train, ripe - HOUR) == {"dwell_too_short"}
    assert by_itself(office, train, ripe) == set()


@pytest.mark.req("S4-07")
def test_what_was_deployed_over_what_went_by_hand_has_its_time_begin_anew() -> None:
    office = Office(at=DATE)
    train = filled(office)
    laid(office, train, (DATE, None))
    over = deployment("staging", CAME, FIX, "b" * 32)
    office.learn(package("b" * 32, 30, OTHER), over)
    assert codes(office, train, LIVE, TIME, NEXT) == {"dwell_interrupted"}
    for status in (Status.SUCCEEDED, Status.ROLLED_BACK):
        office.learn(replace(gone(over, WENT), status=status))
        assert codes(office, train, LIVE, TIME, WENT + 311 * HOUR) == {"dwell_too_short"}
        assert codes(office, train, LIVE, TIME, WENT + 312 * HOUR) == set()


@pytest.mark.req("S4-07")
@pytest.mark.parametrize("until,cargo", [(CAME, ""), (WENT, "another")])
def test_what_was_rolled_back_or_carried_other_things_counts_for_nothing(
    until: datetime, cargo: str
) -> None:
    office = Office(at=DATE)
    train = filled(office)
    laid(office, train, (DATE, until), cargo=cargo)
    laid(office, train, (WENT, None))
    assert codes(office, train, LIVE, TIME, WENT + 311 * HOUR) == {"dwell_too_short"}
    assert codes(office, train, LIVE, TIME, WENT + 312 * HOUR) == set()


@pytest.mark.req("S4-19", "S4-07", "S4-14")
def test_a_train_gives_way_to_a_hotfix_that_went_by_hand_until_it_is_put_back() -> None:
    office, train, fix = parted()
    office.learn(gone(kept(office, FIX), CAME))
    laid(office, fix, (CAME, None))
    office.learn(replace(kept(office, TRAIN), stands=(Stand(DATE),), current=True))
    assert codes(office, train, LIVE, TIME, NEXT) == {"dwell_interrupted"}
    assert codes(office, train, STAGING, TURN, DATE + 7 * DAY) == set(), "in the off week"
    put_back(office, train)
    ripe = DATE + 312 * HOUR + (WENT - CAME)
    assert codes(office, train, LIVE, TIME, ripe - HOUR) == {"dwell_too_short"}
    assert codes(office, train, LIVE, TIME, ripe) == set()


@pytest.mark.req("S4-19", "S4-07")
def test_a_fix_that_was_rolled_back_and_came_anew_takes_no_more_time() -> None:
    office, train, fix = parted()
    once = gone(kept(office, FIX), CAME + HOUR)
    office.learn(replace(once, id="9" * 32, status=Status.ROLLED_BACK))
    office.learn(replace(kept(office, "9" * 32), wish=replace(once.wish, belongs_to=fix)))
    office.learn(replace(kept(office, FIX), stands=(Stand(CAME + 2 * HOUR),)))
    was = kept(office, TRAIN)
    office.learn(replace(was, stands=(*was.stands, Stand(CAME + HOUR, CAME + 2 * HOUR))))
    put_back(office, train)
    ripe = DATE + 312 * HOUR + (WENT - CAME) - HOUR
    assert codes(office, train, LIVE, TIME, ripe - HOUR) == {"dwell_too_short"}
    assert codes(office, train, LIVE, TIME, ripe) == set()


# What else it is asked.


@pytest.mark.req("S4-19", "S4-14")
def test_what_stood_there_a_cycle_before_is_not_put_back_in_the_off_week() -> None:
    office, train, _ = parted()
    assert codes(office, train, STAGING, TURN, NEXT) == set(), "in its turn"
    assert codes(office, train, STAGING, TURN, NEXT + 7 * DAY) == {"off_week"}


@pytest.mark.req("S4-19", "X-04")
def test_it_is_told_that_a_train_would_take_a_fix_away_that_it_has_not() -> None:
    office, train, fix = parted()

    def told() -> list[tuple[str, ...]]:
        every = office.verdict(train, LIVE, NEXT).findings
        return [e.evidence for e in every if (e.requirement, e.status) == (TURN, Is.NOT_APPLICABLE)]

    put_back(office, train)
    assert told() == []
    brought(office, fix, deployment("production", WENT, "9" * 32, "b" * 32))
    assert told() == [], "it has the same"
    office.learn(merged("n" * 32))
    office.ask(RITA, "release.include", fix, merge_requests=("n" * 32,))
    state = office.release(fix)
    office.learn(replace(state, deliveries=state.deliveries[:1]))
    brought(office, fix, deployment("production", WENT, "9" * 32, "b" * 32))
    assert told() == [(fix,)]
    assert codes(office, train, LIVE, TURN, NEXT) == set(), "it may go all the same"
    office.learn(merged("n" * 32, embargoed=True))
    assert told() == [], "what is hidden is not told of"
