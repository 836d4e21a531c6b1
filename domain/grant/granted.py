"""The index of grants: every one by id and person, and what is held by those in effect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from domain.approval.voting import Vote
from domain.board.seating import Seating
from domain.copy_on_write import Branching
from domain.grant.holdings import Holding, Holdings
from domain.grant.state import Grant, Scope, Status
from domain.kernel import is_person
from domain.principal.accounts import Accounts


@dataclass(slots=True)
class Granted:
    """Grants, and the holdings they amount to; learning a newer state replaces the older one.

    `approving` are the roles that let their holder decide: see `Authority`.
    """

    accounts: Accounts
    seating: Seating
    approving: frozenset[str]
    index: Holdings = field(default_factory=Holdings)
    grants: dict[str, Grant] = field(default_factory=dict)
    held: dict[str, Holding] = field(default_factory=dict)
    _of: Branching[str, set[str]] = field(default_factory=Branching)
    _values: dict[str, str] = field(default_factory=dict)
    _placed: Branching[str, set[str]] = field(default_factory=Branching)
    _by_kind: dict[str, Holding] = field(default_factory=dict)
    """What grants for one board amount to where rules name boards by their kind."""
    revoked: set[str] = field(default_factory=set)
    """The grants that were taken away, or turned down."""

    def branch(self, accounts: Accounts, seating: Seating) -> Granted:
        """The same grants of other accounts and boards; neither sees what the other learns."""
        return Granted(
            accounts,
            seating,
            self.approving,
            self.index.branch(),
            self.grants.copy(),
            self.held.copy(),
            self._of.branch(),
            _placed=self._placed.branch(),
            _by_kind=self._by_kind.copy(),
            revoked=self.revoked.copy(),
        )

    def learn(self, grant: Grant) -> None:
        """Replace what was known of the grant."""
        self.grants[grant.id] = grant
        self._of.own(grant.person, set).add(grant.id)
        if grant.revoked_at is None:
            self.revoked.discard(grant.id)
        else:
            self.revoked.add(grant.id)
        if grant.scope is Scope.BOARD:
            self._placed.own(grant.value, set).add(grant.id)
        self._settle(grant.id)

    def forget(self, id: str) -> None:
        """Know nothing of the grant, as if there were none."""
        if before := self.grants.pop(id, None):
            self._of.own(before.person, set).discard(id)
            self.revoked.discard(id)
            if before.scope is Scope.BOARD:
                self._placed.own(before.value, set).discard(id)
            self._settle(id)

    def approve_by(self, roles: frozenset[str]) -> None:
        """Let these roles be the approving ones."""
        changed = roles ^ self.approving
        self.approving = roles
        for grant in self.grants.values() if changed else ():
            if grant.role in changed:
                self._settle(grant.id)

    def account_changed(self, person: str) -> None:
        """Look anew at the grants of somebody who may have been suspended or let in again."""
        for grant in self._of.get(person, ()):
            self._settle(grant)

    def board_changed(self, board: str) -> None:
        """Look anew at the grants for a board that may be new, or known no more."""
        for grant in self._placed.get(board, ()):
            self._settle(grant)

    def of(self, person: str) -> tuple[Grant, ...]:
        """Every grant of this person, by id."""
        return tuple(self.grants[each] for each in sorted(self._of.get(person, ())))

    def holdings(self, person: str) -> tuple[Holding, ...]:
        """What this person's grants in effect amount to, each once, by id."""
        own = sorted(self._of.get(person, ()))
        return tuple(self.held[each] for each in own if each in self.held)

    def stand(self, votes: Iterable[Vote], seating: Seating) -> bool:
        """Whether all of these votes surely stand, and each is told by the account that cast it.

        So nearly always: nobody voted for another or as an alternate, or by a right taken away
        since, nobody is suspended, and all go by the first of their accounts.
        """
        accounts, grants = self.accounts, self.grants
        for vote in votes:
            who, grant = vote.person, vote.grant
            if vote.behalf or grant in seating.standing_in or not is_person(who):
                return False
            held = grants.get(grant)
            lost = seating.unseated(grant) if held is None else held.revoked_at is not None
            if lost or accounts.suspended(who) or self._is_lost(vote.role_grant):
                return False
            if who in accounts.ties and accounts.first(who) != who:
                return False
        return True

    def _is_lost(self, id: str | None) -> bool:
        """Whether a grant beside a seat was taken away."""
        held = self.grants.get(id) if id else None
        return held is not None and held.revoked_at is not None

    def _settle(self, id: str) -> None:
        """Bring the holdings in line with one grant."""
        grant = self.grants.get(id)
        after = self._holding(grant) if grant else None
        self._hold(self.held, id, after)
        board = self.seating.board(after.value) if after and after.scope == Scope.BOARD else None
        by_kind = replace(after, value=board.kind) if after and board else None
        self._hold(self._by_kind, id, by_kind)

    def _hold(self, known: dict[str, Holding], id: str, after: Holding | None) -> None:
        before = known.get(id)
        if before == after:
            return
        if before:
            self.index.drop(known.pop(id))
        if after:
            self.index.add(after)
            known[id] = after

    def _holding(self, grant: Grant) -> Holding | None:
        waits = grant.confirmed_at is None and grant.role in self.approving
        if grant.status is not Status.ACTIVE or waits or self.accounts.suspended(grant.person):
            return None
        scope = grant.scope.value if grant.scope else None
        since = max(grant.since, grant.confirmed_at or grant.since)
        value = self._values.setdefault(grant.value, grant.value)  # one text for all who hold it
        return Holding(grant.id, grant.person, grant.role, scope, value, since, grant.until)
