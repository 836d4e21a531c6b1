"""How often the regular process was bypassed, also by what was given up once it had gone out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from sqlalchemy import ColumnElement, func, select

from api.delivery.log import Log
from api.hiding.visibility import Sight
from domain.calendar.entry_state import CalendarEntry, MovedDate
from domain.delivery.releases import arrived
from domain.environment.state import Environment
from domain.playbook.aggregate import Playbook, process
from domain.process.cycle import out_of_turn
from domain.process.process import Process
from domain.process.release import EnvironmentKind, ReleaseStatus
from domain.release.state import Release

SETTLED: Final = ("release.deployment_settled", "release.deployment_counted")


@dataclass(frozen=True, slots=True)
class ShortCircuitKind:
    """How many releases went out of turn in one way."""

    kind: Annotated[str, "The kind of fix; `short_circuit` for one that did not wait its turn."]
    releases: Annotated[int, "How many."]


@dataclass(frozen=True, slots=True)
class ShortCircuits:
    """How often the regular process was bypassed, of how many releases (S4-17)."""

    releases: Annotated[
        int, "How many releases were opened, without those given up before they were out."
    ]
    bypassed: Annotated[int, "How many of them went out of turn."]
    by_kind: Annotated[tuple[ShortCircuitKind, ...], "In which ways, in order of name."]
    moved_dates: Annotated[
        int, "How many dates in the period of its cadences, of whatever service, others agreed on."
    ]
    moved_earlier: Annotated[int, "How many of these come before their rule has them."]


def versions_of(sight: Sight, name: str) -> Any:
    """Every version of the playbook of this name."""
    table = sight.reader.snapshot(Playbook)
    return select(table.c.id, table.c.body).where(table.c.name == name).subquery()


def bypasses(
    sight: Sight, playbook: str, service: str | None, since: datetime, until: datetime
) -> ShortCircuits:
    """Counts the releases opened in the period under any version of the playbook."""
    table, versions = sight.reader.snapshot(Release), versions_of(sight, playbook)
    rows = sight.connection.execute(select(versions)).all()
    bodies = {row.id: process(row.body) for row in rows}
    where = [
        sight.visible(Release),
        table.c.playbook.in_(sorted(bodies)),
        table.c.opened_at >= since,
        table.c.opened_at < until,
    ]
    if service is not None:
        where.append(table.c.service == service)
    counts: Counter[str | None] = Counter()
    for (id, kind, hurried), number in _counted(sight, bodies, where).items():
        counts[out_of_turn(bodies[id].cycles, kind, hurried=hurried)] += number
    ways = sorted(way for way in counts if way is not None)
    out = tuple(ShortCircuitKind(way, counts[way]) for way in ways)
    dates = _moved(sight, playbook, since, until)
    bypassed = sum(each.releases for each in out)
    earlier = sum(each.earlier for each in dates)
    return ShortCircuits(counts.total(), bypassed, out, len(dates), earlier)


def _moved(sight: Sight, playbook: str, since: datetime, until: datetime) -> list[MovedDate]:
    """The dates that were moved or dropped, and not put back, by when their rule has them."""
    entries = sight.records.find(CalendarEntry, playbook=playbook, active=True)
    dates = (each.date for each in entries if each.date is not None)
    return [each for each in dates if since <= each.planned_at < until]


Sort = tuple[str, str, bool]
"""By what releases are told apart: the playbook, the kind, and whether it could not wait."""


def _counted(
    sight: Sight, bodies: Mapping[str, Process], where: Collection[ColumnElement[bool]]
) -> Counter[Sort]:
    """How many there are of each sort; of what was given up only what was out before."""
    table = sight.reader.snapshot(Release)
    by = (table.c.playbook, table.c.kind, table.c.short_circuited)
    aborted = table.c.status == ReleaseStatus.ABORTED.value
    kept = select(*by, func.count()).where(*where, ~aborted).group_by(*by)
    counts: Counter[Sort] = Counter()
    for book, kind, hurried, number in sight.connection.execute(kept):
        counts[book, kind, bool(hurried)] += number
    rows = sight.connection.execute(select(table.c.id, *by).where(*where, aborted)).all()
    out = _out(sight, {id: (bodies[book], kind) for id, book, kind, _ in rows})
    counts.update((book, kind, bool(hurried)) for id, book, kind, hurried in rows if id in out)
    return counts


def _out(sight: Sight, releases: Mapping[str, tuple[Process, str]]) -> set[str]:
    """Which of the releases arrived where people use them.

    What its kind brings to no such place is out wherever it goes.
    """
    log = Log(sight, sight.reader.head(sight.connection).size, past=False)
    told = arrived(log.told(Release, SETTLED, releases)) if releases else ()
    return {id for id, where in told if where in _ends(sight, *releases[id])}


def _ends(sight: Sight, book: Process, kind: str) -> Collection[str]:
    named = book.releases.kind(kind)
    places = named.environments if named else ()
    used = [each for each in places if _in_use(sight, book, each)]
    return used or places


def _in_use(sight: Sight, book: Process, where: str) -> bool:
    """Whether it is production, by the playbook or as it is kept."""
    kept = sight.records.find(Environment, name=where)
    declared = book.releases.environment(where)
    kinds = {each.plan.kind for each in kept} | ({declared.kind} if declared else set())
    return EnvironmentKind.PRODUCTION in kinds
