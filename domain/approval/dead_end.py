"""Why nobody can satisfy a set of rules, and the smallest repair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from domain.approval.asking import May, asked
from domain.approval.matching import Offer, Shortage, assign, enough_people, fewest_empty
from domain.approval.needs import demand, given, hopes
from domain.approval.taken_back import taken_back
from domain.approval.voting import Standing, Standpoint
from domain.process.process import CHAIR
from domain.wording import first_of

MOST_NAMED: Final = 3
"""How many people a message names."""
NOBODY: Final = "Nobody can."
"""How a reason begins why nobody opens a gate."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What would make rules possible that nobody can fill.

    `lacking` more people would have to become entitled to all of `rules`; `unable` are mandatory
    people who cannot act: excluded, not entitled, decided already, or needed twice.
    """

    rules: tuple[str, ...]
    lacking: int
    unable: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """A part of the gate that nobody can open."""

    reason: str
    repairs: tuple[Repair, ...] = ()


def dead_end(standings: Sequence[Standing], named: Callable[[str], str] = str) -> DeadEnd | None:
    """Say why no approvals by people who may still give them satisfy all rules; None if some do.

    `named` is how a message calls somebody.
    """
    vetoes = [vote.person for s in standings if s.rule.veto for vote in s.rejections]
    if vetoes:
        names = ", ".join(sorted(set(map(named, vetoes))))
        return DeadEnd(f"Rejected with a veto by {names}: a new revision must be approved.")
    groups = [[each] for each in standings if not each.rule.distinct]
    groups.append([each for each in standings if each.rule.distinct])
    repairs = tuple(repair for group in groups for repair in _repairs(group))
    if not repairs:
        return None
    rejected = any(each.status is Standpoint.REJECTED for each in standings)
    start = "The votes reject it: " if rejected else "Too few people may approve: "
    chairs = frozenset(each.rule.chair or CHAIR for each in standings)
    told = "; ".join(_sentence(each, chairs, named) for each in repairs)
    return DeadEnd(f"{start}{told}.{_unasked(standings, repairs, named)}", repairs)


def too_few(standings: Sequence[Standing], may: May | None = None) -> bool:
    """Whether too few may approve, by their rules or by whom the policy lets ask for it.

    Whoever may still ask and decided against it may decide anew.
    """
    if any(each.status is Standpoint.IMPOSSIBLE for each in standings):
        return True
    left = [asked(each, may) for each in standings]
    if all(one is other for one, other in zip(left, standings, strict=True)):
        return False
    rejected = any(each.status is Standpoint.REJECTED for each in standings)
    return not rejected and dead_end(taken_back(left).standings) is not None


def _unasked(
    standings: Sequence[Standing], repairs: Sequence[Repair], named: Callable[[str], str]
) -> str:
    """Who of those who sit there, or are named, could approve if the policy let them."""
    short = frozenset(rule for each in repairs for rule in each.rules)
    free = (
        frozenset(some) - s.excluded
        for s in standings
        for place, some in s.unasked.items()
        if s.rule.name in short and place not in s.excluded | s.decided
    )
    names = sorted(map(named, frozenset[str]().union(*free)))
    if not names:
        return ""
    told = first_of(names, MOST_NAMED)
    return f" A role by which the policy lets them decide is lacking to: {told}."


def _repairs(group: Sequence[Standing]) -> Iterator[Repair]:
    demands = [demand(each) for each in group]
    made = [offer for each in group for offer in given(each)]
    enough = enough_people(demands, made)
    hoped = [offer for each in group for offer in hopes(each, enough)]
    found = assign(demands, made + hoped)
    if found.complete or found.undecided:  # what is not known to be a dead end is none
        return
    offers = fewest_empty(demands, made + hoped)
    for shortage in assign(demands, offers).shortages:
        # Newcomers to all the rules fill what others could; what stays empty waits for its people.
        left = assign(demands, offers + _newcomers(shortage)).shortages
        still = [each for each in left if each.demands & shortage.demands]
        yield Repair(
            tuple(sorted(shortage.demands)),
            shortage.lacking - sum(each.lacking for each in still),
            tuple(sorted(_named(group, frozenset().union(*(each.named for each in still))))),
            group[0].subject,
        )


def _named(group: Sequence[Standing], places: frozenset[str]) -> set[str]:
    """The mandatory people of these places, as the rules name them."""
    named = ((who, each) for each in group for who in each.rule.mandatory)
    return {who for who, each in named if each.same.get(who, who) in places}


def _newcomers(shortage: Shortage) -> list[Offer]:
    people = [f"newcomer {number}" for number in range(shortage.lacking)]
    return [Offer(name, person, person) for name in shortage.demands for person in people]


def _sentence(repair: Repair, chairs: frozenset[str], named: Callable[[str], str]) -> str:
    rules = " and ".join(repair.rules)
    parts = []
    if repair.unable:
        names = ", ".join("a chair" if each == CHAIR else named(each) for each in repair.unable)
        parts.append(f"{rules} must have {names}, who cannot approve")
    if not chairs.isdisjoint(repair.unable):
        parts.append("another chair of the board may be appointed, or somebody stand in")
    if repair.lacking:
        people = "1 more person" if repair.lacking == 1 else f"{repair.lacking} more people"
        parts.append(f"{rules} would need {people} entitled")
    return ", and ".join(parts)
