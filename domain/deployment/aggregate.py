"""The aggregate `deployment`: its events, its commands, and what is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.deployment import carrying, requesting
from domain.deployment.claiming import claim
from domain.deployment.evolve import EVENTS, evolve
from domain.deployment.state import Deployment
from domain.kernel import Aggregate, Command, Rows, Scopes


@dataclass(frozen=True, slots=True)
class Stood:
    """A span in which a package stood in an environment, for asking what stood where when."""

    environment: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Moved:
    """What one deployment did to one component."""

    part: str
    direction: str


@dataclass(frozen=True, slots=True)
class Waited:
    """How long one merge waited for a component to move."""

    part: str
    direction: str
    seconds: int


def stood_rows(state: Deployment) -> tuple[Stood, ...]:
    """When it stood where (S0-14)."""
    return tuple(Stood(state.environment, each.since, each.until) for each in state.stands)


def moved_rows(state: Deployment) -> tuple[Moved, ...]:
    """The components it moved."""
    return tuple(Moved(each.component, each.direction.value) for each in state.moves)


def waited_rows(state: Deployment) -> tuple[Waited, ...]:
    """Every merge it brought, with how long that had waited."""
    return tuple(
        Waited(each.component, each.direction.value, seconds)
        for each in state.moves
        for seconds in each.waits
    )


def _scopes(state: Deployment | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    wish = arguments.get("wish")
    named = state.environment if state else wish.environment if wish else None
    place = named or arguments.get("environment")
    return {"environment": frozenset((place,) if place else ())}


AGGREGATE: Final = Aggregate(
    "deployment",
    Deployment,
    events=EVENTS,
    evolve=evolve,
    commands=(
        Command(requesting.request),
        Command(requesting.request_automatically, internal=True),
        Command(requesting.begin, internal=True),
        Command(requesting.join, internal=True),
        Command(requesting.set_off, internal=True),
        Command(requesting.withdraw),
        Command(requesting.override, guarded=True),
        Command(requesting.countersign, deciding=True),
        Command(carrying.start, guarded=True),
        Command(carrying.advance, guarded=True),
        Command(carrying.progress),
        Command(carrying.succeed, guarded=True),
        Command(carrying.supersede, internal=True),
        Command(carrying.fail),
        Command(carrying.roll_back),
        Command(carrying.reinstate, internal=True),
        Command(carrying.watch),
        Command(carrying.verify),
        Command(carrying.close, guarded=True),
        Command(claim, operator=True),
    ),
    scopes=_scopes,
    columns={
        "overridden": (bool, lambda state: state.overridden),
        "owing": (bool, lambda state: state.owing),
        "faulty": (bool, lambda state: state.faulty),
    },
    rows=(
        Rows("deployment_stands", Stood, stood_rows, ("environment", "since"), ("stands",)),
        Rows("deployment_moves", Moved, moved_rows, ("part",), ("moves",)),
        Rows("deployment_waits", Waited, waited_rows, ("part",), ("moves",)),
    ),
    indexed=(
        "environment",
        "status",
        "package",
        "service",
        "current",
        "overridden",
        "owing",
        "faulty",
        "requested_at",
    ),
    fold=3,
)
