"""Painting what a batch decided, and whether it changes what hides: readers gather it anew then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

from domain.belonging import ABOUT, ALONG, BELONGING, CARRIED, OWN
from domain.grant.state import Scope
from domain.kernel import Audience
from ledger import codec
from ledger.recording import paint
from ledger.registry import Registry
from ledger.view import View, column_value
from ledger.writes import Writes

Key = tuple[str, str]
States = Mapping[Key, Any]
UNKNOWN: Final = object()


def paint_decided(registry: Registry, view: View, writes: Writes) -> None:
    """Add what a batch has changed of the snapshots to what it writes, by the one way there is.

    If anything hides otherwise then, the head says so in the same transaction.
    """
    if moves(registry, view.stored, view.decided):
        writes.head = replace(writes.head, hiding=writes.events[-1].id)
    for key, state in view.decided.items():
        aggregate, known = registry.by_name[key[0]], view.beside.get(key, {})
        view.beside[key] = paint(aggregate, view.stored.get(key), state, writes, known)


def moves(registry: Registry, stored: States, decided: States) -> bool:
    """Whether by what was decided anything hides, or hides no more, or does so from others.

    `stored` is how things stood, and need not hold more than was looked at: what is not in it may
    be hidden.
    """
    return any(
        _moves(registry.by_name[key[0]], stored.get(key, UNKNOWN), state, stored, decided)
        for key, state in decided.items()
    )


def _moves(aggregate: Any, before: Any, after: Any, stored: States, decided: States) -> bool:
    columns = hides_by(aggregate)
    if not columns or before is UNKNOWN:
        return bool(columns)
    owners = {*_owners(aggregate, before), *_owners(aggregate, after)}
    known = (_known(each, stored, decided) for each in owners)
    if not any(map(_secret, (before, after, *known))):
        return False
    return _told(aggregate, columns, before) != _told(aggregate, columns, after)


@cache
def hides_by(aggregate: Any) -> tuple[str, ...]:
    """The columns by which records of a kind hide, and from whom; none where they never do."""
    name = aggregate.name
    if aggregate.audience is not Audience.EMBARGOED and name not in BELONGING:
        return ()
    carried = CARRIED[name].whose if name in CARRIED else ()
    along = ALONG.get(name) or ""
    told = {"embargoed", *Scope, *OWN.get(name, ()), *carried, along}
    told |= {*ABOUT.get(name, ()), *BELONGING.get(name, ())}
    return tuple(each.name for each in codec.columns(aggregate) if each.name in told)


def _told(aggregate: Any, columns: tuple[str, ...], state: Any) -> tuple[Any, ...] | None:
    """By what a record hides, None where there is none yet."""
    return None if state is None else tuple(column_value(aggregate, state, e) for e in columns)


def _owners(aggregate: Any, state: Any) -> list[tuple[Key, ...]]:
    """What a record belongs to: each one of these, as an id may be of several kinds."""
    if state is None:
        return []
    return [
        tuple((kind, id) for kind in kinds)
        for column, kinds in BELONGING.get(aggregate.name, {}).items()
        if (id := column_value(aggregate, state, column))
    ]


def _known(owner: tuple[Key, ...], stored: States, decided: States) -> Any:
    """An owner as far as it was looked at; if it is of one kind, it is of no other."""
    found = [decided[e] if e in decided else stored.get(e, UNKNOWN) for e in owner]
    those = [each for each in found if each is not None and each is not UNKNOWN]
    return those[0] if those else UNKNOWN if UNKNOWN in found else None


def _secret(state: Any) -> bool:
    """Whether a record is not certainly in the open, as far as that is its own."""
    return state is UNKNOWN or getattr(state, "embargoed", False) is not False
