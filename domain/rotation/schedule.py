"""Who is on duty: layers from the top down, planned turns over them, overrides over everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain, pairwise
from typing import Annotated, Final

from domain.kernel import refusal
from domain.rotation.state import LayerInForce, Rotation
from domain.rotation.terms import begins, hours_between, term, whose, within_hours
from domain.turn_state import Kind, Turn

MOST_CHANGES: Final = 5_000
"""At how many moments the duty may change in a period that is looked at."""
Times = Sequence[tuple[datetime, datetime | None]]
Away = Mapping[str, Times]
"""When people are away, from and until; without an end for ever."""


class Origin(StrEnum):
    """What put somebody on duty."""

    OVERRIDE = "override"
    TURN = "turn"
    LAYER = "layer"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rotation and the turns given by date, which together say who is on duty."""

    rotation: Rotation
    turns: tuple[Turn, ...] = ()

    @property
    def regions(self) -> tuple[str | None, ...]:
        """The regions to cover: None stands for the whole, where there are none."""
        return self.rotation.regions or (None,)


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on duty in a region, and what put them there.

    `since` and `until` are those of the turn; an override may cut it short.
    """

    region: Annotated[str | None, "The region; null for a rotation without regions."]
    people: Annotated[tuple[str, ...], "Who is on duty."]
    origin: Annotated[Origin, "What put them on duty."]
    since: Annotated[datetime, "When this turn begins."]
    until: Annotated[datetime, "When this turn ends, itself not included."]
    layer: Annotated[str | None, "The layer whose turn it is, if it is a regular one."] = None
    turn: Annotated[str | None, "The turn given by date, if it is one."] = None
    trainees: Annotated[tuple[str, ...], "Who comes along to learn."] = ()


def on_duty(schedule: Schedule, at: datetime, region: str | None) -> Duty | None:
    """Who is on duty in a region at a moment; None where nobody is, which is a gap (S0-20)."""
    retired = schedule.rotation.retired_at
    if retired is not None and retired <= at:
        return None
    dated = [each for each in schedule.turns if each.holds(at) and each.region in (None, region)]
    for kind in (Kind.OVERRIDE, Kind.PLANNED):
        found = [each for each in dated if each.kind is kind]
        if found:
            last = max(found, key=lambda each: (each.recorded_at, each.id))
            return _by_date(last, region)
    layers = (each for each in schedule.rotation.layers if _covers(each, region))
    return next((duty for each in layers if (duty := _regular(each, at, region))), None)


def _covers(each: LayerInForce, region: str | None) -> bool:
    return each.layer.region in (None, region)


def _by_date(turn: Turn, region: str | None) -> Duty:
    origin = Origin.OVERRIDE if turn.kind is Kind.OVERRIDE else Origin.TURN
    return Duty(
        region,
        turn.people,
        origin,
        turn.since,
        turn.until,
        turn=turn.id,
        trainees=turn.trainees,
    )


def _regular(each: LayerInForce, at: datetime, region: str | None) -> Duty | None:
    layer = each.layer
    if not each.counts(at) or not within_hours(layer, at):
        return None
    now = term(layer, at)
    if now is None:
        return None
    people = whose(layer, now.number)
    return Duty(region, people, Origin.LAYER, now.since, now.until, layer=layer.name)


# Over a period.


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which the duty does not change; `duty` is None where there is none."""

    since: datetime
    until: datetime
    duty: Duty | None


class Lack(StrEnum):
    """Why a time is not covered: NOBODY is on duty, or all who are will be AWAY."""

    NOBODY = "nobody"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a region is not covered."""

    region: Annotated[str | None, "The region; null for a rotation without regions."]
    since: Annotated[datetime, "When the gap begins."]
    until: Annotated[datetime, "When it ends, itself not included."]
    lack: Annotated[Lack, "Why it is one."]


def spans(
    schedule: Schedule,
    since: datetime,
    until: datetime,
    region: str | None,
    extra: Sequence[datetime] = (),
) -> tuple[Span, ...]:
    """The whole of a period, cut where the duty changes and at the `extra` moments.

    Raises Refusal `period_too_long` when it changes more than `MOST_CHANGES` times.
    """
    cuts = {since, until}
    for each in chain(extra, _changes(schedule, since, until, region)):
        if since < each < until:
            cuts.add(each)
        if len(cuts) > MOST_CHANGES:
            raise refusal("period_too_long", "The duty changes too often in this period.", "until")
    return tuple(Span(a, b, on_duty(schedule, a, region)) for a, b in pairwise(sorted(cuts)))


def _changes(
    schedule: Schedule, since: datetime, until: datetime, region: str | None
) -> Iterator[datetime]:
    """Every moment between two at which the duty may change, some twice, in no order."""
    yield from filter(None, (schedule.rotation.retired_at,))
    for turn in schedule.turns:
        yield from (turn.since, turn.until)
    for each in filter(lambda each: _covers(each, region), schedule.rotation.layers):
        yield from filter(None, (each.since, each.until))
        first, last = max(since, each.since), min(until, each.until or until)
        if first < last:
            yield from chain(_terms(each, first, last), hours_between(each.layer, first, last))


def _terms(each: LayerInForce, since: datetime, until: datetime) -> Iterator[datetime]:
    first = term(each.layer, since)
    number = first.number if first else 0
    while (start := begins(each.layer, number)) < until:
        yield start
        number += 1


def gaps(
    schedule: Schedule, since: datetime, until: datetime, region: str | None, away: Away
) -> tuple[Gap, ...]:
    """The times of a period in which a region is not covered; neighbours of a kind are one."""
    bounds = [each for times in away.values() for span in times for each in span if each]
    found: list[Gap] = []
    for span in spans(schedule, since, until, region, bounds):
        lack = _lack(span, away)
        if lack is None:
            continue
        if found and (found[-1].until, found[-1].lack) == (span.since, lack):
            found[-1] = Gap(region, found[-1].since, span.until, lack)
        else:
            found.append(Gap(region, span.since, span.until, lack))
    return tuple(found)


def _lack(span: Span, away: Away) -> Lack | None:
    if span.duty is None:
        return Lack.NOBODY
    gone = all(_within(away.get(each, ()), span.since) for each in span.duty.people)
    return Lack.AWAY if gone else None


def _within(times: Times, at: datetime) -> bool:
    return any(since <= at and (until is None or at < until) for since, until in times)


def duties(schedule: Schedule, since: datetime, until: datetime, person: str) -> tuple[Span, ...]:
    """When somebody is on duty within a period, in any region, in order of time."""
    mine = [
        span
        for region in schedule.regions
        for span in _joined(spans(schedule, since, until, region))
        if span.duty and person in span.duty.people
    ]
    return tuple(sorted(mine, key=lambda each: (each.since, each.until)))


def _joined(cut: Sequence[Span]) -> list[Span]:
    """Neighbours of the same turn as one: something elsewhere may have cut it."""
    found: list[Span] = []
    for each in cut:
        if found and found[-1].duty == each.duty:
            found[-1] = Span(found[-1].since, each.until, each.duty)
        else:
            found.append(each)
    return found
