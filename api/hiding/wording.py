"""Conditions in words that both databases answer quickly."""

from __future__ import annotations

from functools import cache, lru_cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Text,
    bindparam,
    case,
    false,
    literal_column,
)

Predicate = ColumnElement[bool]
READERS = 4096
"""Readers whose value is kept."""
_ONE = literal_column("1", Integer)
_NONE = literal_column("0", Integer)


def when(near: Predicate, test: Predicate) -> Predicate:
    """That both hold; of others than those that are near nothing is looked up.

    In what is selected SQLite works out either side of an `and`, whatever the first one says.
    """
    return case((near, test), else_=false())


def all_but(test: Predicate) -> Predicate:
    """All but what passes a test that hardly anything passes; where nothing is known it does not.

    Worded as what differs from a number, of which PostgreSQL takes it that nearly all does: of what
    is not in a set it takes it that half is, and would rather sort a whole table than read a page.
    """
    return case((test, _ONE), else_=_NONE) != _ONE


@cache
def spelled(name: str) -> ColumnElement[str]:
    """One of our own names as it stands in a statement, where nothing has to be bound."""
    if not name.replace(".", "").isidentifier():
        raise ValueError(f"{name!r} is no name of ours")
    return literal_column(f"'{name}'", Text)


@cache
def number(value: int) -> ColumnElement[int]:
    """One of our own numbers as it stands in a statement."""
    return literal_column(f"{value:d}", Integer)


@lru_cache(maxsize=READERS)
def reader(principal: str) -> BindParameter[str]:
    """Who reads, bound once for a statement, however often it says so.

    The driver of PostgreSQL takes a long statement apart at its values each time it is asked.
    """
    return bindparam("reader", principal, Text, unique=True)
