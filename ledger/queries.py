"""Statements that are worded once: what is asked for is bound, so none is put together anew."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, bindparam, func, null, select, union_all

from ledger.replay import EVENT_FIELDS

KEPT: Final = 512
"""How many wordings of one kind are kept."""


def any_of(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """That a column is any of the values that are bound by a name, however many they are."""
    return column.in_(bindparam(name, expanding=True, type_=column.type))


@lru_cache(maxsize=KEPT)
def history(events: Table, parts: Table, order: str, *, bounded: bool) -> Select[Any]:
    """The events of `subjects` of an `aggregate`, one row for each part; `until` if bounded."""
    told = [events.c[name] for name in EVENT_FIELDS]
    asked = (
        select(*told, parts.c.name, parts.c.content)
        .select_from(events.outerjoin(parts, parts.c.position == events.c.position))
        .where(events.c.aggregate == bindparam("aggregate"), any_of(events.c.subject, "subjects"))
        .order_by(events.c[order])
    )
    return asked.where(events.c.position < bindparam("until")) if bounded else asked


@lru_cache(maxsize=KEPT)
def adopted_before(events: Table) -> Select[Any]:
    """The policy that was adopted last before `until`."""
    return (
        select(events.c.subject)
        .where(events.c.kind == "policy.adopted", events.c.position < bindparam("until"))
        .order_by(events.c.position.desc())
        .limit(1)
    )


@lru_cache(maxsize=KEPT)
def stood_before(events: Table, moving: tuple[str, ...], erasing: tuple[str, ...]) -> Select[Any]:
    """The policy that was adopted last before `until`, and where such events were last.

    Of the first kinds before `until`, of the others at all; null where there was none.
    """
    policy = adopted_before(events).scalar_subquery()
    moved = _last(events, moving, events.c.position < bindparam("until"))
    return select(policy, moved, _last(events, erasing))


def _last(events: Table, kinds: tuple[str, ...], *bounds: ColumnElement[bool]) -> Any:
    """The position of the last event of any of these kinds, each found by the index of kinds."""
    if not kinds:
        return null()
    last = func.max(events.c.position).label("last")
    each = [select(last).where(events.c.kind == kind, *bounds) for kind in kinds]
    found = union_all(*each).subquery()
    return select(func.max(found.c.last)).scalar_subquery()


@lru_cache(maxsize=KEPT)
def named(table: Table, columns: tuple[ColumnElement[Any], ...]) -> Select[Any]:
    """The ids and these columns of the rows with `ids`."""
    return select(table.c.id, *columns).where(any_of(table.c.id, "ids"))
