"""Boards such as the CAB: what they are there for, and for which services they decide.

Who widens what a board decides for gives its members a say they did not have. So it takes a second
person to agree; narrowing it does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final

from domain.askers import check_first, check_firsthand, rights
from domain.board.events import (
    ChairAppointed,
    ChairProposed,
    Dissolved,
    Established,
    PurposeChanged,
    Renamed,
    SeatConfirmed,
    Seated,
    ServicesChanged,
    ServicesProposed,
    Unseated,
    evolve,
)
from domain.board.seats import (
    Reason,
    appoint_chair,
    check_open,
    check_second,
    confirm_chair,
    confirm_seat,
    is_void,
    seat,
    unseat,
)
from domain.board.state import Board, Seat, SeatKind, SeatRow, Widening
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
)
from domain.wording import ANY, LINE, check_given, check_names, check_wording

__all__ = ["AGGREGATE", "Board", "Seat", "SeatKind", "SeatRow"]

_ANEW: Final = "somebody else says so anew (`editBoard`)."

MOST_SERVICES: Final = 20
LONGEST_NOTE: Final = 500
"""Characters of a purpose or reason that the board's own state keeps."""

_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")

Name = Annotated[str, "What the board is called."]
Purpose = Annotated[Text | None, "What the board is there for, if it needs saying."]
Services = Annotated[tuple[str, ...], "The services the board decides for, or `any` alone."]


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
    """Describe a board anew; what is left out stays, and what is the same is no event.

    Services for which it did not decide before wait for a second person. Naming the services for
    which it decides turns others down that wait.
    """
    given = {"name": name, "purpose": purpose, "services": services}
    new: dict[str, Any] = {each: value for each, value in given.items() if value is not KEEP}
    changed = {each: value for each, value in new.items() if value != _asked(state, context, each)}
    problems = Problems()
    check_open(problems, context, state)
    _check_described(problems, changed)
    problems.settle()
    wider = "services" in changed and not state.decides_for(frozenset(changed["services"]))
    events: dict[str, Callable[[Any], object]] = {
        "name": Renamed,
        "purpose": PurposeChanged,
        "services": _wider(context) if wider else ServicesChanged,
    }
    return [event(changed[each]) for each, event in events.items() if each in changed]


def _wider(context: Context) -> Callable[[Any], object]:
    return lambda services: ServicesProposed(services, *rights(context))


def _asked(state: Board, context: Context, field: str) -> Any:
    """What the board is said to be, by the last who said so; nothing, if that counts no more."""
    if field == "services" and state.widening is not None:
        return None if is_void(state.widening, context) else state.widening.services
    return getattr(state, field)


def confirm_services(state: Board, context: Context, *, services: Services) -> list[Any]:
    """Agree, as a second person, that the board decide for these services from now on.

    Only while who asked for it still may.
    """
    problems = Problems()
    check_open(problems, context, state)
    wish: Widening | None = state.widening
    if wish is None or wish.services != services:
        message = "Nobody asks that the board decide for these services."
        problems.add("not_awaited", message, "services")
    else:
        proposers = (wish.proposed_by, wish.proposed_behalf)
        check_second(problems, context, proposers, context.at)
        others = wish.other_grants
        check_first(problems, context, proposers, wish.grant, _ANEW, "services", others=others)
    problems.settle()
    return [ServicesChanged(services)]


def dissolve(state: Board, context: Context, *, reason: Reason) -> list[Any]:
    """End a board; votes that used its seats and still wait are void."""
    problems = Problems()
    check_open(problems, context, state)
    check_given(problems, reason, LONGEST_NOTE, "reason")
    problems.settle()
    return [Dissolved(reason)]


def _check_described(problems: Problems, given: Mapping[str, Any]) -> None:
    if "name" in given:
        check_given(problems, given["name"], LINE, "name")
    if given.get("purpose") is not None:
        check_wording(problems, given["purpose"], LONGEST_NOTE, "purpose")
    if "services" in given and given["services"] != (ANY,):
        check_names(problems, given["services"], MOST_SERVICES, "services")
        message = "Say for which services the board decides, or `any`."
        problems.unless(given["services"], "services_missing", message, "services")


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
        ServicesProposed,
        ServicesChanged,
        Seated,
        SeatConfirmed,
        Unseated,
        ChairProposed,
        ChairAppointed,
        Dissolved,
    ),
    evolve=evolve,
    commands=(
        Command(establish),
        Command(edit, seen=Seen.VERSION),
        Command(confirm_services, deciding=True),
        Command(seat),
        Command(confirm_seat, deciding=True),
        Command(unseat),
        Command(appoint_chair),
        Command(confirm_chair, deciding=True),
        Command(dissolve),
    ),
    scopes=_scopes,
    columns={"dissolved": (bool, _dissolved)},
    rows=(Rows("board_seats", SeatRow, _rows, ("person",)),),
    indexed=("kind", "name", "dissolved"),
    fold=4,
)
