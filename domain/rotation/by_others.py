"""A schedule as others left it, without what some people gave, cancelled and arranged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from domain.anew import anew
from domain.rotation.schedule import Schedule
from domain.rotation.state import LayerInForce, Rotation
from domain.turn_state import Status, Turn


def without(schedule: Schedule, hands: frozenset[str], since: datetime | None = None) -> Schedule:
    """The schedule as if these people had given, cancelled and arranged nothing (S0-24).

    Or nothing `since` a moment, at which its regions are covered still that were then.
    """
    turns = tuple(
        _standing(each, hands, since)
        for each in schedule.turns
        if each.recorded_by not in hands or _earlier(each.recorded_at, since)
    )
    rotation = schedule.rotation
    layers = {"layers": tuple(_layers(rotation, hands, since))}
    return Schedule(anew(rotation, layers | _covered(rotation, since)), turns)


def _covered(rotation: Rotation, since: datetime | None) -> dict[str, tuple[str, ...]]:
    """The regions with those that were to be covered at a moment, whoever let go of them since."""
    if since is None:
        return {}
    former = (each.regions for each in rotation.covered if each.until >= since)
    return {"regions": tuple(dict.fromkeys(chain(rotation.regions, *former)))}


def _earlier(moment: datetime | None, since: datetime | None) -> bool:
    return since is not None and moment is not None and moment < since


def _standing(turn: Turn, hands: frozenset[str], since: datetime | None) -> Turn:
    if turn.cancelled_by not in hands or _earlier(turn.cancelled_at, since):
        return turn
    return anew(turn, {"status": Status.STANDING})


def _layers(
    rotation: Rotation, hands: frozenset[str], since: datetime | None
) -> Iterator[LayerInForce]:
    """The layers that others arranged, each until others arranged anew."""
    by_hand = (each.since for each in rotation.arrangements if each.by in hands)
    own = {each for each in by_hand if not _earlier(each, since)}
    theirs = [each.since for each in rotation.arrangements if each.since not in own]
    for each in rotation.layers:
        if each.since not in own:
            ended = each.until in own
            yield anew(each, {"until": _next(theirs, each.since)}) if ended else each


def _next(moments: list[datetime], after: datetime) -> datetime | None:
    return min((each for each in moments if each > after), default=None)
