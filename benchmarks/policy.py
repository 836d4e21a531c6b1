"""Deciding under the shipped policy: against a function written by hand, casbin, and few grants."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from random import Random
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.figures import Figure, against
from benchmarks.sizes import Size
from domain.authority import Authority
from domain.grant.state import Grant
from domain.kernel import Scopes
from domain.wording import ANY
from policies.files import shipped
from policies.guard import Guard
from policies.reference import enforcer, enforces
from policies.rules import EVERYONE, NONE
from tests.policies.examples import HOUR, NOW, grant, principal

GRANTS_EACH = 5
FEW_PEOPLE = 20  # who hold a hundred grants
VALUES = 200  # of each scope kind
PASSES = 30  # of which the best counts, since whatever disturbs only adds
SLOW = 20  # casbin is asked so many times fewer questions


class Question(NamedTuple):
    """Whether this principal may ask for this action, which touches these values."""

    by: str
    action: str
    scopes: Scopes


Ask = Callable[..., Any]
KINDS = ("guard", "hand", "casbin", "few", "few by hand")


def measure(size: Size, server: str) -> Iterator[Figure]:
    """A decision among many grants; needs no database."""
    many, few = World(size.people), World(FEW_PEOPLE)
    casbin = many.casbin()
    many.agree(size.decisions, casbin)
    few.agree(size.decisions, few.casbin())
    took: dict[str, list[float]] = {name: [] for name in KINDS}
    gc.collect()
    gc.freeze()
    for _ in range(size.rounds):
        asked, fewer = many.questions(size.decisions), few.questions(size.decisions)
        compared: dict[str, tuple[Ask, Sequence[Sequence[Any]]]] = {
            "guard": (many.guard.decide, many.told(asked)),
            "hand": (many.hand.may, asked),
            "few": (few.guard.decide, few.told(fewer)),
            "few by hand": (few.hand.may, fewer),
        }
        for name, best in _best(compared).items():
            took[name].append(best)
        took["casbin"].append(_each(casbin, asked[: max(10, size.decisions // SLOW)]))
    gc.unfreeze()
    yield from _figures(f"policy, {size.people * GRANTS_EACH} grants", took)


def _figures(name: str, took: dict[str, list[float]]) -> Iterator[Figure]:
    for title, other, spoken, most in (
        ("by hand", "hand", "dicts of sets", 2.5),
        ("casbin", "casbin", "casbin's enforcer", 1 / 80),
        ("few grants", "few", f"{FEW_PEOPLE * GRANTS_EACH} grants", 1.5),
    ):
        ours, limit = took["guard"], took[other]
        told = f"{name}, against {title}"
        yield against(told, "", ours, "us", limit, spoken, required=most, at_most=True)
    yield against(
        f"{name}, by hand against few grants",
        "",
        took["hand"],
        "us",
        took["few by hand"],
        f"{FEW_PEOPLE * GRANTS_EACH} grants by hand",
        at_most=True,
        note="What a larger index costs whoever looks into it: memory that no cache holds.",
    )


def _best(compared: dict[str, tuple[Ask, Sequence[Sequence[Any]]]]) -> dict[str, float]:
    """Microseconds for one question, by who is asked; they take turns."""
    best = dict.fromkeys(compared, float("inf"))
    for _ in range(PASSES):
        for name, (ask, asked) in compared.items():
            best[name] = min(best[name], _each(ask, asked))
    return best


def _each(ask: Ask, asked: Sequence[Sequence[Any]]) -> float:
    started = perf_counter()
    for question in asked:
        ask(*question)
    return (perf_counter() - started) / len(asked) * 1e6


class World:
    """People with grants, as the guard, a function by hand and casbin know them."""

    def __init__(self, people: int) -> None:
        """Give each of them some roles of the shipped policy, here and there."""
        self.random = Random(people)  # the same questions in every run
        texts = shipped()
        self.guard = Guard.compile(texts.model, texts.rules)
        self.people = [f"user:{self.random.getrandbits(128):032x}" for _ in range(people)]
        self.authority = Authority(self.guard.roles)
        for person in self.people:
            self.authority.learn(principal(person))
        self.uses = list(_uses(self.guard))
        self.kinds = _kinds(self.guard)
        for number in range(people * GRANTS_EACH):
            self.authority.learn(self._grant(number))
        self.hand = ByHand.of(self.guard, self.authority, self.people)

    def _grant(self, number: int) -> Grant:
        """Mostly for one value, sometimes for any."""
        role, kind, _ = self.random.choice(self.uses)
        scope = None if kind == NONE else kind
        value = ANY if scope is None or self.random.random() < 0.05 else self._value()
        person = self.people[number // GRANTS_EACH]
        since = NOW - HOUR - timedelta(seconds=number)  # each its own, as in any real index
        return grant(person, role, scope, value, since=since, id=f"{number:032x}")

    def _value(self) -> str:
        return f"value-{self.random.randrange(VALUES):03d}"

    def questions(self, number: int) -> list[Question]:
        """Questions of which about half are answered with yes."""
        return list(islice(self._questions(), number))

    def _questions(self) -> Iterator[Question]:
        """Ask for what a person holds a role for, or for anything at all."""
        while True:
            by = self.random.choice(self.people)
            held = self.random.choice(self.authority.holdings(by))
            action = self._action(held.role if self.random.random() < 0.75 else None)
            value = self._value() if held.value == ANY else held.value
            touched = {kind: frozenset((value,)) for kind in self.kinds[action] if kind != NONE}
            yield Question(by, action, touched)

    def told(self, asked: Iterable[Question]) -> list[tuple[Any, ...]]:
        """The questions as the guard is asked them."""
        return [(*each, self.authority, NOW) for each in asked]

    def _action(self, role: str | None) -> str:
        return self.random.choice([use[2] for use in self.uses if role in (None, use[0])])

    def casbin(self) -> Ask:
        """The same policy and grants in casbin, which is asked kind by kind."""
        logging.getLogger("casbin").setLevel(logging.ERROR)  # it warns at every denial
        texts = shipped()
        holdings = [each for one in self.people for each in self.authority.holdings(one)]
        made = enforcer(texts.model, texts.rules, holdings, self.people)
        return partial(_by_casbin, made, self.kinds)

    def agree(self, number: int, casbin: Ask) -> None:
        """Stop unless all three give the same answers, some of them yes and some no."""
        seen = set()
        for nth, asked in enumerate(self.questions(number)):
            answer = self.guard.decide(*asked, self.authority, NOW).allowed
            assert answer == self.hand.may(*asked), asked
            if nth % SLOW == 0:
                assert answer == casbin(*asked), asked
            seen.add(answer)
        assert seen == {True, False}


def _by_casbin(
    made: Any, kinds: dict[str, tuple[str, ...]], by: str, action: str, scopes: Scopes
) -> bool:
    """Whether casbin allows it for one of the scope kinds; the shipped policy denies nothing."""
    return any(
        enforces(made, by, action, kind, next(iter(scopes.get(kind, (ANY,)))))
        for kind in kinds[action]
    )


@dataclass(frozen=True, slots=True)
class ByHand:
    """What somebody would write for this policy and these grants, if nothing ever changed."""

    open_to_all: frozenset[str]
    roles: dict[str, tuple[tuple[str, str | None], ...]]
    held: dict[str, dict[tuple[str, str | None], set[str]]]
    people: frozenset[str]

    @classmethod
    def of(cls, guard: Guard, authority: Authority, people: Iterable[str]) -> ByHand:
        """Copy everything into dicts of sets."""
        assert all(line.allows for line in guard.lines), "written for a policy without a deny"
        roles: dict[str, tuple[tuple[str, str | None], ...]] = {}
        for role, kind, action in _uses(guard):
            own = () if kind == NONE else ((role, kind),)
            roles[action] = (*roles.get(action, ()), *own, (role, None))
        held: dict[str, dict[tuple[str, str | None], set[str]]] = {}
        for person in people:
            for each in authority.holdings(person):
                places = held.setdefault(person, {})
                places.setdefault((each.role, each.scope), set()).add(each.value)
        for_all = frozenset(line.action for line in guard.lines if line.role == EVERYONE)
        return cls(for_all, roles, held, frozenset(people))

    def may(self, by: str, action: str, scopes: Scopes) -> bool:
        """Whether this person may ask for this."""
        held = self.held.get(by)
        if held is not None:
            for role in self.roles.get(action, ()):
                values = held.get(role)
                if values is not None:
                    touched = scopes.get(role[1]) if role[1] else None
                    if ANY in values or (touched and touched <= values):
                        return True
        return action in self.open_to_all and by in self.people


def _uses(guard: Guard) -> Iterator[tuple[str, str, str]]:
    """Role, scope kind and action of every line that is about a role."""
    return ((line.role, line.scope, line.action) for line in guard.lines if line.role != EVERYONE)


def _kinds(guard: Guard) -> dict[str, tuple[str, ...]]:
    """The scope kinds of each action."""
    found: dict[str, dict[str, None]] = {}
    for line in guard.lines:
        found.setdefault(line.action, {})[line.scope] = None
    return {action: tuple(kinds) for action, kinds in found.items()}
