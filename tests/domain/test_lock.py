"""Locks: what they keep from happening, what takes a second person, and how one is exempt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from domain.change.aggregate import AGGREGATE as CHANGE
from domain.content import Content
from domain.exemption.aggregate import AGGREGATE as EXEMPTION
from domain.exemption.aggregate import request
from domain.exemption.matter import exempt
from domain.exemption.state import Approval, Exemption
from domain.gate import Finding
from domain.gate import Status as Is
from domain.kernel import Then
from domain.lock.aggregate import AGGREGATE
from domain.lock.blocking import Target, lock_findings, unknown
from domain.lock.recurrence import Boundary, Every, Recurrence
from domain.lock.state import Doubt, Kind, Lock, Status, Terms
from tests.domain.given import DAY, NOON, asked_by, authority, known
from tests.domain.merge_stories import opened
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CHAIR,
    DUTY,
    ENG,
    HOUR,
    LOW,
    MAX,
    OWEN,
    PEOPLE,
    ROBOT,
    SERVICE,
    SUE,
    WORLD,
    Story,
    kinds,
    person,
    refused,
)

HARD = Terms("Year end", Kind.HARD, since=NOON, until=NOON + DAY, environments=("production",))
SOFT = replace(HARD, kind=Kind.SOFT, spares=("canary",))
MERGE = Terms("New database", Kind.MERGE, since=NOON, until=NOON + DAY)
PLACE, OURS = frozenset(("production",)), frozenset((SERVICE,))


def doing(*activities: str | None) -> Target:
    """Something of these activities."""
    return Target("5" * 32, lambda: frozenset(activities), PLACE, OURS)


TARGET = doing("full")


def declared(terms: Terms = HARD, *others: Any, subject: str = "1" * 32) -> Story:
    story = Story(AGGREGATE, (*WORLD, *others), subject=subject)
    story.ask(OWEN, "declare", terms=terms)
    return story


def found(lock: Lock, target: Target = TARGET, at: Any = NOON, *others: Any) -> list[Finding]:
    records = known(lock, *others)
    return list(lock_findings(target, at, records, authority(*PEOPLE)))


def statuses(findings: list[Finding]) -> list[Is]:
    return [each.status for each in findings]


# What it locks.


@pytest.mark.req("S0-12", "S0-13")
@pytest.mark.parametrize(
    "terms,target,expected",
    [
        (HARD, TARGET, Is.UNSATISFIED),
        (HARD, doing("canary"), Is.UNSATISFIED),
        (SOFT, TARGET, Is.UNSATISFIED),
        (SOFT, doing("canary"), Is.SATISFIED),
        (SOFT, doing("canary", "full"), Is.UNSATISFIED),
        (SOFT, doing("canary", None), Is.UNSATISFIED),
        (SOFT, doing(), Is.UNSATISFIED),
        (SOFT, replace(TARGET, activities=unknown), Is.UNSATISFIED),
        (HARD, replace(TARGET, environments=frozenset(("staging",))), Is.NOT_APPLICABLE),
        (HARD, replace(TARGET, environments=frozenset(("staging", "production"))), Is.UNSATISFIED),
        (HARD, replace(TARGET, environments=frozenset()), Is.UNSATISFIED),
        (replace(HARD, environments=()), TARGET, Is.UNSATISFIED),
        (replace(HARD, services=("other",)), TARGET, Is.NOT_APPLICABLE),
        (replace(HARD, services=(SERVICE,)), TARGET, Is.UNSATISFIED),
        (MERGE, TARGET, Is.NOT_APPLICABLE),
        (MERGE, Target("8" * 32, merging=True), Is.UNSATISFIED),
        (HARD, Target("8" * 32, merging=True), Is.NOT_APPLICABLE),
    ],
)
def test_a_lock_holds_what_it_is_about(terms: Terms, target: Target, expected: Is) -> None:
    assert statuses(found(declared(terms).state, target)) == [expected]


def test_only_an_active_lock_locks() -> None:
    story = declared()
    story.ask(OWEN, "lift", reason="A day early.")
    assert statuses(found(story.state)) == [Is.NOT_APPLICABLE]


def test_what_is_locked_is_told_with_the_way_out() -> None:
    (finding,) = found(declared(replace(HARD, exempters=(SUE, ASA), exempting=2)).state)
    assert (finding.code, finding.source) == ("hard_locked", "S0-13")
    assert "2026-03-03" in finding.message
    first, act = finding.acts
    assert first.action == "exemption.request"
    assert (act.action, act.people, act.count) == ("exemption.approve", frozenset((SUE, ASA)), 2)


def test_a_lock_is_announced_before_it_begins() -> None:
    lock = declared(replace(HARD, since=NOON + DAY, until=NOON + 2 * DAY, warning_hours=6)).state
    (quiet,) = found(lock, TARGET, NOON)
    (told,) = found(lock, TARGET, NOON + DAY - HOUR)
    assert quiet.status is Is.NOT_APPLICABLE
    assert told.status is Is.SATISFIED
    assert "It will lock" in told.message


@pytest.mark.req("S0-12")
def test_a_lock_set_after_approval_keeps_the_work_from_beginning() -> None:
    story = _scheduled(LOW)
    lock = declared(replace(HARD, since=NOON + DAY, until=NOON + 2 * DAY)).state
    story.learn(lock)
    with refused("hard_locked"):
        story.ask(ENG, "implement")
    story.learn(replace(lock, status=Status.LIFTED))
    assert "Started" in kinds(story.ask(ENG, "implement"))


def _scheduled(content: Content) -> Story:
    story = Story(CHANGE)
    story.ask(ANN, "open", playbook="itsm", kind="normal", content=content)
    story.ask(ANN, "submit")
    story.ask(ASA, "approve", rule="assessment")
    story.ask(MAX, "approve", rule="change_manager")
    story.at = NOON + DAY
    return story


def test_a_merge_lock_keeps_a_merge_request_from_being_merged() -> None:
    story = opened()
    story.ask(ASA, "sign_off", rule="reviews")
    story.ask(CAB_ONE, "sign_off", rule="reviews")
    story.learn(declared(replace(MERGE, projects=(story.state.project,))).state)
    with refused("merge_locked"):
        story.ask(CAB_ONE, "merge")


# The second person.


@pytest.mark.parametrize(
    "terms,doubts",
    [
        (HARD, ()),
        (replace(HARD, since=None), ()),
        (replace(HARD, until=None), (Doubt.WITHOUT_END,)),
        (replace(HARD, since=NOON - 2 * DAY, until=NOON - DAY), (Doubt.IN_THE_PAST,)),
        (replace(HARD, until=NOON + 30 * DAY), ()),
        (replace(HARD, until=NOON + 335 * DAY), (Doubt.FAR_LONGER,)),
    ],
)
def test_what_looks_like_a_slip_waits_for_a_second_person(
    terms: Terms, doubts: tuple[Doubt, ...]
) -> None:
    story = declared(terms)
    assert story.state.doubts == doubts
    assert story.state.status is (Status.PROPOSED if doubts else Status.ACTIVE)
    if doubts:
        with refused("needs_second_person"):
            story.ask(OWEN, "confirm")
        story.ask(MAX, "confirm")
        assert (story.state.status, story.state.confirmed_by) == (Status.ACTIVE, MAX)


WEEKLY = Recurrence(Every.WEEK, Boundary("00:00", weekday=1), Boundary("01:00", weekday=1))
ALWAYS = Recurrence(Every.WEEK, Boundary("00:00", weekday=1), Boundary("23:00", weekday=7))
MOST_OF_A_MONTH = Recurrence(Every.MONTH, Boundary("00:00", day=1), Boundary("00:00", day=27))
MOST_OF_A_YEAR = Recurrence(
    Every.YEAR, Boundary("00:00", month=1, day=2), Boundary("23:00", month=12, day=31)
)


@pytest.mark.req("S0-12")
@pytest.mark.parametrize(
    "terms,far",
    [
        (replace(HARD, since=NOON, until=NOON + DAY, buffer_hours=1999), False),
        (
            replace(HARD, since=NOON + 2000 * HOUR, until=NOON + 2001 * HOUR, buffer_hours=1999),
            True,
        ),
        (replace(HARD, since=None, until=None, recurrence=WEEKLY, buffer_hours=24), False),
        (replace(HARD, since=None, until=None, recurrence=WEEKLY, buffer_hours=168), True),
        (replace(HARD, since=None, until=None, recurrence=ALWAYS), False),
        (replace(HARD, since=None, until=None, recurrence=ALWAYS, buffer_hours=1), True),
        (
            replace(HARD, since=NOON, until=NOON + 20 * DAY, recurrence=ALWAYS, buffer_hours=1),
            False,
        ),
        (replace(HARD, since=NOON, until=NOON + 60 * DAY, recurrence=ALWAYS, buffer_hours=1), True),
        (replace(HARD, since=None, until=None, recurrence=MOST_OF_A_MONTH, buffer_hours=24), False),
        (
            replace(HARD, since=None, until=None, recurrence=MOST_OF_A_MONTH, buffer_hours=2160),
            True,
        ),
        (replace(HARD, since=NOON + 365 * DAY, until=None, recurrence=MOST_OF_A_YEAR), True),
        (replace(HARD, since=NOON + 1200 * DAY, until=None, recurrence=MOST_OF_A_YEAR), True),
        (
            replace(HARD, since=NOON, until=NOON + 200 * DAY, recurrence=MOST_OF_A_MONTH),
            False,
        ),
    ],
)
def test_a_lock_is_as_long_as_nothing_goes_on_without_a_pause(terms: Terms, far: bool) -> None:
    """Its buffer counts, spans that touch are one, and so does what begins years from now."""
    assert (Doubt.FAR_LONGER in declared(terms).state.doubts) is far


def test_a_lock_that_never_pauses_is_no_measure_for_others() -> None:
    endless = replace(HARD, since=None, until=None, recurrence=ALWAYS, buffer_hours=1)
    agreed = declared(endless)
    agreed.ask(MAX, "confirm")
    for terms in (endless, replace(HARD, until=NOON + 90 * DAY)):
        again = declared(terms, agreed.state, subject="2" * 32)
        assert again.state.doubts == (Doubt.FAR_LONGER,)


def test_a_lock_is_measured_by_the_history_of_its_kind() -> None:
    before = declared(replace(HARD, until=NOON + 2 * DAY)).state
    long = replace(HARD, until=NOON + 7 * DAY)
    assert declared(long, before, subject="2" * 32).state.doubts == (Doubt.FAR_LONGER,)
    assert declared(replace(long, kind=Kind.SOFT), before, subject="2" * 32).state.doubts == ()
    doubtful = replace(before, id="3" * 32, doubts=(Doubt.FAR_LONGER,), terms=long)
    assert declared(long, before, doubtful, subject="2" * 32).state.doubts == (Doubt.FAR_LONGER,)


@pytest.mark.req("S0-12")
def test_no_steps_of_one_person_make_a_long_lock_look_usual() -> None:
    known = [declared(replace(HARD, until=NOON + 30 * DAY)).state]
    longer = replace(HARD, until=NOON + 40 * DAY)
    assert declared(longer, *known, subject="2" * 32).state.doubts == (Doubt.FAR_LONGER,)
    agreed = declared(longer, *known, subject="2" * 32)
    agreed.ask(MAX, "confirm")
    known.append(agreed.state)
    assert declared(longer, *known, subject="3" * 32).state.doubts == (), "two agreed on as much"
    further = replace(HARD, until=NOON + 41 * DAY)
    assert declared(further, *known, subject="3" * 32).state.doubts == (Doubt.FAR_LONGER,)


def test_a_second_account_is_no_second_person() -> None:
    story = declared(replace(HARD, until=None))
    story.learn(person(MAX, linked=(OWEN,)))
    with refused("needs_second_person"):
        story.ask(MAX, "confirm")
    with refused("not_a_person"):
        story.ask(ROBOT, "confirm")


def test_a_doubtful_amendment_waits_while_what_was_said_stays_in_force() -> None:
    story = declared()
    story.ask(OWEN, "amend", terms=replace(HARD, until=NOON + 2 * DAY))
    assert (story.state.terms.until, story.state.proposal) == (NOON + 2 * DAY, None)
    story.ask(MAX, "amend", terms=replace(HARD, until=None))
    assert (story.state.status, story.state.terms.until) == (Status.ACTIVE, NOON + 2 * DAY)
    assert statuses(found(story.state)) == [Is.UNSATISFIED]
    with refused("needs_second_person"):
        story.ask(OWEN, "confirm")
    story.ask(SUE, "confirm")
    assert (story.state.terms.until, story.state.proposal) == (None, None)


def test_a_proposed_lock_is_declined_and_a_proposal_for_a_standing_one_dropped() -> None:
    story = declared(replace(HARD, until=None))
    story.ask(SUE, "decline", reason="Say until when.")
    assert story.state.status is Status.DECLINED
    standing = declared()
    standing.ask(OWEN, "amend", terms=replace(HARD, until=None))
    standing.ask(SUE, "decline", reason="Say until when.")
    assert (standing.state.status, standing.state.proposal) == (Status.ACTIVE, None)
    with refused("nothing_proposed"):
        standing.ask(SUE, "confirm")


def test_what_is_over_is_put_away_when_another_is_declared() -> None:
    before = declared().state
    story = Story(AGGREGATE, (*WORLD, before), subject="2" * 32, at=NOON + 2 * DAY)
    terms = replace(HARD, since=None, until=NOON + 3 * DAY)
    events = story.ask(OWEN, "declare", terms=terms)
    assert events[1:] == [Then("lock.expire", before.id)]
    old = Story(AGGREGATE, WORLD, subject=before.id, at=NOON + HOUR, state=before)
    assert old.ask(OWEN, "expire") == []
    old.at = NOON + DAY
    old.ask(OWEN, "expire")
    assert old.state.status is Status.OVER


@pytest.mark.parametrize(
    "terms,codes",
    [
        (replace(HARD, title=" "), ("text_missing",)),
        (replace(HARD, until=NOON - HOUR), ("ends_before_it_begins",)),
        (replace(HARD, spares=("canary",)), ("spares_nothing",)),
        (replace(HARD, projects=("a/b",)), ("foreign_scope",)),
        (replace(MERGE, environments=("production",)), ("foreign_scope",)),
        (replace(HARD, buffer_hours=-1, warning_hours=9999), ("out_of_range",)),
        (replace(HARD, exempters=("user:" + "0" * 32,)), ("unknown_person",)),
        (replace(HARD, exempters=(ROBOT,)), ("machine",)),
        (replace(HARD, exempters=(SUE,), exempting=2), ("out_of_range",)),
        (replace(HARD, environments=("any",)), ("name_unusable",)),
        (replace(HARD, recurrence=WEEKLY, until=NOON + 2 * DAY), ("never_locks",)),
        (replace(HARD, recurrence=WEEKLY, since=None, until=NOON + 6 * DAY), ("never_locks",)),
    ],
)
def test_terms_that_mean_nothing_are_refused(terms: Terms, codes: tuple[str, ...]) -> None:
    with refused(*codes):
        declared(terms)


def test_what_recurs_once_between_its_first_and_its_last_is_taken() -> None:
    for since, until in ((NOON, NOON + 7 * DAY), (NOON - 11.5 * HOUR, NOON + DAY)):
        assert declared(replace(HARD, recurrence=WEEKLY, since=since, until=until)).state


def test_a_lock_that_ended_is_not_amended() -> None:
    story = declared()
    story.ask(MAX, "lift", reason="A day early.")
    story.ask(OWEN, "confirm")
    with refused("lock_not_active"):
        story.ask(OWEN, "amend", terms=HARD)
    with refused("lock_not_active"):
        story.ask(OWEN, "lift", reason="Again.")


# Exemptions.


def wished(lock: Lock, by: str = ENG) -> Story:
    change = _scheduled(LOW).state
    story = Story(EXEMPTION, (*WORLD, lock, change), subject="e" * 32)
    story.ask(by, "request", lock=lock.id, change=change.id, reason="Customers cannot pay.")
    return story


def test_those_whom_the_lock_names_exempt_one_change() -> None:
    lock = declared(replace(HARD, exempters=(SUE, CHAIR, ENG), exempting=2)).state
    story = wished(lock)
    with refused("not_entitled"):
        story.ask(MAX, "approve")
    with refused("needs_second_person"):
        story.ask(ENG, "approve")
    story.ask(SUE, "approve")
    with refused("approved_already"):
        story.ask(SUE, "approve")
    assert statuses(found(lock, TARGET, NOON, *story.others, story.state)) == [Is.UNSATISFIED]
    story.ask(CHAIR, "approve")
    (waived,) = found(lock, TARGET, NOON, *story.others, story.state)
    assert (waived.status, waived.evidence) == (Is.WAIVED, (lock.id, story.state.id))
    other = replace(TARGET, subject="6" * 32)
    assert statuses(found(lock, other, NOON, *story.others, story.state)) == [Is.UNSATISFIED]


def test_an_exemption_counts_by_who_is_named_and_stands_today() -> None:
    lock = declared(replace(HARD, exempters=(SUE, CHAIR), exempting=2)).state
    story = wished(lock)
    story.ask(SUE, "approve")
    story.ask(CHAIR, "approve")
    state: Exemption = story.state
    assert exempt(lock, [state], authority(*PEOPLE), known(*story.others)) == state
    renamed = replace(lock, terms=replace(lock.terms, exempters=(SUE, DUTY)))
    assert exempt(renamed, [state], authority(*PEOPLE), known(*story.others)) is None
    suspended = [person(CHAIR, suspended=True) if each.id == CHAIR else each for each in PEOPLE]
    assert exempt(lock, [state], authority(*suspended), known(*story.others)) is None
    one = [person(CHAIR, linked=(SUE,)) if each.id == CHAIR else each for each in PEOPLE]
    assert exempt(lock, [state], authority(*one), known(*story.others)) is None
    story.ask(ENG, "withdraw", reason="It can wait.")
    assert exempt(lock, [story.state], authority(*PEOPLE), known(*story.others)) is None


@pytest.mark.req("X-03")
def test_an_exemption_is_of_what_was_approved_and_of_nothing_else() -> None:
    lock = declared(replace(HARD, exempters=(SUE, CHAIR), exempting=2)).state
    first = opened().state
    story = Story(EXEMPTION, (*WORLD, lock, first), subject="e" * 32)
    story.ask(ENG, "request", lock=lock.id, merge_request=first.id, reason="A hole is open.")

    def counts() -> bool:
        return exempt(lock, [story.state], authority(*PEOPLE), known(*story.others)) is not None

    for who in (SUE, CHAIR):
        story.ask(who, "approve")
    assert counts()
    story.learn(replace(first, title="Another title"))
    assert counts()
    for other in (replace(first, head="9" * 40), replace(first, target="elsewhere")):
        story.learn(other)
        assert not counts()
    story.ask(SUE, "approve")
    assert not counts(), "the other one looked at something else"
    story.ask(CHAIR, "approve")
    assert counts()
    with refused("approved_already"):
        story.ask(CHAIR, "approve")
    story.learn(first)
    assert not counts(), "what was approved last is what they approve"
    before = replace(story.state, approvals=tuple(_unsaid(story.state)))
    assert exempt(lock, [before], authority(*PEOPLE), known(*story.others)) == before, (
        "as old logs have it"
    )


def _unsaid(state: Exemption) -> Iterator[Approval]:
    for each in state.approvals:
        yield replace(each, matter=None)


def test_a_wish_is_for_one_thing_that_is_there_and_a_lock_that_exempts() -> None:
    lock = declared(replace(HARD, exempters=(SUE,))).state
    bare = declared(subject="2" * 32).state
    change = _scheduled(LOW).state
    story = Story(EXEMPTION, (*WORLD, lock, bare, change), subject="e" * 32)
    with refused("one_subject"):
        story.ask(ENG, "request", lock=lock.id, reason="Now.")
    with refused("unknown_subject"):
        story.ask(ENG, "request", lock=lock.id, change="0" * 32, reason="Now.")
    with refused("no_exempters"):
        story.ask(ENG, "request", lock=bare.id, change=change.id, reason="Now.")
    with refused("unknown_lock", "text_missing"):
        story.ask(ENG, "request", lock="0" * 32, change=change.id, reason=" ")


def test_a_wish_is_declined_by_whom_the_lock_names() -> None:
    story = wished(declared(replace(HARD, exempters=(SUE,))).state)
    with refused("not_entitled"):
        story.ask(MAX, "decline", reason="No.")
    with refused("not_yours"):
        story.ask(MAX, "withdraw", reason="No.")
    story.ask(SUE, "decline", reason="It can wait.")
    with refused("not_open"):
        story.ask(SUE, "approve")


@pytest.mark.req("S1-12")
def test_only_who_may_know_of_what_is_hidden_asks_to_exempt_it_and_the_wish_hides() -> None:
    lock = declared(replace(HARD, exempters=(SUE,))).state
    hidden = replace(opened().state, embargoed=True)
    story = Story(EXEMPTION, (*WORLD, lock, hidden), subject="e" * 32)
    wish = {"lock": lock.id, "merge_request": hidden.id, "reason": "A hole is open."}
    with refused("unknown_subject"):
        story.ask(ENG, "request", **wish)
    (asked,) = request(None, asked_by(ENG, *story.others, knows=lambda _: True), **wish)
    assert asked.embargoed
    story.learn(replace(hidden, embargoed=False))
    story.ask(ENG, "request", **wish)
    assert not story.state.embargoed
    story.learn(hidden)
    assert kinds(story.ask(SUE, "approve")) == ["Concealed", "Approved"]
    assert story.state.embargoed
    assert exempt(lock, [story.state], authority(*PEOPLE), known(*story.others)) == story.state
    assert kinds(story.ask(ENG, "withdraw", reason="It can wait.")) == ["Withdrawn"]
