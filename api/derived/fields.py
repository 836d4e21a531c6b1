"""Fields of derived types: plain attributes, read without a resolver."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info
from typing_extensions import override

from api.derived.identity import global_id
from api.derived.meanings import spaced
from domain.kernel import ERASED


class Attribute(StrawberryField):
    """A leaf or nested value that the object simply has."""


class ErasableText(Attribute):
    """A free text, null once it was erased."""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        value = getattr(source, self.python_name)
        return None if value == ERASED else value


class ErasableTexts(Attribute):
    """Several free texts, each null once it was erased."""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        values = getattr(source, self.python_name)
        return values and [None if value == ERASED else value for value in values]


class Identity(Attribute):
    """The global id of an object of one type."""

    type_name = ""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        return global_id(self.type_name, source.id)


def attribute(
    name: str, kind: Any, description: str, of: type[Attribute] = Attribute
) -> StrawberryField:
    """A field read from the attribute of the same name."""
    annotation = kind if isinstance(kind, StrawberryAnnotation) else StrawberryAnnotation(kind)
    return of(python_name=name, type_annotation=annotation, description=description)


def identity(type_name: str) -> StrawberryField:
    """The `id` of a node."""
    kind = type("Identity", (Identity,), {"type_name": type_name})
    return attribute("id", strawberry.ID, f"The global id of this {spaced(type_name)}.", kind)


Load = Callable[[Any, Any], Awaitable[Any]]


def resolved(
    name: str, kind: StrawberryAnnotation, description: str, load: Load
) -> StrawberryField:
    """A field whose object is loaded, through the request's loaders, never per row.

    Below an object of the past it is answered as of that moment.
    """

    async def resolver(root: Any, info: Any) -> Any:
        return await load(root, info.context)

    resolver.__annotations__ = {"root": Any, "info": Info, "return": Any}
    field = strawberry.field(resolver=resolver, description=description)
    field.python_name = name
    field.type_annotation = kind
    return field  # type: ignore[no-any-return]


def found_by(derived: StrawberryField, find: Callable[[Any, Any], Any]) -> StrawberryField:
    """A derived field as it is, but for how its value is found: at once, or awaited."""

    def resolver(root: Any, info: Any) -> Any:
        return find(root, info.context)

    resolver.__annotations__ = {"root": Any, "info": Info, "return": Any}
    field = strawberry.field(resolver=resolver, description=derived.description)
    field.python_name, field.type_annotation = derived.python_name, derived.type_annotation
    return field  # type: ignore[no-any-return]


def build(
    name: str,
    description: str,
    fields: Mapping[str, StrawberryField],
    bases: tuple[type, ...] = (),
    **more: Any,
) -> type:
    """A GraphQL object type of these fields; `more` are further attributes of the class."""
    kinds = _kinds(fields)
    body = {"__module__": __name__, "__annotations__": {}, **fields, **more}
    made = strawberry.type(type(name, bases, body), name=name, description=description)
    return _typed(made, kinds)


def _kinds(fields: Mapping[str, StrawberryField]) -> dict[str, StrawberryAnnotation]:
    found = {name: field.type_annotation for name, field in fields.items()}
    return {name: kind for name, kind in found.items() if kind is not None}


def _typed(made: Any, kinds: Mapping[str, StrawberryAnnotation]) -> type:
    """Give the fields their types back: making the class loses where later ones are looked up."""
    for field in made.__strawberry_definition__.fields:
        field.type_annotation = kinds.get(field.name, field.type_annotation)
    return made  # type: ignore[no-any-return]


def build_input(name: str, description: str, fields: Mapping[str, StrawberryField]) -> type:
    """A GraphQL input type whose value is the mapping a client sent, omitted fields left out."""
    kinds = _kinds(fields)
    body = {"__module__": __name__, "__annotations__": {}, **fields}
    made: Any = strawberry.input(type(name, (), body), name=name, description=description)
    made.__strawberry_definition__.from_input = _as_sent
    return _typed(made, kinds)


def _as_sent(_kind: type, value: Mapping[str, Any], _context: Any) -> Mapping[str, Any]:
    return value


def batched(name: str, kind: Any, description: str, question: Any) -> StrawberryField:
    """A field that is worked out for all objects of a level at once, in one transaction."""

    async def load(root: Any, context: Any) -> Any:
        return await context.batch(question, root)

    annotation = kind if isinstance(kind, StrawberryAnnotation) else StrawberryAnnotation(kind)
    return resolved(name, annotation, description, load)
