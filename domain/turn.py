"""Turns given by date, by a rotation that has checked them; each can be taken back again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import check_claim
from domain.kernel import Aggregate, Command, Context, Problems, Recorded, Scopes, Text, moved
from domain.turn_state import Kind, Status, Turn
from domain.wording import NOTE, check_given

__all__ = ["AGGREGATE", "Kind", "Status", "Turn"]


@dataclass(frozen=True, slots=True)
class Given:
    """People are on duty from one moment to another."""

    kind: Kind
    rotation: str
    service: str
    region: str | None
    people: tuple[str, ...]
    trainees: tuple[str, ...]
    since: datetime
    until: datetime
    occasion: str | None
    reason: Text | None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The turn does not count any more."""

    reason: Text


def evolve(state: Turn | None, recorded: Recorded) -> Turn:
    """Fold one event; TypeError for one that is no event of a turn, or not its first."""
    match recorded.event:
        case Given() as event if state is None:
            return _given(event, recorded)
        case Cancelled(reason=reason) if state is not None:
            ended = {"cancelled_by": recorded.by, "cancelled_at": recorded.at}
            return moved(
                state, recorded, status=Status.CANCELLED, **ended, cancelled_because=reason
            )
        case event:
            raise TypeError(f"{type(event).__name__} does not belong here")


def _given(event: Given, recorded: Recorded) -> Turn:
    return Turn(
        id=recorded.subject,
        version=recorded.version,
        status=Status.STANDING,
        kind=event.kind,
        rotation=event.rotation,
        service=event.service,
        region=event.region,
        people=event.people,
        trainees=event.trainees,
        since=event.since,
        until=event.until,
        occasion=event.occasion,
        reason=event.reason,
        recorded_by=recorded.by,
        recorded_at=recorded.at,
    )


def give(
    _state: None,
    _context: Context,
    *,
    kind: Kind,
    rotation: str,
    service: str,
    region: str | None,
    people: tuple[str, ...],
    trainees: tuple[str, ...],
    since: datetime,
    until: datetime,
    occasion: str | None,
    reason: Text | None,
) -> list[Any]:
    """Put people on duty, as their rotation has checked."""
    place = (rotation, service, region)
    return [Given(kind, *place, people, trainees, since, until, occasion, reason)]


def cancel(
    state: Turn, context: Context, *, reason: Annotated[Text, "Why it does not count."]
) -> list[Any]:
    """Take a turn back; whatever stands under it counts again."""
    problems = Problems()
    check_claim(problems, context)
    stands = state.status is Status.STANDING
    problems.unless(stands, "turn_cancelled", "This turn was cancelled already.")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Cancelled(reason)]


def _scopes(state: Turn | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    service = state.service if state else arguments.get("service")
    return {"service": frozenset((service,) if service else ())}


AGGREGATE: Final = Aggregate(
    "turn",
    Turn,
    events=(Given, Cancelled),
    evolve=evolve,
    commands=(Command(give, internal=True), Command(cancel)),
    scopes=_scopes,
    indexed=("rotation", "region", "status", "kind"),
)
