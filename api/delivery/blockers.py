"""Reads the locks that were in force, and the changes under way that keep deployments away."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, TypeVar

from sqlalchemy import or_, select

from api.delivery.log import Log
from domain.change.state import ENDED, Change, Status
from domain.delivery.intervals import Stage
from domain.lock.state import Lock
from domain.playbook.aggregate import Playbook, process

S = TypeVar("S")
Kinds = frozenset[tuple[str, str]]
"""Kinds of change, each with the playbook it is of."""
MOVES: Final = (
    "change.started",
    "change.glass_broken",
    "change.finished",
    "change.held",
    "change.resumed",
    "change.cancelled",
)
"""The events that say that a change is under way, or is so no more."""
BEGUN: Final = MOVES[:2]
"""Those by which it begins."""
OVER: Final = sorted(ENDED | {Status.REVIEW})


def locks(log: Log, since: int) -> list[list[Stage[Lock]]]:
    """Those that had not ended before a place in the log, each as it stood from event to event."""
    table, events = log.table(Lock), log.events
    began = select(events.c.at).where(events.c.position == since).scalar_subquery()
    lasted = or_(table.c.ended_at.is_(None), table.c.ended_at >= began)
    ids = select(table.c.id).where(log.sight.visible(Lock), lasted)
    return stages(log, Lock, log.sight.connection.execute(ids).scalars().all())


def under_way(log: Log, since: int) -> tuple[list[list[Stage[Change]]], Kinds]:
    """The changes of kinds that block deployments that had begun by a place in the log or later.

    Each as it stood from event to event; and these kinds.
    """
    table, events = log.table(Change), log.events
    told = select(table.c.id, table.c.playbook, table.c.kind).where(log.sight.visible(Change))
    moved = (
        told.distinct()
        .select_from(events.join(table, table.c.id == events.c.subject))
        .where(events.c.kind.in_(MOVES), events.c.position >= since)
    )
    begun = (
        told.distinct()
        .select_from(events.join(table, table.c.id == events.c.subject))
        .where(events.c.kind.in_(BEGUN), table.c.status.not_in(OVER))
    )
    rows = log.sight.connection.execute(moved.union(begun)).all()
    kinds = blocking(log, {book for _, book, _ in rows})
    found = [id for id, book, kind in rows if (book, kind) in kinds]
    return stages(log, Change, found), kinds


def blocking(log: Log, books: Collection[str]) -> Kinds:
    """The kinds of change of these playbooks that keep deployments away while under way."""
    found = log.sight.find(Playbook, books).values() if books else ()
    kinds = ((each.id, kind) for each in found for kind in process(each.body).kinds)
    return frozenset((book, each.name) for book, each in kinds if each.blocks_deployments)


def stages(log: Log, state: type[S], ids: Collection[str]) -> list[list[Stage[S]]]:
    """How each of these stood from event to event, up to the end of the log as it is looked at."""
    reader = log.sight.reader
    found: dict[str, list[Stage[S]]] = {}
    for each, stood in reader.stages(log.sight.connection, state, ids, log.until):
        found.setdefault(each.subject, []).append(Stage(each.id, each.at, stood))
    return list(found.values())
