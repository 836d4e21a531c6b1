"""A rotation as it stands: its regions, its layers, whom to turn to next, what was handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Annotated

from domain.kernel import Internal, Text


class Status(StrEnum):
    """Whether anybody is put on duty by it."""

    ACTIVE = "active"
    RETIRED = "retired"


class Frequency(StrEnum):
    """The step in which turns follow each other, in the words of RFC 5545."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Weekday(StrEnum):
    """A day of the week, as RFC 5545 spells it."""

    MO = "mo"
    TU = "tu"
    WE = "we"
    TH = "th"
    FR = "fr"
    SA = "sa"
    SU = "su"


@dataclass(frozen=True, slots=True)
class Hours:
    """The part of a day a layer is limited to, on the clocks of its zone.

    Hours that end no later than they begin go on until that time of the next day.
    """

    since: Annotated[str, "When it begins, such as 09:00."]
    until: Annotated[str, "When it ends, itself not included, such as 17:00."]
    days: Annotated[tuple[Weekday, ...], "The days on which it begins; every day if none."] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """Regular turns: people who follow each other at a step on the clocks of a zone (S4-01, X-03).

    Turns begin at `local_start` and at every step after it. Of a month that is too short the last
    day is taken. A layer stands over those that follow it for its region, and falls through to
    them where it has nobody.
    """

    name: Annotated[str, "What tells the layer from the others."]
    people: Annotated[tuple[str, ...], "Who takes turns, in this order."]
    local_start: Annotated[str, "When the first turn begins, on a clock in the zone."]
    zone: Annotated[str, "The zone whose clocks count, such as Europe/Berlin."]
    frequency: Annotated[Frequency, "The step in which turns follow each other."]
    interval: Annotated[int, "How many steps one turn lasts."] = 1
    together: Annotated[int, "How many people share a turn."] = 1
    region: Annotated[str | None, "The region it covers; every region if there is none."] = None
    hours: Annotated[
        tuple[Hours, ...], "The hours it is limited to; always if there are none."
    ] = ()


@dataclass(frozen=True, slots=True)
class LayerInForce:
    """A layer, and the time in which it counts."""

    layer: Annotated[Layer, "The layer."]
    since: Annotated[datetime, "From when it counts."]
    until: Annotated[datetime | None, "Until when it counts; null while it still does."] = None

    def counts(self, at: datetime) -> bool:
        """Whether the layer counts at this moment."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Who arranged the layers that count from a moment on."""

    since: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Covered:
    """The regions that were to be covered until a moment, when they became others."""

    regions: tuple[str, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to turn to when those before have not answered in time (S0-23).

    Exactly one of the three names them: people, whoever is on duty in another rotation, or this
    rotation itself where neither is given.
    """

    name: Annotated[str, "What the step is called."]
    minutes: Annotated[int, "How long to wait for an answer before the next step."] = 30
    people: Annotated[tuple[str, ...], "Those to turn to, if they are named."] = ()
    rotation: Annotated[str | None, "Those on duty in another rotation."] = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """What whoever left the duty told whoever took it over; the last of a region."""

    region: Annotated[str | None, "The region handed over; the whole rotation if null."]
    note: Annotated[Text, "What the next ones need to know."]
    by: Annotated[str, "Who handed over."]
    at: datetime


@dataclass(frozen=True, slots=True)
class Rotation:
    """A duty that people take in turns, such as that of the release managers (S0-20).

    Nobody gains a right by a turn: what one may do takes a grant.
    """

    id: str
    version: int
    status: Status
    name: Annotated[str, "What the rotation is called."]
    service: Annotated[str, "The service the duty is for, or `any`."]
    purpose: Annotated[Text | None, "What the duty is."]
    regions: Annotated[tuple[str, ...], "The regions that are to be covered; none if it is one."]
    handles: Annotated[
        tuple[str, ...], "Names that stand for whoever is on duty, such as @release-managers."
    ]
    layers: Annotated[tuple[LayerInForce, ...], "Regular turns, the first over those after it."]
    escalation: Annotated[tuple[Step, ...], "Whom to turn to, one after the other."]
    established_by: Annotated[str, "Who set the rotation up."]
    established_at: Annotated[datetime, "When it was set up."]
    handed_over: Annotated[tuple[HandOver, ...], "The last hand-over of each region."] = ()
    turns: Annotated[int, "How many turns were ever given by date."] = 0
    retired_at: datetime | None = None
    retired_because: Text | None = None
    arrangements: Internal[tuple[Arrangement, ...]] = ()  # in order, one for each `since`
    covered: Internal[tuple[Covered, ...]] = ()  # before the regions of now, in order

    def regions_within(self, since: datetime, until: datetime) -> tuple[str, ...]:
        """The regions of now, and those that were to be covered at any time of a period."""
        begins = (None, *(each.until for each in self.covered))
        found = (
            each.regions
            for begin, each in zip(begins, self.covered, strict=False)
            if since < each.until and (begin is None or begin < until)
        )
        return tuple(dict.fromkeys((*self.regions, *chain.from_iterable(found))))
