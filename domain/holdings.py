"""The index of effective grants, by person and by role, kept grant by grant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from domain.branching import Branching
from domain.grant_state import Scope
from domain.term import in_force
from domain.wording import ANY

KINDS: Final = (None, *(kind.value for kind in Scope))
"""The scope kinds a role may be held for; None is a role without scope."""

Key = tuple[str, str | None]
"""A role and the scope kind it is held for."""


@dataclass(frozen=True, slots=True)
class Holding:
    """An effective grant: in force from `since` (never before it was confirmed) to `until`."""

    grant: str
    person: str
    role: str
    scope: str | None
    value: str
    since: datetime
    until: datetime | None


Values = dict[str, tuple[Holding, ...]]
People = dict[str, tuple[Holding, ...]]
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
NOTHING: Final[dict[Key, Values]] = {}


@dataclass(slots=True)
class Holdings:
    """Two views of the same holdings; adding or removing one touches nothing but its own place.

    `by_person[person][role, scope kind][value]` are a person's holdings, in order of grant id.
    A guard reads it as it is, without a call or a new object: `value` is `any` for every value
    and for a role without scope; whether a holding is in force at a moment is left to the reader.
    `by_role[role, scope kind][value][person]` are the same holdings for the reverse question.
    """

    by_person: Branching[str, Branching[Key, Values]] = field(default_factory=Branching)
    by_role: Branching[Key, Branching[str, People]] = field(default_factory=Branching)

    def branch(self) -> Holdings:
        """The same holdings; from now on neither index sees what the other adds or drops."""
        return Holdings(self.by_person.branch(), self.by_role.branch())

    def add(self, holding: Holding) -> None:
        """Take a holding in."""
        key = (holding.role, holding.scope)
        own, all_of = self._places(holding, key)
        held = (*own.get(holding.value, ()), holding)
        own[holding.value] = all_of[holding.person] = tuple(sorted(held, key=_grant))

    def drop(self, holding: Holding) -> None:
        """Take a holding out again, and every level that is empty after it."""
        key = (holding.role, holding.scope)
        left = tuple(
            each
            for each in self.by_person[holding.person][key][holding.value]
            if each.grant != holding.grant
        )
        if left:
            own, all_of = self._places(holding, key)
            own[holding.value] = all_of[holding.person] = left
            return
        _prune(self.by_person, holding.person, key, holding.value)
        _prune(self.by_role, key, holding.value, holding.person)

    def _places(self, holding: Holding, key: Key) -> tuple[Values, People]:
        """Where a holding stands in either view, to be changed."""
        own = self.by_person.own(holding.person, Branching).own(key, dict)
        return own, self.by_role.own(key, Branching).own(holding.value, dict)

    def of(self, person: str) -> tuple[Holding, ...]:
        """A person's holdings, in order of grant id."""
        places = self.by_person.get(person, NOTHING).values()
        found = [each for place in places for held in place.values() for each in held]
        return tuple(sorted(found, key=_grant))

    def covering(
        self, person: str, role: str, scope: str | None, values: frozenset[str], at: datetime
    ) -> str | None:
        """The grant by which the person holds the role for every one of the values, if so.

        Without values, only a grant for `any` covers. Where it takes several grants, the one for
        the first value is answered.
        """
        place = self.by_person.get(person, NOTHING).get((role, scope))
        if place is None:
            return None
        if (whole := grant_in_force(place.get(ANY, ()), at)) or not values:
            return whole
        grants = [grant_in_force(place.get(value, ()), at) for value in sorted(values)]
        return grants[0] if all(grants) else None

    def holders(
        self, role: str, scope: str | None, values: frozenset[str], at: datetime
    ) -> dict[str, str]:
        """Who holds the role for every one of the values, and by which grant; see `covering`."""
        place: Mapping[str, People] = self.by_role.get((role, scope), {})
        people = set(place.get(ANY, ()))
        if values:
            people.update(place.get(min(values), ()))
        found = ((one, self.covering(one, role, scope, values, at)) for one in sorted(people))
        return {person: grant for person, grant in found if grant}

    def anywhere(self, role: str, at: datetime) -> dict[str, str]:
        """Who holds the role for anything at all, and by which grant (the first by id)."""
        found: dict[str, str] = {}
        for holding in self._all(role):
            if in_force(holding.since, holding.until, at):
                best = found.get(holding.person, holding.grant)
                found[holding.person] = min(best, holding.grant)
        return dict(sorted(found.items()))

    def _all(self, role: str) -> Iterator[Holding]:
        for kind in KINDS:
            for place in self.by_role.get((role, kind), {}).values():
                for held in place.values():
                    yield from held


def grant_in_force(held: tuple[Holding, ...], at: datetime) -> str | None:
    """The first of these grants that is in force at the moment."""
    for each in held:
        if each.since <= at and (each.until is None or at < each.until):
            return each.grant
    return None


def _grant(holding: Holding) -> str:
    return holding.grant


def _prune(index: Branching[A, Branching[B, dict[C, D]]], first: A, second: B, third: C) -> None:
    inner: Branching[B, dict[C, D]] = index.own(first, Branching)
    place: dict[C, D] = inner.own(second, dict)
    del place[third]
    if not place:
        del inner[second]
    if not inner:
        del index[first]
