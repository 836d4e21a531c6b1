"""What a rule still lacks, and who could give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.approval.matching import Demand, Offer, assign
from domain.approval.voting import Standing


@dataclass(frozen=True, slots=True)
class Need:
    """`count` of `people` approve `rule`."""

    rule: str
    count: int
    people: frozenset[str]


def demand(standing: Standing) -> Demand:
    """What a rule asks for, votes aside."""
    rule = standing.rule
    return Demand(rule.name, standing.needed, standing.named, rule.stage)


def given(standing: Standing) -> list[Offer]:
    """The approvals a rule has, also while its stage is closed."""
    return [Offer(standing.rule.name, seat, person) for seat, person in standing.behind]


def hopes(standing: Standing, enough: int) -> list[Offer]:
    """The approvals a rule may still get; beyond `enough` people, more change nothing."""
    able, named = standing.candidates, standing.named
    people = [*sorted(able & named), *sorted(able - named)[:enough]]
    return [Offer(standing.rule.name, person, person) for person in people]


def missing(standing: Standing) -> tuple[Need, ...]:
    """What a rule lacks when it shares nobody: its mandatory people, and how many others."""
    name, named = standing.rule.name, standing.named
    seats = {seat for seat, _ in standing.behind}
    others = standing.needed - len(named) - len(seats - named)
    needs = [Need(name, 1, frozenset((person,))) for person in sorted(named - seats)]
    if others > 0:
        needs.append(Need(name, others, standing.candidates - named))
    return tuple(needs)


def admissible(needs: Sequence[Need]) -> tuple[Need, ...]:
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
