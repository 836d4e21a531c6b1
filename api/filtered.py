"""Queries that answer what a filter of their own asks for, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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


def filtered_field(
    name: str,
    connection: str,
    about: str,
    narrowed: Filter,
    listed: Callable[[Sight, Mapping[str, Any]], Listing],
) -> dict[str, StrawberryField]:
    """The query of this name, which answers what is wanted as pages of this connection type."""
    kind = filter_type(INPUTS, narrowed.name, narrowed.noun, narrowed.arguments)

    async def resolver(  # noqa: PLR0917  (Strawberry passes them by name)
        info: Info,
        filter: Any = strawberry.UNSET,
        first: First = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        after: After = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        part = asked(first, last, after, before)
        wanted = read_filter(narrowed.arguments, filter or {})
        return await page(info.context, lambda sight: listed(sight, wanted), part)

    described = strawberry.argument(description=narrowed.about)
    resolver.__annotations__ |= {
        "info": Info,
        "filter": Annotated[StrawberryOptional(kind), described],
    }
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later(connection)
    return {name: field}
