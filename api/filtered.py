"""Queries that answer what a filter of their own asks for, page by page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import strawberry
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.inputs import Argument
from api.derived.lists import filter_type, read_filter
from api.derived.nouns import INPUTS, TYPES
from api.derived.paging import After, Before, First, Last, Listing, asked, page
from api.hiding.visibility import Sight


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed by: the input of this name, which says which of a noun are wanted."""

    name: str
    noun: str
    about: str
    arguments: Sequence[Argument]


@dataclass(frozen=True, slots=True)
class Order:
    """In which orders a list may be asked for, and what each means; the first, if none is."""

    choices: type[StrEnum]
    about: str
    meanings: Mapping[str, str]


def filtered_field(
    name: str,
    connection: str,
    about: str,
    narrowed: Filter,
    listed: Callable[..., Listing],
    *,
    order: Order | None = None,
) -> dict[str, StrawberryField]:
    """The query of this name, which answers what is wanted as pages of this connection type.

    `listed` takes the sight of who asks, what is wanted and, where there is a choice, the order.
    """

    async def resolver(  # noqa: PLR0917  (Strawberry passes them by name)
        info: Info,
        filter: Any = strawberry.UNSET,
        order: Any = strawberry.UNSET,
        first: First = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        after: After = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        part = asked(first, last, after, before)
        wanted = read_filter(narrowed.arguments, filter or {})
        way = chosen(order)

        def make(sight: Sight) -> Listing:
            return listed(sight, wanted, *way)

        return await page(info.context, make, part)

    def chosen(given: Any) -> tuple[StrEnum, ...]:
        if order is None:
            return ()
        first, *_ = order.choices
        return (order.choices(given or first),)

    _annotate(resolver, narrowed, order)
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later(connection)
    return {name: field}


def _annotate(resolver: Any, narrowed: Filter, order: Order | None) -> None:
    """Give the resolver its filter, and an order where there is a choice."""
    kind = filter_type(INPUTS, narrowed.name, narrowed.noun, narrowed.arguments)
    described = strawberry.argument(description=narrowed.about)
    resolver.__annotations__ |= {
        "info": Info,
        "filter": Annotated[StrawberryOptional(kind), described],
    }
    signature = inspect.signature(resolver)
    kept = dict(signature.parameters)
    if order is None:
        del kept["order"], resolver.__annotations__["order"]
    else:
        told = strawberry.argument(description=order.about)
        choice = StrawberryOptional(TYPES.enum(order.choices, order.meanings))
        resolver.__annotations__["order"] = Annotated[choice, told]
    every = (each.replace(annotation=resolver.__annotations__[name]) for name, each in kept.items())
    resolver.__signature__ = signature.replace(parameters=list(every))
