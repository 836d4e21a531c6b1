"""The accounts of people and programs, found by id, handle and identity, and who stands behind."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.kernel import ERASED, is_person
from domain.principal_state import Principal


@dataclass(slots=True)
class Accounts:
    """An index of principals; learning a newer state replaces what the older one said."""

    _known: dict[str, Principal] = field(default_factory=dict)
    _suspended: set[str] = field(default_factory=set)
    _handles: dict[str, str] = field(default_factory=dict)
    _identities: dict[tuple[str, str], str] = field(default_factory=dict)
    _ties: dict[str, set[str]] = field(default_factory=dict)

    def learn(self, principal: Principal) -> None:
        """Replace what was known of the principal."""
        if before := self._known.get(principal.id):
            self._forget(before)
        self._known[principal.id] = principal
        if principal.suspended:
            self._suspended.add(principal.id)
        if principal.handle != ERASED:
            self._handles[principal.handle.casefold()] = principal.id
        for each in principal.identities:
            if each.verified_by is not None and each.subject != ERASED:
                self._identities[each.issuer, each.subject] = principal.id
        for other in _tied(principal):
            self._ties.setdefault(principal.id, set()).add(other)
            self._ties.setdefault(other, set()).add(principal.id)

    def person(self, id: str) -> Principal | None:
        """The principal with this id."""
        return self._known.get(id)

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
            fresh = self._ties.get(waiting.pop(), set()) - found
            found |= fresh
            waiting.extend(fresh)
        return frozenset(found)

    def first(self, id: str) -> str:
        """The first of a person's own accounts, by id; a program is told by itself."""
        if not self._ties.get(id) or not is_person(id):
            return id
        return min(each for each in self.linked(id) if is_person(each))

    def _forget(self, principal: Principal) -> None:
        self._suspended.discard(principal.id)
        handle = principal.handle.casefold()
        if self._handles.get(handle) == principal.id:
            del self._handles[handle]
        for each in principal.identities:
            if self._identities.get((each.issuer, each.subject)) == principal.id:
                del self._identities[each.issuer, each.subject]
        for other in _tied(principal):
            if principal.id not in _tied(self._known.get(other)):
                self._ties[principal.id].discard(other)
                self._ties[other].discard(principal.id)


def _tied(principal: Principal | None) -> tuple[str, ...]:
    if principal is None:
        return ()
    return (*principal.linked, *filter(None, (principal.owner,)))
