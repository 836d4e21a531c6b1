"""A report on delivery reads what its period needs, and its figures are as if it read all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from api.delivery.log import Log
from api.delivery.reading import recorded
from api.hiding.visibility import Sight
from domain.delivery.happening import Period
from domain.delivery.report import DeliveryReport, Recorded, report
from domain.kernel import OPERATOR
from ledger.databases import admin_engine
from ledger.rebuilding import rebuild
from tests.api.counted import statements
from tests.api.delivery_history import PLACES, SERVICES, History, whole
from tests.api.office import Office

ACTS = 900
DAY = timedelta(days=1)
TARGET = timedelta(hours=2)


class Told:
    """A log with a history told at random."""

    def __init__(self, office: Office, seed: int) -> None:
        with office.reader.connection() as connection:
            head = office.reader.head(connection)
        self.reader, self.began = office.reader, head.at
        self.history = History(seed, head.at, head.size)
        self.history.run(ACTS)
        engine = admin_engine(office.installation.settings.url)
        self.history.store(engine)
        rebuild(office.reader, engine, everything=False)
        engine.dispose()

    def report(self, read: Any, asked: dict[str, Any]) -> DeliveryReport:
        """The report as `read` reads what it needs."""
        found, period = self.read(read, asked)
        return report(found, period, service=asked["service"], target=TARGET)

    def read(self, read: Any, asked: dict[str, Any]) -> tuple[Recorded, Period]:
        """What is read for a question."""
        with self.reader.connection() as connection:
            sight = Sight(self.reader, connection, OPERATOR, None, self.history.at)
            as_of = asked["as_of"]
            until = self.reader.after(connection, as_of or self.history.at)
            period = Period(asked["since"], asked["until"], known=as_of or self.history.at)
            log = Log(sight, until, past=as_of is not None)
            return read(log, period, asked["service"], asked["named"]), period

    def anything(self, chance: random.Random) -> dict[str, Any]:
        """A question at random: often about moments at which something happened."""
        times = [row["at"] for row in self.history.rows]
        since, until = sorted(chance.sample(times, 2))
        lasts = chance.choice((DAY, 7 * DAY, 40 * DAY, until - since))
        here = [f"{each}-{self.history.seed}" for each in PLACES]
        return {
            "since": since,
            "until": since + lasts,
            "service": chance.choice((None, None, *SERVICES)),
            "named": chance.choice((None, here[:1], here[1:])),
            "as_of": chance.choice((None, None, chance.choice(times))),
        }


@pytest.fixture
def office(database: str, tmp_path: Path) -> Iterator[Office]:
    """A founded log on SQLite and on PostgreSQL."""
    office = Office(tmp_path, database)
    yield office
    office.close()


@pytest.mark.req("X-06", "S0-25", "S3-27", "S3-30")
@pytest.mark.parametrize("seed", [1, 2])
def test_the_figures_are_those_worked_out_from_the_whole_log(office: Office, seed: int) -> None:
    told, chance = Told(office, seed), random.Random(seed)
    counted: dict[str, int] = {}
    causes: dict[str, int] = {}
    for _ in range(60):
        asked = told.anything(chance)
        found, expected = told.report(recorded, asked), told.report(whole, asked)
        assert found == expected, asked
        for name in ("lead_time", "commit_to_production", "time_to_restore", "deployment_slo"):
            counted[name] = counted.get(name, 0) + getattr(expected, name).count
        for each in expected.blocker_hours:
            causes[each.cause] = causes.get(each.cause, 0) + each.hours.count
    assert all(each > 10 for each in counted.values()), counted
    expected_causes = {"hard_locked", "soft_locked", "critical_change_under_way", "unhealthy"}
    assert causes.keys() >= expected_causes, causes


def events_of(found: Recorded) -> int:
    """How many events were read."""
    told = (found.deployments, found.changes, found.releases, found.environments)
    return sum(map(len, (*told, found.carried.requests, found.carried.items)))


@pytest.mark.req("X-06")
def test_a_period_takes_few_statements_and_reads_no_more_of_a_longer_log(office: Office) -> None:
    told = Told(office, seed=3)
    week = {"since": told.history.at - 7 * DAY, "until": told.history.at + DAY}
    asked = week | {"service": None, "named": [f"eu-{told.history.seed}"], "as_of": None}
    with statements(told.reader.engine) as seen:
        found, _ = told.read(recorded, asked)
    everything, _ = told.read(whole, asked)
    assert len(seen) <= 41, seen
    assert 0 < events_of(found) < events_of(everything) / 4
    if told.reader.engine.dialect.name == "sqlite":
        for plan in plans(told, asked):
            assert not any(step.startswith("SCAN events") for step in plan), plan


def plans(told: Told, asked: dict[str, Any]) -> list[list[str]]:
    """How SQLite answers each statement of a report."""
    found: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        found.append((statement, given))

    event.listen(told.reader.engine, "before_cursor_execute", note)
    told.read(recorded, asked)
    event.remove(told.reader.engine, "before_cursor_execute", note)
    with told.reader.connection() as connection:
        cursor = connection.connection.cursor()
        return [
            [row[3] for row in cursor.execute(f"explain query plan {statement}", given).fetchall()]
            for statement, given in found
            if statement.lstrip().lower().startswith(("select", "with"))
        ]
