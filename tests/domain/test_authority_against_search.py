"""The index of who holds what answers as a search through every state would."""

from __future__ import annotations

from typing import Any

import hypothesis
from hypothesis import strategies as st

from domain.authority import Authority
from domain.board.aggregate import SeatKind
from domain.grant.aggregate import Grant, Status
from domain.grant.holdings import Holding, values_in
from domain.principal.aggregate import Principal
from tests.domain import authority_strategies as world
from tests.domain.authority_examples import NOWHERE
from tests.domain.authority_reference import Scan
from tests.domain.given import authority


@hypothesis.given(
    world.histories(), world.moments, world.services, st.frozensets(world.people), st.booleans()
)
def test_the_index_answers_as_a_search_does(
    history: list[Any], at: Any, values: Any, excluded: Any, approving: bool
) -> None:
    decides = frozenset(["role:approver"]) if approving else NOWHERE
    index, scan = Authority(), Scan(decides)
    half = len(history) // 2
    for number, state in enumerate(history):
        if number == half:
            index.approving = frozenset(world.ROLES)
        index.learn(state)
        scan.learn(state)
    index.approving = decides
    compare_roles(index, scan, at, values)
    compare_boards(index, scan, at, values, excluded)
    compare_people(index, scan, at)


def compare_roles(index: Authority, scan: Scan, at: Any, values: Any) -> None:
    for role in world.ROLES:
        for scope in (None, "service", "project"):
            assert index.holders(role, scope, values, at) == scan.holders(role, scope, values, at)
            for one in world.PEOPLE:
                found = index.covering(one, role, scope, values, at)
                assert found == scan.covering(one, role, scope, values, at)
    effective = {each.id for each in scan.effective()}
    for one in world.PEOPLE + world.PROGRAMS:
        mine = [each.grant for each in index.holdings(one)]
        assert mine == sorted(each.id for each in scan.effective() if each.person == one)
    in_force = {each.id for each in scan.in_force(at)}
    for each in scan.all(Grant):
        assert index.valid_grant(each.id, at) is (each.id in in_force)
        assert index.revoked(each.id) is (each.status is Status.REVOKED)
    read = [
        held.grant
        for place in index.by_person.values()
        for held_by in place.values()
        for several in values_in(held_by).values()
        for held in several
    ]
    assert sorted(read) == sorted(effective)
    for places in index.by_person.values():
        assert places
        for place in places.values():
            assert isinstance(place, Holding) or sum(map(len, place.values())) > 1


def compare_boards(index: Authority, scan: Scan, at: Any, services: Any, excluded: Any) -> None:
    for named in ("cab", "ecab", "board-1", "board-2"):
        for wanted in (None, services):
            found = index.seats(named, at, excluded=excluded, services=wanted)
            every = scan.seats(named, at, excluded, wanted)
            assert set(found) == {who for who, _ in every}
            assert set(found.items()) <= every
        chairs = [
            each.person
            for one in scan.boards(named, at)
            for each in one.seats
            if each.kind is SeatKind.CHAIR and scan.taken(each, at)
        ]
        assert index.chair(named, at) == (chairs[0] if chairs else None)


def compare_people(index: Authority, scan: Scan, at: Any) -> None:
    for one in world.PEOPLE + world.PROGRAMS:
        assert index.person(one) == scan.states.get((Principal, one))
        assert index.suspended(one) == scan.suspended(one)
        assert index.linked(one) == scan.linked(one)
        assert [each.id for each in index.delegators(one, at)] == scan.delegators(one, at)
    for each in scan.all(Principal):
        assert index.named(each.handle.upper()) == each.id
        for identity in each.identities:
            mapped = each.id if identity.verified_by else None
            assert index.identified(identity.issuer, identity.subject) == mapped


@hypothesis.given(world.histories(), st.randoms(use_true_random=False))
def test_the_order_of_learning_does_not_matter(history: list[Any], random: Any) -> None:
    newest = {(type(each), each.id): each for each in history}
    shuffled = list(newest.values())
    random.shuffle(shuffled)
    one, other = authority(*history), authority(*shuffled, *shuffled)
    for who in world.PEOPLE:
        assert one.holdings(who) == other.holdings(who)
        assert one.linked(who) == other.linked(who)
    for at in world.MOMENTS:
        assert one.seats("cab", at) == other.seats("cab", at)


@hypothesis.given(world.histories(), world.turns(), world.moments, world.services)
def test_branches_learn_and_forget_each_by_itself(
    before: list[Any], turns: list[Any], at: Any, values: Any
) -> None:
    root, scan = Authority(), Scan()
    for state in before:
        root.learn(state)
        scan.learn(state)
    pairs = [(root, scan), (root.branch(), Scan(states=dict(scan.states)))]
    for which, state, forgotten in turns:
        for one in pairs[which]:
            if forgotten:
                one.forget(type(state), state.id)
            else:
                one.learn(state)
        if forgotten and len(pairs) < 4:
            index, search = pairs[which]
            pairs.append((index.branch(), Scan(states=dict(search.states))))
    for index, search in pairs:
        compare_roles(index, search, at, values)
        compare_boards(index, search, at, values, NOWHERE)
        compare_people(index, search, at)
