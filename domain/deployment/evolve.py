"""How the events of a deployment fold into its state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from domain.deployment import events as e
from domain.deployment.state import (
    MOST_SEEN,
    Deployment,
    Observation,
    Override,
    Stand,
    Status,
    Verification,
    Wish,
)
from domain.kernel import Recorded, moved
from domain.verdict import Status as Finding

Changes = dict[str, Any]


def evolve(state: Deployment | None, recorded: Recorded) -> Deployment:
    """Fold one event; TypeError for one that is none of a deployment's, or not its first."""
    event = recorded.event
    if isinstance(event, e.Requested):
        return _requested(event, recorded)
    if isinstance(event, e.Claimed):
        return _claimed(event, recorded)
    fold = _FOLDS.get(type(event))
    if state is None or fold is None:
        raise TypeError(f"{type(event).__name__} does not belong here")
    return moved(state, recorded, **fold(state, event, recorded))


def _requested(event: e.Requested, recorded: Recorded) -> Deployment:
    return Deployment(
        id=recorded.subject,
        version=recorded.version,
        status=Status.REQUESTED,
        environment=event.wish.environment,
        package=event.wish.package,
        label=event.label,
        service=event.service,
        wish=event.wish,
        requested_by=recorded.by,
        requested_at=recorded.at,
        automatic=event.automatic,
    )


def _claimed(event: e.Claimed, recorded: Recorded) -> Deployment:
    """A claim stands where and when it says; no gate looks at it."""
    at = recorded.happened or recorded.at
    return Deployment(
        id=recorded.subject,
        version=recorded.version,
        status=Status.SUCCEEDED,
        environment=event.environment,
        package=event.package,
        label=event.label,
        service=event.service,
        wish=Wish(event.package, event.environment, ""),
        requested_by=recorded.by,
        requested_at=recorded.at,
        claimed=True,
        started_at=at,
        ended_at=at,
        stands=(Stand(at),),
        moves=event.moves,
    )


def _joined(state: Deployment, event: e.Joined, _recorded: Recorded) -> Changes:
    return {"wish": replace(state.wish, belongs_to=event.release)}


def _withdrawn(_state: Deployment, event: e.Withdrawn, recorded: Recorded) -> Changes:
    reason = event.reason
    return {"status": Status.WITHDRAWN, "ended_at": recorded.at, "ended_because": reason}


def _overridden(_state: Deployment, event: e.Overridden, recorded: Recorded) -> Changes:
    what = (event.requirements, event.evidence, event.before, event.due)
    by = {"grant": event.grant, "other_grants": event.other_grants}
    said: Changes = {"covers": event.covers, **by}
    return {"override": Override(recorded.by, recorded.at, event.reason, *what, **said)}


def _countersigned(state: Deployment, event: e.Countersigned, recorded: Recorded) -> Changes:
    if state.override is None:
        raise TypeError("nothing was overridden")
    grants = (event.grant, event.other_grants)
    return {"override": state.override.signed(recorded.by, recorded.at, *grants)}


def _started(state: Deployment, event: e.Started, recorded: Recorded) -> Changes:
    """One of which nothing was kept may have gone past whatever was overridden."""
    begun = {"started_by": recorded.by, "started_at": recorded.at}
    past = _used(state, recorded) if not event.evidence else _past(state, event, recorded)
    return {"status": Status.RUNNING, "evidence": event.evidence, **begun, **past}


def _advanced(state: Deployment, event: e.Advanced, recorded: Recorded) -> Changes:
    return {"stage": event.stage, **_past(state, event, recorded)}


def _past(
    state: Deployment, event: e.Started | e.Advanced | e.Succeeded, recorded: Recorded
) -> Changes:
    """That its override was used, where it was, and was not before."""
    bypassed = any(each.status is Finding.BYPASSED for each in event.evidence)
    return _used(state, recorded) if bypassed else {}


def _used(state: Deployment, recorded: Recorded) -> Changes:
    """That it went past something by its override, from when on its signature is owed."""
    return {"override": state.override.used(recorded.at)} if state.override else {}


def _progressed(_state: Deployment, event: e.Progressed, _recorded: Recorded) -> Changes:
    return {"percent": event.percent}


def _succeeded(state: Deployment, event: e.Succeeded, recorded: Recorded) -> Changes:
    stands = (*state.stands, Stand(recorded.at))
    here = {"stands": stands, "current": True, "replaced": event.replaced}
    past = _past(state, event, recorded)
    return {"status": Status.SUCCEEDED, "ended_at": recorded.at, **here, **past}


def _failed(_state: Deployment, event: e.Failed, recorded: Recorded) -> Changes:
    return {"status": Status.FAILED, "ended_at": recorded.at, "ended_because": event.reason}


def _rolled_back(state: Deployment, event: e.RolledBack, recorded: Recorded) -> Changes:
    ended = {"ended_at": recorded.at, "ended_because": event.reason}
    return {"status": Status.ROLLED_BACK, **ended, **_gone(state, recorded)}


def _superseded(state: Deployment, _event: e.Superseded, recorded: Recorded) -> Changes:
    return _gone(state, recorded)


def _gone(state: Deployment, recorded: Recorded) -> Changes:
    """It stands there no more from now on, if it did."""
    if not state.current:
        return {}
    *before, last = state.stands
    return {"current": False, "stands": (*before, replace(last, until=recorded.at))}


def _reinstated(state: Deployment, _event: e.Reinstated, recorded: Recorded) -> Changes:
    return {"current": True, "stands": (*state.stands, Stand(recorded.at))}


def _observed(state: Deployment, event: e.Observed, recorded: Recorded) -> Changes:
    during = state.status is Status.RUNNING
    seen = Observation(recorded.by, recorded.at, event.well, during, event.note)
    return _seen(state, seen)


def _seen(state: Deployment, seen: Observation) -> Changes:
    return {"observations": (*state.observations, seen)[-MOST_SEEN:]}


def _found_before(state: Deployment, event: e.FoundBefore, _recorded: Recorded) -> Changes:
    if event.watched:
        seen = Observation(event.by, event.at, well=False, note=None, during=False)
        return _seen(state, seen)
    return {"verification": Verification(event.by, event.at, passed=False, findings=None)}


def _verified(_state: Deployment, event: e.Verified, recorded: Recorded) -> Changes:
    found = Verification(recorded.by, recorded.at, event.passed, event.findings)
    return {"verification": found}


def _closed(_state: Deployment, _event: e.Closed, recorded: Recorded) -> Changes:
    return {"closed_by": recorded.by, "closed_at": recorded.at}


_FOLDS: Final[Mapping[type, Callable[[Deployment, Any, Recorded], Changes]]] = {
    e.Joined: _joined,
    e.Withdrawn: _withdrawn,
    e.Overridden: _overridden,
    e.Countersigned: _countersigned,
    e.Started: _started,
    e.Advanced: _advanced,
    e.Progressed: _progressed,
    e.Succeeded: _succeeded,
    e.Failed: _failed,
    e.RolledBack: _rolled_back,
    e.Superseded: _superseded,
    e.Reinstated: _reinstated,
    e.Observed: _observed,
    e.Verified: _verified,
    e.FoundBefore: _found_before,
    e.Closed: _closed,
}

EVENTS: Final = (e.Requested, e.Claimed, *_FOLDS)
"""Every event of a deployment."""
