"""Folding stored events again: a subject's history, its state as of a position, its repainting."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from domain.kernel import Recorded
from ledger.codec import decode_event
from ledger.registry import Registry

EVENT_FIELDS = (
    "kind",
    "facts",
    "id",
    "subject",
    "version",
    "at",
    "actor",
    "behalf",
    "happened",
    "outcome",
)
"""The columns of `events` that a recorded event is made of; a part's name and content follow."""


def recorded_events(
    registry: Registry, rows: Iterable[Any], emptied: Collection[str] = ()
) -> Iterator[Recorded]:
    """The recorded events of rows as `Database.history` answers them, one row per part.

    Parts named in `emptied` read as erased already.
    """
    for first, contents in _gathered(rows):
        kind, facts, id, subject, version, at, actor, behalf, happened, outcome = first
        shown = {name: None if name in emptied else part for name, part in contents.items()}
        yield Recorded(
            event=decode_event(registry.kinds[kind][1], bytes(facts), shown),
            id=id,
            subject=subject,
            version=version,
            at=at,
            by=actor,
            behalf=behalf,
            happened=happened,
            claimed=outcome == "claimed",
        )


def fold(aggregate: Any, events: Iterable[Recorded]) -> Any:
    """The state after these events, None after none."""
    state = None
    for recorded in events:
        state = aggregate.evolve(state, recorded)
    return state


def _gathered(rows: Iterable[Any]) -> Iterator[tuple[Any, dict[str, bytes | None]]]:
    first: Any = None
    contents: dict[str, bytes | None] = {}
    for row in rows:
        *event, name, content = row
        if first is not None and event[2] != first[2]:
            yield first, contents
            contents = {}
        first = event
        if name is not None and name != "sealed":
            contents[name] = None if content is None else bytes(content)
    if first is not None:
        yield first, contents
