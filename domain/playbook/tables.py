"""Reads arrays of named tables of a playbook, whose names must differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import TypeVar

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


def known(table: Table, key: str, words: Collection[str], what: str) -> tuple[str, ...]:
    """A list of names that must be among `words`; `what` says in one word what they name."""
    names = table.names(key)
    for position, name in enumerate(names):
        if name not in words:
            path = (*table.path, key, position)
            table.faults.note(path, f"there is no {what} {name!r}")
    return names


def among(table: Table, key: str, words: Collection[str], what: str) -> str | None:
    """A name that must be among `words`, or None when the key is not there."""
    if not table.has(key):
        return None
    name = table.name(key)
    if name and name not in words:
        table.note(key, f"there is no {what} {name!r}")
    return name
