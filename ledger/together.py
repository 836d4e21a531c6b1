"""Several questions to the snapshots at once: each answers a list, and all take one statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, cast

import msgspec
from sqlalchemy import Connection, Dialect, Table, TextClause, text

from domain.sides import Wanted
from ledger.codec import columns, hints
from ledger.registry import Registry
from ledger.tables import Tables

_ID: Final = attrgetter("id")
Known = Mapping[tuple[type, str], Any]
"""The states that were read before, by type and id."""
Form = tuple[tuple[str, str, type], ...]
"""The columns that are asked for, what is bound to each, and what kind of value that is."""
Shape = tuple[tuple[type, Form], ...]
"""What is asked, without the values."""


class But(NamedTuple):
    """Anything but this value, and nothing at all: what has it is known."""

    value: str


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
        shape, given = self._shape(asked)
        found: list[tuple[Any, ...]] = [()] * len(asked)
        for at, told in connection.execute(self._statement(shape), given).all():
            state, _ = asked[at]
            those = sorted(decoder(state)(told), key=_ID)
            found[at] = tuple([known.get((state, each.id)) or each for each in those])
        return found

    def _shape(self, asked: Sequence[Wanted]) -> tuple[Shape, dict[str, Any]]:
        """What is asked, and what is bound; several values that are asked for twice are one."""
        bound: dict[frozenset[Any], str] = {}
        given: dict[str, Any] = {}
        shape: list[tuple[type, Form]] = []
        for at, (state, equal) in enumerate(asked):
            form: list[tuple[str, str, type]] = []
            for name, value in equal.items():
                own = f"{name}_{at}"
                called = bound.setdefault(value, own) if isinstance(value, frozenset) else own
                if called is own:
                    given[own] = self._given(value)
                form.append((name, called, type(value)))
            shape.append((state, tuple(form)))
        return tuple(shape), given

    def _given(self, value: object) -> Any:
        """What is bound for a value; for several one text, however many they are."""
        if not isinstance(value, frozenset):
            return _plain(value.value if isinstance(value, But) else value)
        plain = type(next(iter(value), None)) is str  # of one kind, and mostly ids and hashes
        several = sorted(value) if plain else sorted(map(_plain, value))
        told = msgspec.json.encode(several).decode()
        if self._on_sqlite:
            return told
        return several if "\\" in told else f"{{{told[1:-1]}}}"  # an array, unless in need of care

    def _statement(self, shape: Shape) -> TextClause:
        """The statement for what is asked, whatever the values."""
        if shape not in self._statements:
            parts = [self._sql(at, state, form) for at, (state, form) in enumerate(shape)]
            self._statements[shape] = text(" union all ".join(parts))
        return self._statements[shape]

    def _sql(self, at: int, state: type, form: Form) -> str:
        """One question: its number, and a JSON list of the states, each with its fields by name."""
        aggregate = self.registry.by_state[state]
        table = self.tables.snapshot(aggregate)
        kinds = {each.name: each.kind for each in columns(aggregate)}
        fields = [(name, self._field(table, name, kinds[name])) for name in hints(state)]
        tests = " and ".join(self._test(table, *each) for each in form)
        rows = f"from {self._quoted(table.name)} where {tests}"
        if self._on_sqlite:
            row = ", ".join(f"'{name}', {field}" for name, field in fields)
            return f"select {at} as place, json_group_array(json_object({row})) as told {rows}"
        row = ", ".join(f"{field} as {self._quoted(name)}" for name, field in fields)
        told = "coalesce(cast(json_agg(row) as text), '[]')"
        return f"select {at} as place, {told} as told from (select {row} {rows}) as row"  # noqa: S608  (names of our own tables)

    def _test(self, table: Table, name: str, bound: str, kind: type) -> str:
        """That a column equals what is bound, or any of it, or is anything else."""
        column = self._column(table, name)
        if kind is But:
            return f"{column} {'is not' if self._on_sqlite else 'is distinct from'} :{bound}"
        if kind is not frozenset:
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
def decoder(state: type) -> Callable[[str], Sequence[Any]]:
    """What reads states from a JSON list of them, each with its fields by name."""
    several = cast("Any", list)[state]
    return msgspec.json.Decoder(several).decode


def _plain(value: object) -> Any:
    return value.value if isinstance(value, Enum) else value
