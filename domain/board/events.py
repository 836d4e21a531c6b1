"""What becomes true of a board, and how it folds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.board.state import Board, Nomination, Offered, Seat, SeatKind, Widening
from domain.kernel import Recorded, Text, moved

MOST_KEPT: Final = 26
"""How many seats a state keeps, those that are over among them; the log keeps every one."""


@dataclass(frozen=True, slots=True)
class Established:
    """A board was set up; nobody sits on it yet."""

    kind: str
    name: str
    purpose: Text | None
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Renamed:
    """The board has another name."""

    name: str


@dataclass(frozen=True, slots=True)
class PurposeChanged:
    """The board is there for something else, or no longer says for what."""

    purpose: Text | None


@dataclass(frozen=True, slots=True)
class ServicesChanged:
    """The board decides for other services from now on."""

    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServicesProposed:
    """The board was said to decide for other services; a second person has to agree.

    `grant` is by what right that was said, which early logs do not tell.
    """

    services: tuple[str, ...]
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seated:
    """A person was given a seat, as a member or to stand in for one; it may have to be agreed to.

    Seats from before that was asked for do not wait. `grant` is by what right it was given, which
    early logs do not tell.
    """

    person: str
    kind: SeatKind
    since: datetime
    until: datetime | None
    stands_for: str | None
    waits: bool = False
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeatConfirmed:
    """A second person agreed to the seat: from now on it counts."""

    seat: str


@dataclass(frozen=True, slots=True)
class Unseated:
    """A seat was taken away; open votes by it are void."""

    seat: str
    reason: Text


@dataclass(frozen=True, slots=True)
class ChairProposed:
    """The member on this seat was named to chair the board; a second person has to agree.

    `grant` is by what right, which early logs do not tell.
    """

    seat: str
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChairAppointed:
    """The member on this seat chairs the board; who did so before is a member."""

    seat: str


@dataclass(frozen=True, slots=True)
class Dissolved:
    """The board is no more; open votes by its seats are void."""

    reason: Text


# Folding.


def evolve(state: Board | None, recorded: Recorded) -> Board:
    """Fold one event."""
    event = recorded.event
    if isinstance(event, Established):
        return _established(event, recorded)
    if state is None:
        raise TypeError(f"a board does not begin with {type(event).__name__}")
    match event:
        case Renamed(name=name):
            return moved(state, recorded, name=name)
        case PurposeChanged(purpose=purpose):
            return moved(state, recorded, purpose=purpose)
        case ServicesChanged(services=services):
            return moved(state, recorded, services=services, widening=None)
        case ServicesProposed(services=services, grant=grant, other_grants=others):
            wish = Widening(services, recorded.by, recorded.behalf, grant, others)
            return moved(state, recorded, widening=wish)
        case Dissolved(reason=reason):
            return _dissolved(state, recorded, reason)
        case _:
            seats = _seats(state, recorded)
            return moved(state, recorded, seats=seats, offered=_offered(state, seats, recorded))


def _established(event: Established, recorded: Recorded) -> Board:
    return Board(
        id=recorded.subject,
        version=recorded.version,
        kind=event.kind,
        name=event.name,
        purpose=event.purpose,
        services=event.services,
        established_by=recorded.by,
        established_at=recorded.at,
    )


def _dissolved(state: Board, recorded: Recorded, reason: str) -> Board:
    return moved(
        state,
        recorded,
        dissolved_at=recorded.at,
        dissolved_by=recorded.by,
        dissolved_reason=reason,
    )


def _seats(state: Board, recorded: Recorded) -> tuple[Seat, ...]:
    match recorded.event:
        case Seated() as event:
            return (*_kept(state, recorded.at), _seat(event, recorded))
        case Unseated(seat=id):
            return tuple(_ended(each, recorded) if each.id == id else each for each in state.seats)
        case SeatConfirmed(seat=id):
            return tuple(_agreed(e, recorded) if e.id == id else e for e in state.seats)
        case ChairProposed(seat=id, grant=grant, other_grants=others):
            wish = Nomination(recorded.by, recorded.behalf, grant, others)
            return tuple(replace(e, nomination=wish if e.id == id else None) for e in state.seats)
        case ChairAppointed(seat=id):
            return tuple(_chaired(each, id) for each in state.seats)
        case event:
            raise TypeError(f"{type(event).__name__} is no event of a board")


def _offered(state: Board, seats: tuple[Seat, ...], recorded: Recorded) -> tuple[Offered, ...]:
    """By what right the seats were given that wait now."""
    event, known = recorded.event, state.offered
    if isinstance(event, Seated) and event.grant is not None:
        offered = Offered(_seat(event, recorded).id, event.grant, event.other_grants)
        known = (*known, offered)
    waiting = {each.id for each in seats if each.waits and each.ended is None}
    return tuple(each for each in known if each.seat in waiting)


def _kept(state: Board, at: datetime) -> tuple[Seat, ...]:
    """The seats without the oldest of those that are over, so that one more has room."""
    over = [each for each in state.seats if each.over(at)]
    dropped = over[: max(0, len(state.seats) + 1 - MOST_KEPT)]
    return tuple(each for each in state.seats if each not in dropped)


def _seat(event: Seated, recorded: Recorded) -> Seat:
    return Seat(
        id=f"{recorded.subject}.{recorded.version}",
        person=event.person,
        kind=event.kind,
        since=event.since,
        until=event.until,
        stands_for=event.stands_for,
        seated_by=recorded.by,
        seated_at=recorded.at,
        seated_behalf=recorded.behalf,
        waits=event.waits,
    )


def _agreed(seat: Seat, recorded: Recorded) -> Seat:
    """The seat as it counts from now on, and not for what was before."""
    since = max(seat.since, recorded.at)
    return replace(seat, waits=False, since=since, confirmed_by=recorded.by)


def _ended(seat: Seat, recorded: Recorded) -> Seat:
    return replace(seat, ended=recorded.at, ended_by=recorded.by)


def _chaired(seat: Seat, chair: str) -> Seat:
    seat = replace(seat, nomination=None)
    if seat.id == chair:
        return replace(seat, kind=SeatKind.CHAIR)
    return replace(seat, kind=SeatKind.MEMBER) if seat.kind is SeatKind.CHAIR else seat
