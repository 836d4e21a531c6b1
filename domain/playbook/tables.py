"""Reads arrays of named tables of a playbook, whose names must differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import TypeVar

from domain.playbook.toml_lines import Path
from domain.playbook.toml_table import Table

T = TypeVar("T")


def each(owner: Table, key: str, read: Callable[[Table], T]) -> tuple[T, ...]:
    """Every table of an array, read and closed; their names must differ."""
    tables = owner.tables(key)
    names = Counter(str(table.rest.get("name")) for table in tables if table.has("name"))
    for table in tables:
        name = str(table.rest.get("name"))
        if names[name] > 1:
            table.note("name", f"{key} {name!r} is there {names[name]} times")
    found = tuple(read(table) for table in tables)
    for table in tables:
        table.close()
    return found


def known(
    table: Table, key: str, words: Collection[str], what: str, named: Path | None = None
) -> tuple[str, ...]:
    """A list of names that must be among `words`; `what` says in one word what they name.

    `named` is where these get their names: where one is at fault there, any may be meant.
    """
    names = table.names(key)
    if _unsure(table, named):
        return names
    for position, name in enumerate(names):
        path = (*table.path, key, position)
        if name not in words and path not in table.faults.paths:
            table.faults.note(path, f"there is no {what} {name!r}")
    return names


def among(
    table: Table, key: str, words: Collection[str], what: str, named: Path | None = None
) -> str | None:
    """A name that must be among `words`, or None when the key is not there; `named` as above."""
    if not table.has(key):
        return None
    name = table.name(key)
    if name and name not in words and not (table.spoilt(key) or _unsure(table, named)):
        table.note(key, f"there is no {what} {name!r}")
    return name


def _unsure(table: Table, named: Path | None) -> bool:
    return named is not None and table.faults.spoilt(named, "name")
