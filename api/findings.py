"""What findings miss, overrides cover and verdicts come to, as a client can look it up."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, Final

import strawberry
from sqlalchemy import Connection
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.fields import attribute
from api.derived.identity import global_id
from api.hiding.visibility import Sight
from api.subjects import NOUNS
from domain.gate import Reference

Told = list[str] | Awaitable[list[str]]


def _missing(root: Any, info: Info) -> Told:
    """What is not there, in words, and then the records that are in the way."""
    words = list(root.missing)
    return _and_records(words, root.lacking, info) if root.lacking else words


def _records(root: Any, info: Info) -> Told:
    """The records that stood in the way when something was overridden."""
    return _and_records([], root.lacking, info) if root.lacking else []


async def _and_records(words: list[str], lacking: tuple[Reference, ...], info: Info) -> list[str]:
    seen = await info.context.batch(_seen, lacking)
    return [*words, *(global_id(NOUNS[each.noun], each.id) for each in seen)]


def _seen(
    _connection: Connection, sight: Sight, asked: Sequence[tuple[Reference, ...]]
) -> list[tuple[Reference, ...]]:
    """Of these records those that the reader may know of."""
    ids: dict[str, set[str]] = {}
    for each in (one for every in asked for one in every):
        ids.setdefault(each.noun, set()).add(each.id)
    states = {noun: sight.reader.registry.by_name[noun].state for noun in ids}
    seen = {
        noun: frozenset(ids[noun]) if sight.is_open(state) else sight.seen(state, ids[noun])
        for noun, state in states.items()
    }
    return [tuple(each for each in every if each.id in seen[each.noun]) for every in asked]


def _field(name: str, kind: Any, description: str, resolver: Any) -> StrawberryField:
    resolver.__annotations__ = {"root": Any, "info": Info, "return": Any}
    field = strawberry.field(resolver=resolver, description=description)
    field.python_name = name
    field.type_annotation = StrawberryAnnotation(StrawberryList(kind))
    return field  # type: ignore[no-any-return]


ABOUT: Final = (
    "What is not there: in words, or the hash of a commit; and the global ids of the first records "
    "that are in the way, as far as you may see them. The message calls those by their names."
)
OF_COVERED: Final = {
    "records": _field(
        "records",
        strawberry.ID,
        "The global ids of what it was: the lock, the monitor, the environment something was "
        "raised for, the change or the calendar entry.",
        _records,
    ),
}
FIELDS: Final = {"missing": _field("missing", str, ABOUT, _missing)}
OF_VERDICT: Final = {
    "allowed": attribute("allowed", bool, "Whether the gate is open: nothing blocks."),
}
