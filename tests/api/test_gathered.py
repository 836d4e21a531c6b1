"""What a process keeps of what hides is at any time what would be gathered anew."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select
from sqlalchemy.sql import visitors
from sqlalchemy.sql.schema import Column

from api.hiding import gathered
from api.hiding.gathered import NAME
from api.hiding.hushed import cleared, hushed
from api.hiding.kinds import rights, veiled
from api.hiding.veil import Veil
from api.hiding.visibility import Sight
from api.machine import migrating
from domain.access import Access
from domain.erasure import Erasure
from domain.evidence.state import Evidence
from domain.exemption.state import Exemption
from domain.inclusion import Inclusion
from ledger.databases import admin_engine
from ledger.hiding import hides_by
from ledger.kept import Kept
from ledger.rebuilding import rebuild
from ledger.store import Reader, batches
from tests.api.counted import statements
from tests.api.test_merge_request_queries import PROJECT
from tests.api.test_standings import another_reader
from tests.api.test_two_worlds_releases import World

READERS = ("aud", "rita", "rhea", "saga", "oda")
LISTED = (Access, Erasure, Evidence, Exemption, Inclusion)
"""What tells of other records, and what belongs to them."""
LOG = "query { events(first: 100) { totalCount { count } edges { node { kind actor { id } } } } }"


class Turmoil(World):
    """That office, in which things are hidden, shown, and belong to one another at random."""

    def __init__(self, folder: Path, database: str, seed: int) -> None:
        super().__init__(folder, database)
        self.random = random.Random(seed)
        for handle, role in (("sela", "appsec"), ("quin", "qa"), ("rita", "maintainer")):
            if handle not in self.office.people:
                self.office.people[handle] = self.office.person(handle)
            self.office.grant(handle, role, **PROJECT)
        self.office.grant("saga", "auditor")
        self.requests: list[str] = []
        self.releases = [self.opened("minor", "itsm_releases", "Open", versions=["1.2.3"])]
        self.releases.append(
            self.opened("planned_patch", "planned_patch", "Hidden", versions=["17.6.1", "17.5.3"])
        )
        self.commits = 0
        self.done = dict.fromkeys(("moved", "kept", *(each.__name__ for each in LISTED)), 0)

    def one(self) -> None:
        """One act; some are refused, which changes nothing."""
        turns = [self.open, self.open, self.conceal, self.reveal, self.comment, self.comment]
        turns += [self.report, self.include, self.exempt, self.push, self.erase, self.assign]
        self.random.choice(turns if self.requests else [self.open])()

    def some(self) -> str:
        return self.random.choice(self.requests[-6:])

    def open(self) -> None:
        number = 100 + len(self.requests)
        hidden = self.random.random() < 0.4
        self.commits += 1
        head = f"{self.commits:040x}"
        self.requests.append(self.request(number, head=head, embargoed=hidden))

    def conceal(self) -> None:
        self.ask("saga", "concealMergeRequest", id=self.some(), reason="It is a hole.")

    def reveal(self) -> None:
        id = self.some()
        for by in ("sela", "saga"):
            self.ask(by, "revealMergeRequest", id=id)

    def comment(self) -> None:
        about = self.random.choice(("MERGE_REQUEST", "RELEASE"))
        of = self.some() if about == "MERGE_REQUEST" else self.random.choice(self.releases)
        by = self.random.choice(("rhea", "rita", "saga"))
        self.ask(by, "writeComment", about=about, subject=of, body="Look here.")

    def report(self) -> None:
        subject = f"{self.random.randint(1, self.commits + 1):040x}"
        told = {"project": "group/app", "name": "pipeline", "outcome": "PASSED"}
        self.ask("quin", "reportEvidence", subject=subject, **told)

    def include(self) -> None:
        release = self.random.choice(self.releases)
        self.ask("rhea", "includeRelease", id=release, mergeRequests=[self.some()])

    def exempt(self) -> None:
        of = self.random.choice(({"release": self.releases[1]}, {"mergeRequest": self.some()}))
        self.ask("rhea", "requestExemption", lock=self.lock, reason="The hole is open.", **of)

    def push(self) -> None:
        self.commits += 1
        head = {"head": f"{self.commits:040x}", "base": "b" * 40}
        self.ask("rhea", "pushMergeRequest", id=self.some(), **head)

    def assign(self) -> None:
        self.ask("rhea", "assignMergeRequest", id=self.some(), assignee=self.office.id("rita"))

    def erase(self, of: str = "") -> None:
        given = {"aggregate": "merge_request", "subject": of or self.some(), "parts": ["title"]}
        self.ask("priv", "eraseErasure", **given, ground="Law.")

    def trespass(self) -> None:
        """Somebody asks for what they may not, which is recorded."""
        for each in self.requests[-6:]:
            self.ask("rita", "concealMergeRequest", id=each, reason="It is a hole.")

    # What is kept of it.

    def check(self, *readers: Reader) -> None:
        """Whoever asks, by whichever process: what is kept is what the statement would gather."""
        for reader in readers:
            for who in READERS:
                with reader.connection() as connection:
                    sight = Sight(reader, connection, self.office.people[who], None, _now())
                    self.compare(connection, sight)

    def compare(self, connection: Connection, sight: Sight) -> None:
        plain = sight.veil
        before = dict(sight.reader.kept._kept).get(plain)
        veil, given = sight.gathered
        self.done["kept" if before and before[0] == sight.mark else "moved"] += 1
        kept, events = set(json.loads(given[NAME])), sight.reader.tables.events
        subjects = connection.execute(select(events.c.subject).distinct()).scalars().all()
        hidden: set[str] = set()
        for some in batches(subjects):
            hidden.update(connection.execute(plain.among(some)).scalars())
        assert kept == hidden
        told = [
            connection.execute(
                select(events.c.position, hushed(each))
                .where(cleared(each))
                .order_by(events.c.position),
                given,
            ).all()
            for each in (veil, plain)
        ]
        assert told[0] == told[1]
        for state in LISTED:
            page, given = sight.listed(state)
            assert given.keys() == {NAME}
            shown, known = connection.execute(page, given), connection.execute(sight.select(state))
            assert sorted(row.id for row in shown) == sorted(row.id for row in known)
            self.done[state.__name__] += sum(1 for _ in connection.execute(page, given))


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def database(office_database: str) -> str:
    """SQLite and PostgreSQL."""
    return office_database


@pytest.fixture(params=[1, 2])
def turmoil(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> Iterator[Turmoil]:
    """The office on each database, for some seeds."""
    found = Turmoil(tmp_path, database, request.param)
    yield found
    found.office.close()


@pytest.mark.req("X-05", "S1-12")
def test_what_is_kept_is_what_hides_after_whatever_was_done(turmoil: Turmoil) -> None:
    office = turmoil.office
    other = another_reader(office)
    engine = admin_engine(office.installation.settings.url)
    for turn in range(60):
        turmoil.one()
        if turn == 30:
            rebuild(office.reader, engine, everything=True)
        if turn % 3 == 2:
            turmoil.check(office.reader, *((other,) if turn % 9 == 8 else ()))
    for each in turmoil.requests:
        turmoil.erase(each)
    turmoil.trespass()
    turmoil.check(office.reader)
    engine.dispose()
    assert turmoil.done["kept"] > 0 < turmoil.done["moved"]
    assert all(turmoil.done[each.__name__] for each in LISTED), turmoil.done
    [seen] = {len(json.loads(kept)) > 3 for _, kept in list(office.reader.kept._kept.values())[:1]}
    assert seen, "something hides in the end"


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Turmoil]:
    """The office on each database, in which nothing has happened."""
    found = Turmoil(tmp_path, database, 0)
    yield found
    found.office.close()


def gatherings(office: Turmoil, by: str = "aud") -> int:
    """How often it is gathered what hides, as somebody reads the log."""
    with statements(office.office.reader.engine) as asked:
        office.office.data("query { events(first: 5) { edges { node { kind } } } }", by)
    return sum("WITH secret" in each for each in asked)


@pytest.mark.req("X-05")
def test_it_is_gathered_anew_when_it_moved_and_only_then(office: Turmoil) -> None:
    office.request(1, head="1" * 40)
    gatherings(office)
    assert gatherings(office) == 0
    one = office.request(2, head="2" * 40)
    office.ask("rita", "writeComment", about="MERGE_REQUEST", subject=one, body="Fine.")
    office.ask("rhea", "pushMergeRequest", id=one, head="3" * 40, base="b" * 40)
    assert gatherings(office) == 0, "what happens in the open moves nothing"
    hidden = office.request(3, head="4" * 40, embargoed=True)
    assert [gatherings(office), gatherings(office)] == [1, 0]
    office.ask("rhea", "pushMergeRequest", id=hidden, head="5" * 40, base="b" * 40)
    assert gatherings(office) == 0, "it hides as before"
    office.ask("saga", "writeComment", about="MERGE_REQUEST", subject=hidden, body="A hole.")
    assert [gatherings(office), gatherings(office)] == [1, 0]


@pytest.mark.req("X-05")
def test_much_that_hides_is_looked_for_in_the_statement(
    office: Turmoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        office.request(number + 1, head=f"{number + 1:040x}", embargoed=number % 2 == 0)
    seen = office.office.data(LOG, "aud")
    monkeypatch.setattr(gathered, "MOST", 1)
    gathered._everything.cache_clear()
    monkeypatch.setattr(office.office.reader, "kept", Kept())
    assert office.office.data(LOG, "aud") == seen
    assert [gatherings(office), gatherings(office)] == [1, 1], "that it is much is kept as well"
    gathered._everything.cache_clear()


def columns_of(veil: Veil) -> set[tuple[str, str]]:
    """The columns by which it is worded what hides, with their tables."""
    found = visitors.iterate(gathered._everything(veil))
    every: list[tuple[Any, str]] = [(e.table, e.name) for e in found if isinstance(e, Column)]
    return {(table.name, name) for table, name in every if isinstance(table, Table)}


def test_all_that_hiding_is_worded_by_moves_the_mark(office: Turmoil) -> None:
    """Also for a reader who holds every right in every kind of scope."""
    reader = office.office.reader
    scopes = ("board", "environment", "project", "service")
    reaches = (tuple((each, ("x",)) for each in scopes), ())
    hiding = {each.table: each for each in reader.registry.hiding}
    seen: set[str] = set()
    for reach in reaches:
        every: Any = tuple(reach for _ in rights(reader.registry))
        veil = veiled(reader.registry, reader.tables, "user:x", every)
        for table, column in columns_of(veil):
            seen.add(table)
            assert column in {"id", *hides_by(hiding[table])}, (table, column)
    assert seen == hiding.keys()


def test_each_step_of_a_rebuild_and_of_a_migration_makes_processes_forget(office: Turmoil) -> None:
    reader, url = office.office.reader, office.office.installation.settings.url
    engine, seen = admin_engine(url), [_generation(reader)]
    rebuild(reader, engine, everything=True, progress=lambda _: seen.append(_generation(reader)))
    assert len(seen) > 5
    assert seen == sorted(set(seen)), "it rises with what was painted, in one transaction"
    engine.dispose()
    migrating.downgrade(url)
    migrating.upgrade(url)
    risen = _generation(reader)
    assert risen > seen[-1]
    migrating.upgrade(url)
    assert _generation(reader) == risen, "nothing was to be done"


def _generation(reader: Reader) -> int:
    with reader.connection() as connection:
        return reader.head(connection).generation
