"""Who holds what: grants, board seats, delegations and accounts, indexed as their states change.

A writer, a reader and a test each keep one and let it learn every state of the four aggregates, in
any order and as often as they like: the newest state of an id replaces what was known of it.
Everything that depends on time is asked for a moment `at`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from domain.approval.doubts import Doubts
from domain.approval.voting import Vote
from domain.board.seating import Seating
from domain.board.state import Board
from domain.delegation.lending import Lending
from domain.delegation.state import Delegation
from domain.grant.granted import Granted
from domain.grant.holdings import Holding, Key, Place
from domain.grant.state import Grant
from domain.kernel import Scopes
from domain.principal.accounts import Accounts
from domain.principal.state import Principal

__all__ = ["Authority", "Holding", "Key", "Place"]

NOBODY: frozenset[str] = frozenset()


class Authority:
    """The index of who holds what.

    `roles` are those the adopted policy knows, `approving` those of them that let their holder
    decide: a grant of one is effective only once a second person has confirmed it, also when the
    role became approving later. Nobody gains a decision by a policy's change alone.
    """

    def __init__(self, roles: frozenset[str] = NOBODY, approving: frozenset[str] = NOBODY) -> None:
        """Know nobody yet."""
        self.roles = roles
        self._accounts = Accounts()
        self._seating = Seating(self._accounts)
        self._granted = Granted(self._accounts, self._seating, approving)
        self._lending = Lending()

    def branch(self) -> Authority:
        """Another that knows the same, for a few shallow copies; then each learns by itself."""
        other = Authority(self.roles)
        other._accounts = self._accounts.branch()
        other._seating = self._seating.branch(other._accounts)
        other._granted = self._granted.branch(other._accounts, other._seating)
        other._lending = self._lending.branch()
        return other

    # Learning.

    def learn(self, state: Grant | Board | Principal | Delegation) -> None:
        """Replace what was known under the state's id by this state."""
        match state:
            case Grant():
                self._granted.learn(state)
            case Principal():
                self._accounts.learn(state)
                self._account_changed(state.id)
            case Board():
                self._seating.learn(state)
                self._granted.board_changed(state.id)
            case Delegation():
                self._lending.learn(state)

    def forget(self, kind: type, id: str) -> None:
        """Know nothing of the grant, principal, board or delegation, as if there were none."""
        if kind is Grant:
            self._granted.forget(id)
        elif kind is Principal:
            self._accounts.forget(id)
            self._account_changed(id)
        elif kind is Board:
            self._seating.forget(id)
            self._granted.board_changed(id)
        else:
            self._lending.forget(id)

    @property
    def approving(self) -> frozenset[str]:
        """The roles that let their holder decide, under the adopted policy."""
        return self._granted.approving

    @approving.setter
    def approving(self, roles: frozenset[str]) -> None:
        self._granted.approve_by(roles)

    def _account_changed(self, id: str) -> None:
        self._seating.unsettle()
        self._granted.account_changed(id)

    # Roles.

    @property
    def by_person(self) -> Mapping[str, Mapping[Key, Place]]:
        """The holdings as a guard reads them: `by_person[person][role, scope kind]`."""
        return self._granted.index.by_person

    def holdings(self, person: str) -> tuple[Holding, ...]:
        """A person's effective grants, whenever they begin or end; none while suspended."""
        return self._granted.holdings(person)

    def covering(
        self, person: str, role: str, scope: str | None, values: frozenset[str], at: datetime
    ) -> str | None:
        """The grant by which the person holds the role for every one of the values, if so."""
        return self._granted.index.covering(person, role, scope, values, at)

    def roles_for(self, person: str, scopes: Scopes, at: datetime) -> dict[Key, str]:
        """The roles a person holds in all these scopes, by role and kind, with the grant used."""
        found: dict[Key, str] = {}
        for role, kind in self.by_person.get(person, {}):
            if kind is None or kind in scopes:
                values = scopes[kind] if kind else NOBODY
                if grant := self.covering(person, role, kind, values, at):
                    found[role, kind] = grant
        return found

    def holders(
        self, role: str, scope: str | None, values: frozenset[str], at: datetime
    ) -> Mapping[str, str]:
        """Who holds the role for every one of the values, by which grant, in order of person.

        Without a scope kind it counts wherever it is held; without values only held for `any`.
        """
        if scope is None:
            return self._granted.index.anywhere(role, at)
        return self._granted.index.holders(role, scope, values, at)

    def grant(self, id: str) -> Grant | None:
        """The grant with this id."""
        return self._granted.grants.get(id)

    def grants_of(self, person: str) -> tuple[Grant, ...]:
        """Every grant of this person, proposed, run out and revoked ones too, by id."""
        return self._granted.of(person)

    def revoked(self, grant: str) -> bool:
        """Whether a grant or seat was taken away; one that ran out, or is unknown, was not."""
        if known := self._granted.grants.get(grant):
            return known.revoked_at is not None
        return self._seating.unseated(grant)

    def valid_grant(self, grant: str, at: datetime) -> bool:
        """Whether a grant or seat is effective at this moment; an unknown one is not."""
        if held := self._granted.held.get(grant):
            return held.since <= at and (held.until is None or at < held.until)
        return self._seating.seated(grant, at)

    # Boards.

    def board(self, id: str) -> Board | None:
        """The board with this id."""
        return self._seating.board(id)

    def boards(self, named: str, at: datetime) -> tuple[Board, ...]:
        """The board with this id, or those of this kind, that exist at the moment; by id."""
        return self._seating.boards(named, at)

    def seats(
        self,
        board: str,
        at: datetime,
        *,
        excluded: frozenset[str] = NOBODY,
        services: frozenset[str] | None = None,
    ) -> Mapping[str, str]:
        """Who sits on the board, or on the boards of this kind, and on which seat.

        An alternate counts only while the member stood for is away, suspended or `excluded`; the
        excluded themselves are still answered. With `services`, only boards that decide for each
        of them count.
        """
        return self._seating.seats(board, at, excluded, services)

    def boards_of(self, person: str, at: datetime) -> tuple[Board, ...]:
        """The boards on which the person sits or may have to stand in for somebody; by id."""
        return self._seating.of(person, at)

    def doubts(self) -> Doubts:
        """Which votes may count otherwise by now than when they were cast."""
        several = self._accounts.entangled() | self._lending.let_down()
        suspended, seats = self._accounts.anybody_suspended, self._seating.doubtful()
        return Doubts(bool(self._granted.revoked), suspended, seats, several)

    def chair(self, board: str, at: datetime) -> str | None:
        """Who chairs the board, suspended or not; of those of a kind the first that has one."""
        return self._seating.chair(board, at)

    def seat_board(self, seat: str) -> Board | None:
        """The board that has this seat, or had it last; None for a grant or an unknown seat."""
        return self._seating.board(place[0]) if (place := self._seating.place(seat)) else None

    def stood_for(self, seat: str) -> str | None:
        """The member whose place the seat's holder takes; None for a grant or a member's seat."""
        return self._seating.stood_for(seat)

    def own_place(self, who: str, grant: str) -> bool:
        """Whether they surely take a place told by this account: no other, and no standing in."""
        return who not in self._accounts.ties and grant not in self._seating.standing_in

    def own_places(self, grants: Mapping[str, str]) -> bool:
        """Whether `own_place` holds for each of these people with their grant."""
        return self._seating.own_places(grants)

    def stand(self, votes: Iterable[Vote]) -> bool:
        """Whether all of these votes surely stand, and each is told by the account that cast it."""
        return self._granted.stand(votes, self._seating)

    def alternates(self, seat: str) -> frozenset[str]:
        """Everybody who ever stood in for the same member as this seat's holder does."""
        return self._seating.alternates(seat)

    # People.

    def person(self, id: str) -> Principal | None:
        """The principal with this id, a program too."""
        return self._accounts.person(id)

    def everybody(self) -> frozenset[str]:
        """Every person who is not suspended."""
        return self._accounts.people()

    def suspended(self, id: str) -> bool:
        """Whether the principal is suspended; an unknown one is not, it merely holds nothing."""
        return self._accounts.suspended(id)

    def team(self, id: str) -> str | None:
        """The team of the principal, if it is known to have one."""
        return known.team if (known := self.person(id)) else None

    def teams(self, id: str, since: datetime) -> frozenset[str]:
        """Every team the principal has belonged to since a year before that moment."""
        return self._accounts.teams(id, since)

    def linked(self, id: str) -> frozenset[str]:
        """All accounts behind which the same person stands: linked ones, owned programs, owner."""
        return self._accounts.linked(id)

    def behind(self, id: str, since: datetime) -> frozenset[str]:
        """`linked`, with former owners and programs of up to a year before that moment."""
        return self._accounts.behind(id, since)

    def untied(self, since: datetime) -> frozenset[str]:
        """The accounts of people of whom an account was untied after that moment."""
        return self._accounts.untied(since)

    def first_account(self, id: str) -> str:
        """The account that tells a person where all their accounts count as one."""
        return self._accounts.first(id)

    def first_accounts(self, ids: frozenset[str]) -> frozenset[str]:
        """These accounts, and those that tell the people behind them."""
        return self._accounts.firsts(ids)

    def named(self, handle: str) -> str | None:
        """The principal with this handle, whatever its case."""
        return self._accounts.named(handle)

    def identified(self, issuer: str, subject: str) -> str | None:
        """The principal with this verified identity."""
        return self._accounts.identified(issuer, subject)

    # Delegations.

    def delegators(self, delegate: str, at: datetime) -> tuple[Delegation, ...]:
        """The delegations by which this person may act for others at the moment, by id."""
        return tuple(e for e in self._lending.to(delegate, at) if not self.suspended(e.delegator))

    def delegated_by(self, delegator: str) -> tuple[Delegation, ...]:
        """Every delegation this person has given, revoked and past ones too, by id."""
        return self._lending.by(delegator)

    def delegated(
        self,
        delegate: str,
        delegator: str,
        grant: str,
        scopes: Scopes,
        at: datetime,
        *,
        risk: str | None = None,
        ascending: tuple[str, ...] = (),
    ) -> Delegation | None:
        """The delegation by which the delegate may use this grant or seat of the delegator's."""
        own = (e for e in self.delegators(delegate, at) if e.delegator == delegator)
        lent = (each for each in own if self.lends(each, grant, scopes))
        return next((each for each in lent if each.allows(risk, ascending)), None)

    def lends(self, delegation: Delegation, grant: str, scopes: Scopes) -> bool:
        """Whether the delegation is of this grant or seat, here; its term and risk aside."""
        if known := self._granted.grants.get(grant):
            return delegation.lends(known, scopes, self._seating.kind(delegation.value))
        return self._seating.place(grant) == (delegation.board, delegation.delegator)
