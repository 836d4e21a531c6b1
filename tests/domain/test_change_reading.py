"""What lists, inboxes and explanations find beside a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.change.aggregate import AGGREGATE
from domain.change.reading import awaited, related_rows
from domain.change.state import LinkKind
from domain.change.votes import decidable
from domain.inbox import Awaited
from tests.domain.change_stories import (
    assessed,
    broken,
    broken_and_over,
    drafted,
    reviewing,
    scheduled,
    submitted,
)
from tests.domain.given import asked_by
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CAB_TWO,
    CHAIR,
    CONTENT,
    DUTY,
    ENG,
    HIGH,
    OWEN,
    SUE,
    WINDOW,
    Story,
)


def column(story: Story, name: str) -> Any:
    return AGGREGATE.columns[name][1](story.state)


def test_lists_ask_by_service_window_text_debt_and_bypass() -> None:
    story = drafted()
    assert column(story, "service") == "ledger"
    assert (column(story, "window_since"), column(story, "window_until")) == (
        WINDOW.since,
        WINDOW.until,
    )
    assert "move the ledger" in column(story, "search")
    assert "db-2" in column(story, "search")
    assert (column(story, "due"), column(story, "bypassed")) == (None, False)
    assert column(drafted(replace(CONTENT, window=None)), "window_since") is None


def test_a_broken_glass_is_found_with_what_is_due_first() -> None:
    story = broken()
    assert column(story, "bypassed") is True
    first = min(each.due for each in story.state.obligations)
    assert column(story, "due") == first
    story.ask(ENG, "fulfil_obligation", name="break_glass_write_up", write_up="We did it.")
    assert column(story, "due") > first


def test_a_wish_to_break_the_glass_has_bypassed_nothing() -> None:
    story = drafted(kind="emergency")
    story.ask(ENG, "break_glass", second=DUTY, reason="Now.")
    assert column(story, "bypassed") is False


# The inbox.


def test_an_inbox_finds_rules_by_role_and_scope() -> None:
    assert awaited(submitted().state) == (
        Awaited(
            rule="assessment",
            title="Assessment by a peer",
            filled=False,
            role="role:assessor",
            scope="service",
            value="ledger",
            value_count=1,
        ),
    )


def test_an_inbox_finds_rules_by_board_and_marks_those_that_are_met() -> None:
    found = {each.rule: each for each in awaited(assessed().state)}
    assert (found["cab_two"].board, found["cab_two"].filled) == ("cab", False)
    assert found["assessment"].filled


def decides(story: Story, who: str) -> tuple[str, ...]:
    return decidable(story.state, asked_by(who, *story.others, at=story.at, subject=story.subject))


def test_a_stage_that_waits_is_a_row_that_nobody_decides_on_yet() -> None:
    story = assessed(HIGH)
    assert {each.rule: each.waits for each in awaited(story.state)}["cab_half"]
    assert decides(story, CAB_ONE) == ()
    story.ask(SUE, "approve", rule="service_owner")
    assert not {each.rule: each.waits for each in awaited(story.state)}["cab_half"]
    assert decides(story, CAB_ONE) == ("cab_half",)


def test_whom_others_had_merely_named_fills_a_stage_that_others_wait_for() -> None:
    story = assessed(HIGH)
    story.ask(ANN, "assign", owner=SUE)
    story.ask(ANN, "assign", owner=OWEN)
    story.ask(SUE, "approve", rule="service_owner")
    assert not {each.rule: each.waits for each in awaited(story.state)}["cab_half"]
    assert decides(story, CAB_ONE) == ("cab_half",)


def test_an_inbox_finds_what_is_owed_after_the_fact() -> None:
    story = broken_and_over()
    assert [each.rule for each in awaited(story.state)] == ["cab_on_break_glass"]
    story.ask(CHAIR, "approve", rule="cab_on_break_glass")
    assert not awaited(story.state)[0].filled
    story.ask(CAB_ONE, "approve", rule="cab_on_break_glass")
    assert awaited(story.state) == ()


@pytest.mark.parametrize("begin", [drafted, reviewing])
def test_nothing_is_awaited_where_nothing_may_be_decided(begin: Callable[[], Story]) -> None:
    assert awaited(begin().state) == ()


def rows(story: Story, table: str) -> list[Any]:
    return [row for each in AGGREGATE.rows if each.table == table for row in each.of(story.state)]


def test_people_and_votes_stand_in_rows_beside_it() -> None:
    story = scheduled()
    parts = {(each.person, each.part) for each in rows(story, "change_people")}
    assert parts == {
        (ANN, "requester"),
        (OWEN, "owner"),
        (ANN, "author"),
        (ANN, "contributor"),
    }
    votes = [(each.person, each.rule) for each in rows(story, "change_votes")]
    assert votes == [(ASA, "assessment"), (CAB_ONE, "cab_two"), (CAB_TWO, "cab_two")]


@pytest.mark.req("S3-37", "S3-32")
def test_what_it_touches_and_is_tied_to_can_be_asked_for() -> None:
    story = drafted()
    story.ask(ANN, "link", kind=LinkKind.REQUEST, reference="REQ-1")
    found = {(each.kind, each.reference) for each in related_rows(story.state)}
    assert found == {
        ("request", "REQ-1"),
        ("configuration_item", "db-1"),
        ("configuration_item", "db-2"),
        ("environment", "production"),
    }


# Where a command acts.


def test_an_edit_acts_on_both_sides() -> None:
    content = replace(CONTENT, service="payments", environments=("staging",))
    assert AGGREGATE.scopes(drafted().state, "edit", {"content": content}) == {
        "service": {"ledger", "payments"},
        "environment": {"production", "staging"},
    }
    assert AGGREGATE.scopes(None, "open", {"content": content})["service"] == {"payments"}


def test_a_vote_acts_on_the_board_of_its_rule() -> None:
    state = assessed().state
    assert AGGREGATE.scopes(state, "approve", {"rule": "cab_two"})["board"] == {"cab"}
    assert "board" not in AGGREGATE.scopes(state, "approve", {"rule": "assessment"})
    assert "board" not in AGGREGATE.scopes(state, "approve", {"rule": "none"})
    after = AGGREGATE.scopes(broken_and_over().state, "approve", {"rule": "cab_on_break_glass"})
    assert after["board"] == {"cab"}
