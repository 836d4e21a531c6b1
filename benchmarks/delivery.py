"""Numbers over ten years of daily deployments, beside the plain statement that they need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any, Final

from sqlalchemy import insert, select, text

from api.context import new_id
from api.deployment import TABLES
from api.installation import Desk, Installation
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
group by e.subject
"""
Ask = Callable[[], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked for, and by whom."""

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
            asking = _deployed(place, desk, days)
            yield _figure(place, installation.reader, asking, days, size)
        finally:
            installation.close()


def _figure(place: Place, reader: Reader, asking: Asking, days: int, size: Size) -> Figure:
    ours, plain = _through_schema(reader, asking), _by_hand(reader)
    assert ours() == plain(), "the two answers differ"
    with statements(reader.engine) as seen:
        ours()
    rounds = [[_timed(each) for each in (ours, plain)] for _ in range(size.rounds)]
    mine, theirs = ([times[at] for times in rounds] for at in (0, 1))
    name = f"numbers of {days:,} daily deployments"
    note = f"all numbers, {len(seen)} statements; by hand three of them"
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


def _by_hand(reader: Reader) -> Ask:
    def ask() -> tuple[int, int]:
        with reader.connection() as connection:
            rows = connection.execute(text(PLAIN), {"place": WHERE}).all()
        arrived = sum(1 for *_, succeeded, _ in rows if succeeded is not None)
        return arrived, sum(1 for *_, failed in rows if failed is not None)

    return ask


# What there is.


def _deployed(place: Place, desk: Desk, days: int) -> Asking:
    """A deployment a day over so many days, copied from two: one that arrived and one that failed.

    One in ten failed. The copies stand before the first place of the log, whose head is signed.
    """
    organisation = Organisation(desk)
    organisation.build()
    patterns = _patterns(organisation)
    now = datetime.now(UTC)
    ids = [{"id": new_id(), "pattern": patterns[nth % 10 == 9]} for nth in range(days - 2)]
    engine = admin_engine(place.settings.url)
    with engine.begin() as connection:
        connection.execute(text("create temporary table copies (id text, pattern text)"))
        connection.execute(text("insert into copies values (:id, :pattern)"), ids)
        copy_table(connection, TABLES.snapshots["deployment"], "id")
        events = TABLES.events
        told = connection.execute(select(events).where(events.c.subject.in_(patterns)))
        rows = [row._asdict() for row in told.all()]
        copies = list(_events(rows, ids, now - timedelta(days=days)))
        connection.execute(insert(events), copies)
        places.analyze(place, connection)
    engine.dispose()
    since = now - timedelta(days=days + 1)
    return Asking(since, datetime.now(UTC) + timedelta(minutes=1), organisation.requester)


def _events(
    rows: list[dict[str, Any]], ids: list[dict[str, str]], since: datetime
) -> Iterator[dict[str, Any]]:
    position = -len(ids) * len(rows)
    for nth, each in enumerate(ids):
        mine = [row for row in rows if row["subject"] == each["pattern"]]
        for turn, row in enumerate(mine):
            at = since + timedelta(days=nth, minutes=20 * turn)
            yield row | {"position": position, "id": new_id(), "subject": each["id"], "at": at}
            position += 1


def _patterns(organisation: Organisation) -> tuple[str, str]:
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
        found.append(id)
    return found[0], found[1]
