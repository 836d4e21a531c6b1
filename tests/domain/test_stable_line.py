"""Which versions are out is recorded, and may be corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.kernel import Recorded
from domain.process.support import Line, Support, scope
from domain.stable_line.aggregate import (
    AGGREGATE,
    Doubted,
    Entered,
    Repeated,
    agree,
    enter,
    withdraw,
)
from domain.stable_line.state import FormerDate, StableLine, lines, lines_then
from tests.domain.given import DAY, NOON, asked_by
from tests.domain.organisation import (
    MANAGER,
    MAX,
    OWEN,
    PEOPLE,
    SUE,
    Story,
    kinds,
    person,
    refused,
    revoked,
)

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
    assert kinds(story.ask(MAX, "withdraw", reason="It was pulled.")) == ["Doubted"]
    assert lines((story.state,)) == (Line("17.3", NOON - 2 * DAY, settled=False),)
    assert kinds(story.ask(SUE, "agree")) == ["Withdrawn"]
    assert lines((story.state,)) == ()
    with refused("withdrawn"):
        story.ask(MAX, "redate", released_at=NOON, reason="Late.")


@pytest.mark.parametrize("line", ["", "v17.3", "17.", "17.03", "17.3-ee", "1.2.3.4.5", "17.3\n"])
def test_a_line_is_numbers_with_dots(line: str) -> None:
    with refused("not_a_line"):
        Story(AGGREGATE).ask(MAX, "enter", **(LINE | {"line": line}))


@pytest.mark.req("S1-01")
@pytest.mark.parametrize("line", ["17", "17.3.1"])
def test_a_line_has_as_many_numbers_as_the_others(line: str) -> None:
    story = entered()
    other = Story(AGGREGATE, (*story.world, story.state), subject="6" * 32)
    with refused("not_like_others"):
        other.ask(MAX, "enter", **(LINE | {"line": line}))
    other.ask(MAX, "enter", **(LINE | {"line": "17.4"}))


@pytest.mark.req("S1-01", "S1-02")
def test_a_slip_as_the_first_line_of_a_product_is_in_nobodys_way() -> None:
    """Another agrees that it never came out; until then the line that was meant is entered."""
    slip = Story(AGGREGATE)
    slip.ask(MAX, "enter", **(LINE | {"line": "17"}))
    meant = Story(AGGREGATE, (*slip.world, slip.state), subject="6" * 32)
    with refused("not_like_others") as told:
        meant.ask(MAX, "enter", **(LINE | {"line": "17.6"}))
    assert "withdraw those first" in told.value.problems[0].message
    assert kinds(slip.ask(MAX, "withdraw", reason="A slip.")) == ["Doubted"]
    meant.world = (*slip.world, slip.state)
    meant.ask(MAX, "enter", **(LINE | {"line": "17.6"}))
    assert supported(slip.state, meant.state) == ("17.6",)
    assert kinds(slip.ask(SUE, "agree")) == ["Withdrawn"]
    assert supported(slip.state, meant.state) == ("17.6",)


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


POLICY = Support("m", "M", 1, 3, "N-N-stable", ("master",))
KNOWN = tuple(
    StableLine(name, 1, "gitlab", name, NOON - DAY, MAX, NOON - DAY)
    for name in ("17.1", "17.2", "17.3")
)


def newer(by: str = MAX) -> Story:
    """A line that one person says came out, after three that are known."""
    story = Story(AGGREGATE, (*PEOPLE, *KNOWN), subject="6" * 32)
    story.ask(by, "enter", **(LINE | {"line": "17.4"}))
    return story


def supported(*states: StableLine, then: datetime | None = None) -> tuple[str, ...]:
    told = lines(states) if then is None else lines_then(states, then)
    return scope(POLICY, told, then or NOON)


ALL = ("17.4", "17.3", "17.2", "17.1")


@pytest.mark.req("S1-02", "X-04")
def test_a_line_takes_the_place_of_an_older_one_once_a_second_person_agrees() -> None:
    story = newer()
    assert supported(*KNOWN, story.state) == ALL
    with refused("own_proposal"):
        story.ask(MAX, "agree")
    story.ask(SUE, "agree")
    assert supported(*KNOWN, story.state) == ALL[:3]
    with refused("nothing_proposed"):
        story.ask(SUE, "agree")
    older = Story(AGGREGATE, (*PEOPLE, *KNOWN), subject="7" * 32)
    older.ask(MAX, "enter", **(LINE | {"line": "17.0"}))
    assert older.state.settled(), "an older one takes nobody's place"


@pytest.mark.req("S1-02", "X-04")
def test_nobody_alone_takes_back_a_line_that_two_agreed_on() -> None:
    story = newer()
    story.ask(SUE, "agree")
    story.ask(MAX, "withdraw", reason="No.")
    assert supported(*KNOWN, story.state) == ALL
    assert story.ask(MAX, "withdraw", reason="No.") == []
    with refused("own_proposal"):
        story.ask(MAX, "agree")
    story.ask(SUE, "uphold")
    assert supported(*KNOWN, story.state) == ALL[:3]
    story.ask(SUE, "withdraw", reason="It was pulled.")
    story.ask(MAX, "agree")
    assert (story.state.withdrawn_because, supported(*KNOWN, story.state)) == (
        "It was pulled.",
        ALL[1:],
    )


@pytest.mark.req("S1-02")
def test_who_recorded_a_line_that_nobody_agreed_to_takes_it_back_alone() -> None:
    story = newer()
    assert kinds(story.ask(MAX, "withdraw", reason="A slip.")) == ["Withdrawn"]
    other = newer()
    assert kinds(other.ask(SUE, "withdraw", reason="A slip.")) == ["Doubted"]
    assert supported(*KNOWN, other.state) == ALL


@pytest.mark.req("S1-02", "X-04")
@pytest.mark.parametrize("verb", ["agree", "withdraw"])
def test_the_word_of_whoever_is_suspended_is_repeated_by_another(verb: str) -> None:
    story = newer()
    if verb == "withdraw":
        story.ask(SUE, "agree")
        story.ask(MAX, "withdraw", reason="No.")
    story.learn(person(MAX, suspended=True))
    assert kinds(story.ask(SUE, "agree")) == ["Repeated"]
    with refused("own_proposal"):
        story.ask(SUE, "agree")
    assert kinds(story.ask(OWEN, "agree")) == ["Agreed" if verb == "agree" else "Withdrawn"]


@pytest.mark.req("S1-02", "X-04")
@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("verb", ["agree", "withdraw", "repeated"])
def test_so_is_the_word_of_who_was_revoked_the_right_to_it(verb: str, early: bool) -> None:
    """Early logs do not tell by what right it was said: there it goes by the account."""
    story, right = newer(), None if early else MANAGER.id
    said: Any = Entered("gitlab", "17.4", NOON - DAY, displaces=True, grant=right)
    if verb == "withdraw":
        story.ask(SUE, "agree")
        said = Doubted("No.", right)
    elif verb == "repeated":
        said = Repeated(right)
    fresh = None if verb == "agree" else story.state
    told = Recorded(said, "6.9", "6" * 32, 9, NOON, MAX)
    story.state = AGGREGATE.evolve(fresh, told)
    story.learn(MANAGER)
    assert story.state.first_right == (right, ())
    story.learn(revoked(MANAGER))
    done = "Withdrawn" if verb == "withdraw" else "Agreed"
    if not early:
        assert kinds(story.ask(SUE, "agree")) == ["Repeated"]
        with refused("own_proposal"):
            story.ask(SUE, "agree")
    assert kinds(story.ask(OWEN, "agree")) == [done]


def test_what_is_said_of_a_line_is_kept_with_the_right_to_it() -> None:
    line: Any = LINE | {"line": "17.4"}
    state: Any = None
    for act, told, found in ((enter, line, Entered), (withdraw, {"reason": "No."}, Doubted)):
        context = asked_by(MAX, *PEOPLE, MANAGER, *KNOWN, grant=MANAGER.id)
        [said] = act(state, context, **told)
        assert (type(said), said.grant) == (found, MANAGER.id)
        state = newer().state
        state = replace(state, agreed_at=NOON, agreed_by=SUE)
    lost = asked_by(SUE, *PEOPLE, revoked(MANAGER), grant="hers")
    doubted = replace(state, doubted_by=MAX, doubted_at=NOON, doubted_grant=MANAGER.id)
    assert agree(doubted, lost) == [Repeated("hers")]


@pytest.mark.req("X-02")
def test_a_release_goes_by_what_nobody_doubted_then_and_two_agree_on_by_now() -> None:
    story = newer()
    then = story.state.recorded_at
    assert supported(*KNOWN, story.state, then=then) == ALL
    story.ask(SUE, "agree")
    assert supported(*KNOWN, story.state, then=then) == ALL[:3]
    story.at += DAY
    story.ask(MAX, "withdraw", reason="No.")
    assert supported(*KNOWN, story.state, then=then) == ALL[:3]
    assert supported(*KNOWN, story.state) == ALL


@pytest.mark.req("X-02", "S1-22")
def test_what_was_known_then_is_told_whatever_two_agree_on_since() -> None:
    story = newer()

    def known(then: datetime) -> tuple[str, ...]:
        return scope(POLICY, lines_then((*KNOWN, story.state), then, alone=True), then)

    proposed = story.at
    story.at += DAY
    story.ask(SUE, "agree")
    agreed = story.at
    assert (known(proposed), known(agreed)) == (ALL, ALL[:3])
    story.at += DAY
    story.ask(MAX, "withdraw", reason="No.")
    doubted = story.at
    story.at += DAY
    story.ask(MAX, "uphold")
    assert known(doubted) == ALL
    assert (known(agreed), known(story.at)) == (ALL[:3], ALL[:3])
    assert supported(*KNOWN, story.state, then=doubted) == ALL[:3], "that asks for less"


@pytest.mark.req("X-02")
def test_no_later_date_takes_a_line_out_of_what_was_there_before_any_was_known() -> None:
    late = told("17.3", recorded_at=NOON + DAY, released_at=NOON + DAY)
    late = replace(late, formerly=(FormerDate(NOON - DAY, NOON + 2 * DAY),))
    assert lines_then((late,), NOON) == (Line("17.3", NOON - DAY),)


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
