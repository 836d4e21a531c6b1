"""The log's own history is the operator's, and a demo stays a demo."""

from __future__ import annotations

from typing import Any

import pytest

from domain.kernel import OPERATOR
from domain.log import (
    AGGREGATE,
    SUBJECT,
    ClockAccepted,
    KeyRotated,
    Log,
    Opened,
    Restored,
    accept_clock,
    open,  # noqa: A004  logs are opened
    restore,
    rotate_key,
)
from tests.domain.given import ADA, NOON, asked_by, given, refused, then

ROOT = "ab" * 32
KEY = "log.example+0123abcd+AUb0wK4Lr1x7uJ0Pq5yPz4cWbT1r9qv8mJ8y0p3tX9c="
OTHER_KEY = "log.example+ffffffff+AUb0wK4Lr1x7uJ0Pq5yPz4cWbT1r9qv8mJ8y0p3tX9c="
OPERATES = asked_by(OPERATOR, subject=SUBJECT)
DEMO = Opened("log.example/demo", demo=True, key=KEY)


def log(*events: Any) -> Log:
    return given(AGGREGATE, DEMO, *events, subject=SUBJECT, by=OPERATOR)


def test_the_operator_opens_the_log() -> None:
    events = open(None, OPERATES, origin="log.example/demo", demo=True, key=KEY)
    assert events == [DEMO]
    assert (log().origin, log().demo, log().key) == ("log.example/demo", True, KEY)


def test_nobody_else_touches_the_log() -> None:
    context = asked_by(ADA, subject=SUBJECT)
    with refused("operator_only"):
        open(None, context, origin="o", demo=False)
    with refused("operator_only"):
        restore(log(), context, size=1, root=ROOT, reason="r")
    with refused("operator_only"):
        accept_clock(log(), context, reason="r")
    with refused("operator_only"):
        rotate_key(log(), context, key=OTHER_KEY, reason="r")


def test_there_is_one_log() -> None:
    with refused("id_unusable"):
        open(None, asked_by(OPERATOR), origin="o", demo=False)


def test_no_event_clears_a_demo() -> None:
    rest = (Restored(7, ROOT, "lost"), ClockAccepted("right"), KeyRotated(OTHER_KEY, "yearly"))
    assert {Opened, *map(type, rest)} == set(AGGREGATE.events)
    assert log(*rest).demo
    with pytest.raises(TypeError, match="no event of a log that is open"):
        log(Opened("log.example/demo", demo=False, key=None))


def test_a_restore_is_told_with_the_size_and_root_of_the_backup() -> None:
    events = restore(log(), OPERATES, size=7, root=ROOT, reason="disk lost")
    state = then(AGGREGATE, log(), OPERATES, events)
    assert events == [Restored(7, ROOT, "disk lost")]
    assert (state.restores, state.restored_size, state.restored_root) == (1, 7, ROOT)
    assert (state.restored_at, state.restored_reason) == (NOON, "disk lost")


def test_a_clock_is_vouched_for() -> None:
    events = accept_clock(log(), OPERATES, reason="the clock was ahead before")
    state = then(AGGREGATE, log(), OPERATES, events)
    assert events == [ClockAccepted("the clock was ahead before")]
    assert (state.clocks, state.clock_accepted_at) == (1, NOON)


def test_another_key_signs_from_now_on() -> None:
    events = rotate_key(log(), OPERATES, key=OTHER_KEY, reason="yearly")
    assert events == [KeyRotated(OTHER_KEY, "yearly")]
    assert log(*events).key == OTHER_KEY


def test_everything_wrong_is_said_at_once() -> None:
    with refused("text_missing", "key_unusable"):
        open(None, OPERATES, origin=" ", demo=False, key="secret")
    with refused("out_of_range", "root_unusable", "text_missing"):
        restore(log(), OPERATES, size=0, root="?", reason="")
    with refused("text_missing"):
        accept_clock(log(), OPERATES, reason="")
    with refused("unchanged", "text_missing"):
        rotate_key(log(), OPERATES, key=KEY, reason="")


def test_a_history_begins_with_opening() -> None:
    with pytest.raises(TypeError, match="does not begin"):
        given(AGGREGATE, ClockAccepted("right"), subject=SUBJECT)
