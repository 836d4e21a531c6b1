"""The index of boards: who sits on them at a moment, and for whom alternates stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from domain.board.state import Board, Seat, SeatKind
from domain.copy_on_write import Branching
from domain.principal.accounts import Accounts

REMEMBERED: Final = 256
"""How many answers about seats are kept until a board or an account changes."""
Question = tuple[str, datetime, frozenset[str]]
"""Who sits on a board at a moment, where these members are stood in for."""


@dataclass(slots=True)
class Seating:
    """Boards by id, by kind and by seat; learning a newer state replaces the older one."""

    accounts: Accounts
    _boards: dict[str, Board] = field(default_factory=dict)
    _kinds: Branching[str, set[str]] = field(default_factory=Branching)
    _seats: dict[str, tuple[str, Seat]] = field(default_factory=dict)
    _people: Branching[str, set[str]] = field(default_factory=Branching)
    _asked: dict[Question, Mapping[str, str]] = field(default_factory=dict)
    _members: frozenset[str] | None = None
    standing_in: dict[str, str] = field(default_factory=dict)
    """The member that each alternate's seat stands for, whatever the time."""

    def branch(self, accounts: Accounts) -> Seating:
        """The same boards over other accounts; neither sees what the other learns."""
        boards, seats = self._boards.copy(), self._seats.copy()
        kinds, standing_in = self._kinds.branch(), self.standing_in.copy()
        people = self._people.branch()
        return Seating(accounts, boards, kinds, seats, people, standing_in=standing_in)

    def learn(self, board: Board) -> None:
        """Replace what was known of the board."""
        self.forget(board.id)
        self._boards[board.id] = board
        self._kinds.own(board.kind, set).add(board.id)
        self._seats.update((seat.id, (board.id, seat)) for seat in board.seats)
        for seat in board.seats:
            self._people.own(seat.person, set).add(board.id)
        members = ((seat.id, seat.stands_for) for seat in board.seats)
        self.standing_in.update((id, member) for id, member in members if member is not None)

    def forget(self, board: str) -> None:
        """Know nothing of the board, as if there were none."""
        self.unsettle()
        if known := self._boards.pop(board, None):
            self._kinds.own(known.kind, set).discard(known.id)
            for seat in known.seats:
                del self._seats[seat.id]
                self._people.own(seat.person, set).discard(board)
                self.standing_in.pop(seat.id, None)

    def unsettle(self) -> None:
        """Who sits where may have changed: a board or an account did."""
        self._asked.clear()
        self._members = None

    def board(self, id: str) -> Board | None:
        """The board with this id."""
        return self._boards.get(id)

    def kind(self, id: str | None) -> str | None:
        """The kind of the board with this id, by which rules name boards."""
        known = self._boards.get(id or "")
        return known.kind if known else None

    def boards(self, named: str, at: datetime) -> tuple[Board, ...]:
        """The board with this id, or those of this kind, that exist at the moment; by id."""
        ids = [named] if named in self._boards else sorted(self._kinds.get(named, ()))
        return tuple([self._boards[each] for each in ids if self._boards[each].sits(at)])

    def of(self, person: str, at: datetime) -> tuple[Board, ...]:
        """The boards on which the person has a seat at the moment, an alternate's too; by id."""
        known = [self._boards[each] for each in sorted(self._people.get(person, ()))]
        return tuple(
            board
            for board in known
            if board.sits(at) and any(s.person == person and s.held(at) for s in board.seats)
        )

    def doubtful(self) -> frozenset[str]:
        """The seats that were taken away, alone or with their board, and those of alternates."""
        return frozenset(
            id
            for id, (board, seat) in self._seats.items()
            if seat.ended or seat.stands_for or self._boards[board].dissolved_at
        )

    def place(self, seat: str) -> tuple[str, str] | None:
        """The board and the person of a seat, whatever the time."""
        known = self._seats.get(seat)
        return (known[0], known[1].person) if known else None

    def stood_for(self, seat: str) -> str | None:
        """The member whose place the seat's holder takes as an alternate, whatever the time."""
        return self.standing_in.get(seat)

    def own_places(self, grants: Mapping[str, str]) -> bool:
        """Whether none of these people has other accounts or stands in by their grant."""
        if not self.accounts.ties.keys().isdisjoint(grants):
            return False
        standing_in = self.standing_in
        return not standing_in or standing_in.keys().isdisjoint(grants.values())

    def alternates(self, seat: str) -> frozenset[str]:
        """Everybody who ever stood in for the same member as this seat's holder does."""
        known = self._seats.get(seat)
        if known is None or known[1].stands_for is None:
            return frozenset()
        seats = self._boards[known[0]].seats
        return frozenset(e.person for e in seats if e.stands_for == known[1].stands_for)

    def unseated(self, seat: str) -> bool:
        """Whether the seat was taken away, alone or with its board; not if it merely ran out.

        A seat of a known board that is so old that the board dropped it counts as taken away.
        """
        if known := self._seats.get(seat):
            return known[1].ended is not None or self._boards[known[0]].dissolved_at is not None
        return seat.rpartition(".")[0] in self._boards

    def seated(self, seat: str, at: datetime) -> bool:
        """Whether the seat is known and taken at the moment."""
        if known := self._seats.get(seat):
            return self._boards[known[0]].sits(at) and self._taken(known[1], at)
        return False

    def seats(
        self,
        board: str,
        at: datetime,
        excluded: frozenset[str],
        services: frozenset[str] | None,
    ) -> Mapping[str, str]:
        """Who sits on the board, or on the boards of this kind, and on which seat.

        Who is excluded changes the answer only where others stand in for them. Where there is one
        board, all who ask share the answer.
        """
        out = excluded & self._stood_for()
        sitting = [
            self._sitting_on((each.id, at, out))
            for each in self.boards(board, at)
            if services is None or each.decides_for(services)
        ]
        if len(sitting) == 1:
            return sitting[0]
        found: dict[str, str] = {}
        for people in sitting:
            found = {**people, **found}
        return dict(sorted(found.items()))

    def _sitting_on(self, question: Question) -> Mapping[str, str]:
        """Who sits on a board; one request asks several times, and so do others of its batch."""
        if (found := self._asked.get(question)) is None:
            if len(self._asked) >= REMEMBERED:
                self._asked.clear()
            found = self._asked[question] = self._find(*question)
        return found

    def _stood_for(self) -> frozenset[str]:
        """The members for whom somebody may stand in: only their exclusion seats anybody else."""
        if self._members is None:
            self._members = frozenset(self.standing_in.values())
        return self._members

    def _find(self, board: str, at: datetime, excluded: frozenset[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for seat in self._sitting(self._boards[board], at, excluded):
            found.setdefault(seat.person, seat.id)
        return dict(sorted(found.items()))

    def chair(self, board: str, at: datetime) -> str | None:
        """Who chairs the board, also while suspended; of those of a kind, the first with a chair.

        So whoever stands in for the chair does, and nobody else comes to it by a suspension.
        """
        for each in self.boards(board, at):
            for seat in each.seats:
                if seat.kind is SeatKind.CHAIR and seat.held(at):
                    return seat.person
        return None

    def _taken(self, seat: Seat, at: datetime) -> bool:
        return seat.held(at) and not self.accounts.suspended(seat.person)

    def _sitting(self, board: Board, at: datetime, excluded: frozenset[str]) -> Iterator[Seat]:
        members = {each.person for each in board.seats if each.held(at) and each.stands_for is None}
        for seat in board.seats:
            if not self._taken(seat, at):
                continue
            member = seat.stands_for
            if member is None or (member in members and self._absent(member, at, excluded)):
                yield seat

    def _absent(self, member: str, at: datetime, excluded: frozenset[str]) -> bool:
        known = self.accounts.person(member)
        away = known is not None and known.away(at)
        return away or self.accounts.suspended(member) or member in excluded
