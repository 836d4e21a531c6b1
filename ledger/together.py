"""Several questions to the snapshots at once: each answers a list, and all take one statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any, cast

import msgspec
from sqlalchemy import Connection, Dialect, Table, TextClause, text

from domain.sides import Wanted
from ledger.codec import columns, hints
from ledger.registry import Registry
from ledger.tables import Tables

Known = Mapping[tuple[type, str], Any]
"""The states that were read before, by type and id."""
Form = tuple[tuple[str, bool], ...]
"""The columns that are asked for, and whether for several values."""
Shape = tuple[tuple[type, Form], ...]
"""What is asked, without the values."""


def fits(equal: Mapping[str, object]) -> bool:
    """Whether it can be asked with others: by values, and not by moments before or after one."""
    return all(isinstance(each, frozenset | str | int) for each in equal.values())


class Together:
    """Asks one database; it remembers the statement for each shape of what is asked."""

    def __init__(self, registry: Registry, tables: Tables, dialect: Dialect) -> None:
        """Ask the database that speaks this dialect."""
        self.registry, self.tables = registry, tables
        self._quoted = dialect.identifier_preparer.quote
        self._on_sqlite = dialect.name == "sqlite"
        self._statements: dict[Shape, TextClause] = {}

    def answers(
        self, connection: Connection, asked: Sequence[Wanted], known: Known
    ) -> list[tuple[Any, ...]]:
        """For each question the states, in order of id; those that are `known` as they are."""
        shape = tuple((state, _form(equal)) for state, equal in asked)
        given = {
            _bound(at, name): self._given(value)
            for at, (_, equal) in enumerate(asked)
            for name, value in equal.items()
        }
        found: list[list[tuple[str, Any]]] = [[] for _ in asked]
        readers = [(state, decoder(state)) for state, _ in asked]
        for at, id, told in connection.execute(self._statement(shape), given).all():
            state, decode = readers[at]
            found[at].append((id, known.get((state, id)) or state(*decode(told))))
        return [tuple([each for _, each in sorted(those)]) for those in found]

    def _given(self, value: object) -> Any:
        """What is bound for a value; for several one list, however many they are."""
        if not isinstance(value, frozenset):
            return _plain(value)
        plain = type(next(iter(value), None)) is str  # of one kind, and mostly ids and hashes
        several = sorted(value) if plain else sorted(map(_plain, value))
        return msgspec.json.encode(several).decode() if self._on_sqlite else several

    def _statement(self, shape: Shape) -> TextClause:
        """The statement for what is asked, whatever the values."""
        if shape not in self._statements:
            parts = [self._sql(at, state, form) for at, (state, form) in enumerate(shape)]
            self._statements[shape] = text(" union all ".join(parts))
        return self._statements[shape]

    def _sql(self, at: int, state: type, form: Form) -> str:
        """One question: its number, and of each state the id and a JSON list of its fields."""
        aggregate = self.registry.by_state[state]
        table = self.tables.snapshot(aggregate)
        kinds = {each.name: each.kind for each in columns(aggregate)}
        fields = ", ".join(self._field(table, name, kinds[name]) for name in hints(state))
        row = f"cast({'json_array' if self._on_sqlite else 'json_build_array'}({fields}) as text)"
        tests = " and ".join(self._test(table, name, _bound(at, name), n) for name, n in form)
        told = f"{at} as place, {self._column(table, 'id')} as id, {row} as told"
        return f"select {told} from {self._quoted(table.name)} where {tests}"  # noqa: S608  (names of our own tables)

    def _test(self, table: Table, name: str, bound: str, several: bool) -> str:
        """That a column equals what is bound, or any of it."""
        column = self._column(table, name)
        if not several:
            return f"{column} = :{bound}"
        if self._on_sqlite:
            return f"{column} in (select value from json_each(:{bound}))"  # noqa: S608  (a name)
        return f"{column} = any(:{bound})"

    def _field(self, table: Table, name: str, kind: str) -> str:
        """A column as JSON; SQLite keeps JSON as text and what is true as 1."""
        column = self._column(table, name)
        if not self._on_sqlite:
            return column
        if kind == "boolean":
            return f"case {column} when 1 then json('true') when 0 then json('false') end"
        return f"json({column})" if kind == "json" else column

    def _column(self, table: Table, name: str) -> str:
        return f"{self._quoted(table.name)}.{self._quoted(table.c[name].name)}"


@cache
def decoder(state: type) -> Callable[[str], Any]:
    """What reads the fields of a state from a JSON list of them."""
    row = cast("Any", tuple)[tuple(hints(state).values())]
    return msgspec.json.Decoder(row).decode


def _form(equal: Mapping[str, object]) -> Form:
    return tuple((name, isinstance(value, frozenset)) for name, value in equal.items())


def _bound(at: int, name: str) -> str:
    return f"{name}_{at}"


def _plain(value: object) -> Any:
    return value.value if isinstance(value, Enum) else value
