"""Turns by date: planned ahead beside the regular ones, or put in place of whoever has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import combinations
from typing import Annotated, Any, Final

from domain.askers import check_active, check_claim, check_human
from domain.kernel import Context, Problems, Text, Then
from domain.rotation.checks import check_region
from domain.rotation.events import TurnGiven
from domain.rotation.state import Rotation, Status
from domain.term import overlap
from domain.turn_state import Kind, Turn
from domain.turn_state import Status as TurnStatus
from domain.wording import NOTE, check_given, check_name

LONGEST: Final = timedelta(days=366)
"""A turn is a turn: whoever is on duty for longer is not in a rotation."""
MOST_PEOPLE: Final = 12
MOST_TURNS: Final = 100
"""How many turns are planned at once."""


@dataclass(frozen=True, slots=True)
class PlannedTurn:
    """People who are to be on duty from one moment to another."""

    people: Annotated[tuple[str, ...], "Who is on duty."]
    since: Annotated[datetime, "When the turn begins."]
    until: Annotated[datetime, "When it ends, itself not included."]
    region: Annotated[str | None, "The region it covers; every region if left out."] = None
    trainees: Annotated[tuple[str, ...], "Who comes along to learn."] = ()
    occasion: Annotated[str | None, "What the turn is for, such as a version."] = None


def plan_turns(
    state: Rotation,
    context: Context,
    *,
    turns: Annotated[tuple[PlannedTurn, ...], "The turns, over the regular ones."],
) -> list[Any]:
    """Put people on duty by date; turns that are over may be written down too.

    No two planned turns of a region cross: cancel one, or override it.
    """
    problems = Problems()
    _check_open(problems, context, state)
    many = 0 < len(turns) <= MOST_TURNS
    problems.unless(many, "too_many", f"At most {MOST_TURNS} turns, and one at least.", "turns")
    for at, turn in enumerate(turns[:MOST_TURNS]):
        _check(problems, context, state, turn, "turns", str(at))
    _check_free(problems, context, state, turns)
    problems.settle()
    return [each for at, turn in enumerate(turns) for each in _given(state, context, turn, at)]


def override(
    state: Rotation,
    context: Context,
    *,
    region: Annotated[str | None, "The region; every region if left out."] = None,
    people: Annotated[tuple[str, ...], "Who is on duty instead."],
    since: Annotated[datetime, "From when."],
    until: Annotated[datetime, "Until when, itself not included."],
    reason: Annotated[Text, "Why others are on duty than planned."],
) -> list[Any]:
    """Put others on duty than planned; of several overrides the one recorded last counts."""
    turn = PlannedTurn(people, since, until, region)
    problems = Problems()
    _check_open(problems, context, state)
    _check(problems, context, state, turn)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return list(_given(state, context, turn, reason=reason))


def _given(
    state: Rotation,
    context: Context,
    turn: PlannedTurn,
    at: int = 0,
    reason: str | None = None,
) -> Iterator[Any]:
    id = context.request[:16] + sha256(f"{context.request}.{at}".encode()).hexdigest()
    kind = Kind.PLANNED if reason is None else Kind.OVERRIDE
    told = {each.name: getattr(turn, each.name) for each in fields(turn)}
    place = {"kind": kind, "rotation": state.id, "service": state.service, "reason": reason}
    yield TurnGiven(id[:32], turn.region, turn.since, turn.until)
    yield Then("turn.give", id[:32], told | place)


def _check_open(problems: Problems, context: Context, state: Rotation) -> None:
    check_claim(problems, context)
    active = state.status is Status.ACTIVE
    problems.unless(active, "rotation_retired", "This rotation is no more.")


def _check(
    problems: Problems, context: Context, state: Rotation, turn: PlannedTurn, *path: str
) -> None:
    check_region(problems, state, turn.region, *path, "region")
    problems.unless(turn.people, "people_missing", "Somebody is on duty.", *path, "people")
    _check_people(problems, context, turn.people, *path, "people")
    _check_people(problems, context, turn.trainees, *path, "trainees")
    if turn.occasion is not None:
        check_name(problems, turn.occasion, *path, "occasion")
    ordered = turn.since < turn.until
    problems.unless(ordered, "ends_before_it_begins", "It ends before it begins.", *path, "until")
    short = turn.until - turn.since <= LONGEST
    problems.unless(short, "until_too_far", f"At most {LONGEST.days} days.", *path, "until")


def _check_people(problems: Problems, context: Context, people: Sequence[str], *path: str) -> None:
    problems.unless(len(people) <= MOST_PEOPLE, "too_many", f"At most {MOST_PEOPLE}.", *path)
    distinct = len(set(people)) == len(people)
    problems.unless(distinct, "named_twice", "A person stands here twice.", *path)
    for at, person in enumerate(people[:MOST_PEOPLE]):
        check_human(problems, person, *path, str(at))
        check_active(problems, context, person, *path, str(at))


def _check_free(
    problems: Problems, context: Context, state: Rotation, turns: tuple[PlannedTurn, ...]
) -> None:
    """Note planned turns that cross another in a region they both cover."""
    known = [
        each
        for each in context.records.find(Turn, rotation=state.id)
        if each.kind is Kind.PLANNED and each.status is TurnStatus.STANDING
    ]
    message = "Another turn is planned then; cancel it, or override it."
    for at, turn in enumerate(turns[:MOST_TURNS]):
        if any(_cross(turn, each) for each in known):
            problems.add("turns_overlap", message, "turns", str(at))
    if any(_cross(one, other) for one, other in combinations(turns[:MOST_TURNS], 2)):
        problems.add("turns_overlap", "Two of these turns cross.", "turns")


def _cross(one: PlannedTurn | Turn, other: PlannedTurn | Turn) -> bool:
    shared = None in (one.region, other.region) or one.region == other.region
    return shared and overlap(one.since, one.until, other.since, other.until)
