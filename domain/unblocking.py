"""The smallest sets of approvals that would satisfy rules which compete for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

from domain.matching import Demand, Matching, Offer, assign
from domain.voting import Standing

Cell = tuple[str, str]
"""A rule, and a class of people whose approval of it would change as much as anyone's in it."""

Acts = tuple[Cell, ...]
"""How many approvals come from which cell: each cell as often as it acts, sorted."""

FRESH = ""
"""The class of people who stand behind no approval yet."""

BUDGET = 600
"""How many sets of acts are tried before the answer is called incomplete."""


@dataclass(frozen=True, slots=True)
class Need:
    """`count` of `people` approve `rule`."""

    rule: str
    count: int
    people: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """Sets of acts, smallest first; `complete` when there are no others."""

    sets: tuple[tuple[Need, ...], ...]
    complete: bool


def demand(standing: Standing) -> Demand:
    """What a rule asks for, votes aside."""
    rule = standing.rule
    return Demand(rule.name, standing.needed, frozenset(rule.mandatory), rule.stage)


def given(standing: Standing) -> list[Offer]:
    """The approvals a rule has, also while its stage is closed."""
    return [Offer(standing.rule.name, vote.seat, vote.person) for vote in standing.approvals]


def hopes(standing: Standing, enough: int) -> list[Offer]:
    """The approvals a rule may still get; beyond `enough` people, more change nothing."""
    able, named = standing.candidates, frozenset(standing.rule.mandatory)
    people = [*sorted(able & named), *sorted(able - named)[:enough]]
    return [Offer(standing.rule.name, person, person) for person in people]


def missing(standing: Standing) -> tuple[Need, ...]:
    """What a rule lacks when it shares nobody: its mandatory people, and how many others."""
    name, named = standing.rule.name, frozenset(standing.rule.mandatory)
    seats = {vote.seat for vote in standing.approvals}
    others = standing.needed - len(named) - len(seats - named)
    needs = [Need(name, 1, frozenset((person,))) for person in sorted(named - seats)]
    if others > 0:
        needs.append(Need(name, others, standing.candidates - named))
    return tuple(needs)


def smallest(standings: Sequence[Standing], most: int) -> Found:
    """Find the sets of approvals, up to `most`, after which all these distinct rules are met.

    In no set an act is superfluous. A set stands for all its instances: any people, different
    ones throughout, of whom each need names enough. The rules must be possible to meet.
    """
    tied_names = _tied(standings)
    tied = [each for each in standings if each.rule.name in tied_names]
    fixed = [n for each in standings if each.rule.name not in tied_names for n in missing(each)]
    if not tied:
        return Found((_admissible(fixed),), complete=True)
    return _Search(tied, fixed).found(most)


def _tied(standings: Sequence[Standing]) -> set[str]:
    """Rules whose voters are of interest to another rule."""
    tied: set[str] = set()
    for one in standings:
        voters = {who for vote in one.approvals for who in (vote.person, vote.seat)}
        for other in standings:
            wanted = {who for vote in other.approvals for who in (vote.person, vote.seat)}
            if one is not other and voters & (wanted | other.candidates):
                tied |= {one.rule.name, other.rule.name}
    return tied


class _Search:
    """The search over sets of acts, by size, leaving out whatever holds a smaller answer."""

    def __init__(self, tied: Sequence[Standing], fixed: Sequence[Need]) -> None:
        self.fixed = fixed
        self.demands = [demand(each) for each in tied]
        self.given = [offer for each in tied for offer in given(each)]
        self.enough = sum(d.slots for d in self.demands) + sum(need.count for need in fixed)
        self.classes = _classes(tied, self.given)
        self.cells: dict[Cell, frozenset[str]] = _cells(tied, self.classes)
        self.members: dict[str, set[str]] = {}
        for (_, group), people in self.cells.items():
            self.members.setdefault(group, set()).update(people)
        self.lent = any(offer.seat != offer.actor for offer in self.given)

    def found(self, most: int) -> Found:
        """Gather the smallest sets and say them in as few words as can be."""
        sets, complete = self._minimal()
        known, covered, boxes = set(sets), set[Acts](), list[tuple[Need, ...]]()
        for acts in sets:
            if acts not in covered:
                if len(boxes) == most:
                    return Found(tuple(boxes), complete=False)
                box = _Box(self, known).grown(acts)
                covered |= set(self.instances(box))
                boxes.append(self._said(box))
        return Found(tuple(boxes), complete)

    def _minimal(self) -> tuple[list[Acts], bool]:
        """All minimal sets, smallest first, or those found within the budget."""
        found: list[Acts] = []
        level: set[Acts] = {()}
        tried = 0
        while level:
            after: set[Acts] = set()
            for acts in sorted(level):
                if any(_within(less, acts) for less in found):
                    continue
                tried += 1
                if tried > BUDGET:
                    return found or [self._any()], False
                after |= self._extended(acts, found)
            level = after
        return found, True

    def _extended(self, acts: Acts, found: list[Acts]) -> set[Acts]:
        """Note `acts` as found, or name the sets with one act more that may be."""
        people = self.people(acts)
        if people is None:
            return set()
        outcome = assign(self.demands, self.given + people)
        if outcome.complete:
            found.append(acts)
            return set()
        return {tuple(sorted((*acts, cell))) for cell in self._promising(outcome)}

    def _promising(self, outcome: Matching) -> Iterator[Cell]:
        """Where the next act must be: on a rule that lacks people, by someone new to it."""
        shortage = outcome.shortages[0]
        for rule, group in self.cells:
            # Delegated approvals use up two people; then no shortage is sure to be the cause.
            helps = rule in shortage.demands and not self.members[group] <= shortage.people
            if helps or self.lent:
                yield rule, group

    def people(self, acts: Acts) -> list[Offer] | None:
        """Different people who could do these acts beside the fixed ones; None if there are not."""
        counts = {cell: acts.count(cell) for cell in acts}
        demands = [Demand(_key(cell), count) for cell, count in counts.items()]
        offers = [Offer(_key(cell), p, p) for cell in counts for p in self._some(self.cells[cell])]
        fixed_demands, fixed_offers = self._fixed()
        outcome = assign(demands + fixed_demands, offers + fixed_offers)
        if not outcome.complete:
            return None
        rules = {_key(cell): cell[0] for cell in counts}
        used = [offer for offer in outcome.used if offer.demand in rules]
        return [Offer(rules[offer.demand], offer.seat, offer.actor) for offer in used]

    def _fixed(self) -> tuple[list[Demand], list[Offer]]:
        demands = [Demand(f"fixed {i}", need.count) for i, need in enumerate(self.fixed)]
        people = [self._some(need.people) for need in self.fixed]
        return demands, [Offer(f"fixed {i}", p, p) for i, some in enumerate(people) for p in some]

    def _some(self, people: frozenset[str]) -> list[str]:
        return sorted(people)[: self.enough]

    def _any(self) -> Acts:
        """One minimal set, found by taking all acts that would be used and dropping what can be."""
        cells = {(rule, p): (rule, g) for (rule, g), people in self.cells.items() for p in people}
        wishes = [Offer(rule, person, person) for rule, person in sorted(cells)]
        demands, offers = self._fixed()
        used = assign(self.demands + demands, self.given + wishes + offers).used
        acts = sorted(cells[o.demand, o.seat] for o in used & set(wishes))
        for cell in tuple(acts):
            less = acts.copy()
            less.remove(cell)
            people = self.people(tuple(less))
            if people is not None and assign(self.demands, self.given + people).complete:
                acts = less
        return tuple(acts)

    def instances(self, box: Iterable[_Part]) -> Iterator[Acts]:
        """Every way to take the acts of a box from its cells that people can be found for."""
        choices = (combinations_with_replacement(part.cells, part.count) for part in box)
        for chosen in product(*choices):
            acts = tuple(sorted(cell for each in chosen for cell in each))
            if self.people(acts) is not None:
                yield acts

    def _said(self, box: Iterable[_Part]) -> tuple[Need, ...]:
        needs = [
            Need(part.rule, part.count, frozenset().union(*(self.cells[c] for c in part.cells)))
            for part in box
        ]
        return _admissible([*self.fixed, *needs])


@dataclass(frozen=True, slots=True)
class _Part:
    rule: str
    count: int
    cells: tuple[Cell, ...]


class _Box:
    """Sets of acts said as one, such as "2 more of these": every instance must be minimal."""

    def __init__(self, search: _Search, known: set[Acts]) -> None:
        self.search = search
        self.known = known

    def grown(self, acts: Acts) -> list[_Part]:
        """The set alone, then with whatever can be said in the same breath."""
        box = [_Part(cell[0], acts.count(cell), (cell,)) for cell in dict.fromkeys(acts)]
        while (wider := next(filter(self._holds, self._wider(box)), None)) is not None:
            box = wider
        return box

    def _wider(self, box: list[_Part]) -> Iterator[list[_Part]]:
        for part in box:
            rest = [other for other in box if other is not part]
            for other in rest:
                if other.rule == part.rule:
                    cells = (*part.cells, *other.cells)
                    together = _Part(part.rule, part.count + other.count, cells)
                    yield [*(each for each in rest if each is not other), together]
            taken = {cell for each in box for cell in each.cells}
            for cell in self.search.cells:
                if cell[0] == part.rule and cell not in taken:
                    yield [*rest, _Part(part.rule, part.count, (*part.cells, cell))]

    def _holds(self, box: list[_Part]) -> bool:
        return all(acts in self.known for acts in self.search.instances(box))


def _classes(tied: Sequence[Standing], offers: Sequence[Offer]) -> dict[str, str]:
    """The class of everybody who has approved, or whom a rule names.

    Alike are only those who approved the same rules, for themselves, and whom no rule names.
    """
    approved: dict[str, set[str]] = {}
    for offer in offers:
        for person in offer.people:
            approved.setdefault(person, set()).add(offer.demand)
    alone = {person for each in tied for person in each.rule.mandatory}
    alone |= {p for offer in offers if offer.seat != offer.actor for p in offer.people}
    alike = {who: "approved " + " ".join(sorted(names)) for who, names in approved.items()}
    return alike | {person: person for person in alone}


def _cells(tied: Sequence[Standing], classes: Mapping[str, str]) -> dict[Cell, frozenset[str]]:
    cells: dict[Cell, set[str]] = {}
    for each in tied:
        for person in each.candidates:
            cells.setdefault((each.rule.name, classes.get(person, FRESH)), set()).add(person)
    return {cell: frozenset(cells[cell]) for cell in sorted(cells)}


def _key(cell: Cell) -> str:
    return "\n".join(cell)


def _within(less: Acts, acts: Acts) -> bool:
    return all(acts.count(cell) >= less.count(cell) for cell in set(less))


def _admissible(needs: Sequence[Need]) -> tuple[Need, ...]:
    """Leave out people who are wanted elsewhere, so that whoever is named can really act."""
    total = sum(need.count for need in needs)
    scarce = {p for need in needs if len(need.people) < total for p in need.people}
    return tuple(
        Need(
            need.rule,
            need.count,
            frozenset(p for p in need.people if p not in scarce or _can_act(needs, index, p)),
        )
        for index, need in enumerate(needs)
    )


def _can_act(needs: Sequence[Need], index: int, person: str) -> bool:
    total = sum(need.count for need in needs)
    demands = [Demand(str(i), n.count - (i == index)) for i, n in enumerate(needs)]
    others = [sorted(need.people - {person})[:total] for need in needs]
    offers = [Offer(str(i), p, p) for i, people in enumerate(others) for p in people]
    return assign(demands, offers).complete
