"""SQL text for the drivers, generated from the tables; nothing here talks to a database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table

from ledger import codec
from ledger.tables import Instant, Json
from ledger.writes import HEAD_COLUMNS

HEAD = ", ".join(HEAD_COLUMNS)
EVENT = (
    "position, id, at, happened, kind, aggregate, subject, version, actor, behalf, credential, "
    "request, policy, outcome, sealed, envelope, leaf, facts, salt"
)


MOST_EVENTS = 500
"""What one request may yield; more would let one asker hold everybody up."""


def event_ids(request: str) -> list[str]:
    """The ids that the events of a request have, as many as there can be."""
    return [f"{request}.{ordinal}" for ordinal in range(MOST_EVENTS)]


def state_columns(aggregate: Any) -> tuple[str, ...]:
    """The fields of a state, in the order in which its snapshot is read back."""
    return tuple(codec.hints(aggregate.state))


@lru_cache(maxsize=512)
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


def unnest_insert(table: Table, columns: Sequence[str]) -> str:
    """Insert many rows from one array per column."""
    types = postgresql_types(table)
    arrays = ", ".join(f"%s::{types[name]}[]" for name in columns)
    names = ", ".join(quoted(columns))
    return f"insert into {table.name} ({names}) select * from unnest({arrays})"  # noqa: S608


def unnest_update(table: Table, columns: Sequence[str]) -> str:
    """Set columns of many rows, found by id, from one array per column; id comes first."""
    types = postgresql_types(table)
    arrays = ", ".join(f"%s::{types[name]}[]" for name in ("id", *columns))
    changes = ", ".join(f"{name} = v.{name}" for name in quoted(columns))
    names = ", ".join(quoted(("id", *columns)))
    return (
        f"update {table.name} t set {changes} from unnest({arrays}) v ({names}) "  # noqa: S608
        "where t.id = v.id"
    )


def insert(table: Table, columns: Sequence[str]) -> str:
    """Insert one row, for executemany."""
    marks = ", ".join("?" for _ in columns)
    return f"insert into {table.name} ({', '.join(quoted(columns))}) values ({marks})"  # noqa: S608


def update(table: Table, columns: Sequence[str]) -> str:
    """Set columns of one row, found by id, which comes last; for executemany."""
    changes = ", ".join(f"{name} = ?" for name in quoted(columns))
    return f"update {table.name} set {changes} where id = ?"  # noqa: S608


def quoted(columns: Sequence[str]) -> list[str]:
    """Column names in quotes, since some are words of SQL."""
    return [f'"{name}"' for name in columns]


def array(values: Sequence[Any]) -> str:
    """A PostgreSQL array literal; building it is ten times cheaper than the driver's list dump."""
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is bool:
        return "t" if value else "f"
    if kind is bytes:
        return f'"\\\\x{value.hex()}"'
    text: str = value if kind is str else value.isoformat()
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
