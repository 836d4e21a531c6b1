"""Copies of states: like `replace`, only quicker."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.anew import anew
from tests.domain.change_stories import scheduled


def test_a_copy_has_the_changes_and_everything_else() -> None:
    state = scheduled().state
    changed = anew(state, {"revision": 7, "alarms": ("cab_two",)})
    assert changed == replace(state, revision=7, alarms=("cab_two",))
    assert changed.votes is state.votes


def test_a_name_that_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError):
        anew(scheduled().state, {"colour": "red"})
