"""What makes an environment ask less of what goes there takes two, from its first day on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.environment.aggregate import AGGREGATE
from domain.environment.evolve import Defined, evolve
from domain.environment.promotion import promoted_from
from domain.environment.state import Check, Cover, Environment, Plan
from domain.environment.weakening import BY_DEFAULT, weakens
from domain.kernel import Recorded
from tests.domain.given import NOON, known
from tests.domain.organisation import MAX, OWEN, ROBOT, SUE, WORLD, Story, person, refused

LIVE = Plan("production", "hosted", 2, stale_minutes=15, dwell_hours=2, needs_window=True)
CHECK = Check("pipeline", "shop")
CHECKED = replace(LIVE, cover=(Cover.CHECKS,), checks=(CHECK,))
COVERED = replace(LIVE, cover=BY_DEFAULT, tied=True)


def defined(plan: Plan = LIVE) -> Story:
    """An environment of this plan, as far as one person says so."""
    story = Story(AGGREGATE, WORLD, subject="e" * 32, at=NOON)
    story.ask(OWEN, "define", name="production", plan=plan)
    return story


def old(plan: Plan) -> Story:
    """One that was defined before anybody could say what covers what goes there."""
    told = Recorded(Defined("production", plan), "e.1", "e" * 32, 1, NOON, OWEN)
    return Story(AGGREGATE, WORLD, subject="e" * 32, at=NOON, state=evolve(None, told))


def stands(story: Story) -> tuple[Any, Any]:
    """What covers what goes there, and what would if somebody agreed."""
    state: Environment = story.state
    return state.plan.cover, state.proposal.plan.cover if state.proposal else None


@pytest.mark.req("S0-12", "S4-26", "X-01")
@pytest.mark.parametrize(
    "plan,cover",
    [
        (LIVE, BY_DEFAULT),
        (replace(LIVE, kind="test"), ()),
        (replace(LIVE, cover=(Cover.RELEASE,)), (Cover.RELEASE,)),
        (replace(CHECKED, kind="test"), (Cover.CHECKS,)),
    ],
)
def test_production_demands_cover_from_its_first_day(plan: Plan, cover: Any) -> None:
    assert stands(defined(plan)) == (cover, None)


@pytest.mark.parametrize(
    "plan",
    [
        replace(LIVE, cover=()),
        CHECKED,
        replace(CHECKED, cover=(Cover.CHANGE, Cover.CHECKS)),
        replace(COVERED, cover_overridable=True),
        replace(COVERED, tied=False),
    ],
)
def test_less_than_that_waits_for_a_second_person_also_in_a_new_one(plan: Plan) -> None:
    story = defined(plan)
    assert stands(story) == (BY_DEFAULT, plan.cover)
    with refused("needs_second_person"):
        story.ask(OWEN, "confirm")
    with refused("not_a_person"):
        story.ask(ROBOT, "confirm")
    story.learn(person(OWEN, linked=(SUE,)))
    with refused("needs_second_person"):
        story.ask(SUE, "confirm")
    story.ask(MAX, "confirm")
    tied = plan.tied is not False
    assert (story.state.plan, story.state.proposal) == (replace(plan, tied=tied), None)


@pytest.mark.parametrize(
    "changes",
    [
        {"line": "mine"},
        {"order": 0},
        {"order": 3},
        {"kind": "test"},
        {"dwell_hours": 1},
        {"needs_window": False},
        {"stale_minutes": 1440},
        {"cover": ()},
        {"cover": (Cover.CHANGE, Cover.RELEASE, Cover.CHECKS), "checks": (CHECK,)},
        {"cover_overridable": True, "cover": BY_DEFAULT},
        {"tied": False},
        {"tied": False, "cover": (Cover.RELEASE,)},
    ],
)
def test_an_edit_that_asks_less_counts_once_a_second_person_agrees(changes: Any) -> None:
    story, wished = defined(), replace(COVERED, **changes)
    story.ask(OWEN, "edit", plan=wished)
    assert (story.state.plan, story.state.proposal.plan) == (COVERED, wished)
    assert story.ask(OWEN, "edit", plan=wished) == [], "nothing new is proposed"
    story.ask(MAX, "confirm")
    assert (story.state.plan, story.state.proposal) == (wished, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"dwell_hours": 3},
        {"stale_minutes": 5},
        {"automatic": ("shop",)},
        {"cover": (Cover.CHANGE,)},
        {"cover": None},
        {"tied": None},
    ],
)
def test_an_edit_that_asks_as_much_or_more_counts_at_once(changes: Any) -> None:
    story = defined()
    story.ask(OWEN, "edit", plan=replace(COVERED, **changes))
    assert story.state.proposal is None
    assert story.state.plan == replace(
        COVERED, **{**changes, "cover": stands(story)[0], "tied": True}
    )
    assert stands(story)[0] == (changes.get("cover") or BY_DEFAULT)


def test_fewer_checks_are_less_and_more_are_not() -> None:
    other = replace(CHECK, name="qa")
    two = replace(CHECKED, checks=(CHECK, other))
    assert weakens(two, CHECKED)
    assert not weakens(CHECKED, two)
    assert weakens(CHECKED, replace(CHECKED, checks=(replace(CHECK, role="role:developer"),)))


@pytest.mark.req("S0-12")
def test_the_first_check_that_is_for_a_service_lets_it_in_and_takes_two() -> None:
    own = replace(CHECK, service="billing")
    before = replace(CHECKED, checks=(own,))
    for more in (replace(CHECK, service="shop"), replace(CHECK, name="lint")):
        assert weakens(before, replace(before, checks=(own, more)))
    stricter = replace(own, name="lint")
    assert not weakens(before, replace(before, checks=(own, stricter)))
    everyone = replace(CHECKED, checks=(CHECK,))
    assert not weakens(everyone, replace(everyone, checks=(CHECK, own))), "it was covered already"


@pytest.mark.parametrize("cover,waits", [((), True), (None, False), ((Cover.CHANGE,), False)])
def test_what_becomes_production_asks_for_as_much_as_what_is_defined_so(
    cover: Any, *, waits: bool
) -> None:
    story = defined(replace(LIVE, kind="test"))
    story.ask(OWEN, "edit", plan=replace(LIVE, cover=cover))
    assert (story.state.proposal is not None) is waits
    if not waits:
        assert stands(story)[0] == (cover or BY_DEFAULT)


def test_an_environment_of_before_keeps_its_meaning_until_somebody_says_otherwise() -> None:
    story = old(LIVE)
    assert stands(story) == (None, None)
    story.ask(OWEN, "edit", plan=replace(LIVE, stale_minutes=5))
    assert stands(story) == (None, None)
    story.ask(OWEN, "edit", plan=replace(LIVE, stale_minutes=5, cover=BY_DEFAULT))
    assert stands(story) == (BY_DEFAULT, None)


@pytest.mark.req("S3-02", "X-01")
def test_an_environment_of_before_demands_ties_once_somebody_says_so() -> None:
    before = replace(LIVE, cover=BY_DEFAULT)
    story = old(before)
    story.ask(OWEN, "edit", plan=replace(before, stale_minutes=5))
    assert (story.state.plan.tied, story.state.proposal) == (None, None)
    story.ask(OWEN, "edit", plan=replace(before, stale_minutes=5, tied=True))
    assert (story.state.plan.tied, story.state.proposal) == (True, None)
    place = defined(replace(LIVE, kind="test"))
    assert place.state.plan.tied is False
    place.ask(OWEN, "edit", plan=LIVE)
    assert (place.state.plan.tied, place.state.proposal) == (True, None)


def test_what_waits_is_declined_or_gives_way_to_a_later_edit() -> None:
    story, bare = defined(), replace(LIVE, cover=())
    story.ask(OWEN, "edit", plan=bare)
    story.ask(MAX, "decline", reason="Not here.")
    assert stands(story) == (BY_DEFAULT, None)
    with refused("nothing_proposed"):
        story.ask(MAX, "confirm")
    with refused("nothing_proposed"):
        story.ask(MAX, "decline", reason="Again.")
    story.ask(OWEN, "edit", plan=bare)
    seen = story.state.revision
    story.ask(OWEN, "edit", plan=COVERED)
    assert (stands(story), story.state.revision) == ((BY_DEFAULT, None), seen + 1)


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"cover": (Cover.CHANGE, Cover.CHANGE)}, "named_twice"),
        ({"cover": (Cover.CHECKS,)}, "checks_unfit"),
        ({"checks": (CHECK,)}, "checks_unfit"),
        ({"cover": (Cover.CHECKS,), "checks": (replace(CHECK, name=""),)}, "name_unusable"),
        ({"cover": (Cover.CHECKS,), "checks": (CHECK,) * 21}, "too_many"),
    ],
)
def test_what_covers_is_said_well(changes: Any, code: str) -> None:
    with refused(code):
        defined(replace(LIVE, **changes))


# Its place in the line.


def place(name: str, order: int, **more: Any) -> Environment:
    """Another environment of the line."""
    plan = Plan("staging", "hosted", order)
    return replace(Environment(name.ljust(32, "0"), 1, name, plan, OWEN, NOON), **more)


def new(order: int, *others: Environment, line: str = "hosted") -> Story:
    """One more of the line, as far as one person says so."""
    story = Story(AGGREGATE, (*WORLD, *others), subject="e" * 32, at=NOON)
    story.ask(OWEN, "define", name="between", plan=Plan("test", line, order))
    return story


@pytest.mark.req("S0-14", "S4-12")
def test_a_new_one_that_others_would_be_promoted_from_instead_waits_for_a_second_person() -> None:
    staging, live = place("staging", 0), place("live", 10)
    story = new(5, staging, live)
    assert (story.state.plan.order, story.state.proposal.plan.order) == (10, 5)
    records = known(staging, live, story.state)
    assert promoted_from(live.plan, records) == ("staging",)
    assert promoted_from(replace(live.plan, order=20), records) == ("between", "live")
    with refused("needs_second_person"):
        story.ask(OWEN, "confirm")
    story.ask(MAX, "confirm")
    assert (story.state.plan.order, story.state.proposal) == (5, None)
    assert promoted_from(live.plan, known(staging, live, story.state)) == ("between",)


@pytest.mark.parametrize(
    "order,others",
    [
        (5, ()),
        (5, (place("staging", 0),)),
        (5, (place("live", 10),)),
        (5, (place("staging", 0), place("other", 5), place("live", 10))),
        (5, (place("staging", 0), place("live", 10, retired=True))),
        (10, (place("staging", 0), place("live", 10))),
    ],
)
def test_one_that_takes_nothing_from_what_others_are_promoted_from_counts_at_once(
    order: int, others: tuple[Environment, ...]
) -> None:
    story = new(order, *others)
    assert (story.state.plan.order, story.state.proposal) == (order, None)


def test_one_of_another_line_stands_between_none() -> None:
    assert new(5, place("staging", 0), place("live", 10), line="own").state.proposal is None


@pytest.mark.req("S0-14", "S4-12")
def test_one_that_comes_back_between_others_waits_for_a_second_person() -> None:
    story = new(5, place("staging", 0))
    story.ask(OWEN, "retire", reason="Not yet.")
    story.learn(place("live", 10))
    story.ask(OWEN, "reinstate", reason="It is used.")
    state = story.state
    assert (state.retired, state.plan.order, state.proposal.plan.order) == (False, 10, 5)
    story.ask(MAX, "confirm")
    assert story.state.plan.order == 5


@pytest.mark.req("S0-14", "S4-12")
def test_what_was_retired_comes_back_only_after_what_it_was_promoted_from() -> None:
    staging, between = place("staging", 0), place("between", 5)
    story = new(10, staging)
    story.ask(OWEN, "retire", reason="It is replaced.")
    story.learn(between)
    with refused("promotion_changed"):
        story.ask(OWEN, "reinstate", reason="It is used.")
    for learnt in (replace(between, retired=True), replace(between, plan=staging.plan)):
        story.learn(learnt)
        if learnt.retired:
            with refused("promotion_retired"):
                story.ask(OWEN, "reinstate", reason="It is used.")
    story.ask(OWEN, "reinstate", reason="It is used.")
    assert (story.state.retired, story.state.came_after) == (False, None)


@pytest.mark.parametrize("left", [{"line": "own"}, {"order": 20}])
def test_what_two_took_from_before_it_holds_it_up_no_more(left: dict[str, Any]) -> None:
    staging = place("staging", 0)
    story = new(10, staging)
    story.ask(OWEN, "retire", reason="It is replaced.")
    story.learn(replace(staging, plan=replace(staging.plan, **left)), place("between", 5))
    story.ask(OWEN, "reinstate", reason="It is used.")
    assert not story.state.retired
