"""Whether a stored event names a record in a field of its own, asked of the bytes it is kept as."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _Holds(FunctionElement[bool]):
    """Whether bytes hold a text."""

    inherit_cache = True
    name = "holds"
    type = Boolean()


def tells(facts: ColumnElement[bytes], field: str, id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the facts of an event name this id in a field of theirs; they are canonical JSON."""
    return _Holds(facts, literal(f'"{field}":"') + id + literal('"'))


@compiles(_Holds, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    facts, text = (compiler.process(each, **more) for each in element.clauses)
    return f"(instr({facts}, CAST({text} AS BLOB)) > 0)"


@compiles(_Holds, "postgresql")
def _in_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    facts, text = (compiler.process(each, **more) for each in element.clauses)
    return f"(position(convert_to({text}, 'UTF8') in {facts}) > 0)"
