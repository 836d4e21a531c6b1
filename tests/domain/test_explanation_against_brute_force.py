"""The ways out of a closed gate, against every set of approvals there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from math import comb

import pytest
from hypothesis import assume, given, settings

from domain.approval.approval import OpenRule, open_rules
from domain.explanation import MOST, Explanation, Repair, Way
from domain.gate import Verdict, approval_findings, explain
from tests.domain.approval_examples import rule, vote
from tests.domain.approval_reference import Case
from tests.domain.approval_strategies import cases, contests

Acts = frozenset[tuple[str, str]]


def explained(case: Case) -> Explanation:
    return explain(Verdict(approval_findings(case.tally())))


def instances(way: Way, rules: tuple[OpenRule, ...]) -> Iterator[Acts]:
    """Every choice of people for a way, nobody twice over distinct rules."""
    distinct = {each.rule.name for each in rules if each.rule.distinct}
    choices = ([(s, c) for c in combinations(s.people, s.count)] for s in way.acts)
    for chosen in product(*choices):
        acts = [(who, str(slot.rule)) for slot, people in chosen for who in people]
        busy = [who for who, rule in acts if rule in distinct]
        if len(set(busy)) == len(busy) and len(set(acts)) == len(acts):
            yield frozenset(acts)


def search_space(case: Case) -> int:
    acts = sum(len(case.undecided(each.rule.name)) for each in case.rules)
    slots = sum(each.needed for each in case.rules)
    return sum(comb(acts, size) for size in range(slots + 1))


def agrees(case: Case) -> None:
    answer = explained(case)
    minimal = case.minimal_acts()
    if not minimal:
        assert answer.ways == ()
        assert answer.impossible_reason
        return
    assert answer.impossible_reason is None
    if minimal == {frozenset()}:
        assert answer == Explanation()
        return
    told = [set(instances(way, case.rules)) for way in answer.ways]
    for way, each in zip(answer.ways, told, strict=True):
        assert each
        assert each <= minimal
        assert {len(acts) for acts in each} == {way.size}
        people = {(who, slot.rule) for slot in way.acts for who in slot.people}
        assert people == {act for acts in each for act in acts}, "somebody named cannot act"
    sizes = [way.size for way in answer.ways]
    assert sizes == sorted(sizes)
    assert len(sizes) <= MOST
    untold = minimal - set[Acts]().union(*told)
    assert answer.complete == (not untold)
    assert all(len(acts) >= sizes[-1] for acts in untold)


@given(cases() | contests())
@settings(max_examples=100)
def test_ways_are_the_smallest_sets_of_acts_and_no_others(case: Case) -> None:
    assume(search_space(case) <= 400)
    agrees(case)


@pytest.mark.slow
@given(cases() | contests())
@settings(max_examples=3_000)
def test_ways_are_the_smallest_sets_of_acts_and_no_others_at_length(case: Case) -> None:
    assume(search_space(case) <= 20_000)
    agrees(case)


def repaired(case: Case, answer: Explanation) -> Case:
    """The case after as many newcomers as the repairs ask for have become entitled."""
    entitled = dict(case.entitled)
    for number, repair in enumerate(answer.repairs):
        newcomers = {f"user:new-{number}-{n}" for n in range(repair.lacking)}
        for name in repair.rules:
            entitled[name] = entitled.get(name, frozenset()) | newcomers
    return replace(case, entitled=entitled)


def is_repaired(case: Case, answer: Explanation) -> None:
    whole = repaired(case, answer)
    assert whole.openable()
    assert explained(whole).impossible_reason is None
    for number, repair in enumerate(answer.repairs):
        less = replace(repair, lacking=repair.lacking - 1)
        repairs = (*answer.repairs[:number], less, *answer.repairs[number + 1 :])
        partly = repaired(case, replace(answer, repairs=repairs))
        assert not partly.openable()
        assert explained(partly).impossible_reason


@given(cases() | contests())
@settings(max_examples=100)
def test_a_repair_lets_somebody_open_the_gate_and_a_smaller_one_does_not(case: Case) -> None:
    answer = explained(case)
    assume(answer.repairs)
    assume(not any(repair.unable for repair in answer.repairs))
    is_repaired(case, answer)


@pytest.mark.slow
@given(cases() | contests())
@settings(max_examples=3_000)
def test_a_repair_is_enough_and_the_smallest_at_length(case: Case) -> None:
    answer = explained(case)
    assume(answer.repairs)
    assume(not any(repair.unable for repair in answer.repairs))
    is_repaired(case, answer)


def test_a_repair_weighs_what_a_delegate_s_approval_uses_up() -> None:
    """Dropping it frees two people for one slot, so that one newcomer does."""
    names, people = ("r0", "r1", "r2"), ("user:0", "user:1", "user:2")
    entitled = dict.fromkeys(names, frozenset(people))
    opened = open_rules([rule("r0", 2), rule("r1"), rule("r2")], entitled, frozenset())
    case = Case(opened, (vote(people[0], "r0", behalf=people[1]),), entitled)
    answer = explained(case)
    assert answer.repairs == (Repair(("r0",), 1),)
    is_repaired(case, answer)


@pytest.mark.parametrize("last", range(20))
def test_whoever_is_left_is_found_beside_those_a_delegate_uses_up(last: int) -> None:
    people = [f"user:{last}-{number}" for number in range(3)]
    entitled = {"r0": frozenset(people[:2]), "r1": frozenset(people)}
    opened = open_rules([rule("r0"), rule("r1")], entitled, frozenset())
    case = Case(opened, (vote(people[0], "r0", behalf=people[1]),), entitled)
    assert not case.tally().rejected
    agrees(case)


@pytest.mark.parametrize("delegates", [5, 10])
def test_where_too_much_is_to_be_weighed_a_right_way_is_still_told(delegates: int) -> None:
    names = [f"r{number}" for number in range(4)]
    people = [f"user:{number:02}" for number in range(20)]
    entitled = dict.fromkeys(names, frozenset(people))
    opened = open_rules([rule(name, 3) for name in names], entitled, frozenset())
    lent = [
        vote(people[number % 6], names[number % 4], behalf=people[(number * 5 + 1) % 12])
        for number in range(delegates)
    ]
    case = Case(opened, tuple(lent), entitled)
    answer = explained(case)
    assert not answer.complete
    acts = next(instances(answer.ways[0], case.rules))
    assert case.with_approvals(acts).tally().satisfied
    assert not any(case.with_approvals(acts - {act}).tally().satisfied for act in acts)
