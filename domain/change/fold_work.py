"""How implementing, reviewing and ending fold into a change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from domain.authorship import actors
from domain.change import events as e
from domain.change.fold_draft import Changes, Folds
from domain.change.reopened import ObligationReopened
from domain.change.state import (
    Change,
    Glass,
    Hold,
    Obligation,
    Retrospect,
    Status,
    Task,
    TaskStatus,
)
from domain.kernel import Recorded, distinct


def _started(state: Change, event: e.Started, recorded: Recorded) -> Changes:
    return _begun(state, event.obligations, actors(state.implementers, recorded), recorded)


def _asked(state: Change, event: e.GlassBreakRequested, recorded: Recorded) -> Changes:
    asked = (recorded.by, event.second, event.revision, recorded.at, event.reason)
    glass = Glass(*asked, grant=event.grant, other_grants=event.other_grants)
    old = state.glass
    if old is None or old.revision != event.revision:
        return {"glass": glass}
    if (old.by, old.second, old.reason) == (glass.by, glass.second, glass.reason):
        glass = replace(glass, number=old.number, before=old.before)
    else:
        before = distinct((*old.before, old.second))
        glass = replace(glass, number=old.number + 1, before=before)
    return {"glass": glass}


def _broken(state: Change, event: e.GlassBroken, recorded: Recorded) -> Changes:
    if state.glass is None:
        raise TypeError("nobody asked to break the glass")
    glass = replace(state.glass, confirmed_at=recorded.at)
    implementers = distinct((*state.implementers, state.glass.by))
    return _begun(state, event.obligations, implementers, recorded) | {"glass": glass}


def _begun(
    state: Change,
    obligations: tuple[Obligation, ...],
    implementers: tuple[str, ...],
    recorded: Recorded,
) -> Changes:
    """What was owed from an earlier start stays owed as it was."""
    return {
        "status": Status.IMPLEMENTING,
        "started_at": state.started_at or recorded.at,
        "implementers": implementers,
        "answered": distinct((*state.answered, state.owner)),
        "obligations": (*state.obligations, *obligations),
    }


def _finished(state: Change, event: e.Finished, recorded: Recorded) -> Changes:
    return {
        "status": Status.REVIEW,
        "hold": None,
        "finished_at": recorded.at,
        "implementers": actors(state.implementers, recorded),
        "answered": distinct((*state.answered, state.owner)),
        "outcome": event.outcome,
        "outcome_note": event.note,
    }


def _reviewed(_state: Change, event: e.Reviewed, recorded: Recorded) -> Changes:
    told = (event.findings, event.lessons, event.grant, event.other_grants)
    return {"review": Retrospect(recorded.by, recorded.at, *told)}


def _fulfilled(state: Change, event: e.ObligationFulfilled, recorded: Recorded) -> Changes:
    return {"obligations": _done(state, event.name, recorded, write_up=event.write_up)}


def _refused(state: Change, event: e.ObligationRefused, recorded: Recorded) -> Changes:
    done = _done(state, event.name, recorded, refused=True)
    return {"obligations": (*done, event.follow_up)}


def _reopened(state: Change, event: ObligationReopened, _recorded: Recorded) -> Changes:
    kept = (owed for owed in state.obligations if owed.name not in event.dropped)
    every = (
        replace(owed, fulfilled_at=None, fulfiller=None, refused=False)
        if owed.name == event.name
        else owed
        for owed in kept
    )
    return {"obligations": tuple(every)}


def _done(state: Change, name: str, recorded: Recorded, **how: Any) -> tuple[Obligation, ...]:
    """What is owed, with one of it settled."""
    return tuple(
        replace(owed, fulfilled_at=recorded.at, fulfiller=recorded.by, **how)
        if owed.name == name
        else owed
        for owed in state.obligations
    )


def _closed(_state: Change, _event: e.Closed, recorded: Recorded) -> Changes:
    return {"status": Status.CLOSED, "ended_at": recorded.at}


def _cancelled(_state: Change, event: e.Cancelled, recorded: Recorded) -> Changes:
    reason = event.reason
    return {"status": Status.CANCELLED, "ended_at": recorded.at, "cancelled_because": reason}


def _held(state: Change, event: e.Held, recorded: Recorded) -> Changes:
    hold = Hold(state.status, recorded.by, recorded.at, event.reason)
    return {"status": Status.ON_HOLD, "hold": hold}


def _resumed(_state: Change, event: e.Resumed, _recorded: Recorded) -> Changes:
    return {"status": event.status, "hold": None}


def _task_added(state: Change, event: e.TaskAdded, _recorded: Recorded) -> Changes:
    task = Task(event.number, event.title, event.assignee, event.after)
    return {"tasks": (*state.tasks, task)}


def _task_edited(state: Change, event: e.TaskEdited, _recorded: Recorded) -> Changes:
    return _tasks(
        state, event.number, title=event.title, assignee=event.assignee, after=event.after
    )


def _task_completed(state: Change, event: e.TaskCompleted, recorded: Recorded) -> Changes:
    return _settled(state, event.number, TaskStatus.DONE, recorded)


def _task_dropped(state: Change, event: e.TaskDropped, recorded: Recorded) -> Changes:
    return _settled(state, event.number, TaskStatus.DROPPED, recorded)


def _task_reopened(state: Change, event: e.TaskReopened, _recorded: Recorded) -> Changes:
    status = TaskStatus.OPEN
    return _tasks(state, event.number, status=status, settled_by=None, settled_at=None)


def _settled(state: Change, number: int, status: TaskStatus, recorded: Recorded) -> Changes:
    by, at = recorded.by, recorded.at
    return _tasks(state, number, status=status, settled_by=by, settled_at=at)


def _tasks(state: Change, number: int, **changes: Any) -> Changes:
    tasks = (replace(t, **changes) if t.number == number else t for t in state.tasks)
    return {"tasks": tuple(tasks)}


FOLDS: Final[Folds] = {
    e.Started: _started,
    e.GlassBreakRequested: _asked,
    e.GlassBroken: _broken,
    e.Finished: _finished,
    e.Reviewed: _reviewed,
    e.ObligationFulfilled: _fulfilled,
    e.ObligationRefused: _refused,
    ObligationReopened: _reopened,
    e.Closed: _closed,
    e.Cancelled: _cancelled,
    e.Held: _held,
    e.Resumed: _resumed,
    e.TaskAdded: _task_added,
    e.TaskEdited: _task_edited,
    e.TaskCompleted: _task_completed,
    e.TaskReopened: _task_reopened,
    e.TaskDropped: _task_dropped,
}
