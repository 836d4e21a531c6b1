"""The search for the smallest sets of approvals that satisfy rules which compete for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from domain.approval.matching import Demand, Offer, Shortage, assign
from domain.approval.needs import Need, demand, given
from domain.approval.voting import Standing

Cell = tuple[str, str]
"""A rule, and a class of people whose approval of it would change as much as anyone's in it."""

Acts = tuple[Cell, ...]
"""How many approvals come from which cell: each cell as often as it acts, sorted."""

FRESH = ""
"""The class of people who stand behind no approval yet."""

LENT = 6
"""How many approvals by delegates are weighed against each other in every way."""

BUDGET = 1000
"""How many matchings are tried before the answer is called incomplete."""


class Search:
    """All sets of acts after which the `tied` rules are met, beside the `fixed` needs of others.

    Sets are searched by size. As long as some rules lack people, the next act must be on one of
    them, by somebody who has nothing to do with them yet.
    """

    def __init__(self, tied: Sequence[Standing], fixed: Sequence[Need]) -> None:
        """Sort the people into classes: all of one class are alike to the rules."""
        self.demands = [demand(each) for each in tied]
        given_offers = [offer for each in tied for offer in given(each)]
        self.lent = [offer for offer in given_offers if offer.seat != offer.actor]
        self.own = [offer for offer in given_offers if offer.seat == offer.actor]
        enough = sum(d.slots for d in self.demands) + sum(need.count for need in fixed)
        self.cells = _cells(tied, _classes(tied, given_offers))
        self._few = {cell: sorted(people)[:enough] for cell, people in self.cells.items()}
        self._members: dict[str, set[str]] = {}
        for (_, group), people in self._few.items():
            self._members.setdefault(group, set()).update(people)
        names = [f"fixed {number}" for number in range(len(fixed))]
        self._fixed = [Demand(name, need.count) for name, need in zip(names, fixed, strict=True)]
        self._fixed_offers = [
            Offer(name, person, person)
            for name, need in zip(names, fixed, strict=True)
            for person in sorted(need.people)[:enough]
        ]
        self._known: dict[Acts, list[Offer] | None] = {}
        self._tried = 0

    def minimal(self) -> tuple[list[Acts], bool]:
        """The sets in which no act is superfluous, smallest first, and whether these are all.

        At least one is found when there is any.
        """
        if len(self.lent) > LENT:
            return [self._any()], False
        found: list[Acts] = []
        level: set[Acts] = {()}
        while level:
            after: set[Acts] = set()
            for acts in sorted(level):
                if any(_within(less, acts) for less in found):
                    continue
                if self._tried > BUDGET:
                    return found or [self._any()], False
                after |= self._extended(acts, found)
            level = after
        return found, True

    def people(self, acts: Acts) -> list[Offer] | None:
        """Different people who could do these acts beside the fixed ones; None if there are not."""
        if acts not in self._known:
            self._known[acts] = self._realised(acts)
        return self._known[acts]

    def _realised(self, acts: Acts) -> list[Offer] | None:
        rules = {"\n".join(cell): cell[0] for cell in acts}
        demands = [Demand("\n".join(cell), acts.count(cell)) for cell in dict.fromkeys(acts)]
        offers = [
            Offer("\n".join(cell), person, person)
            for cell in set(acts)
            for person in self._few[cell]
        ]
        outcome = assign(demands + self._fixed, offers + self._fixed_offers)
        if not outcome.complete:
            return None
        used = [offer for offer in outcome.used if offer.demand in rules]
        return [Offer(rules[offer.demand], offer.seat, offer.actor) for offer in used]

    def _extended(self, acts: Acts, found: list[Acts]) -> set[Acts]:
        """Note `acts` as found, or name the sets with one act more that may be."""
        people = self.people(acts)
        if people is None:
            return set()
        promising: set[Cell] = set()
        for kept, busy in self._kept({offer.seat for offer in people}):
            self._tried += 1
            own = [offer for offer in self.own if offer.seat not in busy]
            outcome = assign(self.demands, [*kept, *own, *people])
            if outcome.complete:
                found.append(acts)
                return set()
            promising |= set(self._promising(outcome.shortages[0], busy))
        return {tuple(sorted((*acts, cell))) for cell in promising}

    def _kept(self, acting: set[str]) -> Iterator[tuple[tuple[Offer, ...], set[str]]]:
        """Which approvals by delegates to keep, and the people each choice uses up, two each."""
        for size in range(len(self.lent) + 1):
            for kept in combinations(self.lent, size):
                busy = {person for offer in kept for person in offer.people}
                if len(busy) == 2 * size and busy.isdisjoint(acting):
                    yield kept, busy

    def _promising(self, shortage: Shortage, busy: set[str]) -> Iterator[Cell]:
        for rule, group in self.cells:
            new = self._members[group] - shortage.people - busy
            if rule in shortage.demands and new:
                yield rule, group

    def _any(self) -> Acts:
        """One set, found by taking all acts that would be used and dropping what can be."""
        whose = {(rule, p): (rule, g) for (rule, g), people in self._few.items() for p in people}
        wishes = [Offer(rule, person, person) for rule, person in sorted(whose)]
        offers = [*self.own, *self.lent, *wishes, *self._fixed_offers]
        used = assign(self.demands + self._fixed, offers).used
        acts = sorted(whose[offer.demand, offer.seat] for offer in used & set(wishes))
        for cell in tuple(acts):
            less = acts.copy()
            less.remove(cell)
            people = self.people(tuple(less))
            if people is None:
                continue
            if assign(self.demands, [*self.own, *self.lent, *people]).complete:
                acts = less
        return tuple(acts)


def _classes(tied: Sequence[Standing], offers: Iterable[Offer]) -> dict[str, str]:
    """The class of everybody who has approved, or whom a rule names.

    Alike are only those who approved the same rules, for themselves, and whom no rule names.
    """
    approved: dict[str, set[str]] = {}
    alone = {person for each in tied for person in each.rule.mandatory}
    for offer in offers:
        for person in offer.people:
            approved.setdefault(person, set()).add(offer.demand)
        alone |= offer.people if offer.seat != offer.actor else set()
    alike = {who: "approved " + " ".join(sorted(names)) for who, names in approved.items()}
    return alike | {person: person for person in alone}


def _cells(tied: Sequence[Standing], classes: Mapping[str, str]) -> dict[Cell, frozenset[str]]:
    cells: dict[Cell, set[str]] = {}
    for each in tied:
        for person in each.candidates:
            cells.setdefault((each.rule.name, classes.get(person, FRESH)), set()).add(person)
    return {cell: frozenset(cells[cell]) for cell in sorted(cells)}


def _within(less: Acts, acts: Acts) -> bool:
    return all(acts.count(cell) >= less.count(cell) for cell in set(less))
