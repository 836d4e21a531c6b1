"""A rollback that puts back what was cancelled since says so, and nothing comes back unnoticed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change.state import Change
from domain.change.state import Status as ChangeStatus
from domain.deployment.aggregate import AGGREGATE
from domain.deployment.state import Wish
from domain.inclusion import Inclusion, ItemKind
from domain.kernel import Then
from domain.release.state import Release
from tests.domain.deployment_stories import STAGING, package, succeeded, wish
from tests.domain.given import DAY, NOON
from tests.domain.organisation import OWEN, ROBOT, Story, refused
from tests.domain.release_stories import Office, approved_change, opened

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
