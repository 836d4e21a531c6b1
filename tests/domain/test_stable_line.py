"""Which versions are out is recorded, and may be corrected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.process.support import Line
from domain.stable_line.aggregate import AGGREGATE
from domain.stable_line.state import FormerDate, StableLine, lines, lines_then
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


def told(name: str, **changes: Any) -> StableLine:
    """A line that was recorded as it came out, five days ago."""
    out = NOON - 5 * DAY
    return replace(StableLine(name, 1, "gitlab", name, out, MAX, out), **changes)


LATER: list[tuple[StableLine, Line | None]] = [
    (told("17.3", withdrawn_at=NOON + DAY), Line("17.3", NOON - 5 * DAY)),
    (told("17.3", withdrawn_at=NOON), None),
    (told("17.3", recorded_at=NOON + DAY), None),
    (
        told("17.3", released_at=NOON + DAY, formerly=(FormerDate(NOON - DAY, NOON + DAY),)),
        Line("17.3", NOON - DAY),
    ),
    (
        told("17.3", released_at=NOON - 2 * DAY, formerly=(FormerDate(NOON - DAY, NOON),)),
        Line("17.3", NOON - 2 * DAY),
    ),
]


@pytest.mark.req("X-02", "S1-22")
@pytest.mark.parametrize("line, known", LATER)
def test_what_is_said_of_a_line_later_does_not_change_what_was_known(
    line: StableLine, known: Line | None
) -> None:
    other = told("17.2")
    found = lines_then((line, other), NOON)
    assert found == tuple(each for each in (known, other.told(NOON)) if each)


@pytest.mark.req("X-02")
def test_where_no_line_was_known_those_count_that_are_known_now() -> None:
    late = told("17.3", recorded_at=NOON + DAY)
    assert lines_then((late,), NOON) == lines((late,))
    gone = told("17.3", withdrawn_at=NOON - DAY)
    assert lines_then((late, gone), NOON) == ()


def test_a_corrected_date_is_kept_with_when_it_was_corrected() -> None:
    story = entered()
    story.ask(MAX, "redate", released_at=NOON - 2 * DAY, reason="The tag is older.")
    assert [each.released_at for each in story.state.formerly] == [NOON - DAY]
    assert story.state.formerly[0].until > NOON
