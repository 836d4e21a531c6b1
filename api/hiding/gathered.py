"""What hides from one reader, gathered once and given to a statement as one text.

To gather it in each statement, and to look up what hides along, costs a page of the log a tenth,
and a page of what belongs to others, which answers in half of the time, as much.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    Text,
    TypeDecorator,
    bindparam,
    column,
    func,
    select,
    union_all,
)
from typing_extensions import override

from api.hiding.parts import Part
from api.hiding.veil import VEILS, WORDINGS, Among, Veil, belongs, hidden_of
from api.hiding.wording import Predicate, number

MOST: Final = 2000
"""With more that hides it is cheaper to look in the database than to send it along."""
NAME: Final = "hidden"

Given = Mapping[str, str]
"""What a statement is to be given as it is run."""


def gather(connection: Connection, veil: Veil) -> str | None:
    """The ids of all that hides, as this transaction sees it; None where that is too much to send.

    They are spelled as each database reads them quickest.
    """
    return _spelled(connection, _everything(veil))


def gather_owners(connection: Connection, part: Part, principal: str) -> str | None:
    """The same of all that hides and that records of this kind can belong to."""
    return _spelled(connection, _owners(part, principal))


def _spelled(connection: Connection, hides: Select[Any]) -> str | None:
    found = set(connection.execute(hides).scalars())
    if len(found) > MOST:
        return None
    ids = dict.fromkeys(sorted(found), 1)
    return json.dumps([*ids] if connection.dialect.name == "sqlite" else ids)


@lru_cache(maxsize=WORDINGS)
def _owners(part: Part, principal: str) -> Select[Any]:
    """The ids of what is hidden of the kinds that it can belong to, by the index of each."""
    kinds = dict.fromkeys(kind for _, kinds in part.full for kind in kinds)
    found = union_all(*hidden_of(kinds, principal)).subquery()
    return select(found.c.id).limit(number(MOST + 1))


@lru_cache(maxsize=VEILS)
def _everything(veil: Veil) -> Select[Any]:
    """The ids of what is secret, and of what hides with it, by the index of each owner.

    What belongs to several hidden ones is found as often; that much more may be read.
    """
    along = [
        select(table.c.id).where(table.c[owner].in_(veil.secret), gone)
        for part in veil.parts
        if part.owners
        for table, gone in [veil.along[part.kind.name]]
        for owner, _ in part.owners
    ]
    found = union_all(veil.secret, *along).subquery()
    return select(found.c.id).limit(number(MOST * (len(along) + 1) + 1))


def lifted(veil: Veil, found: str | None, dialect: str) -> tuple[Veil, Given]:
    """The veil that is worded with what was gathered, and what to give to a statement then."""
    if found is None:
        return veil, {}
    return given(veil, on_sqlite=dialect == "sqlite"), {NAME: found}


@lru_cache(maxsize=VEILS)
def given(veil: Veil, *, on_sqlite: bool) -> Veil:
    """The veil of all who see alike, for statements that are given what hides."""
    told = {each.name: getattr(veil, each.name) for each in fields(veil)}
    return GivenVeil(**told, among_given=_among(on_sqlite=on_sqlite))


def belonging_lifted(
    part: Part, principal: str, found: str, dialect: str
) -> tuple[Predicate, Given]:
    """What belongs to nothing of what was gathered, and what to give to a statement then."""
    among = _among(on_sqlite=dialect == "sqlite")
    return belongs(part.kind, part.full, principal, among), {NAME: found}


@dataclass(frozen=True, slots=True, eq=False)
class GivenVeil(Veil):
    """A veil whose statements are given the ids of all that hides from the reader."""

    among_given: Among

    @override
    def hides(self, id: ColumnElement[str], kind: ColumnElement[str] | None = None) -> Predicate:
        return self.among_given(id)

    @override
    def hides_one(self, name: str, id: ColumnElement[str]) -> Predicate:
        return self.among_given(id)


class Keys(TypeDecorator[str]):
    """The keys of an object, which PostgreSQL reads once and then halves its way through."""

    impl = Text
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(Text())
        from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415  (slow, and only here)

        return dialect.type_descriptor(JSONB())

    @override
    def bind_processor(self, dialect: Dialect) -> None:
        """Nothing: it is a text already."""


def _bound(kind: Any) -> BindParameter[str]:
    """What has to be given; a statement that is not given it fails."""
    return bindparam(NAME, type_=kind, required=True)


def _among(*, on_sqlite: bool) -> Among:
    return _in_array if on_sqlite else _in_keys


def _in_array(id: ColumnElement[str]) -> Predicate:
    ids = func.json_each(_bound(Text)).table_valued(column("value", Text), name="given")
    return id.in_(select(ids.c.value))


def _in_keys(id: ColumnElement[str]) -> Predicate:
    return func.jsonb_exists(_bound(Keys), id)
