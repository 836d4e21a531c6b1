"""What has a change approved, and by whom, told where something else waits for it (S1-20)."""

from __future__ import annotations

from domain.change.gate_implement import authorising
from domain.change.question import Question
from domain.explanation import explain
from domain.gate import Act, evaluate


def approving(asked: Question) -> tuple[Act, ...]:
    """The first way by which it is, as its own gate says; nothing where there is none."""
    ways = explain(evaluate(authorising(asked)), may=asked.may).ways
    acts = ways[0].acts if ways else ()
    return tuple(Act(e.action, e.everyone, e.count, e.description, e.rule) for e in acts)
