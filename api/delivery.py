"""Reads what numbers on delivery are worked out from: recorded events, as far as one may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Table, select

from api.visibility import Sight
from domain.change.state import Change
from domain.cycle import out_of_turn
from domain.delivery import blockers, carrying, changes, places, releases
from domain.delivery.happening import Happening
from domain.delivery.report import Recorded
from domain.deployment.state import Deployment
from domain.environment.state import Environment
from domain.inclusion import Inclusion
from domain.merge_request.state import MergeRequest
from domain.playbook import Playbook, process
from domain.release.state import Release
from ledger.store import batches

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
TIED: Final = (changes.FINISHED, *carrying.TIES)
Where = Sequence[ColumnElement[bool]]
_FACTS: Final = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Log:
    """The events before a position whose subjects may be seen; `past` if more came after it."""

    sight: Sight
    until: int
    past: bool

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
    """What is known of the deliveries of a service, or of all.

    In eleven statements, and one for every 500 merge requests that were brought. `named` are the
    environments that count as production; else those of that kind do. With `past` everything is
    told as it stood before `until`.
    """
    log = Log(sight, until, past=past)
    there = _production(log) if named is None else frozenset(named)
    deployed = _table(sight, Deployment)
    where = [deployed.c.environment.in_(sorted(there)), *_of(deployed, service)]
    found = log.happenings(Deployment, DEPLOYED, where, "environment")
    tied = log.happenings(Change, TIED)
    brought = carrying.brought(found, tied, _items(log, found))
    seen, merged = _merges(log, {one for each in brought.values() for one in each.merges})
    released, bypassing = _released(log, service)
    watched = [_table(sight, Environment).c.name.in_(sorted(named))] if named is not None else []
    return Recorded(
        places=there,
        deployments=found,
        changes=[*_changed(log, service), *(e for e in tied if e.kind == changes.FINISHED)],
        releases=released,
        environments=log.happenings(Environment, blockers.KINDS, watched, "name"),
        carried_changes={id: each.changes for id, each in brought.items()},
        carried_merges={id: each.merges & seen for id, each in brought.items()},
        merges=merged,
        out_of_turn=bypassing,
    )


def _table(sight: Sight, state: type) -> Table:
    return sight.reader.snapshot(state)


def _of(table: Table, service: str | None) -> list[ColumnElement[bool]]:
    return [] if service is None else [table.c.service == service]


def _production(log: Log) -> frozenset[str]:
    return places.production(log.happenings(Environment, places.KINDS, place="name"))


# What deployments brought.


def _items(log: Log, found: Iterable[Happening]) -> list[Happening]:
    """What was put into releases and taken out, if any of these deployments is for one."""
    requests = (each.facts["wish"] for each in found if each.kind == "deployment.requested")
    of_release = any(wish.get("belongs_to") for wish in requests)
    return log.happenings(Inclusion, carrying.ITEMS) if of_release else []


def _merges(log: Log, wanted: Collection[str]) -> tuple[set[str], dict[str, Happening]]:
    """Those of these merge requests that may be known of, and the merges that took place here."""
    sight, table = log.sight, _table(log.sight, MergeRequest)
    seen: set[str] = set()
    for some in batches(wanted):
        ids = select(table.c.id).where(sight.visible(MergeRequest), table.c.id.in_(some))
        seen.update(sight.connection.execute(ids).scalars())
    merges = log.happenings(MergeRequest, ("merge_request.merged",)) if seen else []
    return seen, {each.subject: each for each in merges if each.subject in seen}


# What belongs to a service, now or then.


def _changed(log: Log, service: str | None) -> list[Happening]:
    """What happened to the changes of a service."""
    where = [] if log.past else _of(_table(log.sight, Change), service)
    found = log.happenings(Change, changes.KINDS, where)
    if service is None or not log.past:
        return found
    contents = (each for each in found if each.kind in ("change.opened", "change.edited"))
    then = {each.subject: each.facts["content"]["service"] for each in contents}
    return [each for each in found if then.get(each.subject) == service]


def _released(log: Log, service: str | None) -> tuple[list[Happening], frozenset[str]]:
    """What happened to the releases of a service, and which went out of turn."""
    sight, table = log.sight, _table(log.sight, Release)
    where = [] if log.past else _of(table, service)
    found = log.happenings(Release, releases.KINDS, where)
    if not log.past:
        columns = (table.c.id, table.c.playbook, table.c.kind, table.c.short_circuited)
        seen = select(*columns).where(sight.visible(Release), *where)
        return found, _out_of_turn(sight, sight.connection.execute(seen).all())
    ids = {each.subject for each in found}
    stood = sight.reader.stood(sight.connection, Release, ids, log.until)
    mine = {id: each for id, each in stood.items() if service in (None, each.plan.service)}
    told = [
        (id, each.playbook, each.kind, each.plan.short_circuit is not None)
        for id, each in mine.items()
    ]
    return [each for each in found if each.subject in mine], _out_of_turn(sight, told)


def _out_of_turn(sight: Sight, told: Sequence[Any]) -> frozenset[str]:
    """Those of these releases, each with its playbook and kind, and whether it could not wait."""
    books = sight.find(Playbook, {book for _, book, _, _ in told})
    cycles = {id: process(book.body).cycles for id, book in books.items()}
    return frozenset(
        id
        for id, book, kind, hurried in told
        if out_of_turn(cycles.get(book, ()), kind, hurried=hurried) is not None
    )
