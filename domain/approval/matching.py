"""Who fills which slot: bipartite matching, so that a person fills at most one."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

WAYS: Final = 128
"""How many ways to use entangled offers are weighed before the search is cut short."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A rule's `slots`: one for each of `named`, the rest for anybody else it accepts.

    `named` must not be longer than `slots`. Slots of an earlier stage are filled first.
    """

    name: str
    slots: int
    named: frozenset[str] = frozenset()
    stage: int = 1


@dataclass(frozen=True, slots=True)
class Offer:
    """`actor` would fill a slot of `demand`, for themselves or for the delegator in `seat`."""

    demand: str
    seat: str
    actor: str

    @property
    def people(self) -> frozenset[str]:
        """Everybody who is used up when the offer fills a slot."""
        return frozenset((self.seat, self.actor))


@dataclass(frozen=True, slots=True)
class Shortage:
    """These demands compete for too few people: `lacking` of their slots stay empty.

    `people` are all who offered themselves to them; `named` those whose own slot stays empty.
    """

    demands: frozenset[str]
    lacking: int
    people: frozenset[str]
    named: frozenset[str]


@dataclass(frozen=True, slots=True)
class Matching:
    """The offers that fill slots, and the shortages that leave others empty.

    `undecided`: slots are empty that another way might fill, but the search was cut short.
    """

    used: frozenset[Offer]
    shortages: tuple[Shortage, ...]
    filled: tuple[bool, ...]
    undecided: bool = False

    @property
    def complete(self) -> bool:
        """Every slot is filled."""
        return not self.shortages


Worth = Callable[[Matching], tuple[int, ...]]


def assign(demands: Sequence[Demand], offers: Sequence[Offer]) -> Matching:
    """Fill as many slots as can be, those of earlier stages first, using each person once.

    An offer made for a delegator uses up two people; it is weighed both ways, kept and dropped,
    where others want these people. There may be too many ways for any machine: beyond `WAYS` the
    best one found is answered, which never fills a slot too many, and says if it is `undecided`.
    """
    return _search(demands, offers, lambda found: found.filled, lambda found: found.filled)[0]


def fewest_empty(demands: Sequence[Demand], offers: Sequence[Offer]) -> list[Offer]:
    """The offers left when entangled ones are kept and dropped so that most slots are filled.

    Among those ways, one that leaves the fewest named people without their slot; of the first
    `WAYS` ways, if there are more.
    """

    def worth(found: Matching) -> tuple[int, int]:
        return sum(found.filled), -sum(len(each.named) for each in found.shortages)

    return _search(demands, offers, worth, lambda found: (sum(found.filled), 0))[1]


def _search(
    demands: Sequence[Demand], offers: Sequence[Offer], worth: Worth, most: Worth
) -> tuple[Matching, list[Offer]]:
    """The matching of most worth with the offers left to it: branch and bound.

    `_match` lets an offer clash through one of its people alone. So `most` of what it finds bounds
    what can come of its offers, and where it uses nobody twice, it found the best of them.
    """
    first = best = _match(demands, offers)
    waiting, left, ways, true = [(most(first), list(offers))], list(offers), 0, False
    while waiting and not (true and (best.complete or ways >= WAYS)):
        bound, apart = waiting.pop()
        if true and bound <= worth(best):
            continue
        found = _match(demands, apart) if ways else first
        ways += 1
        if true and most(found) <= worth(best):
            continue
        if clash := _clash(apart, found.used):
            kept = [each for each in apart if each == clash or clash.people.isdisjoint(each.people)]
            dropped = [each for each in apart if each != clash]
            waiting += [(most(found), dropped), (most(found), kept)]
        else:
            best, left, true = found, apart, True
    undecided = first.complete and not best.complete and bool(waiting)
    return replace(best, undecided=undecided), left


def _clash(offers: Iterable[Offer], used: frozenset[Offer]) -> Offer | None:
    """The first offer for a delegator of whose people one is also used by another offer."""
    busy = _appearances(used)
    for offer in offers:
        lent = offer.seat != offer.actor and offer in used
        if lent and max(busy[offer.seat], busy[offer.actor]) > 1:
            return offer
    return None


def enough_people(demands: Iterable[Demand], offers: Iterable[Offer]) -> int:
    """How many people may be of use to a demand: further ones change nothing.

    One for each slot, and two where an offer was made for a delegator.
    """
    lent = sum(offer.seat != offer.actor for offer in offers)
    return sum(demand.slots for demand in demands) + lent


def _appearances(offers: Iterable[Offer]) -> Counter[str]:
    return Counter(person for offer in offers for person in offer.people)


@dataclass(frozen=True, slots=True)
class _Slot:
    demand: str
    named: str | None
    options: dict[str, Offer]  # by the one person through whom the offer can clash


def _match(demands: Sequence[Demand], offers: Sequence[Offer]) -> Matching:
    slots = list(_slots(sorted(demands, key=lambda demand: demand.stage), offers))
    holds: dict[str, int] = {}
    fills: dict[int, str] = {}
    stuck = [s for start in range(len(slots)) if (s := _augment(slots, start, holds, fills))]
    used = frozenset(slots[slot].options[person] for slot, person in fills.items())
    filled = tuple(slot in fills for slot in range(len(slots)))
    return Matching(used, _merged(stuck), filled)


def _slots(demands: Iterable[Demand], offers: Sequence[Offer]) -> Iterator[_Slot]:
    seen = _appearances(offers)
    pools: dict[str, list[tuple[str, Offer]]] = {}
    for offer in offers:
        clash = offer.actor if seen[offer.actor] > 1 else offer.seat
        pools.setdefault(offer.demand, []).append((clash, offer))
    for demand in demands:
        pool = pools.get(demand.name, [])
        for person in sorted(demand.named):
            yield _Slot(demand.name, person, {key: o for key, o in pool if o.seat == person})
        others = {key: offer for key, offer in pool if offer.seat not in demand.named}
        for _ in range(demand.slots - len(demand.named)):
            yield _Slot(demand.name, None, others)


def _augment(
    slots: Sequence[_Slot], start: int, holds: dict[str, int], fills: dict[int, str]
) -> Shortage | None:
    """Fill `start`, moving others if need be; or say who stands in the way."""
    queue = deque([start])
    reached: dict[str, int] = {}
    visited = {slots[start].demand}
    while queue:
        slot = queue.popleft()
        for person in slots[slot].options:
            if person in reached:
                continue
            reached[person] = slot
            if person not in holds:
                _flip(person, reached, holds, fills)
                return None
            queue.append(holds[person])
            visited.add(slots[holds[person]].demand)
    named = slots[start].named
    alone = frozenset() if named is None else frozenset((named,))
    return Shortage(frozenset(visited), 1, frozenset(reached), alone)


def _flip(
    person: str, reached: dict[str, int], holds: dict[str, int], fills: dict[int, str]
) -> None:
    free: str | None = person
    while free is not None:
        slot = reached[free]
        before = fills.get(slot)
        fills[slot], holds[free] = free, slot
        free = before


def _merged(stuck: Iterable[Shortage]) -> tuple[Shortage, ...]:
    groups: list[Shortage] = []
    for each in stuck:
        near = [group for group in groups if group.demands & each.demands]
        groups = [group for group in groups if group not in near]
        groups.append(
            Shortage(
                each.demands.union(*(group.demands for group in near)),
                each.lacking + sum(group.lacking for group in near),
                each.people.union(*(group.people for group in near)),
                each.named.union(*(group.named for group in near)),
            )
        )
    return tuple(groups)
