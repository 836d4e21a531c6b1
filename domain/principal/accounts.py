"""The accounts of people and programs, found by id, handle and identity, and who stands behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domain.copy_on_write import Branching
from domain.kernel import ERASED, is_person
from domain.principal.state import Former, Principal

LASTING: Final = timedelta(days=366)
"""How long a former owner or team counts: what is begun within it may have been prepared before."""


@dataclass(slots=True)
class Accounts:
    """An index of principals; learning a newer state replaces what the older one said."""

    _known: dict[str, Principal] = field(default_factory=dict)
    _suspended: set[str] = field(default_factory=set)
    _handles: dict[str, str] = field(default_factory=dict)
    _identities: dict[tuple[str, str], str] = field(default_factory=dict)
    ties: Branching[str, set[str]] = field(default_factory=Branching)
    """The accounts tied to each directly; who has none to this day is not named."""
    _owned: Branching[str, set[str]] = field(default_factory=Branching)
    _untied: set[str] = field(default_factory=set)

    def branch(self) -> Accounts:
        """The same accounts; from now on neither index sees what the other learns."""
        return Accounts(
            self._known.copy(),
            self._suspended.copy(),
            self._handles.copy(),
            self._identities.copy(),
            self.ties.branch(),
            self._owned.branch(),
            self._untied.copy(),
        )

    def learn(self, principal: Principal) -> None:
        """Replace what was known of the principal."""
        self.forget(principal.id)
        self._known[principal.id] = principal
        if principal.suspended:
            self._suspended.add(principal.id)
        if principal.untied:
            self._untied.add(principal.id)
        if principal.handle != ERASED:
            self._handles[principal.handle.casefold()] = principal.id
        for each in principal.identities:
            if each.verified_by is not None and each.subject != ERASED:
                self._identities[each.issuer, each.subject] = principal.id
        self._tie(principal)

    def forget(self, id: str) -> None:
        """Know nothing of the principal, as if there were none."""
        if before := self._known.pop(id, None):
            self._forget(before)

    def person(self, id: str) -> Principal | None:
        """The principal with this id."""
        return self._known.get(id)

    def people(self) -> frozenset[str]:
        """Every person who is not suspended, by id."""
        return frozenset(id for id in self._known.keys() - self._suspended if is_person(id))

    def suspended(self, id: str) -> bool:
        """Whether the principal is known and suspended."""
        return id in self._suspended

    def named(self, handle: str) -> str | None:
        """The principal with this handle, whatever its case."""
        return self._handles.get(handle.casefold())

    def identified(self, issuer: str, subject: str) -> str | None:
        """The principal with this verified identity."""
        return self._identities.get((issuer, subject))

    def linked(self, id: str) -> frozenset[str]:
        """The principal and all that are tied to it, directly or through others."""
        found, waiting = {id}, [id]
        while waiting:
            fresh = self.ties.get(waiting.pop(), set()) - found
            found |= fresh
            waiting.extend(fresh)
        return frozenset(found)

    def behind(self, id: str, since: datetime) -> frozenset[str]:
        """All accounts `linked` to the principal, and whoever was by a program, since that moment.

        A program had this owner, or an account of the person owned that program, up to a year
        before it or later: by handing a program over nobody parts with what it did for them.
        """
        known = self._known.get(id)
        if id not in self.ties and id not in self._owned and not (known and known.former):
            return frozenset((id,))  # as for nearly everybody
        now = self.linked(id)
        owners = {left.owner for left in self._former(id, since) if left.owner}
        people = now.union(*map(self.linked, owners))
        return people.union(*(self._programs(each, since) for each in people))

    def teams(self, id: str, since: datetime) -> frozenset[str]:
        """The teams the principal has belonged to since a year before that moment."""
        known = self._known.get(id)
        now = known.team if known else None
        return frozenset(filter(None, (now, *(left.team for left in self._former(id, since)))))

    def _former(self, id: str, since: datetime) -> Iterator[Former]:
        if known := self._known.get(id):
            yield from (left for left in known.former if left.until > since - LASTING)

    def _programs(self, owner: str, since: datetime) -> set[str]:
        """The programs the person has owned since a year before that moment, but owns no more."""
        owned = self._owned.get(owner, ())
        return {
            each for each in owned if any(left.owner == owner for left in self._former(each, since))
        }

    def entangled(self) -> frozenset[str]:
        """People with more than one account, and owners of programs, former ones too."""
        several = [who for who, others in self.ties.items() if others and is_person(who)]
        return frozenset(several).union(self._owned)

    def untied(self, since: datetime) -> frozenset[str]:
        """The accounts behind which others stood too, before an account was untied after then."""
        every = ((id, each) for id in self._untied for each in self._known[id].untied)
        apart = {end for id, each in every if each.until > since for end in (id, each.account)}
        return frozenset().union(*map(self.linked, apart))

    @property
    def anybody_suspended(self) -> bool:
        """Whether any principal is."""
        return bool(self._suspended)

    def first(self, id: str) -> str:
        """The first of a person's own accounts, by id; a program is told by itself."""
        if not self.ties.get(id) or not is_person(id):
            return id
        return min(each for each in self.linked(id) if is_person(each))

    def firsts(self, ids: frozenset[str]) -> frozenset[str]:
        """These accounts, and the first one of each person behind them."""
        if self.ties.keys().isdisjoint(ids):
            return ids  # as nearly always
        return ids.union(map(self.first, ids))

    def _tie(self, principal: Principal) -> None:
        for other in _tied(principal):
            self.ties.own(principal.id, set).add(other)
            self.ties.own(other, set).add(principal.id)
        for left in principal.former:
            if left.owner is not None:  # this is never forgotten: it does not become untrue
                self._owned.own(left.owner, set).add(principal.id)

    def _forget(self, principal: Principal) -> None:
        self._suspended.discard(principal.id)
        self._untied.discard(principal.id)
        handle = principal.handle.casefold()
        if self._handles.get(handle) == principal.id:
            del self._handles[handle]
        for each in principal.identities:
            if self._identities.get((each.issuer, each.subject)) == principal.id:
                del self._identities[each.issuer, each.subject]
        for other in _tied(principal):
            if principal.id not in _tied(self._known.get(other)):
                self.ties.own(principal.id, set).discard(other)
                self.ties.own(other, set).discard(principal.id)


def _tied(principal: Principal | None) -> tuple[str, ...]:
    if principal is None:
        return ()
    return (*principal.linked, *filter(None, (principal.owner,)))
