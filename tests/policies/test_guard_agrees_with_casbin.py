"""The compiled guard against casbin's own enforcer, with names chosen to be mixed up."""

import logging
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.kernel import Scopes
from domain.wording import ANY
from policies.guard import Guard
from policies.reference import enforcer, enforces
from policies.rules import EVERYONE, NONE, SCOPES
from tests.policies.examples import MODEL, NOW, authority, grant, principal

logging.getLogger("casbin").setLevel(logging.ERROR)  # it warns at every denial

ROLES = ("role:a", "role:ab", "role:any", EVERYONE)
ACTIONS = ("x.y", "x.y_z", "x_x.y")
GONE = "user:gone"
PEOPLE = ("user:a", "user:a\n", "user:*", "user:ab", "bot:a", "any", GONE)
VALUES = ("a", "a\n", "ab", "*", "", "any ", "service=a", "none", "role:a", "a, b", "\u0430")
KINDS = tuple(kind for kind in SCOPES if kind != NONE)

Rule = tuple[str, str, str, str]
Held = tuple[str, str, str | None, str]

effects = st.sampled_from(("allow", "allow", "allow", "deny"))


def policies(kinds: st.SearchStrategy[str]) -> st.SearchStrategy[list[Rule]]:
    """Some lines, none of them about the same as another."""
    line = st.tuples(st.sampled_from(ROLES), st.sampled_from(ACTIONS), kinds, effects)
    return st.lists(line, min_size=1, max_size=8, unique_by=lambda each: each[:3])


# Nobody is granted what everybody holds.
roles = st.sampled_from([role for role in ROLES if role != EVERYONE])
people = st.sampled_from(PEOPLE)
values = st.sampled_from((*VALUES, "any"))
held = st.lists(
    st.one_of(
        st.tuples(people, roles, st.none(), st.just("any")),
        st.tuples(people, roles, st.sampled_from(KINDS), values),
    ),
    max_size=12,
)


class World:
    """A policy and grants, as the guard and as casbin know them."""

    def __init__(self, policy: list[Rule], grants: list[Held]) -> None:
        self.policy = policy
        self.guard = Guard.compile(MODEL, _text(policy))
        known = (one for one in PEOPLE if one.startswith(("user:", "bot:")))
        states = [principal(one, suspended=one == GONE) for one in known]
        self.authority = authority(*states, *(grant(*each) for each in grants))
        self.holdings = [each for one in PEOPLE for each in self.authority.holdings(one)]
        self.people = [one for one in PEOPLE if one.startswith("user:") and one != GONE]

    def decide(self, by: str, action: str, scopes: Scopes) -> bool:
        return self.guard.decide(by, action, scopes, self.authority, NOW).allowed

    def casbin(self, policy: list[Rule]) -> Any:
        return enforcer(MODEL, _text(policy), self.holdings, self.people)


def _text(policy: list[Rule]) -> str:
    return "\n".join(", ".join(("p", *line)) for line in policy)


asked_for = st.lists(
    st.tuples(people, st.sampled_from(ACTIONS), st.sampled_from(VALUES)), min_size=1, max_size=20
)


@given(st.sampled_from(KINDS), st.data(), held, asked_for)
def test_one_value_of_one_kind_is_decided_as_casbin_does(
    kind: str, data: st.DataObject, grants: list[Held], asked: list[tuple[str, str, str]]
) -> None:
    world = World(data.draw(policies(st.just(kind))), grants)
    made = world.casbin(world.policy)
    for by, action, value in asked:
        expected = enforces(made, by, action, kind, value)
        assert world.decide(by, action, {kind: frozenset((value,))}) == expected


@given(policies(st.just(NONE)), held)
def test_what_touches_no_scope_is_decided_as_casbin_does(
    policy: list[Rule], grants: list[Held]
) -> None:
    world = World(policy, grants)
    made = world.casbin(policy)
    for by, action in product(PEOPLE, ACTIONS):
        assert world.decide(by, action, {}) == enforces(made, by, action)


requests = st.dictionaries(
    st.sampled_from(KINDS), st.frozensets(st.sampled_from(VALUES), min_size=1, max_size=3)
)


@given(policies(st.sampled_from(SCOPES)), held, st.lists(requests, max_size=4))
@settings(max_examples=25)
def test_many_values_are_decided_line_by_line_as_casbin_does(
    policy: list[Rule], grants: list[Held], asked: list[Scopes]
) -> None:
    world = World(policy, grants)
    alone = [(line, world.casbin([(*line[:3], "allow")])) for line in policy]
    for by, action, scopes in product(PEOPLE[:5], ACTIONS[:2], asked):
        expected = {"allow": False, "deny": False}
        for (_, _, kind, effect), made in alone:
            touched = {ANY} if kind == NONE else scopes.get(kind, frozenset())
            met = [enforces(made, by, action, kind, value) for value in touched]
            # A kind that is not touched: allowed for whoever holds all of it, see the guard's own
            # tests for who is denied.
            if not touched:
                met = [effect == "allow" and enforces(made, by, action, kind, ANY)]
            expected[effect] |= all(met) if effect == "allow" else any(met)
        known = {kind for _, _, kind, effect in policy if effect == "deny"} - {NONE, *scopes}
        if not known:
            assert world.decide(by, action, scopes) == (expected["allow"] and not expected["deny"])
