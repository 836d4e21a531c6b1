"""Boards such as the CAB: who sits on them, from when to when, and who stands in for whom.

Members are people, seated by somebody else. The chair is one of the members. An alternate stands
in for one named member and counts only while that member is away, suspended, or may not decide on
the matter. A seat says who fills a board's rule; that its holder may decide at all is a grant's
affair, which takes a second person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import askers, check_active, check_firsthand, check_human
from domain.board_events import (
    ChairAppointed,
    Dissolved,
    Established,
    PurposeChanged,
    Renamed,
    Seated,
    ServicesChanged,
    Unseated,
    evolve,
)
from domain.board_state import Board, Seat, SeatKind, SeatRow
from domain.kernel import (
    KEEP,
    Aggregate,
    Command,
    Context,
    Keep,
    Problems,
    Rows,
    Scopes,
    Seen,
    Text,
    refusal,
)
from domain.term import check_term, overlap
from domain.wording import ANY, LINE, NOTE, check_given, check_names, check_wording

__all__ = ["AGGREGATE", "Board", "Seat", "SeatKind", "SeatRow"]

MOST_SEATS: Final = 24
"""How many seats a board has that are not over."""
MOST_SERVICES: Final = 20
LONGEST_NOTE: Final = 500
"""Characters of a purpose or reason that the board's own state keeps."""

_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")

Name = Annotated[str, "What the board is called."]
Purpose = Annotated[Text | None, "What the board is there for, if it needs saying."]
Services = Annotated[tuple[str, ...], "The services the board decides for, or `any` alone."]
SeatId = Annotated[str, "The id of the seat."]
Reason = Annotated[Text, "Why this is done."]


# Boards.


def establish(
    _state: None,
    context: Context,
    *,
    kind: Annotated[str, "The kind of board, in the playbooks' words, such as cab."],
    name: Name,
    purpose: Purpose = None,
    services: Services,
) -> list[Any]:
    """Set a board up, with nobody on it (S3-20)."""
    problems = Problems()
    check_firsthand(problems, context)
    good = _KIND.fullmatch(kind)
    problems.unless(good, "kind_unusable", "A kind is lower case letters and _.", "kind")
    _check_described(problems, {"name": name, "purpose": purpose, "services": services})
    problems.settle()
    return [Established(kind, name, purpose, services)]


def edit(
    state: Board,
    context: Context,
    *,
    name: Name | Keep = KEEP,
    purpose: Purpose | Keep = KEEP,
    services: Services | Keep = KEEP,
) -> list[Any]:
    """Describe a board anew; what is left out stays, and what is the same is no event."""
    given = {"name": name, "purpose": purpose, "services": services}
    new = {each: value for each, value in given.items() if value is not KEEP}
    changed = {each: value for each, value in new.items() if value != getattr(state, each)}
    problems = Problems()
    _check_open(problems, context, state)
    _check_described(problems, changed)
    problems.settle()
    events = {"name": Renamed, "purpose": PurposeChanged, "services": ServicesChanged}
    return [event(changed[each]) for each, event in events.items() if each in changed]


def dissolve(state: Board, context: Context, *, reason: Reason) -> list[Any]:
    """End a board; votes that used its seats and still wait are void."""
    problems = Problems()
    _check_open(problems, context, state)
    check_given(problems, reason, LONGEST_NOTE, "reason")
    problems.settle()
    return [Dissolved(reason)]


def _check_open(problems: Problems, context: Context, state: Board) -> None:
    check_firsthand(problems, context)
    problems.unless(state.dissolved_at is None, "dissolved", "This board is no more.")


def _check_described(problems: Problems, given: Mapping[str, Any]) -> None:
    if "name" in given:
        check_given(problems, given["name"], LINE, "name")
    if given.get("purpose") is not None:
        check_wording(problems, given["purpose"], LONGEST_NOTE, "purpose")
    if "services" in given and given["services"] != (ANY,):
        check_names(problems, given["services"], MOST_SERVICES, "services")
        message = "Say for which services the board decides, or `any`."
        problems.unless(given["services"], "services_missing", message, "services")


# Seats.


def seat(
    state: Board,
    context: Context,
    *,
    person: Annotated[str, "Who takes the seat."],
    stands_for: Annotated[str | None, "The member whose alternate the person is, if any."] = None,
    since: Annotated[datetime | None, "When the seat is taken; now unless given."] = None,
    until: Annotated[datetime | None, "When it is left; never unless given."] = None,
) -> list[Any]:
    """Give a person a seat, as a member or as a member's alternate; nobody seats oneself."""
    problems = Problems()
    _check_open(problems, context, state)
    begin = check_term(problems, context.at, since, until)
    _check_person(problems, context, person)
    kind = SeatKind.MEMBER if stands_for is None else SeatKind.ALTERNATE
    offered = Seated(person, kind, begin, until, stands_for)
    _check_free(problems, context, state, offered)
    if stands_for is not None:
        _check_member(problems, context, state, person, stands_for)
    problems.settle()
    return [offered]


def unseat(state: Board, context: Context, *, seat: SeatId, reason: Reason) -> list[Any]:
    """Take a seat away; votes that used it and still wait are void."""
    known = _seat(state, seat)
    problems = Problems()
    _check_open(problems, context, state)
    check_given(problems, reason, NOTE, "reason")
    problems.unless(known.ended is None, "unseated_already", "It was taken away.", "seat")
    problems.settle()
    return [Unseated(seat, reason)]


def appoint_chair(state: Board, context: Context, *, seat: SeatId) -> list[Any]:
    """Let a member chair the board, in the place of whoever does; nobody appoints oneself."""
    known = _seat(state, seat)
    problems = Problems()
    _check_open(problems, context, state)
    member = known.kind is not SeatKind.ALTERNATE and known.held(context.at)
    problems.unless(member, "not_a_member", "Only a present member chairs a board.", "seat")
    _check_person(problems, context, known.person)
    chairs = known.kind is SeatKind.CHAIR
    problems.unless(not chairs, "chairs_already", "This member chairs the board.", "seat")
    problems.settle()
    return [ChairAppointed(seat)]


def _seat(state: Board, id: str) -> Seat:
    known = state.seat(id)
    if known is None:
        raise refusal("unknown_seat", "The board has no such seat.", "seat")
    return known


def _check_person(problems: Problems, context: Context, person: str) -> None:
    check_human(problems, person, "person")
    check_active(problems, context, person, "person")
    own = person in askers(context)
    problems.unless(not own, "own_seat", "Nobody gives a seat to oneself.", "person")


def _check_free(problems: Problems, context: Context, state: Board, offered: Seated) -> None:
    """Note a second seat for the same person, by whichever account, and a board that is full."""
    taken = [each for each in state.seats if not each.over(context.at)]
    accounts = context.authority.linked(offered.person)
    again = any(
        each.person in accounts and overlap(offered.since, offered.until, each.since, each.until)
        for each in taken
    )
    problems.unless(not again, "seated_already", "This person has a seat then.", "person")
    full = len(taken) >= MOST_SEATS
    problems.unless(not full, "too_many", f"At most {MOST_SEATS} seats.", "person")


def _check_member(
    problems: Problems, context: Context, state: Board, person: str, member: str
) -> None:
    seats = (each for each in state.seats if not each.over(context.at) and each.stands_for is None)
    known = any(each.person == member for each in seats)
    problems.unless(known, "not_a_member", "An alternate stands for a member.", "stands_for")
    same = member in context.authority.linked(person)
    problems.unless(not same, "own_alternate", "Nobody stands for oneself.", "stands_for")


# What is kept beside a board.


def _rows(state: Board) -> Iterator[SeatRow]:
    for each in state.seats:
        ends = [end for end in (each.until, each.ended, state.dissolved_at) if end is not None]
        until = min(ends, default=None)
        place = (each.id, each.person, each.kind, state.kind, each.stands_for)
        yield SeatRow(*place, each.since, until)


def _dissolved(state: Board) -> bool:
    return state.dissolved_at is not None


def _scopes(state: Board | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    """The board itself, and the services it decides for, before and after an edit."""
    given = arguments.get("services", KEEP)
    services = frozenset(() if given is KEEP else given).union(state.services if state else ())
    board = {"board": frozenset((state.id,))} if state else {}
    return {**board, "service": services}


AGGREGATE = Aggregate(
    "board",
    Board,
    events=(
        Established,
        Renamed,
        PurposeChanged,
        ServicesChanged,
        Seated,
        Unseated,
        ChairAppointed,
        Dissolved,
    ),
    evolve=evolve,
    commands=(
        Command(establish),
        Command(edit, seen=Seen.VERSION),
        Command(seat),
        Command(unseat),
        Command(appoint_chair),
        Command(dissolve),
    ),
    scopes=_scopes,
    columns={"dissolved": (bool, _dissolved)},
    rows=(Rows("board_seats", SeatRow, _rows, ("person",)),),
    indexed=("kind", "name", "dissolved"),
)
