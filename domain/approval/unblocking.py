"""The smallest sets of approvals that would satisfy rules, in as few words as can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from math import comb, prod

from domain.approval.act_search import Acts, Cell, Search
from domain.approval.needs import Need, admissible, missing
from domain.approval.voting import Standing

SPREAD = 300
"""How many instances a set of acts may have before it is rather told as several."""


@dataclass(frozen=True, slots=True)
class Found:
    """Sets of acts, smallest first; `complete` when there are no others."""

    sets: tuple[tuple[Need, ...], ...]
    complete: bool


def smallest(standings: Sequence[Standing], most: int) -> Found:
    """Find the sets of approvals, up to `most`, after which all these distinct rules are met.

    In no set an act is superfluous. A set stands for all its instances: any people, different
    ones throughout, of whom each need names enough. The rules must be possible to meet.
    """
    names = _tied(standings)
    tied = [each for each in standings if each.rule.name in names]
    fixed = [n for each in standings if each.rule.name not in names for n in missing(each)]
    if not tied:
        return Found((admissible(fixed),), complete=True)
    search = Search(tied, fixed)
    boxes, complete = _boxes(search, most)
    sets = [admissible([*fixed, *(part.need(search) for part in box)]) for box in boxes]
    return Found(tuple(sets), complete)


def _tied(standings: Sequence[Standing]) -> set[str]:
    """Rules whose voters are of interest to another rule."""
    voters = {each.rule.name: {who for pair in each.behind for who in pair} for each in standings}
    tied: set[str] = set()
    for one, people in voters.items():
        for other in standings:
            name = other.rule.name
            if one != name and people & (voters[name] | other.candidates):
                tied |= {one, name}
    return tied


@dataclass(frozen=True, slots=True)
class _Part:
    """`count` acts on a rule, from any of the cells."""

    rule: str
    count: int
    cells: tuple[Cell, ...]

    def need(self, search: Search) -> Need:
        people = (search.cells[cell] for cell in self.cells)
        return Need(self.rule, self.count, frozenset().union(*people))


_Box = list[_Part]


def _boxes(search: Search, most: int) -> tuple[list[_Box], bool]:
    """Say all minimal sets, several at once where every instance of a box is one of them."""
    sets, complete = search.minimal()
    known, covered = set(sets), set[Acts]()
    boxes: list[_Box] = []
    for acts in sets:
        if acts in covered:
            continue
        if len(boxes) == most:
            return boxes, False
        boxes.append(_grown(acts, search, known))
        covered |= set(_instances(boxes[-1], search))
    return boxes, complete


def _grown(acts: Acts, search: Search, known: set[Acts]) -> _Box:
    """The set alone, then with whatever can be said in the same breath."""

    def holds(box: _Box) -> bool:
        spread = prod(comb(len(part.cells) + part.count - 1, part.count) for part in box)
        return spread <= SPREAD and all(each in known for each in _instances(box, search))

    box = [_Part(cell[0], acts.count(cell), (cell,)) for cell in dict.fromkeys(acts)]
    while wider := next(filter(holds, _wider(box, search)), None):
        box = wider
    return box


def _wider(box: _Box, search: Search) -> Iterator[_Box]:
    """The box with two parts of a rule made one, or with one cell more in a part."""
    taken = {cell for part in box for cell in part.cells}
    for part in box:
        rest = [other for other in box if other is not part]
        for other in rest:
            if other.rule == part.rule:
                both = _Part(part.rule, part.count + other.count, part.cells + other.cells)
                yield [*(each for each in rest if each is not other), both]
        for cell in search.cells:
            if cell[0] == part.rule and cell not in taken:
                yield [*rest, _Part(part.rule, part.count, (*part.cells, cell))]


def _instances(box: Iterable[_Part], search: Search) -> Iterator[Acts]:
    """Every way to take the acts of a box from its cells that people can be found for."""
    for chosen in product(*(combinations_with_replacement(p.cells, p.count) for p in box)):
        acts = tuple(sorted(cell for cells in chosen for cell in cells))
        if search.people(acts) is not None:
            yield acts
