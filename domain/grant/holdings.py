"""The index of effective grants, by person and by role, kept grant by grant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from domain.copy_on_write import Branching
from domain.grant.state import Scope
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
Place = Holding | Values
"""What somebody holds under one key: their only holding as it is, several by value."""
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
NOTHING: Final[dict[Key, Place]] = {}
NOWHERE: Final[Mapping[str, People]] = {}
REMEMBERED: Final = 256
"""How many answers about holders are kept until a holding is added or dropped."""
Question = tuple[str, str | None, datetime]
"""Who holds a role for `any` value of a scope kind at a moment."""


@dataclass(slots=True)
class Holdings:
    """Two views of the same holdings; adding or removing one touches nothing but its own place.

    `by_person[person][role, scope kind]` is what a person holds there: nearly always one holding,
    which then stands there itself, else holdings by value and in order of grant id. A guard reads
    it as it is, without a call or a new object. Each decision is about somebody else, so what it
    costs among many grants is the memory it has to touch: hence no dict for the one, and keys that
    are shared. `value` is `any` for every value and for a role without scope; whether a holding is
    in force at a moment is left to the reader.
    `by_role[role, scope kind][value][person]` are the same holdings for the reverse question.
    """

    by_person: Branching[str, dict[Key, Place]] = field(default_factory=Branching)
    by_role: Branching[Key, Branching[str, People]] = field(default_factory=Branching)
    _keys: dict[Key, Key] = field(default_factory=dict)
    _asked: dict[Question, Mapping[str, str]] = field(default_factory=dict)

    def branch(self) -> Holdings:
        """The same holdings; from now on neither index sees what the other adds or drops."""
        return Holdings(self.by_person.branch(), self.by_role.branch(), self._keys)

    def add(self, holding: Holding) -> None:
        """Take a holding in."""
        self._asked.clear()
        key, value = self._key(holding), holding.value
        own = self.by_person.own(holding.person, dict)
        held: tuple[Holding, ...] = (holding,)
        if key in own:
            values = dict(values_in(own[key]))  # a branch may still read what stood there
            held = values[value] = tuple(sorted((*values.get(value, ()), holding), key=_grant))
            own[key] = values
        else:
            own[key] = holding
        self._people(key, value)[holding.person] = held

    def drop(self, holding: Holding) -> None:
        """Take a holding out again, and every level that is empty after it."""
        self._asked.clear()
        key, value, person = self._key(holding), holding.value, holding.person
        own = self.by_person.own(person, dict)
        values = dict(values_in(own[key]))
        left = tuple(each for each in values[value] if each.grant != holding.grant)
        if left:
            values[value] = self._people(key, value)[person] = left
        else:
            del values[value]
            _prune(self.by_role, key, value, person)
        if values:
            own[key] = _place(values)
        else:
            del own[key]
        if not own:
            del self.by_person[person]

    def _key(self, holding: Holding) -> Key:
        """The one object that stands for this key everywhere in the index."""
        key = (holding.role, holding.scope)
        return self._keys.setdefault(key, key)

    def _people(self, key: Key, value: str) -> People:
        """Those who hold a value under a key, to be changed."""
        return self.by_role.own(key, Branching).own(value, dict)

    def of(self, person: str) -> tuple[Holding, ...]:
        """A person's holdings, in order of grant id."""
        places = self.by_person.get(person, NOTHING).values()
        held = (each for place in places for each in values_in(place).values())
        return tuple(sorted((each for several in held for each in several), key=_grant))

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
        place = values_in(place)
        if (whole := grant_in_force(place.get(ANY, ()), at)) or not values:
            return whole
        grants = [grant_in_force(place.get(value, ()), at) for value in sorted(values)]
        return grants[0] if all(grants) else None

    def holders(
        self, role: str, scope: str | None, values: frozenset[str], at: datetime
    ) -> Mapping[str, str]:
        """Who holds the role for every one of the values, and by which grant; see `covering`.

        Where nobody holds it for the first of them alone, all who ask share the answer.
        """
        everything = self._for_any((role, scope, at))
        place = self.by_role.get((role, scope), NOWHERE)
        if not (values and (some := place.get(min(values)))):
            return everything
        covered = ((one, self.covering(one, role, scope, values, at)) for one in some)
        own = {person: grant for person, grant in covered if grant}
        return dict(sorted({**everything, **own}.items()))

    def _for_any(self, question: Question) -> Mapping[str, str]:
        """Who holds a role for everything: the requests of a batch ask the same at one moment."""
        if (found := self._asked.get(question)) is None:
            if len(self._asked) >= REMEMBERED:
                self._asked.clear()
            found = self._asked[question] = self._find(*question)
        return found

    def _find(self, role: str, scope: str | None, at: datetime) -> Mapping[str, str]:
        place: Mapping[str, People] = self.by_role.get((role, scope), {})
        people = sorted(place.get(ANY, ()))
        found = ((one, self.covering(one, role, scope, frozenset(), at)) for one in people)
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


def values_in(place: Place) -> Values:
    """What is held at a place, by value and in order of grant id."""
    return {place.value: (place,)} if isinstance(place, Holding) else place


def _place(values: Values) -> Place:
    """The holdings as a place keeps them."""
    if len(values) == 1:
        [held] = values.values()
        if len(held) == 1:
            return held[0]
    return values


def grant_in_force(held: tuple[Holding, ...], at: datetime) -> str | None:
    """The first of these grants that is in force at the moment."""
    for each in held:
        if each.since <= at and (each.until is None or at < each.until):
            return each.grant
    return None


def grants_in_force(held: tuple[Holding, ...], at: datetime) -> tuple[str, ...]:
    """Those of these grants that are in force at the moment."""
    return tuple(each.grant for each in held if grant_in_force((each,), at))


def every_covering(place: Place, values: frozenset[str], at: datetime) -> tuple[str, ...]:
    """Every grant for `any`, and that for the values, or the first of them, where they are covered.

    The first of them is the one that a guard tells.
    """
    if isinstance(place, Holding):  # as nearly always
        counts = place.value == ANY or (place.value in values and len(values) == 1)
        return grants_in_force((place,), at) if counts else ()
    held = values_in(place)
    whole = grants_in_force(held.get(ANY, ()), at)
    some = [grants_in_force(held.get(value, ()), at) for value in sorted(values)]
    single = some[0] if len(some) == 1 else ()
    several = some[0][:1] if len(some) > 1 and all(some) else ()
    return (*whole, *single, *several)


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
