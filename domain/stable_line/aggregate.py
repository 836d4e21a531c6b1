"""The aggregate `stable_line`: recorded when it comes out, corrected, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import asking, check_firsthand, rights
from domain.authorship import accounts
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
from domain.process.support import LINE_FORM, order
from domain.stable_line.state import FormerDate, FormerDoubt, StableLine
from domain.wording import NOTE, check_given, check_name

# Events.


@dataclass(frozen=True, slots=True)
class Entered:
    """A line came out; where it `displaces` an older one, a second person has to agree.

    `grant` is by what right that was said, which early logs do not tell, here as below.
    """

    service: str
    line: str
    released_at: datetime
    displaces: bool = False
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreed:
    """A second person says that it came out."""


@dataclass(frozen=True, slots=True)
class Doubted:
    """One person says that it never came out."""

    reason: Text
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeated:
    """Another person says what one said whose word counts no more; a second one has to agree."""

    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upheld:
    """It came out after all: who doubted that, or another, says so."""


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
            told = (recorded.version, service, line, released, by, at)
            fresh = StableLine(recorded.subject, *told, displaces=event.displaces)
            return replace(fresh, recorded_grant=event.grant, recorded_grants=event.other_grants)
        case Agreed() if state:
            return moved(state, recorded, agreed_by=by, agreed_at=at, **_FIRSTHAND)
        case Repeated(grant=grant, other_grants=others) if state:
            right = {"repeated_grant": grant, "repeated_grants": others}
            return moved(state, recorded, repeated_by=by, repeated_at=at, **right)
        case Doubted(reason=reason, grant=grant, other_grants=others) if state:
            return moved(state, recorded, **_doubt(by, at, reason, grant, others))
        case Upheld() if state:
            doubted = (FormerDoubt(state.doubted_at, at),) if state.doubted_at else ()
            kept = {"doubts": (*state.doubts, *doubted)}
            return moved(state, recorded, **_doubt() | kept)
        case Dated(released_at=released) if state:
            formerly = (*state.formerly, FormerDate(state.released_at, at))
            return moved(state, recorded, released_at=released, formerly=formerly)
        case Withdrawn(reason=reason) if state:
            gone = {"withdrawn_by": by, "withdrawn_at": at, "withdrawn_because": reason}
            return moved(state, recorded, **gone)
    raise TypeError(f"{type(event).__name__} does not belong here")


_FIRSTHAND: Final[dict[str, Any]] = {
    "repeated_by": None,
    "repeated_at": None,
    "repeated_grant": None,
    "repeated_grants": (),
}


def _doubt(
    by: str | None = None,
    at: datetime | None = None,
    reason: Text | None = None,
    grant: str | None = None,
    others: tuple[str, ...] = (),
) -> dict[str, Any]:
    said = {"doubted_by": by, "doubted_at": at, "doubted_because": reason}
    return said | {"doubted_grant": grant, "doubted_grants": others} | _FIRSTHAND


# Commands.


def enter(
    _state: None,
    context: Context,
    *,
    service: Annotated[str, "The product."],
    line: Annotated[str, "The numbers it is known by, such as 17.3."],
    released_at: Annotated[datetime, "When its first version was released."],
) -> list[Any]:
    """Record that a line came out: from then on fixes may have to reach it.

    Older ones that it takes the place of stay supported until a second person agrees.
    """
    problems = Problems()
    check_firsthand(problems, context)
    check_name(problems, service, "service")
    message = "A line is numbers with dots between them, such as 17.3."
    problems.unless(LINE_FORM.fullmatch(line), "not_a_line", message, "line")
    _check_date(problems, context, released_at)
    known = [e for e in context.records.find(StableLine, service=service) if not e.withdrawn_at]
    fresh = all(each.line != line for each in known)
    problems.unless(fresh, "line_known", "This line of the product is known.", "line")
    _check_form(problems, line, [each.line for each in known if each.doubted_by is None])
    problems.settle()
    older = any(order(each.line) < order(line) for each in known)
    return [Entered(service, line, released_at, older, *rights(context))]


def _check_form(problems: Problems, line: str, known: list[str]) -> None:
    """Note a line of more or fewer numbers than all others of the product: a slip, such as 17.6.1.

    Who means it withdraws the others first: one that somebody says never came out is no example.
    """
    counts = {each.count(".") for each in known}
    like = known[-1] if known else ""
    message = f"Lines of this product look like {like}: enter it so, or withdraw those first."
    problems.unless(not known or line.count(".") in counts, "not_like_others", message, "line")


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
    """Say that it never came out: once a second person agrees, no fix has to reach it.

    Until then it takes the place of no older line. What nobody agreed to yet, who recorded it takes
    back alone.
    """
    problems = Problems()
    check_firsthand(problems, context)
    _check_there(problems, state)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    if state.doubted_by is not None:
        return []
    alone = state.displaces and state.agreed_at is None
    own = alone and context.by == state.recorded_by
    return [Withdrawn(reason) if own else Doubted(reason, *rights(context))]


def agree(state: StableLine, context: Context) -> list[Any]:
    """Agree, as a second person, to what one said: that it came out, or never did (S1-02).

    Where whoever said so is suspended by now, or has lost the right to, another has to agree to
    this word in its place.
    """
    problems = Problems()
    check_firsthand(problems, context)
    _check_there(problems, state)
    first = state.first
    problems.unless(first, "nothing_proposed", "Nothing waits for a second person.")
    if first is not None:
        own = not accounts((first[0],), context.authority, first[1]).isdisjoint(asking(context))
        problems.unless(not own, "own_proposal", "Who said so may not agree to it.")
    problems.settle()
    if not state.waits_for_one(context.authority):
        return [Repeated(*rights(context))]
    doubted = state.doubted_by is not None
    return [Withdrawn(state.doubted_because or "")] if doubted else [Agreed()]


def uphold(state: StableLine, context: Context) -> list[Any]:
    """Say that it came out, though somebody doubts that: it is supported as before."""
    problems = Problems()
    check_firsthand(problems, context)
    _check_there(problems, state)
    waits = state.doubted_by is not None
    problems.unless(waits, "nothing_proposed", "Nobody doubts that it came out.")
    problems.settle()
    return [Upheld()]


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
    events=(Entered, Dated, Withdrawn, Agreed, Doubted, Repeated, Upheld),
    evolve=evolve,
    commands=(
        Command(enter),
        Command(redate),
        Command(withdraw),
        Command(agree, deciding=True),
        Command(uphold),
    ),
    scopes=_scopes,
    indexed=("service", "line"),
    fold=6,
)
