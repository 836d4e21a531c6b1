"""What a whole is recorded to consist of: told with other parts, it is told otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from domain.kernel import Problem

if TYPE_CHECKING:
    from api.importing.claiming import Claim, Entry
    from ledger.store import Reader


@dataclass(frozen=True, slots=True)
class Parts:
    """What a whole has: records of this kind with its name in `column`, in its `group`.

    In a row they stand at `place`. They are claimed before the whole is, so that none is missing
    once that is recorded.
    """

    state: type
    group: str
    column: str
    place: str


def whole(entry: Entry) -> tuple[Claim, Parts] | None:
    """The claim of what has all the others of its line as parts, if there is one."""
    return next(((each, each.noun.parts) for each in entry.claims if each.noun.parts), None)


def told(entry: Entry) -> dict[str, frozenset[str]]:
    """What a line tells that a whole consists of, by the ids of both."""
    if (found := whole(entry)) is None:
        return {}
    head, _ = found
    return {head.id: frozenset(each.id for each in entry.claims if each is not head)}


def recorded(
    reader: Reader, connection: Connection, entries: Iterable[Entry], known: Mapping[str, Any]
) -> dict[str, frozenset[str]]:
    """The same as it is recorded, of every whole that is `known`."""
    groups: dict[tuple[Parts, str], dict[str, str]] = {}
    for head, parts in filter(None, map(whole, entries)):
        if head.id in known:
            group, name = (str(getattr(head.told, each)) for each in (parts.group, parts.column))
            groups.setdefault((parts, group), {})[name] = head.id
    found: dict[str, set[str]] = {id: set() for ids in groups.values() for id in ids.values()}
    for (parts, group), ids in groups.items():
        table = reader.snapshot(parts.state)
        mine, column = table.c[parts.group] == group, table.c[parts.column]
        statement = select(column, table.c.id).where(mine, column.in_(sorted(ids)))
        for name, id in connection.execute(statement):
            found[ids[name]].add(id)
    return {id: frozenset(each) for id, each in found.items()}


def compared(entry: Entry, before: Mapping[str, frozenset[str]]) -> list[Problem]:
    """Nothing if it has the parts that it had before, or was not told of before."""
    found = whole(entry)
    if found is None:
        return []
    head, parts = found
    now = told(entry)[head.id]
    if before.get(head.id, now) == now:
        return []
    message = f"This {head.noun.called} is recorded already, with other {parts.place} than here."
    return [Problem("claimed_differently", message, (*head.place, parts.place))]
