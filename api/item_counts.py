"""How much is in a release, as far as the asker may see it: as much as its list has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, func, or_, select
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.hiding.visibility import Sight
from domain.inclusion import Inclusion
from domain.release.state import Release

ABOUT: Final = "How many things are in it, of those that you may see: as many as are listed."


def item_counts(connection: Connection, sight: Sight, found: Sequence[Release]) -> list[int]:
    """How much is in each release, without what is hidden from the asker; one statement.

    What went out stays in, also if it is hidden since; so it is counted for the cleared alone.
    """
    table = sight.reader.snapshot(Inclusion)
    unseen = sight.unseen("merge_request")
    inside = or_(table.c.included, table.c.taken_at > sight.moment)
    statement = (
        select(table.c.release, func.count().label("number"))
        .where(table.c.release.in_(sorted({each.id for each in found})))
        .where(or_(table.c.reference.in_(unseen), table.c.covered_by.in_(unseen)))
        .where(table.c.put_at <= sight.moment, inside)
        .group_by(table.c.release)
    )
    hidden = {row.release: row.number for row in connection.execute(statement)}
    return [each.item_count - hidden.get(each.id, 0) for each in found]


FIELDS: Final[dict[str, StrawberryField]] = {
    "item_count": batched("item_count", int, ABOUT, item_counts),
}
"""What a release has of it."""
