"""How the events of a release fold into its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final

from domain.kernel import Context, Recorded, distinct, moved
from domain.release import fold_acts, fold_overrides, fold_plan, fold_votes
from domain.release.events import Opened
from domain.release.fold_plan import Folds
from domain.release.state import Former, Release, cargo_of

_FOLDS: Final[Folds] = {
    **fold_plan.FOLDS,
    **fold_votes.FOLDS,
    **fold_acts.FOLDS,
    **fold_overrides.FOLDS,
}
EVENTS: Final = (Opened, *_FOLDS)
"""Every event of a release."""
_DECIDED: Final = (
    *("rules", "votes", "voided", "alarms", "rejection", "approved_at", "contributors"),
    *("attestations", "deliveries", "overrides", "publication_override"),
)
"""What people decided on a revision, and did with it."""


def evolve(state: Release | None, recorded: Recorded) -> Release:
    """Fold one event; TypeError for one that is no event of a release, or not its first."""
    event = recorded.event
    if isinstance(event, Opened):
        return fold_plan.opened(event, recorded)
    fold = _FOLDS.get(type(event))
    if state is None or fold is None:
        raise TypeError(f"{type(event).__name__} does not belong here")
    after = moved(state, recorded, **fold(state, event, recorded))
    return replace(after, former=_former(state, after)) if state.embargoed else after


def passed_over(state: Release, recorded: Recorded) -> Release:
    """It to who is not told of a move: what people did with the revision before is of this one."""
    after = evolve(state, recorded)
    same = {state.digest: after.digest, cargo_of(state): cargo_of(after)}
    revisions = {state.revision: after.revision}
    kept = {name: _renamed(getattr(state, name), same, revisions) for name in _DECIDED}
    return replace(after, **kept)


def _renamed(value: Any, same: Mapping[str, str], revisions: Mapping[int, int]) -> Any:
    """A value with other digests, and other numbers of revisions, for those that it names."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return same.get(value, value)
    if type(value) is tuple:
        return tuple(_renamed(each, same, revisions) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    told = {e.name: _renamed(getattr(value, e.name), same, revisions) for e in fields(value)}
    if isinstance(told.get("revision"), int):
        told["revision"] = revisions.get(told["revision"], told["revision"])
    return replace(value, **told)


def _former(before: Release, after: Release) -> Former:
    """What is to be remembered of it while it is hidden, once something in it moved."""
    if not after.embargoed:
        return Former()
    kept, moved_on = before.former, before.targets != after.targets
    made = (s for e in before.targets for s in (e.commit, e.package) if s and moved_on)
    listed = () if after.listing == before.listing else (before.listing,)
    of = () if after.project == before.project else (before.project,)
    return Former(
        distinct((*kept.listings, *listed)),
        distinct((*kept.subjects, *made)),
        distinct((*kept.projects, *of)),
    )


def foreseen(state: Release, context: Context, *events: Any) -> Release:
    """The release as it would stand after these events, so that a command sees what follows."""
    for event in events:
        version = state.version + 1
        recorded = Recorded(
            event, "", context.subject, version, context.at, context.by, context.behalf
        )
        state = evolve(state, recorded)
    return state
