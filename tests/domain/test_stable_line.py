"""Which versions are out is recorded, and may be corrected."""

from __future__ import annotations

import pytest

from domain.stable_line.aggregate import AGGREGATE
from domain.stable_line.state import lines
from domain.support import Line
from tests.domain.given import DAY, NOON
from tests.domain.organisation import MAX, Story, kinds, refused

LINE = {"service": "gitlab", "line": "17.3", "released_at": NOON - DAY}


def entered() -> Story:
    story = Story(AGGREGATE)
    story.ask(MAX, "enter", **LINE)
    return story


@pytest.mark.req("S1-02")
def test_a_line_counts_from_its_release_and_not_once_it_is_withdrawn() -> None:
    story = entered()
    assert lines((story.state,)) == (Line("17.3", NOON - DAY),)
    story.ask(MAX, "redate", released_at=NOON - 2 * DAY, reason="The tag is older.")
    assert lines((story.state,)) == (Line("17.3", NOON - 2 * DAY),)
    assert story.ask(MAX, "redate", released_at=NOON - 2 * DAY, reason="Same.") == []
    assert kinds(story.ask(MAX, "withdraw", reason="It was pulled.")) == ["Withdrawn"]
    assert lines((story.state,)) == ()
    with refused("withdrawn"):
        story.ask(MAX, "redate", released_at=NOON, reason="Late.")


@pytest.mark.parametrize("line", ["", "v17.3", "17.", "17.03", "17.3-ee", "1.2.3.4.5", "17.3\n"])
def test_a_line_is_numbers_with_dots(line: str) -> None:
    with refused("not_a_line"):
        Story(AGGREGATE).ask(MAX, "enter", **(LINE | {"line": line}))


def test_a_line_is_known_once_and_only_when_it_is_out() -> None:
    story = entered()
    with refused("line_known"):
        other = Story(AGGREGATE, (*story.world, story.state), subject="6" * 32)
        other.ask(MAX, "enter", **LINE)
    with refused("in_the_future"):
        Story(AGGREGATE).ask(MAX, "enter", **(LINE | {"released_at": NOON + DAY}))
