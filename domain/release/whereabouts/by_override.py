"""What goes somewhere by hand, or is published, by an override, told as a deployment is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from domain.deployment.state import Deployment, Status, Wish
from domain.release.state import PlaceOverride, Release


@dataclass(frozen=True, slots=True)
class ByHand(Deployment):
    """What a release brings somewhere itself, which everybody asked for who wrote on its plan."""

    planners: tuple[str, ...] = ()

    @property
    def askers(self) -> tuple[str, ...]:
        """Who is no second person to it."""
        return (self.requested_by, *self.planners)


@dataclass(frozen=True, slots=True)
class Publishing(ByHand):
    """The publication of a release, which goes past a lock as a deployment does."""

    def action(self, act: str) -> str:
        """By which command of the release it is overridden or countersigned."""
        return f"release.{act}_publication"


def publishing(state: Release) -> Publishing:
    """Its publication, and the override that may let it go on, if any.

    One that was given for another revision, and never used, covers nothing. Once it was published
    by that, they asked for it who had written on the plan by then.
    """
    bare = Publishing(**_told(state, ""))
    made = state.publication_override
    if made is None:
        return bare
    if made.override.used_at is not None:
        over = {"status": Status.SUCCEEDED, "planners": made.planners}
        return replace(bare, override=made.override, **over)  # type: ignore[arg-type]
    if made.revision != state.revision:
        return replace(bare, override=replace(made.override, covers=()))
    return replace(bare, override=made.override)


def going_by_hand(state: Release, environment: str) -> Deployment:
    """What the release brings there itself, and the override that may let it go on, if any.

    One that was given for what it was before, and never used, covers nothing of what it is now.
    """
    bare = _nothing_overridden(state, environment)
    if made := state.lifted(environment):
        return told_of(state, made)
    unused = (each for each in state.overrides if each.set_off_at is None)
    former = next((each for each in unused if each.environment == environment), None)
    return replace(bare, override=replace(former.override, covers=())) if former else bare


def told_of(state: Release, made: PlaceOverride) -> Deployment:
    """What an override of a release is for, as far as that has come.

    Once it set off by that, they asked for it who had written on the plan by then.
    """
    bare = _nothing_overridden(state, made.environment)
    hands = bare.planners if made.set_off_at is None else made.planners
    return replace(bare, status=_status(state, made), override=made.override, planners=hands)


def _nothing_overridden(state: Release, environment: str) -> ByHand:
    return ByHand(**_told(state, environment))


def _told(state: Release, environment: str) -> dict[str, Any]:
    return {
        "id": state.id,
        "version": 0,
        "status": Status.REQUESTED,
        "environment": environment,
        "package": "",
        "label": ", ".join(state.plan.versions),
        "service": state.plan.service,
        "wish": Wish("", environment, "", belongs_to=state.id),
        "requested_by": state.author,
        "requested_at": state.opened_at,
        "planners": state.contributors,
    }


def _status(state: Release, made: PlaceOverride) -> Status:
    """One that was never used waits while it is for what the release is now, and then no more."""
    if made.over_at is not None:
        return Status.SUCCEEDED
    if made.set_off_at is not None:
        return Status.RUNNING
    return Status.REQUESTED if state.may_pass(made) else Status.WITHDRAWN
