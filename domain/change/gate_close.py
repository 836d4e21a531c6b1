"""What must hold before a change is closed: nothing is left to do, to look back on, or owed."""

from __future__ import annotations

from domain.change.gate_implement import finishing, implementing
from domain.change.gate_owed import look_back, obligations
from domain.change.gate_review import HOW, over, through_glass
from domain.change.in_its_place import in_its_place
from domain.change.question import Question, aside, found
from domain.change.standing import kind_of, looked_back
from domain.change.state import ENDED, UNDER_WAY, Task, TaskStatus
from domain.gate import Act, Finding, Requirement
from domain.gate import Status as Is
from domain.titles import given_in_vain

_TASKS = "Every task is done or dropped"
_REVIEW = "It was looked back on"


def closing(ask: Question) -> tuple[Requirement, ...]:
    """The requirements of closing; until the work has begun, also those of beginning it."""
    waits = ask.state.status not in UNDER_WAY | ENDED and not ask.state.unfinished
    own = (
        Requirement("status", "The change is in review", lambda: over(ask)),
        Requirement("outcome", "The outcome is recorded", lambda: _outcome(ask)),
        Requirement("tasks", _TASKS, lambda: _tasks(ask), "S3-25"),
        Requirement("review", _REVIEW, lambda: _review(ask)),
        Requirement("obligations", "Nothing is owed", lambda: obligations(ask)),
    )
    if not waits:
        return own
    return (*implementing(ask, through_glass(ask)), *in_its_place(ask, own))


def _outcome(ask: Question) -> Finding:
    title = "The outcome is recorded"
    if ask.state.unfinished:
        return aside("outcome", title, "It is said as the work is finished.")
    act = finishing(ask, HOW)
    return found("outcome", title, ask.state.outcome, "outcome_missing", "It is missing.", act)


def _tasks(ask: Question) -> Finding:
    if not ask.state.tasks:
        return aside("tasks", _TASKS)
    left = [task for task in ask.state.tasks if task.status is TaskStatus.OPEN]
    return Finding(
        "tasks",
        Is.UNSATISFIED if left else Is.SATISFIED,
        _TASKS,
        missing=tuple(f"task {task.number}" for task in left),
        message=f"{len(left)} of {len(ask.state.tasks)} tasks are open.",
        code="tasks_open" if left else "",
        source="S3-25",
        acts=tuple(_task_act(ask, task) for task in left),
    )


def _task_act(ask: Question, task: Task) -> Act:
    people, told = ask.who("change.complete_task"), ""
    if task.assignee and people and task.assignee not in people:
        told = given_in_vain(ask.authority.person(task.assignee))
    return Act("change.complete_task", people, description=f"Complete task {task.number}{told}.")


def _review(ask: Question) -> Finding:
    outcome = ask.state.outcome
    demanded = kind_of(ask.state, ask.records).review_after
    refused = any(owed.refused for owed in ask.state.obligations)
    wanted = refused or "any" in demanded or (outcome is not None and outcome.value in demanded)
    if not wanted:
        return aside("review", _REVIEW)
    message = "A review by somebody who did not do the work is missing."
    if ask.state.review is not None:
        message = "Who looked back did the work themselves, or has lost the right to."
    done = looked_back(ask.state, ask.authority)
    return found("review", _REVIEW, done, "review_missing", message, *look_back(ask))
