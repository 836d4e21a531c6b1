"""The tasks of a release, which wait for one another (S3-25)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from domain.approval.electorate import check_person
from domain.askers import check_claim
from domain.authority import Authority
from domain.clearance import check_cleared
from domain.kernel import Context, Problems, Text, refusal
from domain.process.release import ReleaseKind
from domain.release.act_events import (
    TaskAdded,
    TaskAssigned,
    TaskCompleted,
    TaskDropped,
    TaskReopened,
)
from domain.release.commands.room import check_room
from domain.release.events import NewTask
from domain.release.fold_plan import task_of
from domain.release.standing import kind_of
from domain.release.state import ENDED, Release, Task, TaskStatus
from domain.wording import LINE, NOTE, check_given

MOST_TASKS: Final = 80
"""How many tasks a release may have, those of its kind and those added."""
FARTHEST_DAYS: Final = 366
"""How many days before or after the date a task may be due."""


def add_task(
    state: Release,
    context: Context,
    *,
    title: Annotated[Text, "What is to be done."],
    phase: Annotated[str | None, "In which phase; else the one the release is in."] = None,
    assignee: Annotated[str | None, "Who is to do it."] = None,
    due_days: Annotated[int | None, "When, in days from the date; before it if negative."] = None,
    after: Annotated[tuple[int, ...], "The numbers of the tasks it waits for."] = (),
) -> list[Any]:
    """Add something to do to those the kind brings."""
    kind = _active(state, context)
    waits, place = tuple(sorted(set(after))), phase or state.phase
    number = len(state.tasks) + 1
    told = {"assignee": assignee, "due_days": due_days, "after": waits}
    task = NewTask(number=number, title=title, phase=place, **told)  # type: ignore[arg-type]
    problems = Problems()
    _check_task(problems, state, context, task, kind)
    check_room(problems, state, "title", tasks=(*state.tasks, task_of(task, state.scheduled)))
    problems.settle()
    return [TaskAdded(task)]


def _check_task(
    problems: Problems, state: Release, context: Context, task: NewTask, kind: ReleaseKind
) -> None:
    check_given(problems, task.title, LINE, "title")
    problems.unless(kind.phase(task.phase), "unknown_phase", "There is no such phase.", "phase")
    if task.assignee is not None:
        _check_assignee(problems, state, context, task.assignee)
    known = set(task.after) <= {each.number for each in state.tasks}
    problems.unless(known, "unknown_task", "It waits for a task that is not there.", "after")
    near = task.due_days is None or abs(task.due_days) <= FARTHEST_DAYS
    message = f"At most {FARTHEST_DAYS} days from the date."
    problems.unless(near, "number_unusable", message, "due_days")
    message = f"At most {MOST_TASKS} tasks."
    problems.unless(task.number <= MOST_TASKS, "too_many", message)


def _check_assignee(problems: Problems, state: Release, context: Context, who: str) -> None:
    check_person(problems, context, who, "assignee")
    check_cleared(problems, context, state, who, state.plan.project, "assignee")


def assign_task(
    state: Release,
    context: Context,
    *,
    number: Annotated[int, "The task."],
    assignee: Annotated[str | None, "Who is to do it; nobody in particular if left out."] = None,
) -> list[Any]:
    """Give a task to somebody, who completes it without its role, if they may complete tasks."""
    task = _task(state, context, number, TaskStatus.OPEN)
    problems = Problems()
    if assignee is not None:
        _check_assignee(problems, state, context, assignee)
    problems.settle()
    return [TaskAssigned(number, assignee)] if assignee != task.assignee else []


def complete_task(
    state: Release, context: Context, *, number: Annotated[int, "The task."]
) -> list[Any]:
    """Say that a task is done; one that waits for others cannot be yet."""
    task = _task(state, context, number, TaskStatus.OPEN)
    left = [each for each in state.tasks if each.number in task.after and _open(each)]
    if left:
        numbers = ", ".join(str(each.number) for each in left)
        raise refusal("task_waits", f"It waits for task {numbers}.", "number")
    _check_role(state, context, task)
    return [TaskCompleted(number)]


def _check_role(state: Release, context: Context, task: Task) -> None:
    """A task for a role is done by who holds it anywhere, or by whom it was given to."""
    if not may_complete(state, task, context.by, context.authority, context.at):
        message = f"It is for {task.role}, or for whom it is given to, if they complete tasks."
        raise refusal("not_entitled", message, "number")


def may_complete(state: Release, task: Task, who: str, authority: Authority, at: datetime) -> bool:
    """Whether somebody who completes tasks may complete this one."""
    if task.role is None or (task.assignee and task.assignee == who):
        return True
    return task.role in {role for role, _ in authority.roles_for(who, _reach(state), at)}


def _reach(state: Release) -> dict[str, frozenset[str]]:
    """Where a role must be held to count for a task of this release."""
    project = frozenset((state.plan.project,)) if state.plan.project else frozenset[str]()
    reach = {"service": frozenset((state.plan.service,))}
    return reach | {"project": project} if project else reach


def drop_task(
    state: Release,
    context: Context,
    *,
    number: Annotated[int, "The task."],
    reason: Annotated[Text, "Why it need not be done."],
) -> list[Any]:
    """Say that a task need not be done."""
    _task(state, context, number, TaskStatus.OPEN)
    problems = Problems()
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [TaskDropped(number, reason)]


def reopen_task(
    state: Release, context: Context, *, number: Annotated[int, "The task."]
) -> list[Any]:
    """Say that a task has to be done after all; what waited for it and is done stays done."""
    _task(state, context, number, TaskStatus.DONE, TaskStatus.DROPPED)
    return [TaskReopened(number)]


def _open(task: Task) -> bool:
    return task.status is TaskStatus.OPEN


def _active(state: Release, context: Context) -> ReleaseKind:
    if state.status in ENDED:
        raise refusal("ended", "The release has ended.")
    problems = Problems()
    check_claim(problems, context)
    problems.settle()
    return kind_of(state, context.records)


def _task(state: Release, context: Context, number: int, *statuses: TaskStatus) -> Task:
    _active(state, context)
    task = next((each for each in state.tasks if each.number == number), None)
    if task is None:
        raise refusal("unknown_task", "The release has no such task.", "number")
    if task.status not in statuses:
        raise refusal("task_settled", f"The task is {task.status.value}.", "number")
    return task
