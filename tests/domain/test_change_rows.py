"""The rows beside a change: what they are derived from is named, so that much can be skipped."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from domain.change.aggregate import AGGREGATE
from domain.change.state import Change
from domain.kernel import Rows
from tests.domain.organisation import Story
from tests.domain.test_change_at_random import wander


class Noting:
    """A change that notes which of its fields were read."""

    def __init__(self, state: Change) -> None:
        self.state = state
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        return getattr(self.state, name)


@pytest.mark.parametrize("rows", AGGREGATE.rows, ids=lambda rows: rows.table)
@given(seed=some.integers(), kind=some.sampled_from(("normal", "emergency")))
def test_rows_read_no_field_that_they_do_not_name(rows: Rows[Change], seed: int, kind: str) -> None:
    def check(story: Story, _events: list[Any]) -> None:
        noting: Any = Noting(story.state)
        assert tuple(rows.of(noting)) == tuple(rows.of(story.state))
        assert noting.read <= set(rows.needs)

    wander(seed, kind, check)
