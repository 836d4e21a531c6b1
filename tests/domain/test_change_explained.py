"""Who can unblock a change by doing what, and what its gates find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.change.gates import verdict
from domain.change.state import Change, Link, LinkKind, Outcome, Status
from domain.explanation import explain
from domain.gate import Act, Verdict
from domain.gate import Status as Is
from domain.lock.state import Kind, Lock, Terms
from domain.lock.state import Status as Locked
from tests.domain.change_stories import (
    assessed,
    broken,
    drafted,
    emergency,
    reviewing,
    scheduled,
    submitted,
    under_way,
)
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
    HOUR,
    LOW,
    MAX,
    OWEN,
    PLAYBOOKS,
    WINDOW,
    Story,
    adopted,
    kinds,
    person,
)

EARLY = (
    (PLAYBOOKS / "itsm.toml")
    .read_text()
    .replace('path = "normal"', 'path = "normal"\nlead_hours = 3')
)
WHO = {
    "change.submit": frozenset((ANN,)),
    "change.edit": frozenset((ANN,)),
    "change.finish": frozenset((ENG,)),
    "change.implement": frozenset((ENG,)),
    "change.review": frozenset((ENG, MAX)),
    "change.resume": frozenset((ANN,)),
    "change.unlink": frozenset((ANN, OWEN)),
    "change.recount": frozenset((ANN,)),
    "change.complete_task": frozenset((ENG,)),
    "change.fulfil_obligation": frozenset((ENG,)),
}

THERE = {each: frozenset((DUTY,)) for each in ("change.submit", "change.implement")} | {
    "change.finish": frozenset((DUTY, ENG)),
    "change.approve": frozenset((ASA, CAB_ONE, CAB_TWO, CAB_THREE, CHAIR)),
}


def asked(
    story: Story,
    action: str,
    now: datetime | None = None,
    elsewhere: Mapping[str, frozenset[str]] = THERE,
) -> Verdict:
    return verdict(
        story.state,
        action,
        at=story.at,
        authority=authority(*story.world),
        records=known(*story.world),
        who=lambda action: WHO.get(action, frozenset()),
        there=lambda action, _scopes: elsewhere.get(action, frozenset()),
        now=now,
    )


def ways(story: Story, action: str) -> list[list[tuple[str, int, set[str]]]]:
    found = explain(asked(story, action))
    assert found.impossible_reason is None, found.impossible_reason
    return [[(act.action, act.count, set(act.people)) for act in way.acts] for way in found.ways]


def test_a_scheduled_change_waits_for_its_window_and_nobody() -> None:
    assert ways(scheduled(), "implement") == [[("change.wait", 0, set())]]


@pytest.mark.req("X-04")
@pytest.mark.parametrize("held", [False, True])
def test_a_draft_whose_window_is_over_is_edited_before_it_is_submitted(held: bool) -> None:
    story = drafted()
    story.at = WINDOW.until
    if held:
        story.ask(MAX, "hold", reason="Wait.")
    [way] = ways(story, "implement")
    first = ["change.resume"] if held else []
    found = [action for action, *_ in way if action != "change.approve"]
    assert found == [*first, "change.edit", "change.submit"]
    assert [action for action, *_ in way][: len(found)] == found


BOARD = {CAB_ONE, CAB_TWO, CAB_THREE, CHAIR}
ANEW = [
    ("change.edit", 1, {ANN}),
    ("change.submit", 1, {ANN}),
    ("change.approve", 1, {ASA}),
    ("change.approve", 2, BOARD),
]


@pytest.mark.req("X-04")
@pytest.mark.parametrize("made", [submitted, assessed, scheduled])
@pytest.mark.parametrize("held", [False, True])
def test_what_was_submitted_for_a_window_that_is_over_is_approved_anew(
    made: Callable[[], Story], held: bool
) -> None:
    """No vote is asked for that the edit would void, and none is forgotten that it voids."""
    story = made()
    story.at = WINDOW.until
    if held:
        story.ask(MAX, "hold", reason="Wait.")
    first = [("change.resume", 1, {ANN})] if held else []
    assert ways(story, "implement") == [[*first, *ANEW]]
    if made is scheduled and not held:
        assert asked(story, "implement").codes == ("window_over",), "what was approved is"


@pytest.mark.req("X-04")
def test_what_is_cut_from_what_it_waits_for_is_approved_anew() -> None:
    gone = replace(reviewing().state, id="6" * 32, status=Status.CANCELLED, outcome=None)
    story = scheduled()
    story.at = WINDOW.since
    tie = Link(LinkKind.PREDECESSOR, gone.id)
    story.state = replace(story.state, links=(tie,))
    story.learn(gone)
    assert ways(story, "implement") == [[("change.unlink", 1, {ANN, OWEN}), *ANEW[1:]]]


@pytest.mark.req("X-04")
def test_where_nobody_could_approve_another_window_nobody_can() -> None:
    story = scheduled()
    story.at = WINDOW.until
    story.learn(*(person(each, suspended=True) for each in (CAB_ONE, CAB_THREE, CHAIR)))
    told = explain(asked(story, "implement")).impossible_reason
    assert told is not None
    assert "Too few people may approve: cab_two" in told


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


@pytest.mark.req("S1-20")
def test_before_it_is_closed_it_is_approved_and_begun() -> None:
    """Also while it waits for votes, for its window, or on hold: none of it is refused before."""
    story = drafted(LOW)
    first = ["change.submit", "change.approve", "change.approve"]
    rest = ["change.implement", "change.finish"]
    assert names(story, "close") == [*first, "change.wait", *rest]
    story = assessed()
    story.at = WINDOW.since
    assert names(story, "close") == ["change.approve", *rest]
    story = scheduled()
    assert names(story, "close") == ["change.wait", *rest]
    story.ask(ANN, "hold", reason="The vendor is late.")
    assert names(story, "close") == ["change.resume", "change.wait", *rest]
    assert names(under_way(), "close") == ["change.finish"]
    stopped = under_way()
    stopped.ask(ANN, "hold", reason="The vendor is late.")
    on = ["change.resume", "change.implement", "change.finish"]
    went_wrong = ["change.finish", "change.review"]
    assert [[act for act, *_ in way] for way in ways(stopped, "close")] == [went_wrong, on]


def test_a_draft_says_how_early_it_has_to_be_submitted() -> None:
    story = drafted(LOW)
    story.learn(adopted("itsm", EARLY))
    story.at = WINDOW.since - 2 * HOUR
    found = {each.requirement: each for each in asked(story, "implement").findings}
    assert found["lead_time"].code == "lead_time_short"
    assert [act.action for act in found["lead_time"].acts] == ["change.edit"]
    assert names(story, "implement")[:2] == ["change.edit", "change.submit"]
    story.at = WINDOW.since - 3 * HOUR
    found = {each.requirement: each for each in asked(story, "implement").findings}
    assert found["lead_time"].status is Is.SATISFIED
    story.ask(ANN, "hold", reason="The vendor is late.")
    story.at = WINDOW.since - 2 * HOUR
    assert "lead_time_short" in [each.code for each in asked(story, "implement").blocking]


@pytest.mark.parametrize("ahead", [2, -1])
def test_who_is_too_late_now_is_too_late_for_every_time_in_the_window(ahead: int) -> None:
    story = drafted(LOW)
    story.learn(adopted("itsm", EARLY))
    now, story.at = WINDOW.since - ahead * HOUR, WINDOW.since + HOUR
    found = {each.requirement: each for each in asked(story, "implement", now).findings}
    assert found["lead_time"].code == "lead_time_short"
    now = WINDOW.since - 3 * HOUR
    found = {each.requirement: each for each in asked(story, "implement", now).findings}
    assert found["lead_time"].status is Is.SATISFIED
    found = {each.requirement: each for each in asked(story, "implement").findings}
    assert found["lead_time"].code == "lead_time_short"


def names(story: Story, action: str) -> list[str]:
    """What would open it, in the order in which it can be done."""
    [way] = ways(story, action)
    return [act for act, _, _ in way]


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


def test_a_draft_on_hold_is_resumed_and_then_submitted() -> None:
    story = drafted()
    story.ask(ANN, "hold", reason="Wait.")
    assert ways(story, "submit") == [[("change.resume", 1, {ANN})]]
    for gate in ("implement", "close"):
        acts = [name for name, *_ in ways(story, gate)[0]]
        assert acts[:3] == ["change.resume", "change.submit", "change.approve"]
    waiting = submitted()
    waiting.ask(ANN, "hold", reason="Wait.")
    assert [name for name, *_ in ways(waiting, "implement")[0]][:2] == [
        "change.resume",
        "change.approve",
    ]


def test_an_ended_change_is_closed_to_everybody() -> None:
    story = reviewing()
    story.ask(OWEN, "close")
    found = explain(asked(story, "implement"))
    assert found.ways == ()
    assert found.impossible_reason is not None


def test_a_gate_is_asked_for_an_act_that_has_one() -> None:
    with pytest.raises(KeyError):
        asked(drafted(), "assign")


# Closing.


def act_names(story: Story) -> list[str]:
    return [act.action for each in asked(story, "close").blocking for act in each.acts]


def test_closing_begins_with_carrying_it_out() -> None:
    assert act_names(scheduled())[:2] == ["change.wait", "change.implement"]
    assert act_names(under_way())[0] == "change.finish"
    stopped = under_way()
    stopped.ask(ANN, "hold", reason="The vendor is late.")
    on = ["change.resume", "change.implement", "change.finish"]
    assert act_names(stopped) == on
    [finish] = [act for each in asked(under_way(), "close").blocking for act in each.acts]
    assert finish.description == "Say how it went."
    assert "status" not in [each.requirement for each in asked(reviewing(), "close").blocking]
    for ended in (Status.CLOSED, Status.CANCELLED):
        story = reviewing()
        story.state = replace(story.state, status=ended)
        (finding,) = asked(story, "close").blocking
        assert (finding.code, finding.acts) == ("not_in_review", ())


def test_what_was_taken_up_again_goes_on_where_it_may() -> None:
    story = under_way()
    story.ask(ANN, "hold", reason="The vendor is late.")
    story.ask(ANN, "resume")
    assert (story.state.status, story.state.unfinished) == (Status.SCHEDULED, True)
    on, went_wrong = ["change.implement", "change.finish"], ["change.finish", "change.review"]
    assert [[act for act, *_ in way] for way in ways(story, "close")] == [on, went_wrong]
    story.at = WINDOW.until
    first, other = [[act for act, *_ in way] for way in ways(story, "close")]
    assert first == went_wrong, "its window is over"
    assert (other[0], other[-2:]) == ("change.edit", on), "unless another is planned"


def test_what_is_owed_in_writing_and_in_review_names_its_own_act() -> None:
    story = broken()
    acts = {
        each.requirement: [act.action for act in each.acts]
        for each in asked(story, "close").blocking
        if each.code == "obligation_open"
    }
    assert acts == {
        "break_glass_write_up": ["change.fulfil_obligation"],
        "break_glass_approval": [],
        "break_glass_review": ["change.review"],
    }


def test_a_review_is_asked_for_as_the_playbook_has_it() -> None:
    def demanded(story: Story) -> bool:
        statuses = {each.requirement: each.status for each in asked(story, "close").findings}
        return statuses["review"] is not Is.NOT_APPLICABLE

    assert demanded(emergency())
    assert demanded(reviewing(Outcome.ROLLED_BACK))
    assert not demanded(reviewing())
    assert not demanded(under_way())


def test_something_is_overdue_from_the_moment_it_is_due() -> None:
    story = broken()
    owed = story.state.obligations[0]
    tick = timedelta(microseconds=1)
    for at, words in ((owed.due - tick, "It is due at"), (owed.due, "It is overdue since")):
        story.at = at
        messages = {each.requirement: each.message for each in asked(story, "close").findings}
        assert messages[owed.name].startswith(words)


def test_what_must_come_first_may_have_had_issues() -> None:
    for outcome, done in (
        (Outcome.SUCCESSFUL, True),
        (Outcome.WITH_ISSUES, True),
        (Outcome.UNSUCCESSFUL, False),
        (Outcome.ROLLED_BACK, False),
        (None, False),
    ):
        earlier = replace(reviewing().state, id="6" * 32, outcome=outcome)
        story = drafted()
        story.learn(earlier)
        story.ask(ANN, "link", kind=LinkKind.PREDECESSOR, reference=earlier.id)
        assert ("predecessor_open" not in asked(story, "implement").codes) is done
        story.world = tuple(each for each in story.world if each is not earlier)
        assert "predecessor_open" in asked(story, "implement").codes


@pytest.mark.parametrize(
    "begin,acts",
    [
        (drafted, ["submit", "approve", "approve", "wait", "implement", "finish"]),
        (assessed, ["approve", "wait", "implement", "finish"]),
        (scheduled, ["wait", "implement", "finish"]),
        (under_way, ["finish"]),
    ],
)
def test_what_must_come_first_is_carried_out_by_its_own_people(
    begin: Callable[[], Story], acts: list[str]
) -> None:
    told = _coming_first(replace(begin().state, id="6" * 32))
    assert [act.action.removeprefix("change.") for act in told] == acts
    assert told[-1].people == {DUTY, ENG}, "as of its own service"


def _held(begin: Callable[[], Story], at: datetime = WINDOW.since) -> Story:
    story = begin()
    story.at = at
    story.ask(ANN, "hold", reason="Wait.")
    return story


@pytest.mark.req("S1-16", "S3-20")
def test_what_must_come_first_and_began_by_two_goes_on_as_it_is_resumed() -> None:
    told = _coming_first(replace(_held(broken).state, id="6" * 32))
    assert [act.action for act in told] == ["change.resume", "change.finish"]


@pytest.mark.req("S1-16", "X-04")
def test_what_began_and_was_held_until_its_window_is_over_is_approved_anew() -> None:
    story = _held(under_way, WINDOW.until)
    (way,) = ways(story, "implement")
    acts = ["resume", "edit", "submit", "approve", "approve"]
    assert [act.removeprefix("change.") for act, _, _ in way] == acts
    there = THERE | {f"change.{each}": frozenset((DUTY,)) for each in ("resume", "edit")}
    earlier = replace(story.state, id="6" * 32)
    told = _coming_first(earlier, elsewhere=there, at=WINDOW.until)
    acts = [*acts, "implement", "finish"]
    assert [act.action.removeprefix("change.") for act in told] == acts


def test_what_is_in_the_way_of_what_must_come_first_is_told_too() -> None:
    earlier = replace(scheduled().state, id="6" * 32)
    terms = Terms("Stop", Kind.HARD, since=WINDOW.since, until=WINDOW.until)
    lock = Lock("1" * 32, 1, Locked.ACTIVE, Kind.HARD, terms, 1, DUTY, WINDOW.since)
    story = drafted()
    story.learn(earlier, lock)
    story.ask(ANN, "link", kind=LinkKind.PREDECESSOR, reference=earlier.id)
    story.at = WINDOW.since
    (found,) = (e for e in asked(story, "implement").blocking if e.code == "predecessor_open")
    assert [act.action for act in found.acts] == ["lock.wait", "change.implement", "change.finish"]
    assert [(each.noun, each.id) for each in found.lacking] == [
        ("change", earlier.id),
        ("lock", lock.id),
    ]


def test_who_carries_out_what_deployments_wait_for_says_that_it_is_over() -> None:
    text = (PLAYBOOKS / "itsm.toml").read_text()
    blocking = text.replace('path = "normal"', 'path = "normal"\nblocks_deployments = true')
    first = replace(under_way().state, id="6" * 32, owner=ANN, implementers=(DUTY,))
    for playbook, people in ((adopted("itsm", blocking), {DUTY}), (adopted("itsm"), {DUTY, ENG})):
        (finish,) = _coming_first(first, playbook)
        assert set(finish.people) == people


@pytest.mark.req("S1-20")
def test_every_way_is_told_to_carry_out_what_must_come_first() -> None:
    earlier = replace(scheduled().state, id="6" * 32)
    terms = Terms("Stop", Kind.SOFT, since=WINDOW.since, until=WINDOW.until)
    lock = Lock("1" * 32, 1, Locked.ACTIVE, Kind.SOFT, terms, 1, DUTY, WINDOW.since)
    story = drafted()
    story.learn(earlier, lock)
    story.ask(ANN, "link", kind=LinkKind.PREDECESSOR, reference=earlier.id)
    story.at = WINDOW.since
    elsewhere = THERE | {"lock.lift": frozenset((OWEN,)), "lock.confirm": frozenset((ANN,))}
    blocking = asked(story, "implement", elsewhere=elsewhere).blocking
    (found,) = (e for e in blocking if e.code == "predecessor_open")
    told = [[act.action for act in acts] for acts in (found.acts, *found.instead)]
    end = ["change.implement", "change.finish"]
    assert told == [["lock.wait", *end], ["lock.lift", "lock.confirm", *end]]


@pytest.mark.parametrize("outcome", [Outcome.UNSUCCESSFUL, None])
def test_the_tie_is_cut_to_what_never_will_be_carried_out_well(outcome: Outcome | None) -> None:
    status = Status.REVIEW if outcome else Status.CANCELLED
    earlier = replace(reviewing().state, id="6" * 32, outcome=outcome, status=status)
    (act,) = _coming_first(earlier)
    assert (act.action, set(act.people)) == ("change.unlink", {ANN, OWEN})


@pytest.mark.req("S1-16", "X-06")
def test_of_what_must_come_first_those_alone_are_named_whom_the_policy_lets_approve() -> None:
    earlier = replace(assessed().state, id="6" * 32)
    for able, told in (((CAB_ONE, CAB_TWO), "change.approve"), ((CAB_ONE, MAX), "change.unlink")):
        first, *_ = _coming_first(earlier, elsewhere=THERE | {"change.approve": frozenset(able)})
        assert first.action == told
        assert first.people == (set(able) if told == "change.approve" else {ANN, OWEN})


def _coming_first(
    earlier: Change,
    *more: Any,
    elsewhere: Mapping[str, frozenset[str]] = THERE,
    at: datetime | None = None,
) -> tuple[Act, ...]:
    """What helps a change that waits for this one."""
    story = drafted()
    story.learn(earlier, *more)
    story.ask(ANN, "link", kind=LinkKind.PREDECESSOR, reference=earlier.id)
    story.at = at or story.at
    blocking = asked(story, "implement", elsewhere=elsewhere).blocking
    (found,) = (each for each in blocking if each.code == "predecessor_open")
    return found.acts


def test_only_a_draft_is_asked_to_be_filled_in() -> None:
    for begin, listed in ((drafted, True), (submitted, False), (scheduled, False)):
        names = {each.requirement for each in asked(begin(), "implement").findings}
        assert ("backout_plan" in names) is listed


def test_those_who_authorize_come_after_those_who_assess() -> None:
    for begin in (drafted, submitted):
        found = asked(begin(HIGH), "implement").findings
        stages = {each.requirement: each.standing.rule.stage for each in found if each.standing}
        assert stages["assessment"] < stages["service_owner"] < stages["cab_half"]


@pytest.mark.req("S3-02", "X-04")
@pytest.mark.parametrize("action", ["submit", "implement"])
@pytest.mark.parametrize("begin", [drafted, scheduled])
def test_of_what_was_given_up_on_hold_nobody_is_told_to_resume_it(
    begin: Callable[[], Story], action: str
) -> None:
    story = begin()
    story.ask(ANN, "hold", reason="The vendor is late.")
    story.ask(ANN, "cancel", reason="The vendor is gone.")
    found = explain(asked(story, action))
    told = {act.action for way in found.ways for act in way.acts}
    assert told.isdisjoint({"change.resume", "change.submit"})
    assert found.impossible_reason
