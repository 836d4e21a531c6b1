"""The tasks of a change, which wait for one another and keep it from closing (S3-25)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final

from domain.approval.electorate import check_person
from domain.askers import check_claim
from domain.change.events import TaskAdded, TaskCompleted, TaskDropped, TaskEdited, TaskReopened
from domain.change.room import check_room
from domain.change.state import ENDED, Change, Status, Task, TaskStatus
from domain.kernel import KEEP, Context, Keep, Problems, Text, refusal
from domain.wording import LINE, NOTE, check_given

MOST_TASKS: Final = 30
"""How many tasks a change may have; more is a project."""


def add_task(
    state: Change,
    context: Context,
    *,
    title: Annotated[Text, "What is to be done."],
    assignee: Annotated[str | None, "Who is to do it."] = None,
    after: Annotated[tuple[int, ...], "The numbers of the tasks it waits for."] = (),
) -> list[Any]:
    """Add something to do before the change can close."""
    _check_active(state, context)
    task = Task(len(state.tasks) + 1, title, assignee, tuple(sorted(set(after))))
    problems = Problems()
    message = f"At most {MOST_TASKS} tasks."
    problems.unless(task.number <= MOST_TASKS, "too_many", message)
    _check_task(problems, state, context, task)
    problems.settle()
    return [TaskAdded(task.number, title, assignee, task.after)]


def edit_task(
    state: Change,
    context: Context,
    *,
    number: Annotated[int, "The task."],
    title: Annotated[Text, "What is to be done."] | Keep = KEEP,
    assignee: Annotated[str | None, "Who is to do it."] | Keep = KEEP,
    after: Annotated[tuple[int, ...], "The numbers of the tasks it waits for."] | Keep = KEEP,
) -> list[Any]:
    """Word a task anew, give it to somebody else, or let it wait for other tasks."""
    task = _task(state, context, number, TaskStatus.OPEN)
    edited = Task(
        number,
        task.title if isinstance(title, Keep) else title,
        task.assignee if isinstance(assignee, Keep) else assignee,
        task.after if isinstance(after, Keep) else tuple(sorted(set(after))),
    )
    problems = Problems()
    _check_task(problems, state, context, edited)
    problems.settle()
    return [TaskEdited(number, edited.title, edited.assignee, edited.after)] * (edited != task)


def complete_task(
    state: Change, context: Context, *, number: Annotated[int, "The task."]
) -> list[Any]:
    """Say that a task is done; one that waits for others cannot be yet."""
    task = _task(state, context, number, TaskStatus.OPEN)
    left = [each for each in waited_for(state, task) if each.status is TaskStatus.OPEN]
    if left:
        numbers = ", ".join(str(each.number) for each in left)
        raise refusal("task_waits", f"It waits for task {numbers}.", "number")
    return [TaskCompleted(number)]


def drop_task(
    state: Change,
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
    state: Change, context: Context, *, number: Annotated[int, "The task."]
) -> list[Any]:
    """Say that a task has to be done after all; what waited for it and is done stays done."""
    _task(state, context, number, TaskStatus.DONE, TaskStatus.DROPPED)
    return [TaskReopened(number)]


def waited_for(state: Change, task: Task) -> tuple[Task, ...]:
    """The tasks that must be settled before this one."""
    return tuple(each for each in state.tasks if each.number in task.after)


def _check_active(state: Change, context: Context) -> None:
    problems = Problems()
    check_claim(problems, context)
    problems.settle()
    if state.status in ENDED:
        raise refusal("ended", "The change has ended.")
    if state.status is Status.ON_HOLD:
        raise refusal("on_hold", "The change is on hold, and its tasks with it.")


def _task(state: Change, context: Context, number: int, *statuses: TaskStatus) -> Task:
    _check_active(state, context)
    task = next((each for each in state.tasks if each.number == number), None)
    if task is None:
        raise refusal("unknown_task", "The change has no such task.", "number")
    if task.status not in statuses:
        raise refusal("task_settled", f"The task is {task.status.value}.", "number")
    return task


def _check_task(problems: Problems, state: Change, context: Context, task: Task) -> None:
    check_given(problems, task.title, LINE, "title")
    if task.assignee is not None:
        check_person(problems, context, task.assignee, "assignee")
    rest = tuple(each for each in state.tasks if each.number != task.number)
    if not problems:
        check_room(problems, replace(state, tasks=(*rest, task)), context.records, "title")
    others = {each.number: each.after for each in rest}
    known = set(task.after) <= set(others)
    problems.unless(known, "unknown_task", "It waits for a task that is not there.", "after")
    message = "Tasks would wait for one another in a circle."
    problems.unless(
        not _circular(others | {task.number: task.after}), "task_circle", message, "after"
    )


def _circular(waits: dict[int, tuple[int, ...]]) -> bool:
    """Whether some tasks never could begin: take away those that wait for nothing left."""
    left = dict(waits)
    while free := [number for number, after in left.items() if not left.keys() & set(after)]:
        for number in free:
            del left[number]
    return bool(left)
