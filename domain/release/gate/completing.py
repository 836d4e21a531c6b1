"""Who completes the tasks that are left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.gate import Act
from domain.release.commands.tasks import may_complete
from domain.release.gate.question import Question
from domain.release.state import Task
from domain.titles import given_in_vain


def completing(ask: Question, left: Iterable[Task]) -> tuple[Act, ...]:
    """That each is completed by somebody of its role, or by whom it is given to."""
    return tuple(act for task in left for act in _completing(ask, task))


def _completing(ask: Question, task: Task) -> Iterator[Act]:
    every, told = ask.who("release.complete_task"), f"Complete task {task.number}."
    able = (e for e in every if may_complete(ask.state, task, e, ask.authority, ask.at))
    people = frozenset(able)
    if every and not people:
        told = f"Give task {task.number} to somebody who completes tasks: nobody has {task.role}."
        yield ask.act("release.assign_task", told)
    else:
        if task.assignee and every and task.assignee not in people:
            vain = given_in_vain(ask.authority.person(task.assignee))
            told = f"Complete task {task.number}{vain}."
        yield Act("release.complete_task", people, description=told)
