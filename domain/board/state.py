"""A board as it stands: its seats, dated, and for which services it decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from domain.kernel import Internal, Text
from domain.term import in_force
from domain.wording import ANY


class SeatKind(StrEnum):
    """What a seat lets its holder do: the chair is a member; an alternate stands in for one."""

    MEMBER = "member"
    ALTERNATE = "alternate"
    CHAIR = "chair"


@dataclass(frozen=True, slots=True)
class Nomination:
    """Who wants the member on a seat to chair the board; a second person has to agree."""

    proposed_by: str
    proposed_behalf: str | None = None
    grant: Annotated[Internal[str | None], "By what right that was asked for."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()


@dataclass(frozen=True, slots=True)
class Widening:
    """Services for which the board is to decide once a second person agrees."""

    services: tuple[str, ...]
    proposed_by: str
    proposed_behalf: str | None = None
    grant: Annotated[Internal[str | None], "By what right that was asked for."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's place on a board. `ended` is when it was taken away, if it did not run out.

    `stands_for` is the member whose place an alternate takes while that member cannot. As long as
    the seat `waits` for a second person to agree, it does not count.
    """

    id: str
    person: str
    kind: SeatKind
    since: datetime
    until: datetime | None
    stands_for: str | None
    seated_by: str
    seated_at: datetime
    ended: datetime | None = None
    ended_by: str | None = None
    seated_behalf: str | None = None
    waits: bool = False
    confirmed_by: str | None = None
    nomination: Nomination | None = None

    def held(self, at: datetime) -> bool:
        """Whether the seat is taken at this moment, and counts."""
        if self.waits:
            return False
        return in_force(self.since, self.until, at) and (self.ended is None or at < self.ended)

    def over(self, at: datetime) -> bool:
        """Whether the seat was taken away or ran out before this moment, or at it."""
        return self.ended is not None or (self.until is not None and self.until <= at)


@dataclass(frozen=True, slots=True)
class Offered:
    """By what right a seat was given that waits for a second person."""

    seat: str
    grant: str
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A board of a kind that playbooks name, deciding for these services, or for `any`.

    Seats that are over are kept while there is room, the newest of them.
    """

    id: str
    version: int
    kind: str
    name: str
    purpose: Text | None
    services: tuple[str, ...]
    established_by: str
    established_at: datetime
    seats: tuple[Seat, ...] = ()
    dissolved_at: datetime | None = None
    dissolved_by: str | None = None
    dissolved_reason: Text | None = None
    widening: Widening | None = None
    offered: Internal[tuple[Offered, ...]] = ()

    def decides_for(self, services: frozenset[str]) -> bool:
        """Whether the board decides for each of these services."""
        return ANY in self.services or services.issubset(self.services)

    def sits(self, at: datetime) -> bool:
        """Whether the board exists at this moment."""
        return self.dissolved_at is None or at < self.dissolved_at

    def seated_by_right(self, id: str) -> tuple[str | None, tuple[str, ...]]:
        """The grant by which a seat was given that waits, and others; early logs tell none."""
        found = ((each.grant, each.other_grants) for each in self.offered if each.seat == id)
        return next(found, (None, ()))

    def seat(self, id: str) -> Seat | None:
        """The seat with this id."""
        return next((each for each in self.seats if each.id == id), None)


@dataclass(frozen=True, slots=True)
class SeatRow:
    """One seat beside the board, for lists that join: whose it is, and from when to when."""

    seat: str
    person: str
    seat_kind: SeatKind
    board_kind: str
    stands_for: str | None
    since: datetime
    until: datetime | None
