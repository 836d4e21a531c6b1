"""Comments: anybody's word on something, which moves no vote."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.comment import AGGREGATE, LONGEST, About
from tests.domain.change_stories import scheduled
from tests.domain.given import NOON
from tests.domain.merge_stories import opened
from tests.domain.organisation import ANN, ENG, WORLD, Story, kinds, refused


def written() -> Story:
    story = Story(AGGREGATE, (*WORLD, scheduled().state), subject="c" * 32)
    story.ask(ANN, "write", about=About.CHANGE, subject="5" * 32, body="Is the vendor told?")
    return story


def test_a_comment_says_who_wrote_it_when_and_on_what() -> None:
    state = written().state
    assert (state.author, state.written_at, state.about, state.subject) == (
        ANN,
        NOON,
        About.CHANGE,
        "5" * 32,
    )


def test_its_author_words_it_anew() -> None:
    story = written()
    story.ask(ANN, "edit", body="Is the vendor told of the date?")
    assert story.state.body == "Is the vendor told of the date?"
    assert story.state.edited_at is not None
    assert story.ask(ANN, "edit", body="Is the vendor told of the date?") == []


def test_its_author_takes_it_back() -> None:
    story = written()
    story.ask(ANN, "withdraw")
    assert (story.state.body, story.state.withdrawn_at is None) == ("", False)
    for verb, more in (("edit", {"body": "No."}), ("withdraw", {})):
        with refused("withdrawn"):
            story.ask(ANN, verb, **more)


@pytest.mark.parametrize("verb,more", [("edit", {"body": "Yes."}), ("withdraw", {})])
def test_nobody_else_does(verb: str, more: dict[str, str]) -> None:
    with refused("not_yours"):
        written().ask(ENG, verb, **more)


@pytest.mark.parametrize(
    "body,code",
    [(" \n", "text_missing"), ("x" * (LONGEST + 1), "text_too_long"), ("\x00", "text_unreadable")],
)
def test_a_comment_can_be_kept(body: str, code: str) -> None:
    with refused(code):
        written().ask(ANN, "edit", body=body)
    story = Story(AGGREGATE, (*WORLD, scheduled().state), subject="c" * 32)
    with refused(code):
        story.ask(ANN, "write", about=About.CHANGE, subject="5" * 32, body=body)


def test_a_comment_is_about_something_that_one_may_know_of() -> None:
    hidden = replace(opened().state, embargoed=True)
    for about, subject in (
        (About.CHANGE, "0" * 32),
        (About.TEMPLATE, "5" * 32),
        (About.MERGE_REQUEST, hidden.id),
    ):
        story = Story(AGGREGATE, (*WORLD, hidden), subject="c" * 32)
        with refused("unknown_subject"):
            story.ask(ANN, "write", about=about, subject=subject, body="Well.")
    story = Story(AGGREGATE, (*WORLD, opened().state), subject="c" * 32)
    story.ask(ANN, "write", about=About.MERGE_REQUEST, subject=hidden.id, body="Well.")


@pytest.mark.req("S1-12")
def test_what_is_done_to_a_comment_once_its_subject_is_hidden_hides_too() -> None:
    shown = opened().state
    story = Story(AGGREGATE, (*WORLD, shown), subject="c" * 32)
    told = {"about": About.MERGE_REQUEST, "subject": shown.id, "body": "Well."}
    story.ask(ANN, "write", **told)
    assert not story.state.embargoed
    story.learn(replace(shown, embargoed=True))
    assert kinds(story.ask(ANN, "edit", body="Well, well.")) == ["Concealed", "Edited"]
    assert story.state.embargoed
    assert kinds(story.ask(ANN, "withdraw")) == ["Withdrawn"]
