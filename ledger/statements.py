"""SQL text for the drivers, generated from the tables; nothing here talks to a database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import Table

from domain.sides import After, Before
from ledger import codec
from ledger.tables import Instant, Json
from ledger.writes import HEAD_COLUMNS

HEAD = ", ".join(HEAD_COLUMNS)
MOST_EVENTS = 5_000
"""What any one request may yield, such as a publication; others are held to less."""


RECORDED = (  # filled in by the drivers, in their own ways
    "select e.request, e.position, e.id, e.subject, e.version from events f join events e "  # noqa: S608
    "on e.request = f.request and e.position >= f.position and e.position < f.position + "
    f"{MOST_EVENTS} where f.id {{}} order by e.position"
)
"""The events of requests whose first events have these ids; they stand side by side."""

ATTEMPT = (
    "insert into replies (actor, action, key, request, asked, subject, version, events, at) "
    "values ('', '', '', '', {}, '', 0, 0, '0001-01-01T00:00:00.000000Z')"
)
"""What a driver writes to see whether it can, and undoes: a reply to nobody, with these bytes."""


def state_columns(aggregate: Any) -> tuple[str, ...]:
    """The fields of a state, in the order in which its snapshot is read back."""
    return tuple(codec.hints(aggregate.state))


@cache
def postgresql_types(table: Table) -> dict[str, str]:
    """The PostgreSQL type of each column, for explicit casts of parameters."""
    return {column.name: _postgresql_type(column.type) for column in table.columns}


def _postgresql_type(kind: Any) -> str:
    if isinstance(kind, Instant):
        return "timestamptz"
    if isinstance(kind, Json):
        return "jsonb"
    names = {
        "Text": "text",
        "BigInteger": "bigint",
        "Integer": "integer",
        "SmallInteger": "smallint",
        "Boolean": "boolean",
        "LargeBinary": "bytea",
    }
    return names[type(kind).__name__]


@cache
def unnest_insert(table: Table, columns: tuple[str, ...]) -> str:
    """Insert many rows from one array per column."""
    types = postgresql_types(table)
    arrays = ", ".join(f"${at}::{types[name]}[]" for at, name in enumerate(columns, 1))
    names = ", ".join(quoted(columns))
    return f"insert into {table.name} ({names}) select * from unnest({arrays})"  # noqa: S608


@cache
def unnest_update(table: Table, columns: tuple[str, ...]) -> str:
    """Set columns of many rows, found by id, from one array per column; id comes first."""
    types = postgresql_types(table)
    arrays = ", ".join(f"${at}::{types[name]}[]" for at, name in enumerate(("id", *columns), 1))
    changes = ", ".join(f"{name} = v.{name}" for name in quoted(columns))
    names = ", ".join(quoted(("id", *columns)))
    return (
        f"update {table.name} t set {changes} from unnest({arrays}) v ({names}) "  # noqa: S608
        "where t.id = v.id"
    )


@cache
def head_update(table: Table) -> str:
    """Set every column of the head, in the order of HEAD_COLUMNS."""
    types = postgresql_types(table)
    changes = ", ".join(f"{name} = ${at}::{types[name]}" for at, name in enumerate(HEAD_COLUMNS, 1))
    return f"update head set {changes} where id = 1"  # noqa: S608


@cache
def insert(table: Table, columns: tuple[str, ...]) -> str:
    """Insert one row, for executemany."""
    marks = ", ".join("?" for _ in columns)
    return f"insert into {table.name} ({', '.join(quoted(columns))}) values ({marks})"  # noqa: S608


@cache
def update(table: Table, columns: tuple[str, ...]) -> str:
    """Set columns of one row, found by id, which comes last; for executemany."""
    changes = ", ".join(f"{name} = ?" for name in quoted(columns))
    return f"update {table.name} set {changes} where id = ?"  # noqa: S608


def equalities(table: Table, equal: Mapping[str, Any]) -> str:
    """The test that columns equal values, with $1, $2 for those that are not None.

    Not `is not distinct from`, for which PostgreSQL uses no index.
    """
    types = postgresql_types(table)
    numbers = count(1)

    def test(name: str, value: Any) -> str:
        if value is None:
            return f'"{name}" is null'
        if isinstance(value, frozenset):
            return f'"{name}" = any(${next(numbers)}::{types[name]}[])'
        if isinstance(value, Before | After):
            sign = "<" if isinstance(value, Before) else ">"
            return f'"{name}" {sign} ${next(numbers)}::{types[name]}'
        return f'"{name}" = ${next(numbers)}::{types[name]}'

    return " and ".join(test(name, value) for name, value in equal.items()) or "true"


def bound(table: Table, equal: Mapping[str, Any]) -> list[str | None]:
    """The values that `equalities` numbers, as PostgreSQL spells them."""
    types = postgresql_types(table)
    return [
        array(sorted(value), types[name]) if isinstance(value, frozenset) else _scalar(bare(value))
        for name, value in equal.items()
        if value is not None
    ]


def bare(value: Any) -> Any:
    """The moment that a column is compared with, or the value that it is to equal."""
    return value.at if isinstance(value, Before | After) else value


def quoted(columns: Sequence[str]) -> list[str]:
    """Column names in quotes, since some are words of SQL."""
    return [f'"{name}"' for name in columns]


def scalars(values: Iterable[Any]) -> list[str | None]:
    """Single values as PostgreSQL spells them."""
    return [None if value is None else _scalar(value) for value in values]


def _scalar(value: Any) -> str:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def arrays(types: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """One PostgreSQL array literal per column, given the columns' types and the rows.

    Spelling them here is ten times cheaper than the driver's own way with lists.
    """
    columns = zip(*rows, strict=True)
    return tuple([array(column, kind) for kind, column in zip(types, columns, strict=True)])


def array(values: Sequence[Any], kind: str) -> str:
    """A PostgreSQL array literal of values of one type; what repeats is spelled once."""
    spell = _SPELLERS[kind]
    if len(values) > 1 and values.count(values[0]) == len(values):
        return "{" + ",".join([_elements(values[:1], spell)] * len(values)) + "}"
    return "{" + _elements(values, spell) + "}"


def _elements(values: Sequence[Any], spell: Callable[[Sequence[Any]], str]) -> str:
    if None in values:
        return ",".join(["NULL" if one is None else spell((one,)) for one in values])
    return spell(values)


def _texts(values: Sequence[str]) -> str:
    """Texts in quotes; looked at one by one only if some of them needs an escape."""
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        escaped = [one.replace("\\", "\\\\").replace('"', '\\"') for one in values]
        joined = '","'.join(escaped)
    return f'"{joined}"' if values else ""


def _bytes(values: Sequence[bytes]) -> str:
    return ",".join([f'"\\\\x{one.hex()}"' for one in values])


def _moments(values: Sequence[datetime]) -> str:
    return ",".join([f'"{one.isoformat()}"' for one in values])


def _numbers(values: Sequence[Any]) -> str:
    """Numbers and truths, which need no quotes."""
    return ",".join([str(one) for one in values])


_SPELLERS: dict[str, Callable[[Sequence[Any]], str]] = {
    "text": _texts,
    "jsonb": _texts,
    "bytea": _bytes,
    "timestamptz": _moments,
    "boolean": _numbers,
    "bigint": _numbers,
    "integer": _numbers,
    "smallint": _numbers,
}
