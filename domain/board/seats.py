"""Seats on boards: who takes them, from when to when, who stands in for whom, and who chairs.

Members are people, seated by somebody else. The chair is one of the members. An alternate stands
in for one named member and counts only while that member is away, suspended, or may not decide on
the matter. A seat says who fills a board's rule; that its holder may decide at all is a grant's
affair. Either takes a second person to agree, and so does who chairs: whoever filled a board alone
would decide alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import (
    askers,
    asking,
    check_active,
    check_first,
    check_firsthand,
    check_human,
    rights,
)
from domain.authorship import accounts, lost
from domain.board.events import ChairAppointed, ChairProposed, SeatConfirmed, Seated, Unseated
from domain.board.state import Board, Nomination, Seat, SeatKind, Widening
from domain.kernel import Context, Problems, Text, refusal
from domain.term import check_term, overlap
from domain.wording import NOTE, check_given

MOST_SEATS: Final = 24
"""How many seats a board has that are not over."""

_SEAT_ANEW: Final = (
    "turn it down (`unseatBoardMember`), and somebody else gives it anew (`seatBoardMember`)."
)
_CHAIR_ANEW: Final = "somebody else appoints them anew (`appointBoardChair`)."

SeatId = Annotated[str, "The id of the seat."]
Reason = Annotated[Text, "Why this is done."]


def seat(
    state: Board,
    context: Context,
    *,
    person: Annotated[str, "Who takes the seat."],
    stands_for: Annotated[str | None, "The member whose alternate the person is, if any."] = None,
    since: Annotated[datetime | None, "When the seat is taken; now unless given."] = None,
    until: Annotated[datetime | None, "When it is left; never unless given."] = None,
) -> list[Any]:
    """Give a person a seat, as a member or as a member's alternate; nobody seats oneself.

    It counts once a second person has confirmed it.
    """
    problems = Problems()
    check_open(problems, context, state)
    begin = check_term(problems, context.at, since, until)
    _check_person(problems, context, person)
    kind = SeatKind.MEMBER if stands_for is None else SeatKind.ALTERNATE
    waits = True
    offered = Seated(person, kind, begin, until, stands_for, waits, *rights(context))
    _check_free(problems, context, state, offered)
    if stands_for is not None:
        _check_member(problems, context, state, person, stands_for)
    problems.settle()
    return [offered]


def confirm_seat(state: Board, context: Context, *, seat: SeatId) -> list[Any]:
    """Agree, as a second person, that a seat be taken; it counts from now on.

    Only while who gave it still may: else one person alone would fill it.
    """
    known = _seat(state, seat)
    problems = Problems()
    check_open(problems, context, state)
    waits = known.waits and not known.over(context.at)
    problems.unless(waits, "not_awaited", "This seat waits for nobody.", "seat")
    _check_person(problems, context, known.person)
    proposers = (known.seated_by, known.seated_behalf)
    check_second(problems, context, proposers, known.seated_at)
    if waits:
        right, others = state.seated_by_right(seat)
        check_first(problems, context, proposers, right, _SEAT_ANEW, "seat", others=others)
    problems.settle()
    return [SeatConfirmed(seat)]


def unseat(state: Board, context: Context, *, seat: SeatId, reason: Reason) -> list[Any]:
    """Take a seat away, or turn one down that waits; votes that used it and still wait are void."""
    known = _seat(state, seat)
    problems = Problems()
    check_open(problems, context, state)
    check_given(problems, reason, NOTE, "reason")
    problems.unless(known.ended is None, "unseated_already", "It was taken away.", "seat")
    problems.settle()
    return [Unseated(seat, reason)]


def appoint_chair(state: Board, context: Context, *, seat: SeatId) -> list[Any]:
    """Let a member chair the board, in the place of whoever does; nobody appoints oneself.

    It counts once a second person has confirmed it. To appoint whoever chairs turns down a member
    who was named since.
    """
    known = _seat(state, seat)
    problems = Problems()
    check_open(problems, context, state)
    _check_present(problems, context, known)
    chairs, named = known.kind is SeatKind.CHAIR, _named(state)
    waits = known.nomination is not None and not is_void(known.nomination, context)
    fresh = named is not None if chairs else not waits
    problems.unless(fresh, "chairs_already", "This member chairs the board, or is to.", "seat")
    problems.settle()
    return [ChairAppointed(seat) if chairs else ChairProposed(seat, *rights(context))]


def _check_present(problems: Problems, context: Context, known: Seat) -> None:
    """Note whoever may not chair: a present member does, who may take a seat."""
    member = known.kind is not SeatKind.ALTERNATE and known.held(context.at)
    problems.unless(member, "not_a_member", "Only a present member chairs a board.", "seat")
    _check_person(problems, context, known.person)


def confirm_chair(state: Board, context: Context, *, seat: SeatId) -> list[Any]:
    """Agree, as a second person, that the member named chair the board, from now on."""
    known = _seat(state, seat)
    problems = Problems()
    check_open(problems, context, state)
    if known.nomination is None or not known.held(context.at):
        problems.add("not_awaited", "Nobody is to chair the board from this seat.", "seat")
    else:
        wish = known.nomination
        proposers = (wish.proposed_by, wish.proposed_behalf)
        check_second(problems, context, proposers, context.at)
        others = wish.other_grants
        check_first(problems, context, proposers, wish.grant, _CHAIR_ANEW, "seat", others=others)
    _check_person(problems, context, known.person)
    problems.settle()
    return [ChairAppointed(seat)]


def check_open(problems: Problems, context: Context, state: Board) -> None:
    """Note a board that is no more, and what is not asked for in person."""
    check_firsthand(problems, context)
    problems.unless(state.dissolved_at is None, "dissolved", "This board is no more.")


def check_second(
    problems: Problems, context: Context, proposers: tuple[str | None, ...], since: datetime
) -> None:
    """Note when who asks is behind an account that proposed it."""
    own = accounts(filter(None, proposers), context.authority, since) & asking(context)
    problems.unless(not own, "own_proposal", "Who proposed it may not confirm it.")


def is_void(wish: Nomination | Widening, context: Context) -> bool:
    """Whether who asked for it may not any more, so that nobody may agree to it."""
    asked = (wish.proposed_by, wish.proposed_behalf)
    return lost(asked, wish.grant, context.authority, others=wish.other_grants)


def _named(state: Board) -> Seat | None:
    """The seat whose holder is to chair the board."""
    return next((each for each in state.seats if each.nomination is not None), None)


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
