"""Goes for a goal by nothing but what gates answer, and holds every answer to its word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from tests.api.walker.gate import Finding, Gate, Goal, Slot, ask
from tests.api.walker.tale import Tale

MOST: Final = 60
"""More acts than any goal should take."""
MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:[+-]\d\d:\d\d|Z)")
"""How a moment is written in what people are told."""


@dataclass(frozen=True)
class Step:
    """An act that somebody was told to do, on the way of a record to a goal."""

    tale: Tale
    who: str
    subject: str
    slot: Slot
    finding: Finding | None
    reader: str = "wanda"
    """Whose answers the walk goes by."""

    def rule(self) -> str:
        """The rule it is about: of the act, else of the finding."""
        return self.slot.rule or (self.finding.requirement if self.finding else "")

    def about(self, noun: str) -> str:
        """The record of this noun that the finding names, else what the walk is about."""
        named = self.finding.records(noun) if self.finding else []
        return named[0] if named else self.subject


Deed = Callable[[Step], tuple[str, dict[str, Any]]]
"""What to ask for to do as one was told: a mutation and its input."""


class Telling(Protocol):
    """A story that goes on until it ends somehow."""

    def go(self) -> str:
        """How it ended."""
        ...


Table = Mapping[str, Deed]
"""The deed of each action that a gate may name."""


@dataclass
class Walk:
    """The way of one record to one goal.

    `holders` tells who may ask for the goal's act. `afresh` are the deeds whose record takes the
    place of the one that the walk is about.
    """

    tale: Tale
    goal: Goal
    subject: str
    table: Table
    holders: Callable[[Tale, str], list[str]]
    afresh: frozenset[str] = frozenset()
    tried: Callable[[Walk, Gate], None] | None = None
    reader: str = "wanda"
    seen: Counter[tuple[str, Gate]] = field(default_factory=Counter)
    rounds: int = 1
    """How often it may come to the same point, where it changes its mind between two ways."""
    repeated: frozenset[str] = frozenset()
    """The deeds that may be told again in the same words, of another record."""

    def go(self) -> str:
        """Walk; how it ended: "reached", "waits", "nobody can" or "nobody may"."""
        gate = self._ask()
        for _ in range(MOST):
            if gate.nobody:
                return self._stop(gate)
            found = self._pass() if gate.open else self._step(gate)
            if isinstance(found, str):
                return found
            gate = found
        raise AssertionError(self.tale.fault(f"{MOST} acts did not lead to {self.goal.action}"))

    def _pass(self) -> Gate | str:
        """The gate is open for who asked: one who may ask for the act goes for it."""
        query, id = self.goal.query, self.subject
        may = self.holders(self.tale, id)
        able = [who for who in may if self.tale.read(query, "{ id }", by=who, id=id)]
        return self._reach(self.tale.random.choice(able)) if able else "nobody may"

    def _step(self, gate: Gate) -> Gate | str:
        """One act of one of the ways, or the end where there is only to wait."""
        self.seen[self.reader, gate] += 1
        again = self.seen[self.reader, gate] > self.rounds
        self._hold(not again, "it goes round in a circle")
        slot = self.tale.random.choice(gate.ways)[0]
        if not slot.count:
            return self._wait(gate, slot)
        if slot.action == self.goal.action and len(gate.findings) == 1:
            return self._reach(self.tale.random.choice(slot.people))
        return self._follow(gate, slot)

    def _ask(self, **more: Any) -> Gate:
        return ask(self.tale, self.goal, self.subject, self.reader, **more)

    def _reach(self, who: str) -> Gate | str:
        """One who may ask for the act does it, or is told why not, and the walk goes on by that."""
        self.reader = who
        gate = self._ask()
        self._hold(gate.permitted, f"{who} may not, though it was said so")
        if not gate.open:
            return gate
        self._do(Step(self.tale, who, self.subject, _aim(self.goal), None, who))
        return "reached"

    def _follow(self, gate: Gate, slot: Slot) -> Gate:
        """Do as one was told; it must be possible, and must help."""
        who = self.tale.random.choice(slot.people)
        step = Step(self.tale, who, self.subject, slot, gate.of(slot), self.reader)
        about = self._do(step)
        if slot.action in self.afresh:
            self.subject = about
            return self._ask()
        after = self._ask()
        again = [each for each in after.asks(slot.wish) if _as_before(each, slot, who)]
        self._hold(
            not again or slot.action in self.repeated, f"{slot.action} by {who} did not help"
        )
        return after

    def _wait(self, gate: Gate, slot: Slot) -> str:
        """It happens by itself at the moment it names: asked of then, nobody waits for it."""
        [moment] = MOMENT.findall(slot.description) or [""]
        self._hold(moment, f"it does not say until when: {slot.description}")
        then = datetime.fromisoformat(moment) + timedelta(seconds=1)
        after = self._ask(at=f'"{then.isoformat()}"')
        self._hold(not after.asks(slot.wish), f"{slot.description} did not come")
        return "waits"

    def _do(self, step: Step) -> str:
        action = step.slot.action
        self._hold(action in self.table, f"the walker does not know how to {action}")
        mutation, given = self.table[action](step)
        about, problems = self.tale.told(step.who, mutation, **given)
        self._hold(not problems, f"{step.who} was told to {action}, and refused: {problems}")
        return about

    def _stop(self, gate: Gate) -> str:
        """Nobody can, it is said: then whatever anybody does must not open a way."""
        if self.tried:
            self.tried(self, gate)
        return "nobody can"

    def _hold(self, holds: object, what: str) -> None:
        assert holds, self.tale.fault(what)


def _as_before(now: Slot, then: Slot, who: str) -> bool:
    """Whether as much is asked for as before somebody did it, of them too."""
    return now.count >= then.count and who in now.people


def _aim(goal: Goal) -> Slot:
    return Slot(goal.action, "", 1, 1, None, ())


def attempt(walk: Walk, gate: Gate, actions: list[str], people: list[str]) -> None:
    """Let everybody try these acts; where one opens a way, it was wrong that nobody can."""
    tale, finding = walk.tale, gate.findings[0] if gate.findings else None
    for action in actions:
        for rule in _rules(gate) if action.endswith(("approve", "vote")) else [None]:
            slot = replace(_aim(walk.goal), action=action, rule=rule)
            for who in people:
                mutation, given = walk.table[action](
                    Step(tale, who, walk.subject, slot, finding, walk.reader)
                )
                if tale.ask(who, mutation, **given):
                    tale.lines.pop()
                    continue
                now = ask(tale, walk.goal, walk.subject, walk.reader)
                opened = now.open or bool(now.ways)
                assert not opened, tale.fault(f"nobody can, it was said, but {who} did: {action}")


def _rules(gate: Gate) -> list[str | None]:
    return [each.requirement for each in gate.findings]


def holding(goal: Goal, **within: str) -> Callable[[Tale, str], list[str]]:
    """Tells who may ask for the goal's act there, as `whoMay` does."""

    def holders(tale: Tale, _id: str) -> list[str]:
        told = "{ everyone holders { person { handle } } }"
        places = [{"scope": scope, "value": value} for scope, value in within.items()]
        found = tale.read("whoMay", told, action=goal.action, within=places)
        return sorted(each["person"]["handle"] for each in found["holders"])

    return holders


def onlooker(tale: Tale, goal: Goal, id: str, people: tuple[str, ...]) -> str:
    """The first of these who may know of a record."""
    return next(who for who in people if tale.read(goal.query, "{ id }", by=who, id=id))
