"""What belongs to hidden records: the condition that leaves it out, worded once for who sees alike.

To word it anew for each page takes as long as the database takes to answer it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, and_, or_, select, true

Predicate = ColumnElement[bool]
Reach = Mapping[str, Collection[str]] | None
"""The values that a right is held for, by kind of scope; None for everywhere."""
Reached = tuple[tuple[str, tuple[str, ...]], ...] | None
"""The same, so that equal reaches are one key."""

WORDINGS: Final = 4096
"""Conditions that are kept: one for all who are not cleared, and one for each who is."""


class Kind(NamedTuple):
    """A kind of record, and what of it one reader sees where not everybody does."""

    table: Table
    reach: Reached
    """How far the right to see it reaches."""
    own: tuple[str, ...] = ()
    """Columns that name who sees a record without a right, as their own."""
    about: Any = ()
    """What one has to know of to see one's own: `Owners`."""


Owners = tuple[tuple[str, tuple[Kind, ...]], ...]
"""The columns that name what a record belongs to, and which kinds that may be."""


def reached(reach: Reach) -> Reached:
    """A reach as a key."""
    if reach is None:
        return None
    return tuple(sorted((kind, tuple(sorted(values))) for kind, values in reach.items() if values))


@lru_cache(maxsize=WORDINGS)
def belongs(kind: Kind, owners: Owners, principal: str) -> Predicate:
    """What belongs to no record that is hidden from a reader, and what is their own."""
    return or_(and_(true(), *_free(kind.table, owners, principal)), *_own(kind, principal))


@lru_cache(maxsize=WORDINGS)
def hidden(kind: Kind, principal: str) -> Select[Any]:
    """The ids of what is hidden from the reader, which is little and found by index."""
    unseen = (each.is_not(true()) for each in seen(kind, principal))  # null is no clearance
    return _embargoed(kind.table).where(*unseen)


def seen(kind: Kind, principal: str) -> list[Predicate]:
    """What a reader sees by a right, or as their own: any of these, nothing where there is none."""
    return [*_within(kind.table, kind.reach), *_own(kind, principal)]


def _within(table: Table, reach: Reached) -> list[Predicate]:
    if reach is None:
        return [true()]
    return [table.c[kind].in_(values) for kind, values in reach if kind in table.c]


def _own(kind: Kind, principal: str) -> list[Predicate]:
    known = _free(kind.table, kind.about, principal) if kind.own else []
    return [and_(kind.table.c[each] == principal, *known) for each in kind.own]


def _free(table: Table, owners: Owners, principal: str) -> list[Predicate]:
    """What belongs, by none of these columns, to a record that is hidden from the reader."""
    free = []
    for column, kinds in owners:
        unseen = [hidden(kind, principal) for kind in kinds if kind.reach is not None]
        apart = (table.c[column].not_in(each) for each in unseen)
        if unseen:
            free.append(or_(table.c[column].is_(None), and_(*apart)))
    return free


@cache
def _embargoed(table: Table) -> Select[Any]:
    return select(table.c.id).where(table.c.embargoed.is_(true()))
