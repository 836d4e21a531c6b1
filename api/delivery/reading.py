"""Reads what numbers on delivery are worked out from: recorded events, as far as one may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, select, union_all

from api.delivery import blockers as delivery_blockers
from api.delivery.cargo import Cargo
from api.delivery.health import environments
from api.delivery.log import MANY, Log
from api.delivery.releases import Own, Stories
from domain.change.state import Change
from domain.delivery import changes, commits, deployments, places, releases
from domain.delivery.happening import Happening, Period, by_subject
from domain.delivery.report import Recorded
from domain.deployment.state import Deployment, Status
from domain.environment.state import Environment
from domain.playbook.aggregate import Playbook, process
from domain.process.cycle import out_of_turn
from domain.release.state import Release
from ledger.store import batches

ARRIVED: Final = "deployment.succeeded"
ENDS: Final = (ARRIVED, "deployment.failed", "deployment.rolled_back")
DEPLOYED: Final = (
    "deployment.requested",
    "deployment.started",
    *ENDS,
    "deployment.observed",
    "deployment.verified",
    deployments.FOUND_BEFORE,
    "deployment.claimed",
)
WEEKS: Final = deployments.WEEKS * deployments.WEEK
AT_ONCE: Final = 50
"""For how many places the next arrivals are looked up in one statement."""


@dataclass(frozen=True)
class Stretch:
    """What is asked about: a service or all, environments, and a period as a part of the log.

    `weeks` is where the weeks begin that tell how often one deploys.
    """

    log: Log
    period: Period
    service: str | None
    there: frozenset[str]
    since: int = field(init=False)
    before: int = field(init=False)
    weeks: int = field(init=False)

    def __post_init__(self) -> None:
        """Find the places in the log."""
        earliest = min(self.period.since, self.period.until - WEEKS)
        for name, at in (
            ("since", self.period.since),
            ("before", self.period.until),
            ("weeks", earliest),
        ):
            object.__setattr__(self, name, self.log.position_at(at))

    @property
    def own(self) -> Own:
        """What the releases of the service delivered there themselves."""
        return Own(self.log, self.service, self.there)

    def of(self, table: Table) -> list[ColumnElement[bool]]:
        """What is of the service."""
        return [] if self.service is None else [table.c.service == self.service]

    @property
    def deployed(self) -> list[ColumnElement[bool]]:
        """The deployments of the service to these environments."""
        table = self.log.table(Deployment)
        return [table.c.environment.in_(sorted(self.there)), *self.of(table)]


def recorded(
    log: Log, period: Period, service: str | None, named: Collection[str] | None
) -> Recorded:
    """What the numbers of a period need of the deliveries of a service, or of all.

    `named` are the environments that count as production; else those of that kind do. Of the log
    is read what lies in the period, all that happened to the same subjects, and what has to be
    looked back for: the weeks that tell how often one deploys, what was running, the last word of
    each monitor, what locks said that were in force, the submissions of what was authorised, and
    the deployments that may have brought the same before, which is none before it was known. A log
    with `past` is read as it stood.

    In some 40 statements, and one more for every 500 subjects that are looked up; a few more for
    each monitor whose environment was unhealthy as the period began or ended.
    """
    earliest = min(period.since, period.until - WEEKS)
    there = production(log, earliest) if named is None else frozenset(named)
    stretch = Stretch(log, period, service, there)
    found = _deployments(stretch)
    cargo = Cargo(log, [each for each in found.values() if _arrived(each, period)])
    earlier = _before(stretch, cargo.known_since, found)
    carried = cargo.after(earlier.values())
    released, bypassing = _released(stretch)
    where = [] if named is None else [log.table(Environment).c.name.in_(sorted(named))]
    under_way, critical = delivery_blockers.under_way(log, stretch.since)
    return Recorded(
        places=there,
        deployments=_in_order(found, earlier),
        changes=[*_changed(stretch), *cargo.finished],
        releases=released,
        environments=environments(log, stretch.since, stretch.before, where),
        carried_changes={id: each.changes for id, each in cargo.brought.items()},
        carried_merges=carried.merges,
        merges={each.subject: each for each in carried.requests if each.kind == commits.MERGED},
        out_of_turn=bypassing,
        carried=carried,
        locks=delivery_blockers.locks(log, stretch.since),
        under_way=under_way,
        critical=critical,
    )


def production(log: Log, since: datetime) -> frozenset[str]:
    """The environments of that kind by what is kept here, and by the playbooks ever in force.

    What a version that was in force after that moment called production is so to the end: what
    went there until a newer one called it something else went to production.
    """
    adopted = log.happenings(Playbook, ("playbook.adopted",))
    ends: dict[str, datetime | None] = {}
    next_of: dict[str, Happening] = {}
    for each in reversed(adopted):
        later = next_of.get(each.facts["name"])
        ends[each.subject] = later.at if later else None
        next_of[each.facts["name"]] = each
    books = log.sight.find(Playbook, set(ends))
    found = {id: process(book.body).releases.environments for id, book in books.items()}
    held = {id for id, until in ends.items() if until is None or until > since}
    declared = (each for id in found.keys() & held for each in found[id])
    formerly = (each for id in found.keys() - held for each in found[id])
    kept = log.happenings(Environment, places.KINDS, place="name")
    return places.production(kept, declared, formerly)


# Deployments.


def _deployments(stretch: Stretch) -> Stories:
    """Those of the period, and those that were running, or came next after a failure."""
    log, where = stretch.log, stretch.deployed
    ids = log.subjects(Deployment, DEPLOYED, stretch.weeks, stretch.before, where)
    found = _stories(stretch, ids | _running(stretch))
    found |= stretch.own.between(stretch.weeks, stretch.before)
    course = deployments.courses(each for mine in found.values() for each in mine)
    waiting = deployments.unrestored(course, stretch.period)
    later = _next(stretch, waiting) if waiting else set()
    found |= stretch.own.after(stretch.before, waiting)
    return found | _stories(stretch, later - found.keys())


def _stories(stretch: Stretch, ids: Collection[str]) -> Stories:
    told = stretch.log.told(Deployment, DEPLOYED, ids, where=stretch.deployed, place="environment")
    return by_subject(told)


def _running(stretch: Stretch) -> set[str]:
    """What was under way at the end of the log, as far as it is looked at."""
    log, table = stretch.log, stretch.log.table(Deployment)
    ids = select(table.c.id).where(log.sight.visible(Deployment), *stretch.deployed)
    running = ids.where(table.c.status == Status.RUNNING)
    found = set(log.sight.connection.execute(running).scalars())
    if log.past:
        found |= log.subjects(Deployment, ENDS, log.until, None, stretch.deployed)
    return found


def _next(stretch: Stretch, waiting: Iterable[deployments.Place]) -> set[str]:
    """The first deployments of a service that arrived at an environment after the period."""
    log, table = stretch.log, stretch.log.table(Deployment)
    events = log.events
    after = (
        select(events.c.subject)
        .select_from(events.join(table, table.c.id == events.c.subject))
        .where(events.c.kind == ARRIVED, events.c.position >= stretch.before)
        .where(events.c.position < log.until, log.sight.visible(Deployment), *stretch.deployed)
        .order_by(events.c.position)
        .limit(deployments.LATER)
    )
    parts = [
        after.where(table.c.environment == place, table.c.service == service).subquery()
        for place, service in sorted(waiting)
    ]
    some = (parts[at : at + AT_ONCE] for at in range(0, len(parts), AT_ONCE))
    statements = (union_all(*(select(part) for part in each)) for each in some)
    return {id for each in statements for id in log.sight.connection.execute(each).scalars()}


def _before(stretch: Stretch, since: int | None, known: Stories) -> Stories:
    """Those that arrived before the period from a place in the log on."""
    if since is None or since >= stretch.since:
        return {}
    where = stretch.deployed
    ids = stretch.log.subjects(Deployment, (ARRIVED,), since, stretch.since, where)
    found = {id: known[id] for id in ids & known.keys()}
    own = stretch.own.arrived(since, stretch.since)
    return found | _stories(stretch, ids - known.keys()) | own


def _arrived(mine: Iterable[Happening], period: Period) -> bool:
    return any(each.kind == ARRIVED and period.holds(each.at) for each in mine)


def _in_order(*stories: Stories) -> list[Happening]:
    every = (each for some in stories for mine in some.values() for each in mine)
    found = {(each.position, each.kind, each.subject): each for each in every}
    return [found[place] for place in sorted(found)]


# What belongs to a service, now or then.


def _changed(stretch: Stretch) -> list[Happening]:
    """What happened to the changes of a service that something happened to in the period."""
    log, service = stretch.log, stretch.service
    where = [] if log.past else stretch.of(log.table(Change))
    ids = log.subjects(Change, changes.KINDS, stretch.since, stretch.before, where)
    found = log.told(Change, changes.KINDS, ids, where=where)
    if service is None or not log.past:
        return found
    contents = (each for each in found if each.kind in ("change.opened", "change.edited"))
    then = {each.subject: each.facts["content"]["service"] for each in contents}
    return [each for each in found if then.get(each.subject) == service]


def _released(stretch: Stretch) -> tuple[list[Happening], frozenset[str]]:
    """What happened to the releases of a service in the period, and which went out of turn.

    Each event has the service as its place. What arrived later took the place of what is observed.
    """
    log, table = stretch.log, stretch.log.table(Release)
    where = [] if log.past else stretch.of(table)
    observed = log.position_at(stretch.period.until + releases.WINDOW)
    ids = log.subjects(Release, releases.KINDS, stretch.since, observed, where)
    found = log.told(Release, releases.KINDS, ids, where=where, place="service")
    if not log.past:
        return found, _out_of_turn(log, _hurried(log, ids))
    stood = log.sight.reader.stood(log.sight.connection, Release, ids, log.until)
    service = stretch.service
    mine = {id: each for id, each in stood.items() if service in (None, each.plan.service)}
    told = [
        (id, each.playbook, each.kind, each.plan.short_circuit is not None)
        for id, each in mine.items()
    ]
    then = [replace(e, place=mine[e.subject].plan.service) for e in found if e.subject in mine]
    return then, _out_of_turn(log, told)


def _hurried(log: Log, ids: Collection[str]) -> list[Any]:
    """Of each release its playbook and kind, and whether it could not wait."""
    table = log.table(Release)
    columns = (table.c.id, table.c.playbook, table.c.kind, table.c.short_circuited)
    seen = select(*columns).where(log.sight.visible(Release))
    if len(ids) > MANY:
        return list(log.sight.connection.execute(seen))
    return [
        row
        for some in batches(ids)
        for row in log.sight.connection.execute(seen.where(table.c.id.in_(some)))
    ]


def _out_of_turn(log: Log, told: Sequence[Any]) -> frozenset[str]:
    """Those of these releases, each with its playbook and kind, and whether it could not wait."""
    books = log.sight.find(Playbook, {book for _, book, _, _ in told})
    cycles = {id: process(book.body).cycles for id, book in books.items()}
    return frozenset(
        id
        for id, book, kind, hurried in told
        if out_of_turn(cycles.get(book, ()), kind, hurried=hurried) is not None
    )
