"""A schedule as others left it, without what some people gave, cancelled and arranged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.anew import anew
from domain.rotation.schedule import Schedule
from domain.rotation.state import LayerInForce, Rotation
from domain.turn_state import Status, Turn


def without(schedule: Schedule, hands: frozenset[str]) -> Schedule:
    """The schedule as if these people had given, cancelled and arranged nothing (S0-24)."""
    turns = (each for each in schedule.turns if each.recorded_by not in hands)
    rotation = schedule.rotation
    layers = tuple(_layers(rotation, hands))
    return Schedule(
        anew(rotation, {"layers": layers}), tuple(_standing(each, hands) for each in turns)
    )


def _standing(turn: Turn, hands: frozenset[str]) -> Turn:
    if turn.cancelled_by not in hands:
        return turn
    return anew(turn, {"status": Status.STANDING})


def _layers(rotation: Rotation, hands: frozenset[str]) -> Iterator[LayerInForce]:
    """The layers that others arranged, each until others arranged anew."""
    own = {each.since for each in rotation.arrangements if each.by in hands}
    theirs = [each.since for each in rotation.arrangements if each.since not in own]
    for each in rotation.layers:
        if each.since not in own:
            ended = each.until in own
            yield anew(each, {"until": _next(theirs, each.since)}) if ended else each


def _next(moments: list[datetime], after: datetime) -> datetime | None:
    return min((each for each in moments if each > after), default=None)
