"""The plain list of an aggregate: newest first, narrowed by what its table is indexed by."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import strawberry
from sqlalchemy import ColumnElement, func, literal
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.fields import build_input
from api.derived.hints import HIDDEN, hints, marks_of
from api.derived.inputs import Argument, Converted, Inputs, read_arguments
from api.derived.meanings import camel, several
from api.derived.paging import After, Before, First, Last, Listing, asked, listing, page
from api.derived.zones import LATEST
from api.hiding.visibility import Sight
from domain.belonging import CARRIED
from domain.kernel import Aggregate, Problems


def list_field(inputs: Inputs, aggregate: Aggregate[Any]) -> dict[str, StrawberryField]:
    """The query that lists the objects of an aggregate."""
    types, noun = inputs.types, inputs.types.name(aggregate.state)
    arguments = filter_arguments(inputs, aggregate)
    name = camel(aggregate.table)

    async def resolver(  # noqa: PLR0917  (Strawberry passes them by name)
        info: Info,
        filter: Any = strawberry.UNSET,
        first: Any = strawberry.UNSET,
        last: Any = strawberry.UNSET,
        after: Any = strawberry.UNSET,
        before: Any = strawberry.UNSET,
    ) -> Any:
        part = asked(first, last, after, before)
        narrowed = read_filter(arguments, filter or {})

        def make(sight: Sight) -> Listing:
            where = equal(sight, aggregate.state, narrowed)
            return listing(sight, aggregate.state, name, where=where, filter=narrowed)

        return await page(info.context, make, part)

    kind = filter_type(inputs, f"{noun}Filter", noun, arguments) if arguments else None
    annotate(resolver, kind)
    about = f"The {several(noun)} to be seen, newest first."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = types.later(f"{noun}Connection")
    return {name: field}


def filter_arguments(inputs: Inputs, aggregate: Aggregate[Any]) -> tuple[Argument, ...]:
    """What a list may be narrowed by: the indexed fields and columns that are shown."""
    own = hints(aggregate.state)
    derived = {name: kind for name, (kind, _) in aggregate.columns.items()}
    inside = {"id", *inputs.types.omitted.get(aggregate.state, ())}
    asked_by = (name for name in aggregate.indexed if name not in inside)
    found = {name: own.get(name, derived.get(name)) for name in asked_by}
    return tuple(
        inputs.argument(aggregate.state, name, hint, None, referred(inputs, aggregate, name))
        for name, hint in found.items()
        if not marks_of(hint) & HIDDEN
    )


def referred(inputs: Inputs, aggregate: Aggregate[Any], name: str) -> Converted | None:
    """How a field that holds ids of another aggregate is asked for."""
    other = inputs.types.reference(aggregate.state, name)
    special = inputs.special.get(f"{aggregate.name}.{name}")
    return inputs.reference(other) if other else special


def filter_type(inputs: Inputs, name: str, noun: str, arguments: Sequence[Argument]) -> type:
    """The input that narrows a list."""
    about = f"Which {several(noun)}: those for which everything given holds."
    made: type = inputs.types.publish(
        name, build_input(name, about, {each.name: each.field for each in arguments})
    )
    return made


def read_filter(arguments: Sequence[Argument], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values a list is narrowed by; raises Refusal with everything wrong at once."""
    problems = Problems()
    read = read_arguments(arguments, given, problems, ("filter",))
    problems.settle()
    return {name: value for name, value in read.items() if value is not None}


def equal(sight: Sight, state: type, values: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """The rows whose columns have these values; by what is not told of one, it is not found."""
    table = sight.reader.snapshot(state)
    carried = CARRIED.get(sight.reader.registry.by_state[state].name)
    untold = carried is not None and not carried.untold.keys().isdisjoint(values)
    wanted = [table.c[name] == getattr(value, "value", value) for name, value in values.items()]
    return [*wanted, sight.visible(state)] if untold else wanted


def annotate(resolver: Any, kind: type | None) -> None:
    """Give a list's resolver its arguments: the filter, if there is one, and the page."""
    pages = {"first": First, "last": Last, "after": After, "before": Before}
    described = strawberry.argument(description="What narrows the list.")
    filters = {"filter": Annotated[kind | None, described]} if kind else {}
    resolver.__annotations__ = {"info": Info, **filters, **pages, "return": Any}
    parameters = inspect.signature(resolver).parameters.values()
    resolver.__signature__ = inspect.Signature(
        [
            each.replace(annotation=resolver.__annotations__[each.name])
            for each in parameters
            if each.name in resolver.__annotations__
        ]
    )


def undated_last(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A time to order by, the earliest first, where what has none comes last."""
    return func.coalesce(column, literal(LATEST, column.type))
