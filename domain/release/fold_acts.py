"""How carrying a release out folds into its state: tags, deployments, tasks, its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from domain.kernel import Recorded, distinct
from domain.process.release import ReleaseStatus
from domain.release import act_events as e
from domain.release import fold_overrides
from domain.release.counts import Counted
from domain.release.fold_plan import Changes, Folds, task_of
from domain.release.state import Delivery, Progress, Release, Retrospect, Stood, Tag, TaskStatus
from domain.word import said_anew

MOST_STOOD: Final = 50
"""Of so many spans in which it stood somewhere a release tells, the latest of each environment."""


def _tagged(state: Release, event: e.Tagged, recorded: Recorded) -> Changes:
    """Of each version the last tag; those before it stand where they are."""
    told = (event.version, event.name, event.commit, recorded.by, recorded.at)
    tag = Tag(*told, event.projects)
    kept = tuple(each for each in state.tags if each.version != tag.version)
    former = tuple(each for each in state.tags if each.version == tag.version)
    return {"tags": (*kept, tag), "former_tags": (*state.former_tags, *former)}


def _started(state: Release, event: e.DeploymentStarted, recorded: Recorded) -> Changes:
    running = (Progress.RUNNING, recorded.by, recorded.at)
    begun = Delivery(event.environment, event.cargo, *running, deployment=event.deployment)
    overrides = fold_overrides.set_off(state, event, recorded)
    return {"deliveries": (*_others(state, event.environment), begun), "overrides": overrides}


def _counted(state: Release, event: e.DeploymentCounted, recorded: Recorded) -> Changes:
    """What brought it keeps its times: it was looked at and tested there since then."""
    found = state.delivery(event.environment)
    own = found is not None and found.deployment == event.deployment
    if found and own and found.progress is Progress.SUCCEEDED:
        counted = replace(found, cargo=event.cargo, counted_at=recorded.at)
    else:
        told = (Progress.SUCCEEDED, recorded.by, event.since, recorded.by, event.since)
        counted = Delivery(event.environment, event.cargo, *told, event.deployment, recorded.at)
    overrides = fold_overrides.counted(state, event, recorded)
    beside = {"counted": _counts(state, event, recorded), "overrides": overrides}
    return {"deliveries": (*_others(state, event.environment), counted), **beside}


def _counts(state: Release, event: e.DeploymentCounted, recorded: Recorded) -> tuple[Counted, ...]:
    """What counts stays known as that once something else is tried there."""
    kept = tuple(each for each in state.counted if each.deployment != event.deployment)
    own = Counted(event.deployment, event.environment, event.since, recorded.at)
    return (*kept, own)[-MOST_STOOD:]


def _settled(state: Release, event: e.DeploymentSettled, recorded: Recorded) -> Changes:
    """What lay beneath a deployment kept here goes without a word of that."""
    if event.arrived is not None:
        return {"stood": _taken_away(state, event, recorded.at)}
    changes: dict[str, Any] = {"settled_by": recorded.by, "settled_at": recorded.at}
    every = (
        replace(each, progress=event.progress, **changes)
        if each.environment == event.environment
        else each
        for each in state.deliveries
    )
    told = {"deliveries": tuple(every), "stood": _stood(state, event, recorded)}
    return told | {"overrides": fold_overrides.settled(state, event, recorded)}


def _stood(state: Release, event: e.DeploymentSettled, recorded: Recorded) -> tuple[Stood, ...]:
    """Where it stood, once what was brought by hand arrived or went; deployments tell of theirs.

    What is rolled back leaves what lay beneath it as that lay, also where that is its own: what it
    brought before, with something else in it.
    """
    found = state.delivery(event.environment)
    if found is None or found.deployment is not None:
        return state.stood
    came = event.progress is Progress.SUCCEEDED
    again = event.progress is found.progress is Progress.ROLLED_BACK
    if not came and not again and found.progress is not Progress.SUCCEEDED:
        return state.stood
    if not came:
        return _taken_away(state, event, recorded.at)
    here = [each for each in state.stood if each.environment == event.environment]
    there = next((each for each in here if each.until is None), None)
    ended = _until(state.stood, there, recorded.at)
    label = ", ".join(state.plan.versions)
    come = Stood(event.environment, label, recorded.at, cargo=found.cargo, began=found.started_at)
    over = here[0] if len(here) >= MOST_STOOD else None
    return (*(each for each in ended if each is not over), come)


def _taken_away(state: Release, event: e.DeploymentSettled, at: datetime) -> tuple[Stood, ...]:
    """Without what stands there by hand; what that had come over stands there again."""
    here = (each for each in state.stood if each.environment == event.environment)
    there = next((each for each in here if each.until is None), None)
    below = beneath(state.stood, there) if there else None
    return _until(_until(state.stood, there, at), below, None)


def beneath(stood: tuple[Stood, ...], top: Stood) -> Stood | None:
    """What gave way to that as it came there, and not to the same thing brought anew."""
    here = (each for each in stood if each.environment == top.environment)
    ends = {each.until: each for each in here if each.until is not None}
    below: Stood | None = top
    while below is not None and below.cargo == top.cargo:
        below = ends.get(below.since)
    return below


def _until(
    spans: tuple[Stood, ...], which: Stood | None, until: datetime | None
) -> tuple[Stood, ...]:
    return tuple(replace(each, until=until) if each is which else each for each in spans)


def _others(state: Release, environment: str) -> tuple[Delivery, ...]:
    return tuple(each for each in state.deliveries if each.environment != environment)


def _published(state: Release, event: e.Published, recorded: Recorded) -> Changes:
    made = fold_overrides.published(state, event, recorded)
    told: Changes = {"published_by": recorded.by, "published_at": recorded.at}
    told |= {"publication_override": made}
    return told | _shown(recorded) if state.embargoed else told


def _reveal_proposed(state: Release, event: e.RevealProposed, recorded: Recorded) -> Changes:
    return {"reveal_proposals": said_anew(state.reveal_proposals, event, recorded)}


def _revealed(_state: Release, _event: e.Revealed, recorded: Recorded) -> Changes:
    return _shown(recorded)


def _shown(recorded: Recorded) -> Changes:
    return {"embargoed": False, "revealed_at": recorded.at, "reveal_proposals": ()}


def _announced(_state: Release, event: e.Announced, recorded: Recorded) -> Changes:
    told = {"announced_by": recorded.by, "announced_at": recorded.at}
    return told | {"announcement": event.location}


def seen(state: Release) -> tuple[str, ...]:
    """Where it has been, well or not; what is on its way there is not there yet."""
    ended = (e.environment for e in state.deliveries if e.progress is not Progress.RUNNING)
    return distinct((*ended, *(each.environment for each in state.stood)))


def _reviewed(state: Release, event: e.Reviewed, recorded: Recorded) -> Changes:
    """What was said before it was out anywhere says nothing of how it went."""
    told = (event.findings, event.feedback, event.lessons)
    return {"review": Retrospect(recorded.by, recorded.at, *told, seen(state))}


def _closed(_state: Release, _event: e.Closed, recorded: Recorded) -> Changes:
    return {"status": ReleaseStatus.CLOSED, "ended_at": recorded.at}


def _aborted(_state: Release, event: e.Aborted, recorded: Recorded) -> Changes:
    ended = {"status": ReleaseStatus.ABORTED, "ended_at": recorded.at}
    return ended | {"aborted_because": event.reason}


def _task_added(state: Release, event: e.TaskAdded, _recorded: Recorded) -> Changes:
    return {"tasks": (*state.tasks, task_of(event.task, state.scheduled))}


def _task_assigned(state: Release, event: e.TaskAssigned, _recorded: Recorded) -> Changes:
    return _task(state, event.number, assignee=event.assignee)


def _task_completed(state: Release, event: e.TaskCompleted, recorded: Recorded) -> Changes:
    return _task_settled(state, event.number, TaskStatus.DONE, recorded)


def _task_dropped(state: Release, event: e.TaskDropped, recorded: Recorded) -> Changes:
    return _task_settled(state, event.number, TaskStatus.DROPPED, recorded)


def _task_reopened(state: Release, event: e.TaskReopened, _recorded: Recorded) -> Changes:
    status = TaskStatus.OPEN
    return _task(state, event.number, status=status, settled_by=None, settled_at=None)


def _task_settled(state: Release, number: int, status: TaskStatus, recorded: Recorded) -> Changes:
    by, at = recorded.by, recorded.at
    return _task(state, number, status=status, settled_by=by, settled_at=at)


def _task(state: Release, number: int, **changes: Any) -> Changes:
    tasks = (replace(t, **changes) if t.number == number else t for t in state.tasks)
    return {"tasks": tuple(tasks)}


FOLDS: Final[Folds] = {
    e.Tagged: _tagged,
    e.DeploymentStarted: _started,
    e.DeploymentCounted: _counted,
    e.DeploymentSettled: _settled,
    e.Published: _published,
    e.Announced: _announced,
    e.RevealProposed: _reveal_proposed,
    e.Revealed: _revealed,
    e.Reviewed: _reviewed,
    e.Closed: _closed,
    e.Aborted: _aborted,
    e.TaskAdded: _task_added,
    e.TaskAssigned: _task_assigned,
    e.TaskCompleted: _task_completed,
    e.TaskDropped: _task_dropped,
    e.TaskReopened: _task_reopened,
}
