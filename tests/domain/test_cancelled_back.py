"""A rollback that puts back what was cancelled since says so, and nothing comes back unnoticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.change.state import Change
from domain.change.state import Status as ChangeStatus
from domain.deployment.aggregate import AGGREGATE
from domain.deployment.state import Stand, Wish
from domain.inclusion import Inclusion, ItemKind, Stay
from domain.kernel import Recorded, Then
from domain.release.act_events import DeploymentSettled
from domain.release.aggregate import AGGREGATE as RELEASE
from domain.release.state import Delivery, Progress, Release, Stood
from domain.release.whereabouts.by_hand import set_off
from tests.domain.deployment_stories import STAGING, package, succeeded, wish
from tests.domain.given import DAY, NOON
from tests.domain.organisation import HOUR, OWEN, ROBOT, Story, refused
from tests.domain.release_stories import PLAN, RITA, Office, approved_change, opened

GONE = ChangeStatus.CANCELLED
BAD = "It loses data."


def over(*changes: Change, named: bool = True, **first: Any) -> tuple[Story, str]:
    """A deployment that took the place of another one, with which these changes went out."""
    below = succeeded()
    told: Wish = below.state.wish
    ids = tuple(each.id for each in changes) if named else ()
    there = replace(below.state, current=False, wish=replace(told, changes=ids, **first))
    others = (*(each for each in below.others if each.id != there.id), there, *changes)
    top = Story(AGGREGATE, (*others, package("1.1", "b" * 32)), subject="e" * 32, at=NOON)
    top.ask(OWEN, "request", wish=wish(STAGING, "b" * 32))
    top.ask(ROBOT, "start")
    top.ask(ROBOT, "succeed")
    top.state = replace(top.state, replaced=there.id)
    return top, there.id


@pytest.mark.req("X-01", "S3-02")
def test_what_was_cancelled_comes_back_only_where_that_is_said() -> None:
    top, below = over(approved_change(status=GONE), approved_change("d" * 32))
    with refused("cancelled_change_back") as told:
        top.ask(ROBOT, "roll_back", reason=BAD)
    (problem,) = told.value.problems
    assert "Deploy something else over it instead" in problem.message
    assert problem.path == ("despite_cancelled",)
    back, again = top.ask(ROBOT, "roll_back", reason=BAD, despite_cancelled=True)
    assert (back.to, back.cancelled) == (below, ("c" * 32,))
    assert again == Then("deployment.reinstate", below, {"instead_of": "e" * 32})


@pytest.mark.req("X-01")
def test_what_was_not_cancelled_comes_back_without_a_word() -> None:
    top, below = over(approved_change())
    back, _ = top.ask(ROBOT, "roll_back", reason=BAD)
    assert (back.to, back.cancelled) == (below, ())


@pytest.mark.req("X-01", "S3-02")
@pytest.mark.parametrize(
    "late,hidden,back", [(False, False, True), (True, False, False), (False, True, False)]
)
def test_what_was_in_its_release_as_it_set_off_counts_too(
    late: bool, hidden: bool, back: bool
) -> None:
    made = Office()
    state: Release = made.release(opened(made, "itsm_releases", "major"))
    gone = approved_change(status=GONE)
    top, _ = over(gone, named=False, belongs_to=state.id)
    at = NOON + DAY if late else NOON - DAY
    told = ("9" * 32, 1, state.id, ItemKind.CHANGE, gone.id, None)
    item = Inclusion(*told, included=True, put_by=OWEN, put_at=at)
    top.learn(replace(state, embargoed=hidden), item)
    if back:
        with refused("cancelled_change_back"):
            top.ask(ROBOT, "roll_back", reason=BAD)
    told_back, _ = top.ask(ROBOT, "roll_back", reason=BAD, despite_cancelled=back)[:2]
    assert told_back.cancelled == ((gone.id,) if back else ())


# By hand.

WHERE = "test"


def hand(made: Office, since: datetime, *changes: Change, **more: Any) -> Release:
    """A release that stands there by hand since then, with these changes in it as it set off."""
    plan = replace(PLAN, title=f"Since {since.isoformat()}")
    state = made.release(opened(made, "itsm_releases", "major", plan))
    came = Delivery(WHERE, "a", Progress.SUCCEEDED, RITA, since - HOUR, RITA, since)
    state = replace(state, stood=(Stood(WHERE, "1.3.0", since, cargo="a"),), deliveries=(came,))
    state = replace(state, **more)
    made.learn(state)
    for each in changes:
        told = (made.fresh(), 1, state.id, ItemKind.CHANGE, each.id, None)
        item = Inclusion(*told, included=True, put_by=OWEN, put_at=since - DAY)
        made.learn(each, item)
    return state


def back(made: Office, top: Release, **more: Any) -> tuple[str, ...]:
    """Which cancelled changes are back once that is rolled back, as it is said."""
    told = {"environment": WHERE, "progress": Progress.ROLLED_BACK, "note": BAD}
    (settled,) = made.ask(RITA, "release.settle_deployment", top.id, **told, **more)
    found: tuple[str, ...] = settled.cancelled
    return found


def fails(made: Office, top: Release, **more: Any) -> None:
    with refused("cancelled_change_back") as told:
        back(made, top, **more)
    (problem,) = told.value.problems
    assert problem.path == ("despite_cancelled",)


@pytest.mark.req("X-01", "S3-02")
def test_a_release_by_hand_puts_back_nothing_cancelled_unless_that_is_said() -> None:
    made = Office()
    hand(made, NOON - 3 * DAY, approved_change(status=GONE))
    top = hand(made, NOON - DAY, approved_change("d" * 32))
    fails(made, top)
    assert back(made, top, despite_cancelled=True) == ("c" * 32,)


@pytest.mark.req("X-01", "S3-02")
def test_nothing_is_asked_where_nothing_cancelled_comes_back() -> None:
    made = Office()
    hand(made, NOON - 3 * DAY, approved_change())
    assert back(made, hand(made, NOON - DAY)) == ()
    hand(made, NOON - 4 * DAY, approved_change("d" * 32, GONE))
    assert back(made, hand(made, NOON - DAY)) == (), "another lies over that"
    made = Office()
    assert back(made, hand(made, NOON - DAY)) == (), "nothing lay there before"


@pytest.mark.req("X-01")
def test_what_never_arrived_or_lies_beneath_puts_nothing_back() -> None:
    made = Office()
    hand(made, NOON - 3 * DAY, approved_change(status=GONE))
    lies = hand(made, NOON - 2 * DAY)
    hand(made, NOON - DAY)
    assert back(made, lies) == (), "something lies over it"
    running = Delivery(WHERE, "a", Progress.RUNNING, RITA, NOON - HOUR)
    assert back(made, hand(made, NOON, stood=(), deliveries=(running,))) == ()
    hand(made, NOON - HOUR, approved_change("d" * 32, status=GONE), embargoed=True)
    assert back(made, hand(made, NOON)) == (), "what is hidden took no place there"


@pytest.mark.req("X-01", "S3-02")
def test_what_a_release_brought_there_itself_before_is_asked_about_as_well() -> None:
    made = Office()
    first = Stood(WHERE, "1.3.0", NOON - 3 * DAY, NOON - DAY, cargo="b")
    anew = Stood(WHERE, "1.3.0", NOON - DAY, cargo="a")
    gone = approved_change(status=GONE)
    top = hand(made, NOON - DAY, gone, stood=(first, anew))
    [item] = [each for kind, each in made.states.items() if kind[0] is Inclusion]
    made.learn(replace(item, put_at=NOON - 9 * DAY))
    fails(made, top)
    assert back(made, top, despite_cancelled=True) == (gone.id,)


@pytest.mark.req("X-01", "S3-02")
def test_what_it_held_as_it_set_out_that_time_counts_and_not_as_it_arrived() -> None:
    made = Office()
    set_out, came = NOON - 4 * DAY, NOON - 3 * DAY
    first = Stood(WHERE, "1.3.0", came, NOON - DAY, cargo="b", began=set_out)
    gone = approved_change(status=GONE)
    top = hand(made, NOON - DAY, gone, stood=(first, Stood(WHERE, "1.3.0", NOON - DAY, cargo="a")))
    [item] = [each for kind, each in made.states.items() if kind[0] is Inclusion]
    stays = (Stay(NOON - 9 * DAY, came - HOUR),)
    made.learn(replace(item, included=False, put_at=NOON, taken_at=NOON, stays=stays))
    fails(made, top)


@pytest.mark.req("S0-14")
def test_when_what_stands_there_by_hand_set_out_is_kept_whatever_is_tried_since() -> None:
    made = Office()
    id = hand(made, NOON, stood=(), deliveries=()).id
    begun = Delivery(WHERE, "a", Progress.RUNNING, RITA, NOON - HOUR)
    made.learn(replace(made.release(id), deliveries=(begun,)))
    settled = DeploymentSettled(WHERE, Progress.SUCCEEDED)
    state = made.release(id)
    told = Recorded(settled, f"{id}-9.0", id, state.version + 1, NOON, RITA)
    [span] = RELEASE.evolve(state, told).stood
    assert (span.began, span.since) == (NOON - HOUR, NOON)
    assert set_off(span) == NOON - HOUR


@pytest.mark.req("X-01", "S3-02")
def test_what_came_by_hand_beneath_a_deployment_is_asked_about_and_what_it_hides_is_not() -> None:
    made = Office()
    gone, other = approved_change(status=GONE), approved_change("d" * 32, GONE)
    release = hand(made, NOON + DAY, gone)
    top, _ = over(other)
    plan = replace(release.plan, service=top.state.service)
    stood = (replace(release.stood[0], environment=STAGING),)
    went = (replace(release.deliveries[0], environment=STAGING),)
    release = replace(release, plan=plan, stood=stood, deliveries=went)
    items = [each for kind, each in made.states.items() if kind[0] is Inclusion]
    top.learn(release, gone, *items)
    top.state = replace(top.state, stands=(Stand(NOON + 2 * DAY),))
    with refused("cancelled_change_back"):
        top.ask(ROBOT, "roll_back", reason=BAD)
    told, *_ = top.ask(ROBOT, "roll_back", reason=BAD, despite_cancelled=True)
    assert told.cancelled == (gone.id,)


@pytest.mark.req("X-01", "S3-02")
def test_what_a_deployment_brought_beneath_a_release_by_hand_is_asked_about() -> None:
    made = Office()
    gone = approved_change(status=GONE)
    top = hand(made, NOON + DAY)
    below = succeeded().state
    wish = replace(below.wish, changes=(gone.id,))
    made.learn(gone, replace(below, environment=WHERE, service=top.service, wish=wish))
    fails(made, top)
    assert back(made, top, despite_cancelled=True) == (gone.id,)
