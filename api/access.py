"""Who was turned away: what the record is, and how often, also before the hour is settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import strawberry
from sqlalchemy import Connection, select, tuple_
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info
from typing_extensions import override

from api.derived.fields import Attribute, attribute, batched
from api.derived.identity import global_id
from api.hiding.visibility import Sight
from api.subjects import NOUNS
from domain.access import Access, counted


class RecordField(Attribute):
    """What an act was meant for, as a client names it."""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        noun = NOUNS.get(source.action.partition(".")[0])
        return global_id(noun, source.record) if noun and source.record else None


def attempts(connection: Connection, sight: Sight, found: Sequence[Access]) -> list[int]:
    """How often each happened; the log has the number once a later hour is begun."""
    table = sight.reader.tables.denials
    keys = [(each.person, counted(each), each.hour) for each in found]
    place = (table.c.actor, table.c.action, table.c.hour)
    rows = connection.execute(select(table.c.count, *place).where(tuple_(*place).in_(keys)))
    known = {(actor, action, hour): count for count, actor, action, hour in rows}
    pairs = zip(keys, found, strict=True)
    return [max(known.get(key, 0), each.count) for key, each in pairs]


FIELDS: Final[dict[str, StrawberryField]] = {
    "record": attribute(
        "record",
        StrawberryOptional(strawberry.ID),
        "The global id of what the act was meant for; null for what was new.",
        RecordField,
    ),
    "attempts": batched(
        "attempts",
        int,
        "How often it happened within the hour. `count` is what the log says of it so far: it is "
        "settled there when the next hour's first denial comes.",
        attempts,
    ),
}
