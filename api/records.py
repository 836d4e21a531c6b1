"""Other aggregates as a gate looks at them, read within one transaction, whoever asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Connection, bindparam, select

if TYPE_CHECKING:
    from ledger.store import Reader

S = TypeVar("S")


@dataclass(slots=True)
class StoredRecords:
    """Reads snapshots, each once; a gate judges by what is, not by what the asker may see."""

    reader: Reader
    connection: Connection
    _known: dict[tuple[type, str], Any] = field(default_factory=dict)
    _found: dict[tuple[type, frozenset[tuple[str, object]]], Any] = field(default_factory=dict)

    def get(self, state: type[S], id: str) -> S | None:
        """The aggregate as it stands, or None when there is none."""
        if (state, id) not in self._known:
            self._known[state, id] = self.reader.get(self.connection, state, id)
        found: S | None = self._known[state, id]
        return found

    def find(self, state: type[S], **equal: object) -> tuple[S, ...]:
        """All aggregates whose indexed columns equal these values, in order of id.

        A frozenset stands for any of its values.
        """
        asked = (state, frozenset(equal.items()))
        if asked not in self._found:
            self._found[asked] = self._find(state, equal)
        found: tuple[S, ...] = self._found[asked]
        return found

    def _find(self, state: type[S], equal: Mapping[str, object]) -> tuple[S, ...]:
        table = self.reader.snapshot(state)
        tests = [_test(table.c[name], each) for name, each in equal.items()]
        columns = (table.c.id, *self.reader.columns(state))
        statement = select(*columns).where(*tests).order_by(table.c.id)
        rows = self.connection.execute(statement).all()
        return tuple([self._one(state, id, row) for id, *row in rows])

    def _one(self, state: type[S], id: str, row: Sequence[Any]) -> S:
        """The aggregate in a row; what another question brought already is not read twice."""
        found: S | None = self._known.get((state, id))
        if found is None:
            found = self._known[state, id] = self.reader.state_of(state, row)
        return found


def _test(column: ColumnElement[Any], wanted: object) -> ColumnElement[bool]:
    """The test for a value or any of several, which are bound as one: a gate may name hundreds."""
    if isinstance(wanted, frozenset):
        values = sorted(_plain(each) for each in wanted)
        return column.in_(bindparam(None, values, expanding=True, type_=column.type))
    equal: ColumnElement[bool] = column == _plain(wanted)
    return equal


def _plain(value: object) -> Any:
    return getattr(value, "value", value)
