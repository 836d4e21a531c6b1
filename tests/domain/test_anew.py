"""Copies of states: like `replace`, only quicker."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import pytest

from domain.aggregates import AGGREGATES
from domain.anew import anew
from domain.kernel import Aggregate
from tests.domain.change_stories import scheduled


def test_a_copy_has_the_changes_and_everything_else() -> None:
    state = scheduled().state
    changed = anew(state, {"revision": 7, "alarms": ("cab_two",)})
    assert changed == replace(state, revision=7, alarms=("cab_two",))
    assert changed.votes is state.votes


def test_a_name_that_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError):
        anew(scheduled().state, {"colour": "red"})


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda each: each.name)
def test_every_state_can_be_copied(aggregate: Aggregate[Any]) -> None:
    names = [each.name for each in fields(aggregate.state)]
    state = aggregate.state(*names)
    assert anew(state, {"version": 7}) == replace(state, version=7)


def test_a_class_that_checks_its_fields_is_no_state() -> None:
    @dataclass(frozen=True, slots=True)
    class Checked:
        first: int
        second: int

        def __post_init__(self) -> None:
            assert self.first < self.second

    with pytest.raises(TypeError):
        anew(Checked(1, 2), {"first": 3})
