"""Reads what numbers on delivery are worked out from: recorded events, as far as one may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, select

from api.delivery_log import Log
from api.visibility import Sight
from domain.change.state import Change
from domain.cycle import out_of_turn
from domain.delivery import blockers, carrying, changes, commits, places, releases
from domain.delivery.commits import Carried
from domain.delivery.happening import Happening
from domain.delivery.report import Recorded
from domain.deployment.state import Deployment
from domain.environment.state import Environment
from domain.inclusion import Inclusion
from domain.merge_request.state import MergeRequest
from domain.package import Package
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
MERGED: Final = "merge_request.merged"


def recorded(
    sight: Sight, until: int, service: str | None, named: Collection[str] | None, *, past: bool
) -> Recorded:
    """What is known of the deliveries of a service, or of all.

    In eleven statements, and a few for every 500 packages, commits and merge requests that were
    brought. `named` are the environments that count as production; else those of that kind do. With
    `past` everything is told as it stood before `until`.
    """
    log = Log(sight, until, past=past)
    there = _production(log) if named is None else frozenset(named)
    deployed = _table(sight, Deployment)
    where = [deployed.c.environment.in_(sorted(there)), *_of(deployed, service)]
    found = log.happenings(Deployment, DEPLOYED, where, "environment")
    tied = log.happenings(Change, TIED)
    brought = carrying.brought(found, tied, _items(log, found))
    carried = _carried(log, found, brought)
    released, bypassing = _released(log, service)
    watched = [_table(sight, Environment).c.name.in_(sorted(named))] if named is not None else []
    return Recorded(
        places=there,
        deployments=found,
        changes=[*_changed(log, service), *(e for e in tied if e.kind == changes.FINISHED)],
        releases=released,
        environments=log.happenings(Environment, blockers.KINDS, watched, "name"),
        carried_changes={id: each.changes for id, each in brought.items()},
        carried_merges=carried.merges,
        merges={each.subject: each for each in carried.requests if each.kind == MERGED},
        carried=carried,
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


def _carried(
    log: Log, found: Iterable[Happening], brought: Mapping[str, carrying.Brought]
) -> Carried:
    """The commits that came with each deployment that arrived, and what tells of them."""
    wishes = {e.subject: e.facts["wish"] for e in found if e.kind == "deployment.requested"}
    packages = {id: wishes[id]["package"] for id in brought if id in wishes}
    added = log.about(Package, ("package.added",), "id", set(packages.values()))
    built = {each.subject: each.facts["built"]["commit"] for each in added}
    came = {id: set(one.commits) for id, one in brought.items()}
    for id, package in packages.items():
        came[id] |= {built[package]} if package in built else set()
    named = {one for each in came.values() for one in each}
    tied = {one for each in brought.values() for one in each.merges}
    requests = log.about(MergeRequest, commits.KINDS, "id", tied | _merging(log, named))
    merged = {each.subject for each in requests if each.kind == MERGED}
    requests = [each for each in requests if each.subject in tied | merged]
    seen = {each.subject for each in requests}
    return Carried(
        merges={id: each.merges & seen for id, each in brought.items()},
        commits=came,
        requests=requests,
        items=log.about(Inclusion, ("inclusion.added",), "reference", named),
    )


def _merging(log: Log, named: Collection[str]) -> set[str]:
    """The merge requests, as far as they may be known, that merged one of these commits."""
    table = log.table(MergeRequest)
    ids = select(table.c.id).where(log.sight.visible(MergeRequest))
    return {
        id
        for some in batches(named)
        for column in (table.c.head, table.c.merge_commit)
        for id in log.sight.connection.execute(ids.where(column.in_(some))).scalars()
    }


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
