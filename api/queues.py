"""Queries that answer one list, page by page: what awaits somebody, or is to be looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.nouns import TYPES
from api.derived.paging import After, Before, First, Last, Listing, asked, page
from api.hiding.visibility import Sight


def queue_field(
    name: str, connection: str, about: str, entries: Callable[[Sight], Listing]
) -> dict[str, StrawberryField]:
    """The query of this name, which answers the entries as pages of this connection type."""

    async def resolver(
        info: Info,
        first: First = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        after: After = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        return await page(info.context, entries, asked(first, last, after, before))

    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later(connection)
    return {name: field}
