"""People are matched to slots so that as many as possible are filled, earlier stages first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.approval import matching
from domain.approval.dead_end import dead_end
from domain.approval.matching import Demand, Offer, assign
from tests.domain.approval_examples import ANN, BOB, CAT, DAN, count, rule, vote


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


def entangled(rules: int) -> tuple[list[Demand], list[Offer]]:
    """Rules that each need one approval by a delegate, whose two people all others want too."""
    pairs = [(f"user:seat {n}", f"user:actor {n}") for n in range(rules)]
    lent = [Offer(f"r{n}", seat, actor) for n, (seat, actor) in enumerate(pairs)]
    both = own("both", *(who for pair in pairs for who in pair))
    return [Demand("both", 1), *(Demand(each.demand, 1) for each in lent)], [*both, *lent]


@pytest.mark.req("S2-01")
def test_any_number_of_entangled_offers_fill_what_they_can() -> None:
    for rules in (3, 7, 20, 60):
        demands, offers = entangled(rules)
        short = assign(demands, offers)
        assert (short.filled.count(False), short.undecided) == (1, False)
        assert assign(demands, [*own("both", ANN), *offers]).complete


@st.composite
def contests(draw: st.DrawFn) -> tuple[list[Demand], list[Offer]]:
    people = st.sampled_from([f"user:{number}" for number in range(8)])
    names = [f"r{number}" for number in range(draw(st.integers(2, 6)))]
    named = st.frozensets(people, max_size=1)
    sizes = st.integers(1, 2)
    demands = [Demand(name, draw(sizes), draw(named), draw(sizes)) for name in names]
    made = st.builds(Offer, st.sampled_from(names), people, people)
    return demands, draw(st.lists(made, max_size=12))


def by_brute_force(demands: list[Demand], offers: list[Offer]) -> tuple[bool, ...]:
    """The best filling there is, by trying every offer in every slot."""
    slots = [
        (each.name, named, each.named)
        for each in sorted(demands, key=lambda each: each.stage)
        for named in [*sorted(each.named), *[None] * (each.slots - len(each.named))]
    ]

    def best(number: int, busy: frozenset[str]) -> tuple[bool, ...]:
        if number == len(slots):
            return ()
        name, named, all_named = slots[number]
        ways = [
            (True, *best(number + 1, busy | offer.people))
            for offer in set(offers)
            if offer.demand == name
            and busy.isdisjoint(offer.people)
            and (offer.seat == named if named else offer.seat not in all_named)
        ]
        return max([*ways, (False, *best(number + 1, busy))])

    return best(0, frozenset())


@pytest.mark.req("S2-01")
@settings(max_examples=150, deadline=None)
@given(contests())
def test_the_best_of_all_ways_is_found(contest: tuple[list[Demand], list[Offer]]) -> None:
    demands, offers = contest
    found = assign(demands, offers)
    busy = [person for offer in found.used for person in offer.people]
    assert len(set(busy)) == len(busy)
    assert found.filled == by_brute_force(demands, offers)
    assert not found.undecided


@settings(max_examples=150, deadline=None)
@given(contests())
def test_what_the_search_did_not_get_to_is_undecided(
    contest: tuple[list[Demand], list[Offer]],
) -> None:
    demands, offers = contest
    truth = by_brute_force(demands, offers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "WAYS", 1)
        found = assign(demands, offers)
    busy = [person for offer in found.used for person in offer.people]
    assert len(set(busy)) == len(busy)
    assert found.filled <= truth
    assert found.complete or found.undecided or not all(truth)


@pytest.mark.req("S2-01")
def test_no_rule_is_rejected_for_want_of_weighing_every_way() -> None:
    demands, offers = entangled(9)
    rules = [rule(each.name) for each in demands]
    votes = [vote(o.actor, o.demand, behalf=None if o.seat == o.actor else o.seat) for o in offers]
    people = {each.name: [o.seat for o in offers if o.demand == each.name] for each in rules}
    people["both"].append(ANN)
    assert not count(rules, votes, people).rejected
    assert count(rules, [*votes, vote(ANN, "both")], people).satisfied


@pytest.mark.req("S2-01")
def test_a_rule_stays_open_while_nobody_knows_whether_it_can_be_met() -> None:
    demands, offers = entangled(9)
    rules = [rule(each.name) for each in demands]
    votes = [vote(o.actor, o.demand, behalf=None if o.seat == o.actor else o.seat) for o in offers]
    people = {each.name: [o.seat for o in offers if o.demand == each.name] for each in rules}
    assert count(rules, votes, people).rejected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "WAYS", 1)
        standings = count(rules, votes, people)
        assert dead_end(standings.rules) is None
    assert (standings.satisfied, standings.rejected, standings.impossible) == (False, False, False)
