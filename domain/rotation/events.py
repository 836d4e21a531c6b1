"""What may become true of a rotation, and how that folds into its state."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from domain.anew import anew
from domain.kernel import Recorded, Text, moved
from domain.rotation.state import (
    Arrangement,
    Covered,
    HandOver,
    Layer,
    LayerInForce,
    Rotation,
    Status,
    Step,
)


@dataclass(frozen=True, slots=True)
class Established:
    """A rotation was set up, with nobody on duty."""

    name: str
    service: str
    purpose: Text | None
    regions: tuple[str, ...]
    handles: tuple[str, ...]
    escalation: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Renamed:
    """It is called otherwise."""

    name: str


@dataclass(frozen=True, slots=True)
class PurposeChanged:
    """The duty was described anew."""

    purpose: Text | None


@dataclass(frozen=True, slots=True)
class RegionsChanged:
    """Other regions are to be covered."""

    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandlesChanged:
    """Other names stand for whoever is on duty."""

    handles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EscalationChanged:
    """Others are to be turned to."""

    escalation: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Arranged:
    """Other layers count from a moment on; until then those before them do."""

    layers: tuple[Layer, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class TurnGiven:
    """People were put on duty by date; the turn of this id says who, and may be cancelled."""

    turn: str
    region: str | None
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Whoever leaves the duty told whoever takes it over."""

    region: str | None
    note: Text


@dataclass(frozen=True, slots=True)
class Retired:
    """Nobody is put on duty any more."""

    reason: Text


DESCRIBING = (Renamed, PurposeChanged, RegionsChanged, HandlesChanged, EscalationChanged)
"""Events that say one field anew, under its own name."""
EVENTS = (Established, *DESCRIBING, Arranged, TurnGiven, HandedOver, Retired)


def evolve(state: Rotation | None, recorded: Recorded) -> Rotation:
    """Fold one event; TypeError for one that is no event of a rotation, or not its first."""
    event = recorded.event
    if isinstance(event, Established):
        return _established(event, recorded)
    if state is None:
        raise TypeError(f"a rotation does not begin with {type(event).__name__}")
    changes: dict[str, Any]
    match event:
        case _ if isinstance(event, DESCRIBING):
            changes = {each.name: getattr(event, each.name) for each in fields(event)}
            changes |= _before(state, changes, recorded.at)
        case Arranged(layers=layers, since=since):
            before = (each for each in state.arrangements if each.since < since)
            changes = {"layers": arranged(state.layers, layers, since)}
            changes |= {"arrangements": (*before, Arrangement(since, recorded.by))}
        case TurnGiven():
            changes = {"turns": state.turns + 1}
        case HandedOver():
            changes = {"handed_over": _handed_over(state, event, recorded)}
        case Retired(reason=reason):
            retired = {"status": Status.RETIRED, "retired_at": recorded.at}
            changes = retired | {"retired_because": reason}
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a rotation")
    return moved(state, recorded, **changes)


def _established(event: Established, recorded: Recorded) -> Rotation:
    return Rotation(
        id=recorded.subject,
        version=recorded.version,
        status=Status.ACTIVE,
        name=event.name,
        service=event.service,
        purpose=event.purpose,
        regions=event.regions,
        handles=event.handles,
        layers=(),
        escalation=event.escalation,
        established_by=recorded.by,
        established_at=recorded.at,
    )


def _before(state: Rotation, changes: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The regions that there were, where these become others."""
    return {"covered": (*state.covered, Covered(state.regions, at))} if "regions" in changes else {}


def _handed_over(state: Rotation, event: HandedOver, recorded: Recorded) -> tuple[HandOver, ...]:
    others = tuple(each for each in state.handed_over if each.region != event.region)
    return (*others, HandOver(event.region, event.note, recorded.by, recorded.at))


def arranged(
    before: tuple[LayerInForce, ...], layers: tuple[Layer, ...], since: datetime
) -> tuple[LayerInForce, ...]:
    """The layers with others from a moment on; what counted before it stays as it was."""
    kept = [
        each if each.until and each.until <= since else anew(each, {"until": since})
        for each in before
        if each.since < since
    ]
    return (*(LayerInForce(each, since) for each in layers), *kept)
