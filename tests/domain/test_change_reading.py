"""What lists, inboxes and explanations find beside a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.change import AGGREGATE, Outcome, awaited, verdict
from domain.change.reading import related_rows
from domain.change.state import LinkKind
from domain.explanation import explain
from domain.gate import Verdict
from domain.inbox import Awaited
from tests.domain.change_stories import assessed, broken, drafted, reviewing, scheduled, submitted
from tests.domain.given import authority, known
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CAB_THREE,
    CAB_TWO,
    CHAIR,
    CONTENT,
    DUTY,
    ENG,
    HIGH,
    LOW,
    MAX,
    OWEN,
    SUE,
    WINDOW,
    Story,
    kinds,
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


def test_an_inbox_leaves_out_a_stage_that_waits() -> None:
    story = assessed(HIGH)
    assert [each.rule for each in awaited(story.state)] == ["assessment", "service_owner"]
    story.ask(SUE, "approve", rule="service_owner")
    assert [each.rule for each in awaited(story.state)][-1] == "cab_half"


def test_an_inbox_finds_what_is_owed_after_the_fact() -> None:
    story = broken()
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
    after = AGGREGATE.scopes(broken().state, "approve", {"rule": "cab_on_break_glass"})
    assert after["board"] == {"cab"}


# Who can unblock it by doing what.

WHO = {
    "change.submit": frozenset((ANN,)),
    "change.edit": frozenset((ANN,)),
    "change.finish": frozenset((ENG,)),
    "change.implement": frozenset((ENG,)),
    "change.review": frozenset((ENG, MAX)),
    "change.resume": frozenset((ANN,)),
    "change.recount": frozenset((ANN,)),
    "change.complete_task": frozenset((ENG,)),
    "change.fulfil_obligation": frozenset((ENG,)),
}


def asked(story: Story, action: str) -> Verdict:
    return verdict(
        story.state,
        action,
        at=story.at,
        authority=authority(*story.world),
        records=known(*story.world),
        who=lambda action: WHO.get(action, frozenset()),
    )


def ways(story: Story, action: str) -> list[list[tuple[str, int, set[str]]]]:
    found = explain(asked(story, action))
    assert found.impossible_reason is None, found.impossible_reason
    return [[(act.action, act.count, set(act.people)) for act in way.acts] for way in found.ways]


def test_a_scheduled_change_waits_for_its_window_and_nobody() -> None:
    assert ways(scheduled(), "implement") == [[("change.wait", 0, set())]]


def test_authorizing_waits_for_two_more_of_the_board() -> None:
    story = assessed()
    story.at = WINDOW.since
    board = {CAB_ONE, CAB_TWO, CAB_THREE, CHAIR}
    assert ways(story, "implement") == [[("change.approve", 2, board)]]
    story.ask(CAB_ONE, "approve", rule="cab_two")
    assert ways(story, "implement") == [[("change.approve", 1, board - {CAB_ONE})]]


def test_assessing_shows_also_who_authorizes_afterwards() -> None:
    story = submitted()
    story.at = WINDOW.since
    board = {CAB_ONE, CAB_TWO, CAB_THREE, CHAIR}
    assert ways(story, "implement") == [
        [("change.approve", 1, {ASA}), ("change.approve", 2, board)]
    ]


def test_a_draft_shows_the_whole_way() -> None:
    story = drafted(LOW)
    story.at = WINDOW.since
    assert ways(story, "implement") == [
        [
            ("change.submit", 1, {ANN}),
            ("change.approve", 1, {ASA}),
            ("change.approve", 1, {MAX}),
        ]
    ]


def test_what_is_missing_before_submitting_names_who_fills_it_in() -> None:
    story = drafted(replace(CONTENT, test_plan=""))
    assert ways(story, "submit") == [[("change.edit", 1, {ANN})]]


def test_a_review_is_asked_of_somebody_who_did_not_do_the_work() -> None:
    story = broken()
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    found = asked(story, "close")
    acts = [act for each in found.blocking for act in each.acts if act.action == "change.review"]
    assert acts
    assert all(act.people == {MAX} for act in acts)


def test_what_is_owed_is_explained_rule_by_rule() -> None:
    story = broken()
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    acts = [act[:2] for act in ways(story, "close")[0]]
    assert ("change.fulfil_obligation", 1) in acts
    assert ("change.approve", 1) in acts, "the chair, and one more of the board"


def test_votes_that_became_enough_ask_to_be_counted_again() -> None:
    story = assessed(LOW)
    story.at = WINDOW.since
    votes = story.state.votes
    vote = replace(votes[0], person=MAX, rule="change_manager", grant="g", id="late")
    story.state = replace(story.state, votes=(*votes, vote))
    assert asked(story, "implement").codes == ("not_in_scheduled",)
    assert ways(story, "implement") == [[("change.recount", 1, {ANN})]]
    assert kinds(story.ask(ANN, "recount")) == ["Authorized"]


def test_a_change_on_hold_is_resumed_first() -> None:
    story = scheduled()
    story.ask(ANN, "hold", reason="Wait.")
    story.at = WINDOW.since
    assert ways(story, "implement") == [[("change.resume", 1, {ANN})]]


def test_an_ended_change_is_closed_to_everybody() -> None:
    story = reviewing()
    story.ask(OWEN, "close")
    found = explain(asked(story, "implement"))
    assert found.ways == ()
    assert found.impossible_reason is not None


def test_a_gate_is_asked_for_an_act_that_has_one() -> None:
    with pytest.raises(KeyError):
        asked(drafted(), "assign")
