"""What belongs to hidden records: the condition that leaves it out, worded once for who sees alike.

To word it anew for each page takes as long as the database takes to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    Table,
    and_,
    false,
    func,
    not_,
    or_,
    select,
    true,
    union_all,
)

from api.hiding.parts import Kind, Owners, Part, Reached
from api.hiding.wording import Predicate, all_but, number, reader, spelled, when
from ledger.queries import any_of

WORDINGS: Final = 4096
"""Conditions that are kept: one for all who are not cleared, and one for each who is."""
VEILS: Final = 512
"""Conditions that are kept of all that may be hidden: for whoever reads what tells of anything."""

Columns = tuple[ColumnElement[Any], ...]
"""What is told of rows."""
Among = Callable[[ColumnElement[str]], Predicate]
"""Whether an id is one of those that were gathered."""


@lru_cache(maxsize=WORDINGS)
def belongs(kind: Kind, owners: Owners, principal: str, among: Among | None = None) -> Predicate:
    """What belongs to no record that is hidden from a reader, and what is their own.

    Those records are looked for, unless something tells of an id whether it is `among` them.
    """
    free = _free(kind.table, owners, principal, among)
    return or_(and_(true(), *free), *_own(kind, principal))


@lru_cache(maxsize=WORDINGS)
def belonging(part: Part, principal: str) -> Predicate:
    """What belongs to nothing hidden, or is told along to who carries that on."""
    if part.whose is None:
        return belongs(part.kind, part.full, principal)
    full = belongs(part.kind, part.full, principal)
    along = belongs(part.kind, part.along, principal)
    return or_(full, and_(part.kind.table.c[part.whose] == reader(principal), along))


@dataclass(frozen=True, slots=True, eq=False)
class Veil:
    """Everything that may be hidden, and what of it one reader does not see.

    It is equal to itself alone, and so is what is worded of it: in one statement what is `secret`
    has to be one and the same.
    """

    principal: str
    parts: tuple[Part, ...]
    """The kinds that may hide."""
    telling: tuple[tuple[Kind, str], ...]
    """The kinds of records that tell of others, and the column that names those."""
    events: Table
    secret: Select[Any]
    """The ids of all that is under embargo, and hidden from the reader.

    They are gathered once in a statement, by index, and are few.
    """
    along: Mapping[str, tuple[Table, Predicate]]
    """By kind what belongs to that and may hide with it, and which of it does."""

    def hides(self, id: ColumnElement[str], kind: ColumnElement[str] | None = None) -> Predicate:
        """Whether an id is of anything hidden from the reader; `kind` is what it is of, if told.

        Where that is null it is not told either.
        """
        told = (
            self.takes_along(each, id)
            if kind is None
            else when(func.coalesce(kind, name) == name, self.takes_along(each, id))
            for each in self.along
            for name in [spelled(each)]
        )
        return or_(id.in_(self.secret), *told)

    def hides_one(self, name: str, id: ColumnElement[str]) -> Predicate:
        """Whether an id, which is of a record of this kind, is of a hidden one."""
        return self.takes_along(name, id) if name in self.along else id.in_(self.secret)

    def takes_along(self, name: str, id: ColumnElement[str]) -> Predicate:
        """Whether an id is of a record of this kind that hides with what it belongs to.

        It is looked up, so that it costs as much as rows are looked at, however much is hidden.
        """
        table, gone = self.along[name]
        return select(gone).where(table.c.id == id).scalar_subquery().is_(true())

    def among(self, ids: Collection[str]) -> CompoundSelect[Any]:
        """Those of these ids that are of anything hidden from the reader."""
        secret = self.secret.where(self.secret.selected_columns.id.in_(ids))
        along = ((table.c.id, gone) for table, gone in self.along.values())
        return union_all(secret, *(select(id).where(id.in_(ids), gone) for id, gone in along))


@lru_cache(maxsize=VEILS)
def veil(
    principal: str, parts: tuple[Part, ...], telling: tuple[tuple[Kind, str], ...], events: Table
) -> Veil:
    """The veil of all who see alike, and are the same person."""
    found = (_secret(each, principal) for each in parts if not each.owners)
    secret = union_all(*found).cte("secret")
    along = {
        each.kind.name: (each.kind.table, _goes_along(each, secret, principal))
        for each in parts
        if each.owners
    }
    return Veil(principal, parts, telling, events, select(secret.c.id), along)


def _secret(part: Part, principal: str) -> Select[Any]:
    """What is under embargo and hidden from the reader; `kept` but for what they carry on."""
    mine = [part.kind.table.c[each] == reader(principal) for each in part.carried]
    kept = or_(*mine).is_not(true()) if mine else true()
    return hidden(part.kind, principal).add_columns(kept.label("kept"))


def _goes_along(part: Part, secret: CTE, principal: str) -> Predicate:
    """What belongs to something secret, and is not told along to the reader."""
    table, own = part.kind.table, _own(part.kind, principal)
    hides = (
        when(table.c[column].is_not(None), _hides_with(part, table.c[column], secret, principal))
        for column, _ in part.owners
    )
    return and_(or_(*hides), *([or_(*own).is_not(true())] if own else []))


def _hides_with(part: Part, owner: Column[str], secret: CTE, principal: str) -> Predicate:
    """Whether it hides with this owner; what is told along does so with what is `kept` alone."""
    every, kept = select(secret.c.id), select(secret.c.id).where(secret.c.kept)
    if part.along == part.owners:
        return owner.in_(every)
    if part.whose is None:
        return owner.in_(kept)
    others = (part.kind.table.c[part.whose] == reader(principal)).is_not(true())
    return when(owner.in_(every), or_(others, owner.in_(kept)))


@lru_cache(maxsize=VEILS)
def known(veil: Veil, table: Table, column: str) -> Predicate:
    """What tells of no record that is hidden now, and of none that was and cannot be found."""
    return may_be_known(veil, table.c[column], table.c.get("aggregate"), in_the_open(table))


def may_be_known(
    veil: Veil, about: ColumnElement[str], kind: ColumnElement[str] | None, is_open: Predicate
) -> Predicate:
    """Whether the reader may know of what is told about a record, which may be of any kind.

    That `is_open` where it was never about something hidden that cannot be found.
    """
    events = veil.events.alias("told")
    tells = (named(events, [each.kind for each in veil.parts]), events.c.subject == about)
    found = select(true()).where(*tells).limit(number(1)).scalar_subquery()
    apart = or_(about.is_(None), not_(veil.hides(about, kind)))
    return and_(apart, or_(is_open, found.is_(true())))


@lru_cache(maxsize=WORDINGS)
def hidden(kind: Kind, principal: str) -> Select[Any]:
    """The ids of what is hidden from the reader, which is little and found by index."""
    unseen = (each.is_not(true()) for each in seen(kind, principal))  # null is no clearance
    return _embargoed(kind.table).where(*unseen)


def named(events: FromClause, kinds: Collection[Kind]) -> Predicate:
    """Events about these kinds of records; the names stand in the statement, being always these.

    PostgreSQL keeps its plan for a statement where that looks no dearer than one for given values.
    """
    return events.c.aggregate.in_([spelled(each) for each in sorted(e.name for e in kinds)])


@lru_cache(maxsize=WORDINGS)
def rows(columns: Columns, shown: Predicate) -> Select[Any]:
    """The rows that are shown: for whoever sees alike one and the same statement."""
    return select(*columns).where(shown)


@lru_cache(maxsize=WORDINGS)
def rows_with(ids: ColumnElement[str], columns: Columns, shown: Predicate) -> Select[Any]:
    """The rows that are shown of those with `ids`, which are bound."""
    return rows(columns, shown).where(any_of(ids, "ids"))


@lru_cache(maxsize=WORDINGS)
def in_the_open_or_seen(kind: Kind, principal: str) -> Predicate:
    """What is certainly not embargoed, and what of the rest a reader sees."""
    return or_(in_the_open(kind.table), *seen(kind, principal))


@lru_cache(maxsize=WORDINGS)
def only_seen(kind: Kind, principal: str) -> Predicate:
    """What a reader sees of what nobody sees without a right."""
    return or_(false(), *seen(kind, principal))


@lru_cache(maxsize=VEILS)
def seen_and_known(veil: Veil, kind: Kind, column: str) -> Predicate:
    """What a reader sees of what tells of others, in a column, and may know of."""
    return and_(only_seen(kind, veil.principal), known(veil, kind.table, column))


@lru_cache(maxsize=WORDINGS)
def or_carried(shown: Predicate, table: Table, whose: tuple[str, ...], principal: str) -> Predicate:
    """What is shown in full, and what the reader carries on while it is hidden."""
    return or_(shown, *(table.c[each] == reader(principal) for each in whose))


def seen(kind: Kind, principal: str) -> list[Predicate]:
    """What a reader sees by a right, or as their own: any of these, nothing where there is none."""
    return [*_within(kind.table, kind.reach), *_own(kind, principal)]


def _within(table: Table, reach: Reached) -> list[Predicate]:
    return [true()] if reach is None else [table.c[k].in_(v) for k, v in reach if k in table.c]


def _own(kind: Kind, principal: str) -> list[Predicate]:
    known = _free(kind.table, kind.about, principal) if kind.own else []
    return [and_(kind.table.c[each] == reader(principal), *known) for each in kind.own]


def _free(
    table: Table, owners: Owners, principal: str, among: Among | None = None
) -> list[Predicate]:
    """What belongs, by none of these columns, to a record that is hidden from the reader."""
    return [
        all_but(and_(owner.is_not(None), among(owner) if among else owner.in_(unseen)))
        for column, kinds in owners
        for owner in [table.c[column]]
        for unseen in hidden_of(kinds, principal)
    ]


def hidden_of(kinds: Collection[Kind], principal: str) -> list[Select[Any]]:
    """The ids of what is hidden from the reader of each of these kinds, if any of it can be."""
    return [hidden(each, principal) for each in kinds if each.reach is not None]


@cache
def in_the_open(table: Table) -> Predicate:
    """What is certainly not embargoed; worded so that no index is taken, since nearly all is.

    SQLite would else read by index whatever may be seen, and sort it, for each page of a list.
    """
    return func.coalesce(table.c.embargoed, true()).is_(false())


@cache
def _embargoed(table: Table) -> Select[Any]:
    hidden = table.c.embargoed
    return select(table.c.id).where(or_(hidden.is_(true()), hidden.is_(None)))
