"""The index of delegations, by who gave them and by whom they were given to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from domain.copy_on_write import Branching
from domain.delegation.state import Delegation


@dataclass(slots=True)
class Lending:
    """Delegations by delegator and delegate, which never change; a newer state replaces an older.

    What is answered is in order of id.
    """

    _known: dict[str, Delegation] = field(default_factory=dict)
    _to: Branching[str, set[str]] = field(default_factory=Branching)
    _from: Branching[str, set[str]] = field(default_factory=Branching)

    def branch(self) -> Lending:
        """The same delegations; from now on neither index sees what the other learns."""
        return Lending(self._known.copy(), self._to.branch(), self._from.branch())

    def learn(self, delegation: Delegation) -> None:
        """Replace what was known of the delegation."""
        self._known[delegation.id] = delegation
        self._to.own(delegation.delegate, set).add(delegation.id)
        self._from.own(delegation.delegator, set).add(delegation.id)

    def forget(self, id: str) -> None:
        """Know nothing of the delegation, as if there were none."""
        if before := self._known.pop(id, None):
            self._to.own(before.delegate, set).discard(id)
            self._from.own(before.delegator, set).discard(id)

    def to(self, delegate: str, at: datetime) -> list[Delegation]:
        """The delegations to this person that are in force at the moment."""
        given = [self._known[each] for each in sorted(self._to.get(delegate, ()))]
        return [each for each in given if each.lasts(at)]

    def let_down(self) -> frozenset[str]:
        """The people from whom a delegation was taken back."""
        return frozenset(each.delegate for each in self._known.values() if each.revoked_at)

    def by(self, delegator: str) -> tuple[Delegation, ...]:
        """Every delegation this person has given, revoked and past ones too."""
        return tuple(self._known[each] for each in sorted(self._from.get(delegator, ())))
