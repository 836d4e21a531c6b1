"""Emergencies: the emergency board first, or the glass is broken, and what is owed afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change.beyond import beyond_reach
from domain.change.gates import GATES, verdict
from domain.change.question import Question
from domain.change.reopened import ObligationReopened
from domain.change.state import Outcome, Status
from domain.gate import evaluate, explain
from domain.kernel import Refusal
from domain.process.process import Fulfilment
from tests.domain.change_stories import (
    WHY,
    broken,
    drafted,
    emergency,
    emergency_scheduled,
    scheduled,
    submitted,
)
from tests.domain.given import authority
from tests.domain.given import known as records
from tests.domain.organisation import (
    ANN,
    CAB_ONE,
    CAB_THREE,
    CAB_TWO,
    CHAIR,
    CONTENT,
    DUTY,
    ECAB_ONE,
    ENG,
    HOUR,
    MAX,
    OWEN,
    PLAYBOOKS,
    ROBOT,
    SUE,
    WINDOW,
    Story,
    adopted,
    board,
    grant,
    kinds,
    person,
    refused,
    revoked,
)


def owed(story: Story) -> dict[str, Any]:
    return {each.name: each for each in story.state.obligations}


# The emergency board first.


def test_an_emergency_goes_straight_to_those_who_authorize_it() -> None:
    story = submitted(kind="emergency")
    assert story.state.status is Status.AUTHORIZING
    assert kinds(story.ask(ECAB_ONE, "approve", rule="ecab")) == ["Approved", "Authorized"]


def test_an_emergency_says_why_it_is_one() -> None:
    story = drafted(replace(CONTENT, reason=""), "emergency")
    with refused("field_missing"):
        story.ask(ANN, "submit")


def test_an_emergency_says_why_whatever_the_playbook_asks_for() -> None:
    story = drafted(replace(CONTENT, reason=""), "emergency")
    text = (PLAYBOOKS / "itsm.toml").read_text().replace('    "reason",\n', "")
    story.learn(adopted("itsm", text))
    with refused("field_missing"):
        story.ask(ANN, "submit")
    other = drafted(replace(CONTENT, reason=""))
    other.learn(adopted("itsm", text))
    other.ask(ANN, "submit")


ALWAYS = """
[[change.obligation]]
name = "notes"
title = "Release notes"
cause = "always"
due_hours = 48
fulfilled_by = "write_up"

# Standard: approved"""


@pytest.mark.req("S3-36")
def test_what_every_change_owes_is_owed_by_a_normal_one() -> None:
    text = (PLAYBOOKS / "itsm.toml").read_text().replace("\n# Standard: approved", ALWAYS)
    story = scheduled()
    story.learn(adopted("itsm", text))
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    assert [each.name for each in story.state.obligations] == ["notes"]
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    with refused("obligation_open"):
        story.ask(OWEN, "close")
    story.ask(ENG, "fulfil_obligation", name="notes", write_up="The disks are new.")
    story.ask(OWEN, "close")


def test_an_approved_emergency_opens_what_is_owed_as_work_begins() -> None:
    story = emergency_scheduled()
    story.at = began = WINDOW.since
    assert kinds(story.ask(ENG, "implement")) == ["Started"]
    due = {name: each.due - began for name, each in owed(story).items()}
    assert due == {
        "write_up": 4 * HOUR,
        "retrospective_approval": 24 * HOUR,
        "review": 72 * HOUR,
    }


@pytest.mark.req("S3-20")
def test_what_is_owed_blocks_closing_until_each_is_done() -> None:
    story = emergency_scheduled()
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    for missing, by, verb, arguments in (
        (3, ENG, "fulfil_obligation", {"name": "write_up", "write_up": "We moved the disks."}),
        (2, CAB_ONE, "approve", {"rule": "cab_afterwards"}),
        (2, CAB_TWO, "approve", {"rule": "cab_afterwards"}),
        (1, MAX, "review", {"findings": "It was the right thing."}),
    ):
        with pytest.raises(Refusal) as caught:
            story.ask(OWEN, "close")
        codes = [each.code for each in caught.value.problems]
        assert codes.count("obligation_open") == missing
        story.ask(by, verb, **arguments)
    assert kinds(story.ask(OWEN, "close")) == ["Closed"]


def test_an_approval_after_the_fact_settles_by_its_last_vote() -> None:
    story = broken()
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    story.ask(CHAIR, "approve", rule="cab_on_break_glass")
    events = story.ask(CAB_ONE, "approve", rule="cab_on_break_glass")
    assert kinds(events) == ["Approved", "ObligationFulfilled"]
    with refused("not_awaited"):
        story.ask(CAB_TWO, "approve", rule="cab_on_break_glass")


def finished(outcome: Outcome = Outcome.SUCCESSFUL) -> Story:
    """An emergency whose work is over."""
    story = emergency_scheduled()
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    story.ask(ENG, "finish", outcome=outcome)
    return story


def said_no(story: Story) -> list[str]:
    """What follows from the board's no."""
    why = {"rule": "cab_afterwards", "reason": "It could have waited."}
    *_, last = [story.ask(by, "reject", **why) for by in (CHAIR, CAB_TWO, CAB_ONE)]
    return kinds(last)


@pytest.mark.req("S3-20")
def test_a_no_after_the_fact_is_a_decision_and_what_follows_from_it_is_owed() -> None:
    story = finished()
    assert said_no(story) == ["Rejected", "ObligationRefused"]
    refused_one = owed(story)["retrospective_approval"]
    assert (refused_one.refused, refused_one.fulfiller) == (True, CAB_ONE)
    assert story.state.rejection is not None
    assert story.state.rejection.reason == "It could have waited."
    follow_up = owed(story)["retrospective_approval_refused"]
    assert follow_up.due == refused_one.fulfilled_at + 24 * HOUR
    assert not follow_up.refused
    with refused("not_awaited"):
        story.ask(CAB_TWO, "approve", rule="cab_afterwards")
    with refused("no_vote"):
        story.ask(CAB_ONE, "withdraw_vote", rule="cab_afterwards")


@pytest.mark.req("S3-20")
def test_what_too_few_approved_after_the_fact_was_refused_by_nobody() -> None:
    story = finished()
    *_, last = [story.ask(by, "abstain", rule="cab_afterwards") for by in (CHAIR, CAB_TWO, CAB_ONE)]
    assert kinds(last) == ["Abstained", "ObligationRefused"]
    follow_up = owed(story)["retrospective_approval_refused"]
    assert "now that this was not approved" in follow_up.title
    told = verdict(
        story.state,
        "close",
        at=story.at,
        authority=authority(*story.world),
        records=records(*story.world),
    )
    [said] = [each for each in told.findings if each.requirement == "retrospective_approval"]
    assert said.message == "Too few approved this after the fact."


def test_what_was_refused_after_the_fact_is_closed_once_what_follows_is_written_up() -> None:
    story = finished()
    said_no(story)
    story.ask(ENG, "fulfil_obligation", name="write_up", write_up="We moved the disks.")
    story.ask(MAX, "review", findings="It could have waited.")
    with refused("obligation_open"):
        story.ask(OWEN, "close")
    after = {"name": "retrospective_approval_refused", "write_up": "We wait next time."}
    story.ask(ENG, "fulfil_obligation", **after)
    events = story.ask(OWEN, "close")
    assert kinds(events) == ["Closed"]
    assert owed(story)["retrospective_approval"].refused


def test_one_no_that_leaves_the_quorum_within_reach_decides_nothing() -> None:
    story = finished()
    story.ask(CHAIR, "reject", rule="cab_afterwards", reason="It could have waited.")
    story.ask(CAB_ONE, "approve", rule="cab_afterwards")
    assert kinds(story.ask(CAB_TWO, "approve", rule="cab_afterwards"))[1:] == [
        "ObligationFulfilled"
    ]


@pytest.mark.req("S3-20", "X-04")
def test_what_was_approved_after_the_fact_is_owed_again_once_a_vote_counts_no_more() -> None:
    story = finished()
    story.ask(ENG, "fulfil_obligation", name="write_up", write_up="We moved the disks.")
    story.ask(MAX, "review", findings="Right.")
    *_, last = [story.ask(by, "approve", rule="cab_afterwards") for by in (CAB_ONE, CAB_TWO)]
    assert kinds(last) == ["Approved", "ObligationFulfilled"]
    assert story.ask(OWEN, "recount") == []
    story.learn(person(CAB_ONE, linked=(ENG,)), person(ENG, linked=(CAB_ONE,)))
    assert closing(story) == ["obligation_open"], "who did the work approved it"
    with refused("not_awaited"):
        story.ask(CHAIR, "approve", rule="cab_afterwards")
    assert kinds(story.ask(OWEN, "recount")) == ["ObligationReopened"]
    assert kinds(story.ask(CHAIR, "approve", rule="cab_afterwards"))[1:] == ["ObligationFulfilled"]
    story.ask(OWEN, "close")


AFTER = "retrospective_approval_refused"


def ways_of_closing(story: Story) -> list[list[str]]:
    """The acts that close it, way by way, as the gate tells them."""
    told = verdict(
        story.state,
        "close",
        at=story.at,
        authority=authority(*story.world),
        records=records(*story.world),
        who=lambda _: frozenset((OWEN,)),
    )
    return [[act.action for act in way.acts] for way in explain(told).ways]


@pytest.mark.req("S3-20", "X-04")
@pytest.mark.parametrize("written", [False, True])
def test_what_was_refused_after_the_fact_is_owed_again_once_votes_count_no_more(
    written: bool,
) -> None:
    story = finished()
    story.ask(ENG, "fulfil_obligation", name="write_up", write_up="We moved the disks.")
    story.ask(MAX, "review", findings="Right.")
    said_no(story)
    if written:
        story.ask(ENG, "fulfil_obligation", name=AFTER, write_up="We wait next time.")
    story.learn(board("cab", CAB_ONE, CAB_TWO, CAB_THREE, SUE, CHAIR, chair=CHAIR))
    assert story.ask(OWEN, "recount") == [], "a refusal stands, whoever sits there since"
    own = (CAB_ONE, CAB_TWO)
    story.learn(person(ANN, linked=own), *(person(each, linked=(ANN,)) for each in own))
    assert closing(story) == ["obligation_open"], "who asked for it refused it"
    assert ways_of_closing(story) == [["change.recount", "change.approve"]]
    [reopened] = story.ask(OWEN, "recount")
    assert reopened == ObligationReopened("retrospective_approval", () if written else (AFTER,))
    assert ways_of_closing(story) == [["change.approve"]]
    again = owed(story)["retrospective_approval"]
    assert (again.refused, again.fulfilled_at, again.fulfiller) == (False, None, None)
    assert (AFTER in owed(story)) is written, "what was written stays on record"
    *_, last = [story.ask(by, "approve", rule="cab_afterwards") for by in (CAB_THREE, SUE)]
    assert kinds(last) == ["Approved", "ObligationFulfilled"]
    story.ask(OWEN, "close")


@pytest.mark.req("S3-20", "X-06")
def test_who_refused_may_decide_anew_where_the_policy_lets_too_few_others() -> None:
    """Who sits there still leaves it open, though the policy lets them decide no more."""
    story = finished()
    story.ask(ENG, "fulfil_obligation", name="write_up", write_up="We moved the disks.")
    story.ask(MAX, "review", findings="Right.")
    said_no(story)
    lost = revoked(grant(CAB_TWO, "role:member", None, ""))
    cast = story.state.afterwards
    votes = (replace(e, role_grant=lost.id) if e.person == CAB_TWO else e for e in cast)
    story.state = replace(story.state, afterwards=tuple(votes))
    story.learn(lost)
    left = frozenset((CHAIR, CAB_ONE, CAB_THREE))
    assert told(story, left) == [[("change.recount", {OWEN}), ("change.approve", set(left))]]
    story.ask(OWEN, "recount")
    assert told(story, left) == [[("change.approve", set(left))]]
    assert not beyond_reach(_question(story, left))
    assert told(story, left - {CAB_ONE, CAB_THREE}) == [], "one alone is too few"
    assert beyond_reach(_question(story, left - {CAB_ONE, CAB_THREE}))
    *_, last = [story.ask(by, "approve", rule="cab_afterwards") for by in (CAB_THREE, CHAIR)]
    assert kinds(last) == ["Approved", "ObligationFulfilled"]
    story.ask(OWEN, "close")


def _question(story: Story, able: frozenset[str]) -> Question:
    """As of whom the policy lets approve, and do all else that Owen may."""
    known, found = authority(*story.world), records(*story.world)
    return Question(
        story.state,
        story.at,
        known,
        found,
        who=lambda _action: frozenset((OWEN,)),
        there=lambda _action, _scopes: able,
    )


def told(story: Story, able: frozenset[str]) -> list[list[tuple[str, set[str]]]]:
    """The ways to close it, of those whom the policy lets approve."""
    ask = _question(story, able)
    ways = explain(evaluate(GATES["close"](ask)), may=ask.may).ways
    return [[(act.action, set(act.people)) for act in way.acts] for way in ways]


def test_what_is_refused_twice_is_written_up_twice() -> None:
    story = finished()
    said_no(story)
    story.ask(ENG, "fulfil_obligation", name=AFTER, write_up="We wait next time.")
    story.learn(board("cab", CAB_ONE, CAB_TWO, CAB_THREE, SUE, CHAIR, chair=CHAIR))
    story.learn(person(ANN, linked=(CAB_ONE,)), person(CAB_ONE, linked=(ANN,)))
    story.ask(OWEN, "recount")
    no = {"rule": "cab_afterwards", "reason": "It could have waited."}
    [_, refusal] = story.ask(CAB_THREE, "reject", **no)
    assert refusal.follow_up.name == f"{AFTER}_2"
    assert owed(story)[AFTER].write_up == "We wait next time."


UNREVIEWED = (PLAYBOOKS / "itsm.toml").read_text().replace('["any"]', '["unsuccessful"]')


def test_what_was_refused_after_the_fact_is_looked_back_on_however_it_went() -> None:
    story = finished()
    story.learn(adopted("itsm", UNREVIEWED))
    assert "review_missing" not in closing(story)
    said_no(story)
    assert "review_missing" in closing(story)


def closing(story: Story) -> list[str]:
    """What keeps it from being closed."""
    with pytest.raises(Refusal) as caught:
        story.ask(OWEN, "close")
    return [each.code for each in caught.value.problems]


def test_a_no_that_stands_without_a_decision_is_settled_by_counting_again() -> None:
    """The board has shrunk since, or it was said when a no settled nothing."""
    story = finished()
    story.ask(CHAIR, "reject", rule="cab_afterwards", reason="It could have waited.")
    story.learn(board("cab", CAB_ONE, CHAIR, chair=CHAIR))
    known = authority(*story.world)
    told = verdict(
        story.state,
        "close",
        at=story.at,
        authority=known,
        records=records(*story.world),
        who=lambda _: frozenset((OWEN,)),
    )
    [act] = next(
        each
        for each in told.findings
        if each.code == "obligation_open"
        and each.acts
        and each.requirement == "retrospective_approval"
    ).acts
    assert (act.action, act.people) == ("change.recount", frozenset((OWEN,)))
    assert kinds(story.ask(OWEN, "recount")) == ["ObligationRefused"]


def test_nobody_approves_afterwards_while_the_work_goes_on() -> None:
    """Whoever approved could still take part in the work."""
    story = broken()
    with refused("not_awaited"):
        story.ask(CHAIR, "approve", rule="cab_on_break_glass")


@pytest.mark.parametrize("by", [ENG, DUTY])
def test_who_let_it_begin_does_not_approve_it_afterwards(by: str) -> None:
    story = emergency()
    story.learn(board("cab", CAB_ONE, CAB_TWO, ENG, DUTY, chair=CHAIR))
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    story.ask(DUTY, "confirm_break_glass")
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    with refused("own_change"):
        story.ask(by, "approve", rule="cab_on_break_glass")


def test_what_is_owed_in_writing_is_written_once_and_by_a_person() -> None:
    story = broken()
    written = {"name": "break_glass_write_up", "write_up": "We restarted it."}
    with refused("not_a_person"):
        story.ask(ROBOT, "fulfil_obligation", **written)
    with refused("text_missing"):
        story.ask(ENG, "fulfil_obligation", **(written | {"write_up": "\n"}))
    story.ask(ENG, "fulfil_obligation", **written)
    assert owed(story)["break_glass_write_up"].write_up == "We restarted it."
    with refused("not_owed"):
        story.ask(ENG, "fulfil_obligation", **written)


def test_an_approval_is_not_written_up() -> None:
    story = broken()
    assert owed(story)["break_glass_approval"].fulfilled_by is Fulfilment.APPROVAL
    with refused("not_owed"):
        story.ask(ENG, "fulfil_obligation", name="break_glass_approval", write_up="Fine.")


def test_giving_up_does_not_get_round_what_is_owed() -> None:
    with refused("work_begun"):
        broken().ask(ANN, "cancel", reason="Never mind.")


def test_an_obligation_says_when_it_is_overdue() -> None:
    story = broken()
    story.at += 5 * HOUR
    known = authority(*story.world)
    told = verdict(
        story.state, "close", at=story.at, authority=known, records=records(*story.world)
    )
    messages = {each.requirement: each.message for each in told.findings}
    assert messages["break_glass_write_up"].startswith("It is overdue since")
    assert messages["break_glass_review"].startswith("It is due at")
