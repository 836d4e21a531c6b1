"""Which adopted playbook, and which kind in it, a request names; noted with all else it lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from domain.kernel import Problems, Records
from domain.playbook.aggregate import Playbook, adopted, process
from domain.process.process import Process

K = TypeVar("K")


def book_named(
    problems: Problems, records: Records, name: str, path: str = "playbook"
) -> Playbook | None:
    """The version of this name that is in force; noted where there is none."""
    found = adopted(records, name)
    message = "No playbook of this name is adopted."
    problems.unless(found, "unknown_playbook", message, path)
    return found


def kind_named(
    problems: Problems,
    book: Playbook | None,
    noun: str,
    find: Callable[[Process], K | None],
    path: str = "kind",
) -> K | None:
    """The kind that is found in the playbook; noted where that has none, unless it is missing."""
    if book is None:
        return None
    found = find(process(book.body))
    problems.unless(found, "unknown_kind", f"The playbook has no such kind of {noun}.", path)
    return found
