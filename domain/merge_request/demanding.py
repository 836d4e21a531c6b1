"""More reviews once evidence of the head failed, and whose hands a merge request is in."""

from __future__ import annotations

from typing import Annotated, Any

from domain.approval.approval import OpenRule
from domain.askers import check_active, check_firsthand
from domain.clearance import check_cleared
from domain.evidence.state import Outcome
from domain.kernel import Context, Problems, refusal
from domain.merge_request.events import Assigned, ReviewDemanded
from domain.merge_request.question import Question
from domain.merge_request.standing import electorate
from domain.merge_request.state import MergeRequest, Status


def assign(
    state: MergeRequest,
    context: Context,
    *,
    assignee: Annotated[str | None, "Who is to take it from here; null for nobody."],
) -> list[Any]:
    """Put it in somebody's hands, as those of the program that releases (S1-25)."""
    if state.status is Status.CLOSED:
        raise refusal("not_open", f"It is {state.status.value}.")
    problems = Problems()
    check_firsthand(problems, context)
    if assignee is not None:
        check_active(problems, context, assignee, "assignee")
        if assignee not in (state.writer, state.opened_by):
            check_cleared(problems, context, state, assignee, state.project, "assignee")
    problems.settle()
    return [] if assignee == state.assignee else [Assigned(assignee)]


def demand(state: MergeRequest, context: Context) -> list[Any]:
    """Open the rules whose condition has come about; what was opened stays open (S1-16)."""
    if state.status is not Status.OPEN:
        return []
    ask = Question(state, context.at, context.authority, context.records)
    opened = {each.rule.name for each in state.rules}
    return [
        ReviewDemanded(_opened(state, context, row.rule), row.only_if_failed)
        for row in ask.kind.conditions
        if row.rule not in opened and _failed(ask, row.only_if_failed)
    ]


def _failed(ask: Question, name: str) -> bool:
    report = ask.told.newest(name)
    return report is not None and report.outcome is Outcome.FAILED


def _opened(state: MergeRequest, context: Context, name: str) -> tuple[OpenRule, ...]:
    ask = Question(state, context.at, context.authority, context.records)
    rules = [each for each in ask.kind.rules if each.name == name]
    return electorate(state, context.authority, context.at).opened(rules)
