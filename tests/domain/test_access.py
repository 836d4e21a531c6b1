"""Who was turned away is recorded once per hour, with a count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.access import AGGREGATE, Counted, Denied, Outcome, Refused, count, deny, refuse
from domain.kernel import Audience
from tests.domain.given import ADA, NOON, SUBJECT, asked_by, given, refused

WRITER = asked_by(ADA)
DENIED = Denied(
    person=ADA,
    action="change.approve",
    hour=NOON,
    count=1,
    record=SUBJECT,
    scopes="service=api",
    line=None,
    reason="No line of the policy allows this.",
)
REFUSED = Refused(ADA, "change.implement", NOON, 1, SUBJECT, ("locked", "quorum_open"))


def test_a_denial_is_recorded_with_its_reason() -> None:
    told: dict[str, Any] = {"record": SUBJECT, "scopes": "service=api", "reason": DENIED.reason}
    events = deny(None, WRITER, person=ADA, action="change.approve", hour=NOON, **told)
    state = given(AGGREGATE, *events)
    assert events == [DENIED]
    assert (state.outcome, state.count, state.codes) == (Outcome.DENIED, 1, ())
    assert (state.scopes, state.reason) == ("service=api", DENIED.reason)


def test_a_refused_guarded_act_is_recorded_with_its_findings() -> None:
    codes = ("locked", "quorum_open")
    act: dict[str, Any] = {"person": ADA, "action": "change.implement", "hour": NOON}
    events = refuse(None, WRITER, **act, record=SUBJECT, codes=codes)
    state = given(AGGREGATE, *events)
    assert events == [REFUSED]
    assert (state.outcome, state.codes, state.reason) == (Outcome.REFUSED, codes, None)


def test_trying_again_raises_a_count() -> None:
    state = given(AGGREGATE, DENIED)
    assert count(state, WRITER, count=5) == [Counted(5)]
    assert given(AGGREGATE, DENIED, Counted(5)).count == 5


@pytest.mark.parametrize("number", [1, 0])
def test_a_count_that_did_not_rise_is_no_event(number: int) -> None:
    assert count(given(AGGREGATE, DENIED), WRITER, count=number) == []


def test_an_hour_begins_on_the_hour_and_counts_from_one() -> None:
    act: dict[str, Any] = {"person": ADA, "action": "a.b", "hour": NOON + timedelta(seconds=1)}
    with refused("out_of_range", "out_of_range"):
        deny(None, WRITER, **act, count=0, reason="No.")
    with refused("out_of_range", "codes_missing"):
        refuse(None, WRITER, **act, codes=())


def test_what_is_too_long_is_cut_and_recorded() -> None:
    act: dict[str, Any] = {"person": ADA, "action": "a.b", "hour": NOON}
    [denied] = deny(None, WRITER, **act, scopes="s" * 3000, reason="r" * 3000)
    [refusal] = refuse(None, WRITER, **act, codes=tuple(f"code_{n}" for n in range(60)))
    assert (len(denied.scopes), len(denied.reason), len(refusal.codes)) == (2000, 2000, 50)


def test_all_of_it_is_the_writers_own_and_not_for_everyone_to_see() -> None:
    assert all(command.internal for command in AGGREGATE.commands)
    assert AGGREGATE.audience is Audience.SCOPED


def test_a_count_alone_is_no_history() -> None:
    with pytest.raises(TypeError, match="no event of an access"):
        given(AGGREGATE, Counted(2))
