"""GraphQL types from the domain's frozen dataclasses and enums, which stay untouched."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Optional

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryList, StrawberryOptional, StrawberryType
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from api.derived.fields import ErasableText, ErasableTexts, attribute, build, identity, resolved
from api.derived.hints import HIDDEN, hints, marks_of, shape
from api.derived.meanings import description, meaning_of, spaced
from domain.kernel import Aggregate

LEAVES = (str, int, bool, datetime)


@strawberry.interface(description="An object with a global id, which `node` finds again.")
class Node:
    """Everything that has a global id."""

    id: strawberry.ID = strawberry.field(description="The global id of this object.")


@dataclasses.dataclass
class Types:
    """Derives the GraphQL type of each domain class, once, and knows them all by name.

    `names` pins published names apart from the domain's. `omitted` names fields that stay inside.
    `references` says which fields of a class hold ids of which aggregate, `common` which do in
    every class. `meanings` describes fields whose annotations do not. `kinds` gives fields another
    type than derived, `extra` gives classes further fields.
    """

    aggregates: tuple[Aggregate[Any], ...]
    names: Mapping[type, str] = dataclasses.field(default_factory=dict)
    omitted: Mapping[type, Iterable[str]] = dataclasses.field(default_factory=dict)
    references: Mapping[type, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    common: Mapping[str, str] = dataclasses.field(default_factory=dict)
    meanings: Mapping[type, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    kinds: Mapping[type, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    extra: Mapping[type, Mapping[str, StrawberryField]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know the states before deriving, so that the order of deriving does not matter."""
        self.states = {one.name: one.state for one in self.aggregates}
        self.owners = {_home(one.state): one.state.__name__ for one in self.aggregates}
        self.namespace: dict[str, Any] = {"Optional": Optional, "list": list, "Node": Node}
        self.made: dict[type, Any] = {}

    def name(self, kind: type) -> str:
        """The published name: pinned, or the class's own, told apart by its aggregate's."""
        if kind in self.names:
            return self.names[kind]
        owner = next((self.owners[home] for home in _homes(kind) if home in self.owners), "")
        return kind.__name__ if kind.__name__.startswith(owner) else owner + kind.__name__

    def publish(self, name: str, made: Any) -> Any:
        """Remember a type by its published name; raises ValueError when it is taken."""
        if name in self.namespace:
            raise ValueError(f"two types would be published as {name}")
        self.namespace[name] = made
        return made

    def later(self, expression: str) -> StrawberryAnnotation:
        """A type by its published name, which may be derived later: `Optional[Change]`."""
        return StrawberryAnnotation(expression, namespace=self.namespace)

    def output(self, hint: Any) -> StrawberryType | type:
        """The output type of an annotation; raises TypeError if there is none."""
        found = shape(hint)
        kind = self.kind(found.kind)
        if found.many:
            of = StrawberryOptional(kind) if found.free_text else kind
            kind = StrawberryList(of)
        nullable = found.optional or (found.free_text and not found.many)
        return StrawberryOptional(kind) if nullable else kind

    def kind(self, kind: type) -> Any:
        """The output type of a scalar, an enum or a nested dataclass."""
        if kind in LEAVES:
            return kind
        if issubclass(kind, Enum):
            return self.enum(kind)
        if dataclasses.is_dataclass(kind):
            return self.object(kind)
        raise TypeError(f"{kind!r} has no GraphQL type")

    def enum(
        self, kind: type[Enum], meanings: Mapping[str, str] | None = None
    ) -> StrawberryEnumDefinition:
        """The GraphQL enum of a closed set, with its members' upper-case names and `meanings`."""
        if kind not in self.made:
            name, told = self.name(kind), meanings or self.meanings.get(kind, {})
            values = [
                EnumValue(each.name, each.value, description=_member(told, each.name))
                for each in kind
            ]
            about = description(kind.__doc__, f"The {spaced(name)}.")
            made = StrawberryEnumDefinition(kind, name, values, about)
            self.made[kind] = self.publish(name, made)
        return self.made[kind]  # type: ignore[no-any-return]

    def object(self, kind: type, more: Mapping[str, StrawberryField] | None = None) -> Any:
        """The GraphQL type of a nested dataclass, with `more` fields than are derived."""
        if kind not in self.made:
            name = self.name(kind)
            about = description(kind.__doc__, f"The {spaced(name)}.", hints(kind))
            fields = self.fields(kind) | dict(more or {})
            self.made[kind] = self.publish(name, build(name, about, fields))
        return self.made[kind]

    def node(self, kind: type, more: Mapping[str, StrawberryField] | None = None) -> Any:
        """The GraphQL type of an aggregate's state, with `more` fields than are derived."""
        name = self.name(kind)
        about = description(kind.__doc__, f"The {spaced(name)}.", hints(kind))
        fields = {"id": identity(name)} | self.fields(kind) | dict(more or {})
        made = build(name, about, fields, (Node,), is_type_of=_is_of(kind))
        self.made[kind] = self.publish(name, made)
        return made

    def fields(self, kind: type) -> dict[str, StrawberryField]:
        """The derived fields of a dataclass: what is neither marked, nor omitted, nor the id."""
        omitted = {*self.omitted.get(kind, ())}
        if kind in self.states.values():
            omitted.add("id")
        derived = {
            name: self.field(kind, name, hint)
            for name, hint in hints(kind).items()
            if name not in omitted and not marks_of(hint) & HIDDEN
        }
        return derived | dict(self.extra.get(kind, {}))

    def field(self, owner: type, name: str, hint: Any) -> StrawberryField:
        """One derived field: a relation if it holds ids of an aggregate, else an attribute."""
        found = shape(hint)
        own = self.meanings.get(owner, {})
        about = meaning_of(name, self.name(owner), found.meaning, own)
        if kind := self.kinds.get(owner, {}).get(name):
            return attribute(name, kind, about)
        if aggregate := self.reference(owner, name):
            return self.relation(name, aggregate, about, many=found.many)
        if found.free_text:
            about = f"{about} Null once erased."
            of = ErasableTexts if found.many else ErasableText
            return attribute(name, self.output(hint), about, of)
        return attribute(name, self.output(hint), about)

    def reference(self, owner: type, name: str) -> str | None:
        """The aggregate whose ids a field holds, if any; "" says that a common name does not."""
        return self.references.get(owner, {}).get(name, self.common.get(name)) or None

    def relation(
        self, name: str, aggregate: str, about: str, *, many: bool = False
    ) -> StrawberryField:
        """A field that holds another aggregate's id, or several, and shows the object."""
        state = self.states[aggregate]
        target = self.name(state)
        if many:
            kind = self.later(f"list[{target}]")
            return resolved(
                name, kind, f"{about} Only those the reader may see.", _several(name, state)
            )
        kind = self.later(f"Optional[{target}]")
        about = f"{about} Null if there is none, or none to be seen."
        return resolved(name, kind, about, _one(name, state))


def _home(state: type) -> str:
    """The file of an aggregate, or its folder where that is its own: `domain.change.state`."""
    folder, _, file = state.__module__.rpartition(".")
    return folder if file in {"state", "aggregate"} else state.__module__


def _homes(kind: type) -> Iterator[str]:
    """The file of a class, and the folders around it from inside out."""
    home = kind.__module__
    while home:
        yield home
        home = home.rpartition(".")[0]


def _one(name: str, state: type) -> Any:
    async def load(root: Any, context: Any) -> Any:
        id = getattr(root, name)
        return None if id is None else await context.load(state, id)

    return load


def _several(name: str, state: type) -> Any:
    async def load(root: Any, context: Any) -> Any:
        return await context.load_many(state, getattr(root, name))

    return load


def _is_of(kind: type) -> Any:
    def is_type_of(value: object, _info: Any) -> bool:
        return isinstance(value, kind)

    return staticmethod(is_type_of)


def _member(meanings: Mapping[str, str], name: str) -> str:
    words = name.lower().replace("_", " ")
    return meanings.get(name) or f"{words[0].upper()}{words[1:]}."
