"""What a gate answers, as a walker reads it, and whether it is a whole answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.api.legible import unreadable
from tests.api.walker.tale import Tale, noun_of

BLOCKS: Final = ("UNSATISFIED", "ERROR")
TOLD: Final = """{ allowed permitted reason
  verdict { findings { requirement title status code message missing
    acts { action count description rule } } }
  explanation { complete impossibleReason repairs { rules lacking unable }
    ways { acts { action description count total rule people { handle } } } } }"""
NAME: Final = re.compile(r'"[^"]+"')
"""What is called by a name in what people are told."""
Wish = tuple[str, str, str | None]
"""An action, what is said of it, and its rule."""


@dataclass(frozen=True)
class Goal:
    """An act that somebody wants done with a record, and how the schema spells that."""

    query: str
    act: str
    action: str
    mutation: str


@dataclass(frozen=True)
class Slot:
    """One act of a way: what is to be asked for, by whom."""

    action: str
    description: str
    count: int
    total: int
    rule: str | None
    people: tuple[str, ...]

    @property
    def wish(self) -> Wish:
        """What it asks for, whoever does it."""
        return self.action, self.description, self.rule


@dataclass(frozen=True)
class Finding:
    """A finding that blocks."""

    requirement: str
    code: str
    title: str
    message: str
    missing: tuple[str, ...]
    wishes: frozenset[Wish]

    def records(self, noun: str) -> list[str]:
        """The ids of the records of this noun that are in the way."""
        return [each for each in self.missing if noun_of(each) == noun]


@dataclass(frozen=True)
class Gate:
    """A gate as it stands for whoever asked."""

    open: bool
    permitted: bool
    reason: str
    findings: tuple[Finding, ...]
    ways: tuple[tuple[Slot, ...], ...]
    nobody: str

    def of(self, slot: Slot) -> Finding | None:
        """The finding that an act is to settle: by its acts, its rule, or what it calls by name."""
        called = NAME.findall(slot.description)
        told = (
            [each for each in self.findings if slot.wish in each.wishes],
            [each for each in self.findings if slot.rule and slot.rule == each.requirement],
            [e for e in self.findings if any(name in e.title + e.message for name in called)],
        )
        return next((found[0] for found in told if found), None)

    def asks(self, wish: Wish) -> list[Slot]:
        """The acts of all ways that ask for this."""
        return [each for way in self.ways for each in way if each.wish == wish]


def ask(tale: Tale, goal: Goal, id: str, who: str = "wanda", **more: Any) -> Gate:
    """Ask a gate; what it answers is whole and readable."""
    arguments = "".join(f", {name}: {value}" for name, value in more.items())
    asked = f"can(action: {goal.act}{arguments})"
    document = f"query($i: ID!) {{ {goal.query}(id: $i) {{ {asked} {TOLD} }} }}"
    told = tale.world.answer(who, document, i=id)[goal.query]["can"]
    gate = _read(told)
    tale.say(f"[{goal.action} for {who}: {'open' if gate.open else _closed(gate)}]")
    wrong = [*_lacking(gate), *unreadable(told)]
    assert not wrong, tale.fault(f"the gate of {goal.action} does not say all: {wrong}")
    return gate


def _read(told: Any) -> Gate:
    found = [each for each in told["verdict"]["findings"] if each["status"] in BLOCKS]
    explained = told["explanation"]
    return Gate(
        not found,
        told["permitted"],
        told["reason"],
        tuple(map(_finding, found)),
        tuple(tuple(map(_slot, each["acts"])) for each in explained["ways"]),
        explained["impossibleReason"] or "",
    )


def _finding(told: Any) -> Finding:
    wishes = frozenset(_slot({**each, "total": 0, "people": []}).wish for each in told["acts"])
    missing = tuple(told["missing"])
    words = (told["requirement"], told["code"], told["title"], told["message"])
    return Finding(*words, missing, wishes)


def _slot(told: Any) -> Slot:
    people = tuple(sorted(each["handle"] for each in told["people"]))
    about = (told["action"], told["description"], told["count"], told["total"], told["rule"])
    return Slot(*about, people)


def _closed(gate: Gate) -> str:
    why = "; ".join(f"{each.code}: {each.message}" for each in gate.findings)
    ways = (", ".join(map(_brief, way)) for way in gate.ways)
    return f"closed: {why} | {gate.nobody or ' OR '.join(ways)}"


def _brief(slot: Slot) -> str:
    people = f"{slot.count} of {'/'.join(slot.people)}" if slot.count else "nobody"
    return f"{slot.action} {slot.rule or repr(slot.description)} by {people}"


def _lacking(gate: Gate) -> Iterator[str]:
    """What an answer leaves out that it owes to whoever is blocked."""
    if gate.open == bool(gate.ways or gate.nobody):
        yield "it is blocked exactly where something is said of how it is opened"
    for each in gate.findings:
        if not each.code or not each.message:
            yield f"{each.requirement} has no code or no message"
        if each.code == "could_not_be_evaluated":
            yield f"{each.requirement} was not worked out"
    for slot in (slot for way in gate.ways for slot in way):
        yield from _vague(slot)


def _vague(slot: Slot) -> Iterator[str]:
    if slot.count and not slot.people:
        yield f"{slot.action} names nobody"
    if slot.count > slot.total:
        yield f"{slot.action} wants more people than there are"
    if not slot.description:
        yield f"{slot.action} does not say what is to be done"
