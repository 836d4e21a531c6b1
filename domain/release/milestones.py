"""What is due for a release by its date: when its phases open, and its open tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.process.release import ReleaseKind
from domain.release.state import Release, TaskStatus


def milestones(state: Release, kind: ReleaseKind | None) -> Iterator[tuple[str, str, datetime]]:
    """The name, the title and the time of each; none without a date."""
    if state.scheduled is None:
        return
    for phase in kind.phases if kind else ():
        if phase.opens_days is not None:
            yield phase.name, phase.title, state.scheduled + timedelta(days=phase.opens_days)
    for task in state.tasks:
        if task.due is not None and task.status is TaskStatus.OPEN:
            yield task.name or f"task {task.number}", task.title, task.due
