"""Numbers over ten years of daily deployments, beside the plain statement that they need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any, Final

from sqlalchemy import Connection, insert, select, text, update

from api.context import new_id
from api.deployment import TABLES
from api.machine.installation import Desk, Installation
from benchmarks import places
from benchmarks.figures import Figure, against
from benchmarks.inbox import copy_table
from benchmarks.organisation import SERVICES, Organisation
from benchmarks.places import Place
from benchmarks.sizes import Size
from benchmarks.through_schema import through_schema
from domain.environment.state import Health, Plan
from ledger.databases import admin_engine
from ledger.store import Reader
from tests.api.counted import statements

DAYS: Final = 3_652
MONTH: Final = timedelta(days=30)
WHERE: Final = "production"
ASKED: Final = 5
DOCUMENT: Final = """
query DeliveryReport($since: DateTime!, $until: DateTime!) {
  deliveryReport(since: $since, until: $until) {
    deploymentFrequency { value } failureRatePerDeployment { count numerator }
    deploymentSlo { numerator } timeToRestore { value } deploymentBand blockerHours { cause }
  }
}
"""
PLAIN: Final = """
select e.subject,
  min(case when e.kind = 'deployment.started' then e.at end),
  min(case when e.kind = 'deployment.succeeded' then e.at end),
  min(case when e.kind = 'deployment.failed' then e.at end)
from deployments d join events e on e.aggregate = 'deployment' and e.subject = d.id
where d.environment = :place
  and e.kind in ('deployment.started', 'deployment.succeeded', 'deployment.failed')
  and e.position >= :since and e.position < :until
group by e.subject
"""
Ask = Callable[[], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked for, by whom, and what it is called."""

    name: str
    since: datetime
    until: datetime
    person: str


def measure(size: Size, server: str) -> Iterator[Figure]:
    """The report on delivery through the schema, on both databases."""
    for place in places.each(server):
        yield from _measured(place, min(DAYS, size.changes), size)


def _measured(place: Place, days: int, size: Size) -> Iterator[Figure]:
    with places.founded(place) as desk:
        installation = Installation.open(place.settings)
        try:
            for asking in _deployed(place, desk, days):
                yield _figure(place, installation.reader, asking, size)
        finally:
            installation.close()


def _figure(place: Place, reader: Reader, asking: Asking, size: Size) -> Figure:
    ours, plain = _through_schema(reader, asking), _by_hand(reader, asking)
    assert ours() == plain(), "the two answers differ"
    with statements(reader.engine) as seen:
        ours()
    rounds = [[_timed(each) for each in (ours, plain)] for _ in range(size.rounds)]
    mine, theirs = ([times[at] for times in rounds] for at in (0, 1))
    name, note = asking.name, f"all numbers, {len(seen)} statements; by hand three of them"
    return against(name, place.kind, mine, "ms", theirs, "one statement", at_most=True, note=note)


def _timed(ask: Ask) -> float:
    took: list[float] = []
    for _ in range(ASKED):
        started = perf_counter()
        ask()
        took.append((perf_counter() - started) * 1000)
    return median(took)


def _through_schema(reader: Reader, asking: Asking) -> Ask:
    period = {"since": asking.since.isoformat(), "until": asking.until.isoformat()}
    found = through_schema(reader, asking.person, DOCUMENT, **period)

    def ask() -> tuple[int, int]:
        answer = asyncio.run(found())["deliveryReport"]
        failed = answer["failureRatePerDeployment"]["numerator"]
        return int(answer["deploymentFrequency"]["value"]), failed

    return ask


def _by_hand(reader: Reader, asking: Asking) -> Ask:
    with reader.connection() as connection:
        ends = ("since", asking.since), ("until", asking.until)
        given = {name: reader.position_at(connection, at) for name, at in ends}

    def ask() -> tuple[int, int]:
        with reader.connection() as connection:
            rows = connection.execute(text(PLAIN), {"place": WHERE} | given).all()
        arrived = sum(1 for *_, succeeded, _ in rows if succeeded is not None)
        return arrived, sum(1 for *_, failed in rows if failed is not None)

    return ask


# What there is.


def _deployed(place: Place, desk: Desk, days: int) -> tuple[Asking, Asking]:
    """A deployment a day over so many days to come, each of a package of its own.

    They are copied from two, of which one arrived and one failed; one in ten failed. They stand
    behind the log, whose head is moved, so that place and time rise together.
    """
    organisation = Organisation(desk)
    organisation.build()
    patterns = _patterns(organisation)
    engine = admin_engine(place.settings.url)
    with engine.begin() as connection:
        head = connection.execute(select(TABLES.head.c.size, TABLES.head.c.at)).one()
        rows = [_told(connection, each) for each in patterns]
        copies = [_copy(nth, patterns[nth % 10 == 9]) for nth in range(days - 2)]
        for name in ("deployment", "package"):
            connection.execute(text("drop table if exists copies"))
            connection.execute(text("create temporary table copies (id text, pattern text)"))
            told = [{"id": each[name], "pattern": each[f"{name} of"]} for each in copies]
            connection.execute(text("insert into copies values (:id, :pattern)"), told)
            copy_table(connection, TABLES.snapshots[name], "id")
        added = list(_events(rows, copies, head.size, head.at))
        connection.execute(insert(TABLES.events), added)
        until = added[-1]["at"]
        end = head.size + len(added)
        moved = {"size": end, "at": until, "range": bytes(32 * end.bit_count())}
        connection.execute(update(TABLES.head).values(moved))
        places.analyze(place, connection)
    engine.dispose()
    name, who = f"numbers of {days:,} daily deployments", organisation.requester
    after = until + timedelta(minutes=1)
    whole = Asking(name, head.at - timedelta(days=1), after, who)
    return whole, Asking(f"{name}, the last month", after - MONTH, after, who)


def _copy(nth: int, pattern: Pattern) -> dict[str, str]:
    """The ids of a copy, with those of what it is a copy of."""
    ids = {"deployment": new_id(), "package": new_id(), "commit": f"{nth:040x}"}
    return ids | {"deployment of": pattern.deployment, "package of": pattern.package}


def _told(connection: Connection, pattern: Pattern) -> list[dict[str, Any]]:
    events, ids = TABLES.events, (pattern.deployment, pattern.package)
    found = select(events).where(events.c.subject.in_(ids)).order_by(events.c.position)
    return [row._asdict() for row in connection.execute(found)]


def _events(
    rows: list[list[dict[str, Any]]], copies: list[dict[str, str]], position: int, since: datetime
) -> Iterator[dict[str, Any]]:
    """What happened to each copy: its package is added, and it is deployed."""
    for nth, each in enumerate(copies):
        for turn, row in enumerate(rows[nth % 10 == 9]):
            at = since + timedelta(days=nth, minutes=20 * (turn + 1))
            package = row["subject"] == each["package of"]
            subject = each["package" if package else "deployment"]
            facts = bytes(row["facts"]).replace(b"a" * 40, each["commit"].encode())
            facts = facts.replace(each["package of"].encode(), each["package"].encode())
            moved = {"position": position, "id": new_id(), "subject": subject, "at": at}
            yield row | moved | {"facts": facts}
            position += 1


@dataclass(frozen=True, slots=True)
class Pattern:
    """A deployment and its package, by id."""

    deployment: str
    package: str


def _patterns(organisation: Organisation) -> tuple[Pattern, Pattern]:
    """Two deployments as the writer records them: one that arrived, and one that failed."""
    manager = organisation.person("role:release_manager", "environment")
    organisation.give(manager, "role:implementer", "environment", "any")
    organisation.give(manager, "role:release_bot", "service", "any")
    organisation.give(manager, "role:monitor", "environment", "any")
    ask, where = organisation.desk.ask, new_id()
    plan = Plan("production", "line", 0, cover=())
    ask("environment.define", where, by=manager, name=WHERE, plan=plan)
    second = organisation.person("role:release_manager", "environment")
    ask("environment.confirm", where, by=second, seen=2)
    ask("environment.report", where, by=manager, health=Health.HEALTHY)
    found = []
    ends: tuple[tuple[str, dict[str, Any]], ...] = (
        ("succeed", {}),
        ("fail", {"reason": "It broke."}),
    )
    for number, (end, more) in enumerate(ends):
        package, id = new_id(), new_id()
        built = {"name": "till", "label": str(number), "service": SERVICES[0], "commit": "a" * 40}
        ask("package.add", package, by=manager, built=built | {"digest": f"sha256:{number:064x}"})
        told = {"configuration": "None.", "contents": "It."}
        wish = {"package": package, "environment": WHERE, **told}
        ask("deployment.request", id, by=manager, wish=wish)
        ask("deployment.start", id, by=manager)
        ask(f"deployment.{end}", id, by=manager, **more)
        found.append(Pattern(id, package))
    return found[0], found[1]
