"""The index of grants: every one by id and person, and what is held by those in effect."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.accounts import Accounts
from domain.branching import Branching
from domain.grant_state import Grant, Status
from domain.holdings import Holding, Holdings


@dataclass(slots=True)
class Granted:
    """Grants, and the holdings they amount to; learning a newer state replaces the older one.

    `approving` are the roles that let their holder decide: see `Authority`.
    """

    accounts: Accounts
    approving: frozenset[str]
    index: Holdings = field(default_factory=Holdings)
    grants: dict[str, Grant] = field(default_factory=dict)
    held: dict[str, Holding] = field(default_factory=dict)
    _of: Branching[str, set[str]] = field(default_factory=Branching)
    _values: dict[str, str] = field(default_factory=dict)

    def branch(self, accounts: Accounts) -> Granted:
        """The same grants of other accounts; neither sees what the other learns."""
        index, grants, held = self.index.branch(), self.grants.copy(), self.held.copy()
        return Granted(accounts, self.approving, index, grants, held, self._of.branch())

    def learn(self, grant: Grant) -> None:
        """Replace what was known of the grant."""
        self.grants[grant.id] = grant
        self._of.own(grant.person, set).add(grant.id)
        self._settle(grant.id)

    def forget(self, id: str) -> None:
        """Know nothing of the grant, as if there were none."""
        if before := self.grants.pop(id, None):
            self._of.own(before.person, set).discard(id)
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

    def of(self, person: str) -> tuple[Grant, ...]:
        """Every grant of this person, by id."""
        return tuple(self.grants[each] for each in sorted(self._of.get(person, ())))

    def _settle(self, id: str) -> None:
        """Bring the holdings in line with one grant."""
        grant, before = self.grants.get(id), self.held.get(id)
        after = self._holding(grant) if grant else None
        if before == after:
            return
        if before:
            self.index.drop(self.held.pop(id))
        if after:
            self.index.add(after)
            self.held[id] = after

    def _holding(self, grant: Grant) -> Holding | None:
        waits = grant.confirmed_at is None and grant.role in self.approving
        if grant.status is not Status.ACTIVE or waits or self.accounts.suspended(grant.person):
            return None
        scope = grant.scope.value if grant.scope else None
        since = max(grant.since, grant.confirmed_at or grant.since)
        value = self._values.setdefault(grant.value, grant.value)  # one text for all who hold it
        return Holding(grant.id, grant.person, grant.role, scope, value, since, grant.until)
