"""Inputs from commands: the input types, and the reading of what a client sent."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField

from api.derived.fields import build_input
from api.derived.flaws import SOMETIME
from api.derived.hints import Shape, hints, shape
from api.derived.identity import read_global_id, read_id
from api.derived.meanings import camel, description, meaning_of, spaced
from api.derived.text import Unreadable, cleaned, read_line, read_text
from api.derived.types import LEAVES, Types
from domain.kernel import KEEP, Problem, Problems, Refusal

MOST: Final = 500
"""The most elements a list in an input may have."""
BEHALF: Final = "behalf"
"""A command's argument that every deciding mutation has as `onBehalfOf`."""
Read = Callable[[Any, Problems, tuple[str, ...]], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Converted:
    """How a domain class is asked for in another shape: the input type and its reading."""

    kind: Any
    read: Read


@dataclasses.dataclass(frozen=True, slots=True)
class Argument:
    """One field of an input: its published name, its GraphQL type, and how it is read."""

    name: str
    published: str
    shape: Shape
    field: StrawberryField
    read: Read
    default: Any = inspect.Parameter.empty

    @property
    def required(self) -> bool:
        """Whether it must be there."""
        return self.default is inspect.Parameter.empty

    @property
    def falls_back(self) -> bool:
        """Whether null stands for its default: it has one, and nothing else that null could say."""
        return not self.required and self.default is not KEEP and not self.shape.optional


@dataclasses.dataclass
class Inputs:
    """Derives input types from commands and nested dataclasses, each once.

    `converted` gives domain classes another input than their fields, `special` single arguments
    (`change.link.reference`). `references` says which arguments hold ids of which aggregate, by
    name, or by action and name. `long` names arguments that are texts without being erasable.
    `mutations` pins published names of mutations to actions; `ids` says what the ids that an action
    makes begin with.
    """

    types: Types
    converted: Mapping[type, Converted] = dataclasses.field(default_factory=dict)
    references: Mapping[str, str] = dataclasses.field(default_factory=dict)
    special: Mapping[str, Converted] = dataclasses.field(default_factory=dict)
    mutations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    ids: Mapping[str, Callable[[Mapping[str, Any]], str]] = dataclasses.field(default_factory=dict)
    long: Collection[str] = ()

    def __post_init__(self) -> None:
        """Start with nothing derived."""
        self.made: dict[type, Converted] = dict(self.converted)

    def of_command(self, run: Callable[..., Any], owner: type, action: str) -> tuple[Argument, ...]:
        """The arguments of a command function, from its keyword-only parameters."""
        found = hints(run)
        return tuple(
            self.argument(owner, name, found[name], each.default, self.asked(name, action))
            for name, each in inspect.signature(run).parameters.items()
            if each.kind is inspect.Parameter.KEYWORD_ONLY and name != BEHALF
        )

    def of_class(self, kind: type) -> Converted:
        """The input of a nested dataclass: its own fields, read into an instance."""
        if kind not in self.made:
            name = f"{self.types.name(kind)}Input"
            arguments = self.of_fields(kind)
            about = description(kind.__doc__, f"The {spaced(name)}.", hints(kind))
            fields = {each.name: each.field for each in arguments}
            made = self.types.publish(name, build_input(name, about, fields))
            self.made[kind] = Converted(made, _instance(kind, arguments))
        return self.made[kind]

    def of_fields(self, kind: type) -> tuple[Argument, ...]:
        """The arguments that are the fields of a dataclass."""
        found = hints(kind)
        return tuple(
            self.argument(kind, each.name, found[each.name], _default(each), self.asked(each.name))
            for each in dataclasses.fields(kind)
            if each.init
        )

    def asked(self, name: str, action: str = "") -> Converted | None:
        """How an argument is asked for, if not by its own type."""
        path = f"{action}.{name}"
        if path in self.special:
            return self.special[path]
        if path in self.long:
            return Converted(str, _text)
        aggregate = self.references.get(path, self.references.get(name, ""))
        return self.reference(aggregate) if aggregate else None

    def reference(self, aggregate: str) -> Converted:
        """An object of an aggregate, asked for by its global id."""
        return Converted(strawberry.ID, _reference(self.types.name(self.types.states[aggregate])))

    def argument(
        self, owner: type, name: str, hint: Any, default: Any, asked: Converted | None = None
    ) -> Argument:
        """One argument: of `owner`, a command's aggregate or a nested class."""
        found = shape(hint)
        asked = asked or self.plain(found)
        read = _each(asked.read) if found.many else asked.read
        own = self.types.meanings.get(owner, {})
        about = meaning_of(name, self.types.name(owner), found.meaning, own)
        kind = StrawberryList(asked.kind) if found.many else asked.kind
        field = _field(kind, default, about, optional=found.optional)
        return Argument(name, camel(name), found, field, read, default)

    def plain(self, found: Shape) -> Converted:
        """How a value is asked for by its own type."""
        kind = found.kind
        if kind is str:
            return Converted(str, _text if found.free_text else _line)
        if kind in LEAVES:
            return Converted(kind, _plain)
        if issubclass(kind, Enum):
            return Converted(self.types.enum(kind), _plain)
        return self.of_class(kind)


def _field(kind: Any, default: Any, about: str, *, optional: bool) -> StrawberryField:
    """The field of an argument; what may be left out is nullable unless its default is shown."""
    if _shown(default):
        field = strawberry.field(description=about, default=default)
    elif default is not inspect.Parameter.empty:
        field = strawberry.field(description=about, default=strawberry.UNSET)
        kind = StrawberryOptional(kind)
    else:
        field = strawberry.field(description=about)
        kind = StrawberryOptional(kind) if optional else kind
    field.type_annotation = StrawberryAnnotation(kind)
    return field  # type: ignore[no-any-return]


def _default(each: dataclasses.Field[Any]) -> Any:
    if each.default is not dataclasses.MISSING:
        return each.default
    if each.default_factory is not dataclasses.MISSING:
        return each.default_factory()
    return inspect.Parameter.empty


def _shown(default: Any) -> bool:
    """Whether a default stands in the schema: plain values do, `None` and `KEEP` are absence."""
    if default is inspect.Parameter.empty or default is KEEP:
        return False
    return isinstance(default, bool | int | str) and default != ""


# Reading.


def read_arguments(
    arguments: Sequence[Argument],
    given: Mapping[str, Any],
    problems: Problems,
    path: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The domain values of the arguments given, noting every problem; omitted ones stay out.

    Something stands in for what cannot be read, so that a command can say what else is wrong.
    What is null and has a default of its own is as if it were left out.
    """
    read: dict[str, Any] = {}
    for argument in arguments:
        here = (*path, argument.published)
        if given.get(argument.published) is not None:
            read[argument.name] = argument.read(given[argument.published], problems, here)
        elif argument.required or (argument.published in given and not argument.falls_back):
            _absent(argument, problems, here)
            read[argument.name] = None
    return read


def _absent(argument: Argument, problems: Problems, path: tuple[str, ...]) -> None:
    if argument.shape.optional:
        return
    keeps = argument.default is KEEP
    message = "Leave it out to keep it; it cannot be empty." if keeps else "It cannot be null."
    problems.add("null_not_allowed", message, *path)


def _plain(value: Any, problems: Problems, path: tuple[str, ...]) -> Any:
    if isinstance(value, Unreadable):
        problems.add(value.code, value.message, *path)
        return SOMETIME
    return value


def _line(value: str, problems: Problems, path: tuple[str, ...]) -> str:
    return _checked(value, read_line(value), problems, path)


def _text(value: str, problems: Problems, path: tuple[str, ...]) -> str:
    return _checked(value, read_text(value), problems, path)


def _checked(value: str, read: str | Problem, problems: Problems, path: tuple[str, ...]) -> str:
    if isinstance(read, Problem):
        problems.add(read.code, read.message, *path)
        return cleaned(value)
    return read


def _reference(type_name: str) -> Read:
    def read(value: str, problems: Problems, path: tuple[str, ...]) -> Any:
        id = read_id(value, type_name)
        if id is None:
            problems.add("not_found", f"There is no such {spaced(type_name)}.", *path)
        return id or ""

    return read


def named_or(*types: str) -> Read:
    """Reads the id within a global id of one of these types, else a name or hash as it is."""

    def read(value: str, problems: Problems, path: tuple[str, ...]) -> Any:
        found = read_global_id(value, types)
        return found[1] if found else _line(value, problems, path)

    return read


def _each(read: Read) -> Read:
    def read_all(values: Sequence[Any], problems: Problems, path: tuple[str, ...]) -> Any:
        if len(values) > MOST:
            problems.add("too_many", f"At most {MOST} elements, not {len(values):,}.", *path)
            return ()
        return tuple(read(value, problems, (*path, str(at))) for at, value in enumerate(values))

    return read_all


def _instance(kind: type, arguments: Sequence[Argument]) -> Read:
    def read(value: Mapping[str, Any], problems: Problems, path: tuple[str, ...]) -> Any:
        before = len(problems)
        fields = read_arguments(arguments, value, problems, path)
        found = problems if len(problems) == before else Problems()  # else of what stands in
        try:
            return kind(**fields)
        except Refusal as refused:
            found.extend(refused.problems)
        except ValueError as fault:
            found.add("malformed_arguments", str(fault), *path)
        return None

    return read


__all__ = ["Argument", "Converted", "Inputs", "camel", "datetime", "read_arguments"]
