"""The aggregate `stable_line`: recorded when it comes out, corrected, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import check_firsthand
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Problems,
    Recorded,
    Scopes,
    Text,
    moved,
)
from domain.process.support import LINE_FORM
from domain.stable_line.state import FormerDate, StableLine
from domain.wording import NOTE, check_given, check_name

# Events.


@dataclass(frozen=True, slots=True)
class Entered:
    """A line came out."""

    service: str
    line: str
    released_at: datetime


@dataclass(frozen=True, slots=True)
class Dated:
    """It came out at another time than was said."""

    released_at: datetime
    reason: Text


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """It never came out after all."""

    reason: Text


def evolve(state: StableLine | None, recorded: Recorded) -> StableLine:
    """Fold one event; TypeError for one that is no event of a line, or not its first."""
    event, by, at = recorded.event, recorded.by, recorded.at
    match event:
        case Entered(service=service, line=line, released_at=released) if state is None:
            return StableLine(recorded.subject, recorded.version, service, line, released, by, at)
        case Dated(released_at=released) if state:
            formerly = (*state.formerly, FormerDate(state.released_at, at))
            return moved(state, recorded, released_at=released, formerly=formerly)
        case Withdrawn(reason=reason) if state:
            told = {"withdrawn_by": by, "withdrawn_at": at, "withdrawn_because": reason}
            return moved(state, recorded, **told)
    raise TypeError(f"{type(event).__name__} does not belong here")


# Commands.


def enter(
    _state: None,
    context: Context,
    *,
    service: Annotated[str, "The product."],
    line: Annotated[str, "The numbers it is known by, such as 17.3."],
    released_at: Annotated[datetime, "When its first version was released."],
) -> list[Any]:
    """Record that a line came out: from then on fixes may have to reach it."""
    problems = Problems()
    check_firsthand(problems, context)
    check_name(problems, service, "service")
    message = "A line is numbers with dots between them, such as 17.3."
    problems.unless(LINE_FORM.fullmatch(line), "not_a_line", message, "line")
    _check_date(problems, context, released_at)
    same = context.records.find(StableLine, service=service, line=line)
    fresh = all(each.withdrawn_at for each in same)
    problems.unless(fresh, "line_known", "This line of the product is known.", "line")
    problems.settle()
    return [Entered(service, line, released_at)]


def redate(
    state: StableLine,
    context: Context,
    *,
    released_at: Annotated[datetime, "When its first version was released."],
    reason: Annotated[Text, "Why the date was another."],
) -> list[Any]:
    """Correct when it came out."""
    problems = Problems()
    check_firsthand(problems, context)
    _check_there(problems, state)
    _check_date(problems, context, released_at)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [] if released_at == state.released_at else [Dated(released_at, reason)]


def withdraw(
    state: StableLine, context: Context, *, reason: Annotated[Text, "Why it does not count."]
) -> list[Any]:
    """Say that it never came out; no fix has to reach it."""
    problems = Problems()
    check_firsthand(problems, context)
    _check_there(problems, state)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Withdrawn(reason)]


def _check_there(problems: Problems, state: StableLine) -> None:
    problems.unless(state.withdrawn_at is None, "withdrawn", "It was withdrawn.")


def _check_date(problems: Problems, context: Context, released_at: datetime) -> None:
    past = released_at <= context.at
    problems.unless(past, "in_the_future", "It counts once it is out.", "released_at")


def _scopes(state: StableLine | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    service = state.service if state else arguments.get("service")
    return {"service": frozenset((service,) if service else ())}


AGGREGATE: Final = Aggregate(
    "stable_line",
    StableLine,
    events=(Entered, Dated, Withdrawn),
    evolve=evolve,
    commands=(Command(enter), Command(redate), Command(withdraw)),
    scopes=_scopes,
    indexed=("service", "line"),
    fold=2,
)
