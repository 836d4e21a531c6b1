"""The queue of application security: fixes by severity and by when they are to be remedied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import strawberry
from sqlalchemy import Connection, func, literal
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.fields import batched
from api.nouns import TYPES
from api.paging import After, Before, First, Last, Listing, asked, listing, page
from api.security_fix import library
from api.visibility import Sight
from api.zones import LATEST
from domain.security_fix.queue import Awaits, awaits
from domain.security_fix.readiness import completeness
from domain.security_fix.state import ENDED, SecurityFix


def waits(_connection: Connection, sight: Sight, found: Sequence[SecurityFix]) -> list[Awaits]:
    """Whom each of the fixes waits for, in as many questions as for one."""
    shelf = library(sight, found)
    return [awaits(each, completeness(each, shelf), shelf) for each in found]


FIELDS: Final[dict[str, StrawberryField]] = {
    "awaits": batched(
        "awaits",
        TYPES.object(Awaits),
        "What it waits for, told apart by whether application security could mend it.",
        waits,
    ),
}


def security_queue_field() -> dict[str, StrawberryField]:
    """The query `securityQueue`."""

    async def resolver(
        info: Info,
        first: First = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        after: After = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        return await page(info.context, queue, asked(first, last, after, before))

    about = (
        "The security fixes to be seen on which work goes on: those that nobody has assessed "
        "first, then the gravest, and of equally grave ones what is to be remedied soonest."
    )
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later("SecurityFixConnection")
    return {"security_queue": field}


def queue(sight: Sight) -> Listing:
    """The fixes in the order in which they are to be looked at."""
    table = sight.reader.snapshot(SecurityFix)
    rank = func.coalesce(table.c.rank, literal(-1, table.c.rank.type))
    due = func.coalesce(table.c.due_at, literal(LATEST, table.c.due_at.type))
    going = table.c.status.not_in([each.value for each in ENDED])
    return listing(
        sight, SecurityFix, "securityQueue", by=(rank, due), where=[going], descending=False
    )
