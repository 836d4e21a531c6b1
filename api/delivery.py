"""Reads what numbers on delivery are worked out from: recorded events, as far as one may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Table, and_, or_, select

from api.visibility import Sight
from domain.change.state import Change
from domain.delivery import blockers, changes, releases
from domain.delivery.happening import Happening
from domain.delivery.report import Recorded
from domain.deployment.state import Deployment
from domain.environment.state import Environment
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import MergeRequest
from domain.release.state import Release

PRODUCTION: Final = "production"
"""The kind of environment that counts, unless environments are named."""
DEPLOYED: Final = (
    "deployment.requested",
    "deployment.started",
    "deployment.succeeded",
    "deployment.failed",
    "deployment.rolled_back",
    "deployment.observed",
    "deployment.verified",
    "deployment.claimed",
)
TIED: Final = ("change.finished", "change.linked", "change.unlinked")
Where = Sequence[ColumnElement[bool]]
_FACTS: Final = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Log:
    """The events before a position whose subjects may be seen."""

    sight: Sight
    until: int

    def happenings(
        self, state: type, kinds: Iterable[str], where: Where = (), place: str | None = None
    ) -> list[Happening]:
        """Those of these kinds, in order; `place` is the column that tells where they were."""
        events, table = self.sight.reader.tables.events, self.sight.reader.snapshot(state)
        columns = [events.c[name] for name in ("id", "kind", "subject", "at", "facts", "actor")]
        statement = (
            select(*columns, events.c.outcome, table.c[place or "id"])
            .select_from(events.join(table, table.c.id == events.c.subject))
            .where(
                events.c.kind.in_(tuple(kinds)),
                events.c.position < self.until,
                self.sight.visible(state),
                *where,
            )
            .order_by(events.c.position)
        )
        return [
            _happening(row, placed=place is not None)
            for row in self.sight.connection.execute(statement)
        ]


def _happening(row: Any, *, placed: bool) -> Happening:
    id, kind, subject, at, facts, actor, outcome, place = row
    said = _FACTS.decode(facts) | {"by": actor}
    return Happening(
        id, kind, subject, at, said, place if placed else "", claimed=outcome == "claimed"
    )


def recorded(
    sight: Sight, until: int, service: str | None, named: Collection[str] | None, *, past: bool
) -> Recorded:
    """What is known of the deliveries of a service, or of all, in ten statements at most.

    `named` are the environments that count as production; else those of that kind do. With `past`
    releases are told as they stood before `until`.
    """
    log = Log(sight, until)
    places = _places(sight) if named is None else frozenset(named)
    deployed = _table(sight, Deployment)
    where = [deployed.c.environment.in_(sorted(places)), *_of(deployed, service)]
    found = log.happenings(Deployment, DEPLOYED, where, "environment")
    tied = log.happenings(Change, TIED)
    carried = _carried(log, found, tied)
    released = log.happenings(Release, releases.KINDS, _of(_table(sight, Release), service))
    mine = log.happenings(Change, changes.KINDS, _of(_table(sight, Change), service))
    own = [each for each in mine if each.kind != "change.finished"]
    watched = [_table(sight, Environment).c.name.in_(sorted(named))] if named is not None else []
    return Recorded(
        places=places,
        deployments=found,
        changes=[*own, *(each for each in tied if each.kind == "change.finished")],
        releases=released,
        environments=log.happenings(Environment, blockers.KINDS, watched, "name"),
        carried_changes=carried.changes,
        carried_merges=carried.merges,
        merges=carried.merged,
        hurried=_hurried(log, released, past=past),
    )


def _table(sight: Sight, state: type) -> Table:
    return sight.reader.snapshot(state)


def _of(table: Table, service: str | None) -> list[ColumnElement[bool]]:
    return [] if service is None else [table.c.service == service]


def _places(sight: Sight) -> frozenset[str]:
    rows = sight.connection.execute(sight.select(Environment))
    every = [sight.reader.state_of(Environment, row) for row in rows]
    return frozenset(each.name for each in every if each.plan.kind == PRODUCTION)


# What deployments brought.


@dataclass(frozen=True, slots=True)
class Carried:
    """The changes and merge requests of each deployment, and when the latter were merged."""

    changes: dict[str, frozenset[str]]
    merges: dict[str, frozenset[str]]
    merged: dict[str, Happening]


def _carried(log: Log, found: Iterable[Happening], tied: Iterable[Happening]) -> Carried:
    """By what was requested, by what the release holds, and by the links of the changes."""
    wishes = {
        each.subject: each.facts["wish"] for each in found if each.kind == "deployment.requested"
    }
    items = _items(log, {wish.get("belongs_to") for wish in wishes.values()} - {None})
    seen, merged = _merges(log)
    links = _links(tied)
    brought: dict[str, frozenset[str]] = {}
    merges: dict[str, frozenset[str]] = {}
    for id, wish in wishes.items():
        held = items.get(wish.get("belongs_to"), {})
        brought[id] = frozenset((*wish["changes"], *held.get(ItemKind.CHANGE, ())))
        linked = (one for change in brought[id] for one in links.get(change, ()))
        merges[id] = frozenset((*linked, *held.get(ItemKind.MERGE_REQUEST, ()))) & seen
    return Carried(brought, merges, merged)


def _items(log: Log, of: Collection[str]) -> dict[str | None, dict[str, set[str]]]:
    """What these releases hold, by kind."""
    found: dict[str | None, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    if not of:
        return found
    kinds = ("inclusion.added", "inclusion.removed", "inclusion.added_again")
    put: dict[str, Happening] = {}
    inside: dict[str, bool] = {}
    for each in log.happenings(Inclusion, kinds):
        if each.kind == "inclusion.added":
            put[each.subject] = each
        inside[each.subject] = each.kind != "inclusion.removed"
    for id, added in put.items():
        if inside[id] and added.facts["release"] in of:
            facts = added.facts
            found[facts["release"]][facts["kind"]].add(facts["reference"])
    return found


def _links(tied: Iterable[Happening]) -> dict[str, set[str]]:
    """The merge requests that each change is tied to."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in tied:
        link = each.facts.get("link")
        if link and link["kind"] == "merge_request":
            mine, reference = found[each.subject], link["reference"]
            mine.add(reference) if each.kind == "change.linked" else mine.discard(reference)
    return found


def _merges(log: Log) -> tuple[frozenset[str], dict[str, Happening]]:
    """The merge requests that may be known of, and the merges of those that were merged here."""
    sight, kind = log.sight, "merge_request.merged"
    events, table = sight.reader.tables.events, _table(sight, MergeRequest)
    merge = and_(
        events.c.subject == table.c.id, events.c.kind == kind, events.c.position < log.until
    )
    links, items = sight.reader.tables.rows["change_relations"], _table(sight, Inclusion)
    tied = select(links.c.reference).where(links.c.kind == "merge_request")
    held = select(items.c.reference).where(items.c.kind == ItemKind.MERGE_REQUEST.value)
    statement = (
        select(table.c.id, events.c.id, events.c.at)
        .select_from(table.outerjoin(events, merge))
        .where(sight.visible(MergeRequest), or_(table.c.id.in_(tied), table.c.id.in_(held)))
    )
    seen: set[str] = set()
    merged: dict[str, Happening] = {}
    for id, event, at in sight.connection.execute(statement):
        seen.add(id)
        if event is not None:
            merged[id] = Happening(event, kind, id, at)
    return frozenset(seen), merged


def _hurried(log: Log, released: Iterable[Happening], *, past: bool) -> frozenset[str]:
    """The releases that were not to wait for their date."""
    sight, table = log.sight, _table(log.sight, Release)
    if not past:
        hurried = select(table.c.id).where(sight.visible(Release), table.c.short_circuited)
        return frozenset(sight.connection.execute(hurried).scalars())
    ids = {each.subject for each in released}
    stood = sight.reader.stood(sight.connection, Release, ids, log.until)
    return frozenset(id for id, each in stood.items() if each.plan.short_circuit is not None)
