"""What may become true of an environment, and how that folds into its state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from domain.environment.state import (
    Blocker,
    Environment,
    Health,
    Plan,
    Proposal,
    Report,
    Resuming,
    Stop,
    Unblocking,
)
from domain.kernel import Recorded, Text, moved


@dataclass(frozen=True, slots=True)
class Defined:
    """There is an environment of this name."""

    name: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Edited:
    """It is something else from now on."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Proposed:
    """It is to be something that asks less of what goes there; a second person has to agree.

    `grant` is by what right that was said, which early logs do not tell.
    """

    plan: Plan
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A second person agreed: from now on it is what was proposed."""

    plan: Plan
    grant: str | None


@dataclass(frozen=True, slots=True)
class Declined:
    """What was proposed was turned down, or taken back."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Retired:
    """Nothing is deployed to it any more; `before` names what came right before it in its line."""

    reason: Text
    before: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class HealthReported:
    """A monitor said how well it is (S3-16)."""

    health: Health
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class ReporterDismissed:
    """A monitor that reports no more is not waited for."""

    reporter: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Stopped:
    """Somebody stopped the line."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Reinstated:
    """It is in use again, as it was when it was retired."""

    reason: Text


@dataclass(frozen=True, slots=True)
class ResumptionRequested:
    """Somebody asks to release the line, by right of a grant, which early logs do not tell."""

    reason: Text
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resumed:
    """A second person released the line."""

    grant: str | None


@dataclass(frozen=True, slots=True)
class Blocked:
    """Something keeps deployments away (S0-13).

    What others raised under its name stays `beside` it; in older logs it took their place.
    """

    name: str
    cause: Text
    beside: bool = False


@dataclass(frozen=True, slots=True)
class UnblockingRequested:
    """Somebody asks to take away what another raised, which keeps deployments away until then.

    It is the blocker `of` that account; where none is named, whatever has the name. `grant` is by
    what right, which early logs do not tell.
    """

    name: str
    note: Text
    of: str | None = None
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unblocked:
    """What kept deployments away does so no more: what an account raised, or all of the name."""

    name: str
    note: Text
    of: str | None = None


EVENTS: Final = (
    Defined,
    Edited,
    Proposed,
    Confirmed,
    Declined,
    Retired,
    Reinstated,
    HealthReported,
    ReporterDismissed,
    Stopped,
    ResumptionRequested,
    Resumed,
    Blocked,
    UnblockingRequested,
    Unblocked,
)


def evolve(state: Environment | None, recorded: Recorded) -> Environment:
    """Fold one event; TypeError for one that is none of an environment's, or not its first."""
    event = recorded.event
    if isinstance(event, Defined):
        named = (recorded.subject, recorded.version, event.name, event.plan)
        return Environment(*named, recorded.by, recorded.at)
    if state is None:
        raise TypeError(f"an environment does not begin with {type(event).__name__}")
    return moved(state, recorded, **_changes(state, event, recorded))


def _changes(state: Environment, event: Any, recorded: Recorded) -> dict[str, Any]:
    match event:
        case Edited() | Proposed() | Confirmed() | Declined():
            return _planned(state, event, recorded)
        case Retired(reason=reason, before=before):
            return {"retired": True, "retired_because": reason, "came_after": before}
        case Reinstated():
            return {"retired": False, "retired_because": None, "came_after": None}
        case HealthReported():
            return {"reports": (*_others(state, recorded.by), _report(state, event, recorded))}
        case ReporterDismissed(reporter=reporter):
            return {"reports": _others(state, reporter)}
        case Blocked() | UnblockingRequested() | Unblocked():
            return {"blockers": _blockers(state, event, recorded)}
        case _:
            return _line(event, recorded)


def _blockers(
    state: Environment, event: Blocked | UnblockingRequested | Unblocked, recorded: Recorded
) -> tuple[Blocker, ...]:
    """What blocks it after one more was raised, asked to be taken away, or taken away."""
    by, at, name = recorded.by, recorded.at, event.name
    if isinstance(event, Blocked):
        mine = by if event.beside else None
        others = tuple(each for each in state.blockers if not _is(each, name, mine))
        return (*others, Blocker(name, by, at, event.cause, recorded.version))
    if isinstance(event, Unblocked):
        return tuple(each for each in state.blockers if not _is(each, name, event.of))
    asked = Unblocking(by, at, event.note, event.grant, event.other_grants)
    return tuple(
        replace(each, unblocking=asked) if _is(each, name, event.of) else each
        for each in state.blockers
    )


def _is(blocker: Blocker, name: str, of: str | None) -> bool:
    """Whether it has this name and was raised by this account, if one is named."""
    return blocker.name == name and of in (None, blocker.by)


def _planned(
    state: Environment, event: Edited | Proposed | Confirmed | Declined, recorded: Recorded
) -> dict[str, Any]:
    """What it is or is to be; an edit that counts at once takes the place of what waits."""
    revision = state.revision + 1
    if isinstance(event, Proposed):
        right = (event.grant, event.other_grants)
        proposal = Proposal(recorded.by, recorded.at, event.plan, *right)
        return {"proposal": proposal, "revision": revision}
    if isinstance(event, Declined):
        return {"proposal": None, "revision": revision}
    return {"plan": event.plan, "proposal": None, "revision": revision}


def _line(event: Any, recorded: Recorded) -> dict[str, Any]:
    """What stopping and releasing the line changes."""
    by, at = recorded.by, recorded.at
    match event:
        case Stopped(reason=reason):
            return {"stop": Stop(by, at, reason), "resuming": None}
        case ResumptionRequested(reason=reason, grant=grant, other_grants=others):
            return {"resuming": Resuming(by, at, reason, grant, others)}
        case Resumed():
            return {"stop": None, "resuming": None}
        case _:
            raise TypeError(f"{type(event).__name__} is no event of an environment")


def _report(state: Environment, event: HealthReported, recorded: Recorded) -> Report:
    """The report, with since when its monitor has said the same."""
    said = (recorded.by, event.health)
    same = (each.as_of for each in state.reports if (each.reporter, each.health) == said)
    return Report(*said, event.measured_at, next(same, recorded.version))


def _others(state: Environment, reporter: str) -> tuple[Report, ...]:
    return tuple(each for each in state.reports if each.reporter != reporter)
