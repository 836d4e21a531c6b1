"""How planning a release folds into its state: plan, date, targets, contents, tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from domain.authorship import actors, follows
from domain.kernel import Recorded
from domain.release import events as e
from domain.release.state import (
    Entered,
    Move,
    Release,
    RepositoryTag,
    Target,
    Task,
    Withheld,
    cargo_of,
)

Changes = dict[str, Any]
"""The fields an event sets."""
Folds = Mapping[type, Callable[[Release, Any, Recorded], Changes]]
"""How each event of a release changes it."""


def opened(event: e.Opened, recorded: Recorded) -> Release:
    """The release as it was planned."""
    return Release(
        id=recorded.subject,
        version=recorded.version,
        status=event.status,
        phase=event.phase,
        kind=event.kind,
        playbook=event.playbook,
        plan=event.plan,
        scheduled=event.scheduled,
        revision=1,
        digest=event.digest,
        author=recorded.by,
        author_grant=event.grant,
        author_grants=event.other_grants,
        opened_at=recorded.at,
        contributors=actors((), recorded),
        tasks=tuple(task_of(each, event.scheduled) for each in event.tasks),
        duties=event.duties,
        copied_from=event.copied_from,
        embargoed=event.embargoed,
        contents=event.contents,
    )


def task_of(new: e.NewTask, scheduled: datetime | None) -> Task:
    """A task as it begins, due so many days from the date."""
    return Task(
        number=new.number,
        title=new.title,
        phase=new.phase,
        name=new.name,
        role=new.role,
        assignee=new.assignee,
        due_days=new.due_days,
        due=due(scheduled, new.due_days),
        after=new.after,
    )


def due(scheduled: datetime | None, days: int | None) -> datetime | None:
    """When something is due that many days from the date, as far as both are known."""
    known = scheduled is not None and days is not None
    return scheduled + timedelta(days=days or 0) if known and scheduled else None


WRITTEN: Final = (
    *(e.Opened, e.Edited, e.Rescheduled, e.Aimed),
    *(e.Included, e.Excluded, e.PlaybookTaken),
)
"""The events by which somebody has a hand in it."""


def revised(state: Release, event: Any, recorded: Recorded) -> Changes:
    """A new revision: no rule is open and no vote counts any more."""
    return {
        "revision": event.revision,
        "digest": event.digest,
        "rules": (),
        "votes": (),
        "voided": state.voided + len(state.votes),
        "alarms": (),
        "approved_at": None,
        "contributors": actors(state.contributors, recorded),
    }


def _edited(state: Release, event: e.Edited, recorded: Recorded) -> Changes:
    kept = tuple(each for each in state.targets if each.version in event.plan.versions)
    return revised(state, event, recorded) | {"plan": event.plan, "targets": kept}


def _rescheduled(state: Release, event: e.Rescheduled, recorded: Recorded) -> Changes:
    told = (event.scheduled, recorded.by, recorded.at, event.reason)
    return revised(state, event, recorded) | {
        "scheduled": event.scheduled,
        "last_move": Move(state.scheduled, *told),
        "moves": state.moves + 1,
        "tasks": tuple(replace(t, due=due(event.scheduled, t.due_days)) for t in state.tasks),
    }


def _aimed(state: Release, event: e.Aimed, recorded: Recorded) -> Changes:
    aimed = targets_with(state, event.target)
    return revised(state, event, recorded) | {"targets": aimed}


def targets_with(state: Release, target: Target) -> tuple[Target, ...]:
    """The targets once this one is set, in the order of the versions."""
    found = {each.version: each for each in (*state.targets, target)}
    return tuple(found[each] for each in state.plan.versions if each in found)


def _included(state: Release, event: e.Included, recorded: Recorded) -> Changes:
    count = state.item_count + len(event.items)
    put = {"contents": event.contents, "item_count": count, "withheld": None}
    return revised(state, event, recorded) | put


def _excluded(state: Release, event: e.Excluded, recorded: Recorded) -> Changes:
    """Fewer items; who hides one of them did not choose what goes out, and is not told of here."""
    count = state.item_count - len(event.items)
    left = {"contents": event.contents, "item_count": count, "withheld": None}
    hidden = {"contributors": state.contributors, "withheld": _withheld(state, event)}
    return revised(state, event, recorded) | left | (hidden if follows(recorded) else {})


def _withheld(state: Release, event: e.Excluded) -> Withheld:
    before = state.withheld or Withheld(state.contents, ())
    return Withheld(before.contents, (*before.items, *(each.reference for each in event.items)))


def _duties(_state: Release, event: e.DutiesAssigned, _recorded: Recorded) -> Changes:
    return {"duties": event.duties}


def _awaited(state: Release, event: e.RepositoryAwaited, _recorded: Recorded) -> Changes:
    return {"repositories": (*state.repositories, RepositoryTag(event.repository))}


def _entered(state: Release, event: e.RepositoryTagEntered, recorded: Recorded) -> Changes:
    tag = RepositoryTag(event.repository, event.tag, entered_by=recorded.by, entered_at=recorded.at)
    return _repository(state, tag)


def _unchanged(state: Release, event: e.RepositoryFoundUnchanged, recorded: Recorded) -> Changes:
    by, at = recorded.by, recorded.at
    tag = RepositoryTag(event.repository, unneeded=True, entered_by=by, entered_at=at)
    return _repository(state, tag)


def _repository(state: Release, tag: RepositoryTag) -> Changes:
    every = (tag if each.repository == tag.repository else each for each in state.repositories)
    return {"repositories": tuple(every)}


def _taken(state: Release, event: e.PlaybookTaken, recorded: Recorded) -> Changes:
    more = tuple(task_of(each, state.scheduled) for each in event.tasks)
    changes = {"playbook": event.playbook, "tasks": (*state.tasks, *more)}
    return revised(state, event, recorded) | changes


def _phase(state: Release, event: e.PhaseEntered, recorded: Recorded) -> Changes:
    entered = (*state.entered, Entered(event.phase, recorded.at, cargo_of(state)))
    return {"phase": event.phase, "status": event.status, "entered": entered}


FOLDS: Final[Folds] = {
    e.Edited: _edited,
    e.Rescheduled: _rescheduled,
    e.Aimed: _aimed,
    e.Included: _included,
    e.Excluded: _excluded,
    e.DutiesAssigned: _duties,
    e.RepositoryAwaited: _awaited,
    e.RepositoryTagEntered: _entered,
    e.RepositoryFoundUnchanged: _unchanged,
    e.PlaybookTaken: _taken,
    e.PhaseEntered: _phase,
}
