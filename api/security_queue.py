"""The queue of application security: fixes by severity and by when they are to be remedied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, func, literal
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.derived.lists import undated_last
from api.derived.nouns import TYPES
from api.derived.paging import Listing, listing
from api.hiding.visibility import Sight
from api.queues import queue_field
from api.security_fix import judged
from domain.security_fix.queue import Awaits, awaits
from domain.security_fix.readiness import completeness
from domain.security_fix.state import ENDED, SecurityFix


def waits(_connection: Connection, sight: Sight, found: Sequence[SecurityFix]) -> list[Awaits]:
    """Whom each of the fixes waits for, in as many questions as for one."""
    return judged(sight, found, lambda fix, basis: awaits(fix, completeness(fix, basis), basis))


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
    about = (
        "The security fixes to be seen on which work goes on: those that nobody has assessed "
        "first, then the gravest, and of equally grave ones what is to be remedied soonest."
    )
    return queue_field("security_queue", "SecurityFixConnection", about, queue)


def queue(sight: Sight) -> Listing:
    """The fixes in the order in which they are to be looked at."""
    table = sight.reader.snapshot(SecurityFix)
    rank = func.coalesce(table.c.rank, literal(-1, table.c.rank.type))
    due = undated_last(table.c.due_at)
    going = table.c.status.not_in([each.value for each in ENDED])
    return listing(
        sight, SecurityFix, "securityQueue", by=(rank, due), where=[going], descending=False
    )
