"""How overrides of a release fold into it: given, signed, used, over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.deployment.state import Override
from domain.kernel import Recorded
from domain.passage import Passed
from domain.release import act_events as e
from domain.release.fold_plan import Changes, Folds
from domain.release.publication import PublicationOverride
from domain.release.state import PlaceOverride, Release
from domain.verdict import Status as Finding

MOST_OVERRIDES: Final = 50
"""Of so many overrides a release tells, the latest; of those that a signature is owed for, all."""
Overrides = tuple[PlaceOverride, ...]


def _overridden(state: Release, event: e.Overridden, recorded: Recorded) -> Changes:
    """Beside those by which it set off before; another one for there that it never used is gone."""
    own = PlaceOverride(event.number, event.environment, event.revision, _given(event, recorded))
    return {"overrides": _latest((*_without(state.overrides, event.environment), own))}


def _given(event: e.Overridden | e.PublicationOverridden, recorded: Recorded) -> Override:
    what = (event.requirements, event.evidence, event.before, event.due)
    given = Override(recorded.by, recorded.at, event.reason, *what)
    by = {"grant": event.grant, "other_grants": event.other_grants}
    return replace(given, covers=event.covers, **by)  # type: ignore[arg-type]


def _without(overrides: Overrides, environment: str) -> Overrides:
    """Those by which it set off, and those for elsewhere."""
    return tuple(e for e in overrides if e.set_off_at or e.environment != environment)


def _latest(overrides: Overrides) -> Overrides:
    kept = overrides[-MOST_OVERRIDES:]
    return (*(each for each in overrides[:-MOST_OVERRIDES] if each.owing), *kept)


def _countersigned(state: Release, event: e.Countersigned, recorded: Recorded) -> Changes:
    def sign(each: PlaceOverride) -> PlaceOverride:
        grants = (event.grant, event.other_grants)
        signed = each.override.signed(recorded.by, recorded.at, *grants)
        return replace(each, override=signed)

    return {"overrides": _each(state, sign, lambda e: e.number == event.number)}


def _publication_overridden(
    _state: Release, event: e.PublicationOverridden, recorded: Recorded
) -> Changes:
    made = PublicationOverride(event.revision, _given(event, recorded))
    return {"publication_override": made}


def _publication_countersigned(
    state: Release, event: e.PublicationCountersigned, recorded: Recorded
) -> Changes:
    made = state.publication_override
    if made is None:
        return {}
    grants = (event.grant, event.other_grants)
    signed = made.override.signed(recorded.by, recorded.at, *grants)
    return {"publication_override": replace(made, override=signed)}


def published(state: Release, event: e.Published, recorded: Recorded) -> PublicationOverride | None:
    """That it was published by the one that was given, if it was."""
    made = state.publication_override
    if made is None or not _bypassed(event.evidence):
        return made
    used = made.override.used(recorded.at)
    return replace(made, override=used, planners=state.contributors)


# What a delivery makes of them.


def set_off(state: Release, event: e.DeploymentStarted, recorded: Recorded) -> Overrides:
    """That it set off by the one that was given for there and for this, if it goes by hand."""
    own = None if event.deployment else state.lifted(event.environment)
    if own is None:
        return state.overrides

    def begin(each: PlaceOverride) -> PlaceOverride:
        used = _past(each.override, event.evidence, recorded.at)
        gone = {"set_off_at": recorded.at, "evidence": event.evidence}
        return replace(each, override=used, planners=state.contributors, **gone)  # type: ignore[arg-type]

    return _each(state, begin, lambda each: each is own)


def counted(state: Release, event: e.DeploymentCounted, recorded: Recorded) -> Overrides:
    """That what stands there counted by it, which then is over."""
    own = state.lifted(event.environment)
    if own is None or not _bypassed(event.evidence):
        return state.overrides
    gone = {"set_off_at": recorded.at, "over_at": recorded.at, "evidence": event.evidence}

    def pass_by(each: PlaceOverride) -> PlaceOverride:
        used = each.override.used(recorded.at)
        return replace(each, override=used, planners=state.contributors, **gone)  # type: ignore[arg-type]

    return _each(state, pass_by, lambda each: each is own)


def settled(state: Release, event: e.DeploymentSettled, recorded: Recorded) -> Overrides:
    """That the one by which it was on its way there is over, and whether it was used at last."""

    def end(each: PlaceOverride) -> PlaceOverride:
        used = _past(each.override, event.evidence, recorded.at)
        return replace(each, override=used, over_at=recorded.at)

    def going(each: PlaceOverride) -> bool:
        on = each.set_off_at is not None and each.over_at is None
        return on and each.environment == event.environment

    return _each(state, end, going)


def _past(made: Override, evidence: tuple[Passed, ...], at: datetime) -> Override:
    return made.used(at) if _bypassed(evidence) else made


def _bypassed(evidence: tuple[Passed, ...]) -> bool:
    return any(each.status is Finding.BYPASSED for each in evidence)


def _each(
    state: Release,
    change: Callable[[PlaceOverride], PlaceOverride],
    which: Callable[[PlaceOverride], bool],
) -> Overrides:
    return tuple(change(each) if which(each) else each for each in state.overrides)


FOLDS: Final[Folds] = {
    e.Overridden: _overridden,
    e.Countersigned: _countersigned,
    e.PublicationOverridden: _publication_overridden,
    e.PublicationCountersigned: _publication_countersigned,
}
