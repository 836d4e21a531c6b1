"""What may become true of a review of the numbers, and how that folds into its state."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from domain.kernel import Recorded, Text, moved
from domain.metrics.review_state import (
    AgendaItem,
    Attendance,
    Decision,
    MetricsReview,
    Remark,
    Status,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A review of a period was opened."""

    rotation: str
    service: str
    since: datetime
    until: datetime
    regions: tuple[str, ...]
    agenda: tuple[AgendaItem, ...]


@dataclass(frozen=True, slots=True)
class Attended:
    """Somebody took part, for a region."""

    region: str | None


@dataclass(frozen=True, slots=True)
class Noted:
    """Something was said on an item."""

    item: str
    text: Text


@dataclass(frozen=True, slots=True)
class Decided:
    """It was decided whether an item requires action."""

    item: str
    action_required: bool
    reason: Text
    owner: str | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Closed:
    """The review is over."""


def evolve(state: MetricsReview | None, recorded: Recorded) -> MetricsReview:
    """Fold one event; TypeError for one that is no event of a review, or not its first."""
    event, by, at = recorded.event, recorded.by, recorded.at
    if isinstance(event, Opened):
        told = {each.name: getattr(event, each.name) for each in fields(event)}
        place = (recorded.subject, recorded.version, Status.OPEN)
        return MetricsReview(*place, **told, opened_by=by, opened_at=at)
    if state is None:
        raise TypeError(f"a review does not begin with {type(event).__name__}")
    changes: dict[str, Any]
    match event:
        case Attended(region=region):
            changes = {"attendances": (*state.attendances, Attendance(by, region, at))}
        case Noted(item=item, text=text):
            changes = {"remarks": (*state.remarks, Remark(item, text, by, at))}
        case Decided():
            changes = {"decisions": _decided(state, event, recorded)}
        case Closed():
            changes = {"status": Status.CLOSED, "closed_by": by, "closed_at": at}
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a review")
    return moved(state, recorded, **changes)


def _decided(state: MetricsReview, event: Decided, recorded: Recorded) -> tuple[Decision, ...]:
    others = tuple(each for each in state.decisions if each.item != event.item)
    told = (event.item, event.action_required, event.reason, recorded.by, recorded.at)
    return (*others, Decision(*told, event.owner, event.due))


EVENTS = (Opened, Attended, Noted, Decided, Closed)
