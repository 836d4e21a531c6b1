"""Who holds what, by looking at every state each time: slow, short, and plainly right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.board.aggregate import Board, Seat
from domain.delegation.aggregate import Delegation
from domain.grant.aggregate import Grant, Status
from domain.principal.aggregate import Principal


@dataclass
class Scan:
    """The newest state of everything, searched from end to end."""

    approving: frozenset[str] = frozenset()
    states: dict[tuple[type, str], Any] = field(default_factory=dict)

    def learn(self, state: Any) -> None:
        self.states[type(state), state.id] = state

    def forget(self, kind: type, id: str) -> None:
        self.states.pop((kind, id), None)

    def all(self, kind: type) -> list[Any]:
        return [each for (its, _), each in sorted(self.states.items(), key=str) if its is kind]

    # People.

    def suspended(self, id: str) -> bool:
        known: Principal | None = self.states.get((Principal, id))
        return known is not None and known.suspended

    def away(self, id: str, at: datetime) -> bool:
        known: Principal | None = self.states.get((Principal, id))
        return known is not None and any(a.since <= at < a.until for a in known.absences)

    def linked(self, id: str) -> frozenset[str]:
        ties = {
            pair
            for each in self.all(Principal)
            for other in [*each.linked, each.owner]
            if other is not None
            for pair in [(each.id, other), (other, each.id)]
        }
        found = {id}
        while further := {b for a, b in ties if a in found} - found:
            found |= further
        return frozenset(found)

    # Roles.

    def effective(self) -> list[Grant]:
        return [
            grant
            for grant in self.all(Grant)
            if grant.status is Status.ACTIVE
            and (grant.confirmed_at is not None or grant.role not in self.approving)
            and not self.suspended(grant.person)
        ]

    def in_force(self, at: datetime) -> list[Grant]:
        return [
            grant
            for grant in self.effective()
            if grant.since <= at
            and (grant.confirmed_at is None or grant.confirmed_at <= at)
            and (grant.until is None or at < grant.until)
        ]

    def covering(
        self, person: str, role: str, scope: str | None, values: Iterable[str], at: datetime
    ) -> str | None:
        mine = [
            grant
            for grant in self.in_force(at)
            if (grant.person, grant.role, grant.scope) == (person, role, scope)
        ]
        for_any = sorted(grant.id for grant in mine if grant.value == "any")
        if for_any:
            return for_any[0]
        each = [sorted(g.id for g in mine if g.value == value) for value in sorted(values)]
        return each[0][0] if each and all(each) else None

    def holders(
        self, role: str, scope: str | None, values: frozenset[str], at: datetime
    ) -> dict[str, str]:
        if scope is None:
            mine = [grant for grant in self.in_force(at) if grant.role == role]
            return {
                person: min(grant.id for grant in mine if grant.person == person)
                for person in {grant.person for grant in mine}
            }
        people = {grant.person for grant in self.all(Grant)}
        found = {one: self.covering(one, role, scope, values, at) for one in people}
        return {person: grant for person, grant in found.items() if grant}

    # Boards.

    def boards(self, named: str, at: datetime) -> list[Board]:
        return [
            board
            for board in self.all(Board)
            if named in (board.id, board.kind)
            and (board.dissolved_at is None or at < board.dissolved_at)
        ]

    def taken(self, seat: Seat, at: datetime) -> bool:
        ends = [end for end in (seat.until, seat.ended) if end is not None]
        return seat.since <= at and all(at < end for end in ends)

    def seats(
        self,
        board: str,
        at: datetime,
        excluded: frozenset[str],
        services: frozenset[str] | None,
    ) -> set[tuple[str, str]]:
        return {
            (seat.person, seat.id)
            for each in self.boards(board, at)
            if services is None or "any" in each.services or services <= set(each.services)
            for seat in each.seats
            if self.taken(seat, at) and not self.suspended(seat.person)
            if seat.stands_for is None or self._needed(each, seat.stands_for, at, excluded)
        }

    def _needed(self, board: Board, member: str, at: datetime, excluded: frozenset[str]) -> bool:
        sits = any(
            seat.person == member and seat.stands_for is None and self.taken(seat, at)
            for seat in board.seats
        )
        return sits and (self.suspended(member) or self.away(member, at) or member in excluded)

    # Delegations.

    def delegators(self, delegate: str, at: datetime) -> list[str]:
        return sorted(
            each.id
            for each in self.all(Delegation)
            if each.delegate == delegate
            and each.since <= at < each.until
            and (each.revoked_at is None or at < each.revoked_at)
            and not self.suspended(each.delegator)
        )
