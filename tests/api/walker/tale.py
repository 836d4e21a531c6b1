"""What happens in a walk, in order, told so that a developer can follow it and do it again."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

from graphql import GraphQLObjectType, get_named_type

from tests.api.every_answer import MUTATIONS, QUERIES
from tests.api.walker.ground import World


@dataclass
class Tale:
    """A world, the random choices of one seed, and all that was asked for and answered."""

    world: World
    seed: int
    random: Random = field(init=False)
    lines: list[str] = field(default_factory=list)
    prone: tuple[str, ...] = ()
    """Those to whom things happen."""
    names: dict[str, str] = field(default_factory=dict)
    """What the tale calls a record, by its global id."""

    def __post_init__(self) -> None:
        """Know the people by their handles."""
        self.random = Random(self.seed)
        self.names |= {self.world.id(each): each for each in self.world.people}

    def say(self, line: str) -> None:
        """Tell something that is no request."""
        for id, name in self.names.items():
            line = line.replace(id, f"<{name}>")
        self.lines.append(line)

    def ask(self, who: str, mutation: str, **given: Any) -> list[tuple[str, str]]:
        """Ask for something; the problems, each with its code and message."""
        return self.told(who, mutation, **given)[1]

    def told(self, who: str, mutation: str, **given: Any) -> tuple[str, list[tuple[str, str]]]:
        """Ask for something; the id of what it is about, and the problems."""
        payload = self.world.answer(who, wording(mutation), i=given)[mutation]
        problems = [(each["code"], each["message"]) for each in payload.pop("problems")]
        [about] = payload.values()
        number = sum(name.startswith(f"{mutation} ") for name in self.names.values())
        if about:
            self.names.setdefault(about["id"], f"{mutation} {number + 1}")
        self.say(f"{who}: {mutation} {json.dumps(given)} -> {problems or 'done'}")
        return about["id"] if about else "", problems

    def do(self, who: str, mutation: str, **given: Any) -> str:
        """Do something that is bound to succeed; the id of what it is about."""
        id, problems = self.told(who, mutation, **given)
        assert not problems, self.fault(f"{who} could not {mutation}")
        return id

    def read(self, query: str, selection: str, by: str = "wanda", **given: Any) -> Any:
        """What somebody is told; null where they may not know of it."""
        taken = ", ".join(f"${name}: {QUERIES[query].args[name].type}" for name in given)
        told = ", ".join(f"{name}: ${name}" for name in given)
        asked = f"query({taken}) {{ {query}({told}) {selection} }}"
        return (self.world.answer(by, asked, **given) or {}).get(query)

    def listed(self, query: str, selection: str, **given: Any) -> list[Any]:
        """The first hundred of a list."""
        page = self.read(query, f"{{ edges {{ node {selection} }} }}", first=100, **given)
        return [each["node"] for each in page["edges"]]

    def fault(self, what: str) -> str:
        """The whole tale, and what is wrong at its end."""
        told = "\n".join(f"{at:3}. {line}" for at, line in enumerate(self.lines, 1))
        return f"seed {self.seed}: {what}\n{told}"


@cache
def wording(mutation: str) -> str:
    """A document that asks for the mutation and is told of what it is, and of problems."""
    kind = get_named_type(MUTATIONS[mutation].type)
    assert isinstance(kind, GraphQLObjectType)
    noun = next(name for name in kind.fields if name not in ("problems", "verdict", "receipt"))
    told = f"{noun} {{ id }} problems {{ code message }}"
    given = MUTATIONS[mutation].args["input"].type
    return f"mutation($i: {given}) {{ {mutation}(input: $i) {{ {told} }} }}"


def noun_of(id: str) -> str:
    """The type that a global id is of; "" for what is no global id."""
    try:
        return base64.b64decode(id, validate=True).decode("ascii").partition(":")[0]
    except ValueError:
        return ""
