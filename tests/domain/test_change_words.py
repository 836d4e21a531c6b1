"""Whatever people write beside an act can be kept, and a mere claim is no act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from domain.change.state import Outcome
from domain.kernel import Refusal
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
from tests.domain.merge_stories import FIRST, SECOND, opened, signed
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    DUTY,
    ENG,
    LONG_AGO,
    MAX,
    OWEN,
    WINDOW,
    Story,
    refused,
)
from tests.domain.template_stories import active, proposed

Begin = Callable[[], Story]
Act = tuple[Begin, str, str, dict[str, Any], str]
"""Where a story stands, who asks for what with which arguments, and the name of the text."""
RULE = {"rule": "assessment"}
ROLLED_BACK = {"outcome": Outcome.ROLLED_BACK}
SUCCESSFUL = {"outcome": Outcome.SUCCESSFUL}


def with_task() -> Story:
    story = drafted()
    story.ask(ANN, "add_task", title="Order disks")
    return story


def asked_to_break() -> Story:
    story = emergency()
    story.ask(ENG, "break_glass", second=DUTY, reason="Now.")
    return story


def begun() -> Story:
    story = scheduled()
    story.at = WINDOW.since
    return story


NEEDED: list[Act] = [
    (submitted, ASA, "reject", RULE, "reason"),
    (under_way, ENG, "finish", ROLLED_BACK, "note"),
    (reviewing, MAX, "review", {}, "findings"),
    (drafted, ANN, "cancel", {}, "reason"),
    (drafted, ANN, "hold", {}, "reason"),
    (emergency, ENG, "break_glass", {"second": DUTY}, "reason"),
    (broken, ENG, "fulfil_obligation", {"name": "break_glass_write_up"}, "write_up"),
    (drafted, ANN, "add_task", {}, "title"),
    (with_task, ANN, "edit_task", {"number": 1}, "title"),
    (with_task, ANN, "drop_task", {"number": 1}, "reason"),
    (proposed, MAX, "decline", {}, "reason"),
    (active, OWEN, "retire", {}, "reason"),
    (opened, FIRST, "reject", {"rule": "reviews"}, "reason"),
    (opened, ANN, "close", {}, "reason"),
]
"""Acts with a text that must be there."""
OFFERED: list[Act] = [
    (submitted, ASA, "approve", RULE, "comment"),
    (submitted, ASA, "abstain", RULE, "comment"),
    (assessed, ASA, "withdraw_vote", RULE, "comment"),
    (under_way, ENG, "finish", SUCCESSFUL, "note"),
    (reviewing, MAX, "review", {"findings": "Fine."}, "lessons"),
    (proposed, MAX, "approve", {}, "comment"),
    (opened, FIRST, "sign_off", {"rule": "reviews"}, "comment"),
    (signed, SECOND, "withdraw_sign_off", {"rule": "reviews"}, "comment"),
]
"""Acts with a text that may be left out."""


def told(act: Act) -> str:
    """The name of a row in a report."""
    return f"{act[0].__name__}-{act[2]}-{act[4]}"


@pytest.mark.parametrize("text", ["\x00", "e\u0301", "\ufdd0", "x" * 10_000, " \n"])
@pytest.mark.parametrize("act", NEEDED + OFFERED, ids=told)
def test_no_act_is_granted_with_words_that_cannot_be_kept(act: Act, text: str) -> None:
    begin, by, verb, more, name = act
    story = begin()
    with pytest.raises(Refusal) as caught:
        story.ask(by, verb, **more, **{name: text})
    (problem,) = caught.value.problems
    assert (problem.code.partition("_")[0], problem.path) == ("text", (name,))


@pytest.mark.parametrize("act", OFFERED, ids=told)
def test_what_may_be_left_out_may_be(act: Act) -> None:
    begin, by, verb, more, name = act
    assert begin().ask(by, verb, **more)
    assert begin().ask(by, verb, **more, **{name: "A word."})


@pytest.mark.parametrize(
    "begin,by,verb,more",
    [
        (drafted, ANN, "submit", {}),
        (submitted, ASA, "approve", RULE),
        (submitted, ASA, "reject", RULE | {"reason": "No."}),
        (submitted, ASA, "abstain", RULE),
        (begun, ENG, "implement", {}),
        (reviewing, MAX, "review", {"findings": "Fine."}),
        (reviewing, OWEN, "close", {}),
        (emergency, ENG, "break_glass", {"second": DUTY, "reason": "Now."}),
        (asked_to_break, DUTY, "confirm_break_glass", {}),
        (broken, ENG, "fulfil_obligation", {"name": "break_glass_write_up", "write_up": "So."}),
    ],
)
def test_no_gate_counts_a_claim(begin: Begin, by: str, verb: str, more: dict[str, Any]) -> None:
    story = begin()
    with refused("mere_claim"):
        story.ask(by, verb, **more, claimed=True, happened=LONG_AGO)
    assert story.ask(by, verb, **more)


def test_a_review_comes_once_and_after_the_work() -> None:
    with refused("not_in_review"):
        under_way().ask(MAX, "review", findings="Fine.")
    story = reviewing()
    story.ask(MAX, "review", findings="Fine.")
    with refused("reviewed_before"):
        story.ask(CAB_ONE, "review", findings="Fine indeed.")
