"""Whether a principal may act, and when a person is away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.kernel import OPERATOR, Context
from domain.principal.aggregate import AGGREGATE, Kind, Principal
from domain.principal.events import AbsenceEnded, AbsenceNoted, Registered, Reinstated, Suspended
from domain.principal.presence import (
    announce_absence,
    end_absence,
    record_absence,
    reinstate,
    suspend,
)
from tests.domain.authority_examples import person
from tests.domain.given import (
    ADA,
    BEN,
    CAT,
    DAY,
    NOON,
    ROBOT,
    Told,
    asked_by,
    authority,
    given,
    refused,
    then,
)

HUMAN = Registered(Kind.HUMAN, "ada", "Ada Lovelace")
SUSPENDED = Suspended("left the company")
HOLIDAY = AbsenceNoted(NOON + DAY, NOON + 3 * DAY)


def ada(*events: Any) -> Principal:
    return given(AGGREGATE, HUMAN, *events, subject=ADA, by=CAT)


def asking(who: str, *states: Any, **more: Any) -> Context:
    return asked_by(who, *states, subject=ADA, **more)


# Suspending.


def test_a_principal_is_suspended_with_a_reason() -> None:
    state, context = ada(), asking(CAT)
    after = then(AGGREGATE, state, context, suspend(state, context, reason="left"))
    assert (after.suspended, after.suspended_by, after.suspended_since) == (True, CAT, NOON)
    assert authority(after).suspended(ADA)


def test_a_principal_is_suspended_once_and_not_without_a_reason() -> None:
    with refused("suspended_already", "text_missing"):
        suspend(ada(SUSPENDED), asking(CAT), reason=" ")


@pytest.mark.parametrize("who", [CAT, OPERATOR])
def test_somebody_else_reinstates(who: str) -> None:
    state = ada(SUSPENDED)
    assert reinstate(state, asking(who, state), reason="back") == [Reinstated("back")]


def test_who_is_reinstated_may_act_again() -> None:
    after = ada(SUSPENDED, Reinstated("back"))
    assert [each.since < each.until for each in after.suspensions] == [True]
    assert (after.suspended, after.suspended_by, after.suspended_reason) == (False, None, None)


@pytest.mark.parametrize("who", [ADA, BEN, ROBOT])
def test_nobody_reinstates_an_account_of_their_own(who: str) -> None:
    own = (person(BEN, linked=(ADA,)), person(ROBOT, owner=ADA))
    with refused("own_account"):
        reinstate(ada(SUSPENDED), asking(who, *own), reason="it is fine")


def test_who_is_not_suspended_is_not_reinstated() -> None:
    with refused("not_suspended", "text_missing"):
        reinstate(ada(), asking(CAT), reason="")


def test_nobody_suspends_or_reinstates_in_another_persons_place() -> None:
    with refused("not_in_person"):
        suspend(ada(), asking(CAT, behalf=BEN), reason="they said so")
    with refused("not_in_person"):
        reinstate(ada(SUSPENDED), asking(CAT, behalf=BEN), reason="they said so")


# Being away.


def test_a_person_says_when_they_are_away() -> None:
    events = announce_absence(ada(), asking(ADA), since=NOON + DAY, until=NOON + 3 * DAY)
    away = [ada(*events).away(NOON + number * DAY) for number in range(4)]
    assert events == [HOLIDAY]
    assert away == [False, True, True, False]


def test_an_absence_begins_now_unless_it_is_said_when() -> None:
    assert announce_absence(ada(), asking(ADA), until=NOON + DAY) == [
        AbsenceNoted(NOON, NOON + DAY)
    ]


@pytest.mark.parametrize("who,behalf", [(CAT, None), (ROBOT, ADA)])
def test_nobody_says_it_for_another(who: str, behalf: str | None) -> None:
    with refused("not_own_account"):
        announce_absence(ada(), asking(who, behalf=behalf), until=NOON + DAY)


def test_somebody_notes_it_for_who_cannot_say_so() -> None:
    state, context = ada(), asking(CAT)
    events = record_absence(state, context, until=NOON + DAY)
    [absence] = then(AGGREGATE, state, context, events).absences
    assert (absence.since, absence.noted_by) == (NOON, CAT)


@pytest.mark.parametrize("command", [announce_absence, record_absence])
def test_an_absence_ends_after_it_begins_and_lies_ahead(command: Any) -> None:
    with refused("ends_before_it_begins"):
        command(ada(), asking(ADA), since=NOON + DAY, until=NOON + DAY)
    with refused("since_passed", "until_passed"):
        command(ada(), asking(ADA), since=NOON - 2 * DAY, until=NOON - DAY)


def test_who_is_back_early_is_back() -> None:
    state = ada(Told(AbsenceNoted(NOON - DAY, NOON + DAY), ADA, NOON - DAY))
    context = asking(ADA)
    after = then(AGGREGATE, state, context, end_absence(state, context, absence=2))
    instant = timedelta(microseconds=1)
    assert [after.away(at) for at in (NOON - instant, NOON)] == [True, False]


def test_an_absence_that_is_called_off_never_was() -> None:
    state, context = ada(HOLIDAY), asking(ADA)
    assert then(AGGREGATE, state, context, end_absence(state, context, absence=2)).absences == ()


def test_only_ones_own_absence_ahead_is_ended() -> None:
    with refused("not_own_account", "unknown_absence"):
        end_absence(ada(HOLIDAY), asking(CAT), absence=3)
    with refused("unknown_absence"):
        end_absence(ada(HOLIDAY, AbsenceEnded(2)), asking(ADA), absence=2)


def test_absences_that_are_over_are_forgotten_and_those_ahead_are_few() -> None:
    past = [AbsenceNoted(NOON - 3 * DAY, NOON - 2 * DAY)] * 30
    assert len(ada(*past, HOLIDAY).absences) == 1
    with refused("too_many"):
        announce_absence(ada(*[HOLIDAY] * 16), asking(ADA), until=NOON + DAY)
