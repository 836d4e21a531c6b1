"""People are matched to slots so that as many as possible are filled, earlier stages first."""

from __future__ import annotations

from domain.matching import ENTANGLED, Demand, Offer, assign
from tests.domain.approval_examples import ANN, BOB, CAT, DAN


def own(demand: str, *people: str) -> list[Offer]:
    return [Offer(demand, person, person) for person in people]


def test_somebody_moves_so_that_everybody_finds_a_place() -> None:
    offers = [*own("a", ANN, BOB), *own("b", ANN)]
    matching = assign([Demand("a", 1), Demand("b", 1)], offers)
    assert matching.complete
    assert matching.used == {Offer("a", BOB, BOB), Offer("b", ANN, ANN)}


def test_an_earlier_stage_is_filled_first_whatever_the_order() -> None:
    demands = [Demand("late", 1, stage=2), Demand("early", 1, stage=1)]
    matching = assign(demands, [*own("late", ANN), *own("early", ANN)])
    assert matching.used == {Offer("early", ANN, ANN)}


def test_a_named_slot_takes_nobody_else() -> None:
    matching = assign([Demand("a", 2, frozenset((ANN,)))], own("a", BOB, CAT))
    assert len(matching.used) == 1
    (shortage,) = matching.shortages
    assert shortage.named == {ANN}


def test_a_named_person_takes_no_other_slot_of_the_rule() -> None:
    matching = assign([Demand("a", 2, frozenset((ANN,)))], own("a", ANN))
    assert [each.lacking for each in matching.shortages] == [1]


def test_demands_that_want_the_same_people_share_their_shortage() -> None:
    demands = [Demand("a", 1), Demand("b", 1), Demand("c", 1)]
    matching = assign(demands, [*own("a", ANN), *own("b", ANN), *own("c", BOB)])
    (shortage,) = matching.shortages
    assert shortage.demands == {"a", "b"}
    assert shortage.people == {ANN}
    assert shortage.lacking == 1


def test_a_shortage_counts_every_empty_slot() -> None:
    matching = assign([Demand("a", 2), Demand("b", 2)], [*own("a", ANN), *own("b", ANN)])
    assert [each.lacking for each in matching.shortages] == [3]


def test_a_delegate_who_is_free_uses_up_only_the_delegator() -> None:
    demands = [Demand("a", 1), Demand("b", 1)]
    assert assign(demands, [Offer("a", ANN, DAN), *own("b", BOB)]).complete
    assert not assign(demands, [Offer("a", ANN, DAN), *own("b", ANN)]).complete
    assert not assign(demands, [Offer("a", ANN, DAN), *own("b", DAN)]).complete


def test_offers_by_delegates_are_weighed_against_each_other() -> None:
    demands = [Demand("a", 1), Demand("b", 1), Demand("c", 1)]
    offers = [Offer("a", ANN, BOB), Offer("a", CAT, DAN), *own("b", ANN), *own("c", BOB)]
    matching = assign(demands, offers)
    assert matching.complete
    assert Offer("a", ANN, BOB) not in matching.used


def test_beyond_what_is_weighed_no_slot_is_filled_with_a_person_used_twice() -> None:
    people = [f"user:{number}" for number in range(ENTANGLED + 6)]
    names = [f"r{number}" for number in range(len(people) - 1)]
    chain = [Offer(name, people[number], people[number + 1]) for number, name in enumerate(names)]
    matching = assign([Demand(name, 1) for name in names], chain)
    busy = [person for offer in matching.used for person in offer.people]
    assert matching.used
    assert len(set(busy)) == len(busy)
