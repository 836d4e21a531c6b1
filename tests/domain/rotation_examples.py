"""Rotations to test with: two regions, weekly and monthly layers, and turns by date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.rotation.aggregate import AGGREGATE
from domain.rotation.events import Arranged, Established
from domain.rotation.schedule import Schedule
from domain.rotation.state import Frequency, Layer, Rotation
from domain.turn_state import Kind, Status, Turn
from tests.domain.given import ADA, BEN, CAT, DAN, NOON, Told, given

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
"""A Monday, nine in Berlin."""
WEEKLY = Layer("weekly", (ADA, BEN, CAT), "2026-01-05T09:00", "Europe/Berlin", Frequency.WEEKLY)
MONTHLY = Layer("monthly", (ADA, BEN), "2026-01-31T00:00", "UTC", Frequency.MONTHLY)
SET_UP = Established("Release managers", "any", None, ("emea", "amer"), ("@rm",), ())


def rotation(*layers: Layer, since: datetime = START, by: str = ADA, **changes: Any) -> Rotation:
    """A rotation with these layers in force."""
    events: list[Any] = [Told(replace(SET_UP, **changes), at=since)]
    if layers:
        events.append(Told(Arranged(layers, since), by, at=since))
    return given(AGGREGATE, *events)


def turn(since: datetime, until: datetime, *people: str, **more: Any) -> Turn:
    """A turn by date."""
    told: dict[str, Any] = {
        "id": f"turn {since} {people}",
        "version": 1,
        "status": Status.STANDING,
        "kind": Kind.PLANNED,
        "rotation": "5" * 32,
        "service": "any",
        "region": None,
        "people": people or (DAN,),
        "trainees": (),
        "since": since,
        "until": until,
        "occasion": None,
        "reason": None,
        "recorded_by": ADA,
        "recorded_at": NOON - timedelta(days=1),
    }
    return Turn(**(told | more))


def schedule(*layers: Layer, turns: tuple[Turn, ...] = (), **changes: Any) -> Schedule:
    """A schedule of these layers and turns."""
    return Schedule(rotation(*layers, **changes), turns)
