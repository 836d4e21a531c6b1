"""The gate of a release with forty requirements: statements, time, and the length of the log."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, text

from api.context import new_id
from api.machine.installation import Desk, Installation
from api.records import StoredRecords
from benchmarks import places
from benchmarks.figures import Figure, against
from benchmarks.organisation import SERVICES, WHY, Organisation
from benchmarks.places import Place
from benchmarks.sizes import Size
from domain.release.gate.gates import verdict
from domain.release.state import Release
from domain.verdict import Verdict
from ledger.request import Request
from ledger.store import Reader
from tests.api.counted import statements

REQUIREMENTS: Final = 40
REPORTED: Final = 33
"""How many of the requirements are about evidence."""
ITEMS: Final = 300
RUNS: Final = 4
"""How often each check was reported."""
MOST: Final = 8
"""Statements of a gate, whatever there is of everything."""
BESIDE: Final = 2
"""Those that find the release, and whether the policy is still the one known."""
SLOWER: Final = 5.0
FLAT: Final = 1.2
ASKED: Final = 15
PROJECT: Final = "shop"
COMMIT: Final = "a" * 40
GATE: Final = "deploy:production"
OTHERS: Final = (
    ("full", "changes_present", ""),
    ("authorised", "changes_authorised", ""),
    ("notes", "notes", ""),
    ("way_back", "rollback_plan", ""),
    ("before", "dependencies", ""),
    ("elsewhere", "repositories", ""),
    ("deployed_before", "changes_deployed", 'environment = "production"\n'),
)
HEAD: Final = """\
format = 1
name = "bench"
title = "To measure"
[[environment]]
name = "production"
title = "Production"
kind = "production"
[[release]]
name = "big"
title = "Big"
version_form = "N.N.N"
spans_services = true
environments = ["production"]
[[release.phase]]
name = "run"
title = "Run"
status = "deploying"
[[release.requirement]]
name = "end"
title = "It is in production"
about = "deployed"
environment = "production"
gates = ["close"]
"""
Ask = Callable[[], Any]


def measure(size: Size, server: str) -> Iterator[Figure]:
    """Statements and time of a gate on both databases, in a short log and in a longer one."""
    for place in places.each(server):
        yield from _measured(place, size)


def _measured(place: Place, size: Size) -> Iterator[Figure]:
    with places.founded(place) as desk:
        bench = _Bench(desk)
        bench.report(size.reports // 10)
        installation = Installation.open(place.settings)
        try:
            yield from _figures(place, installation.reader, bench, size)
        finally:
            installation.close()


def _figures(place: Place, reader: Reader, bench: _Bench, size: Size) -> Iterator[Figure]:
    ours, plain = _gate(reader, bench.release), _by_hand(reader, bench.release)
    told = {each.requirement for each in ours().blocking}
    assert told == plain(), "the two answers differ"
    with statements(reader.engine) as seen:
        ours()
    name = f"gate of {REQUIREMENTS} requirements"
    asked = len(seen) - BESIDE
    demanded: dict[str, Any] = {"required": MOST, "at_most": True}
    yield Figure(f"{name}, statements", place.kind, asked, "", ratio=asked, **demanded)
    _set_aside()
    rounds = [[timed(each) for each in (ours, plain)] for _ in range(size.rounds)]
    mine, theirs = ([times[at] for times in rounds] for at in (0, 1))
    demanded = {"required": SLOWER, "at_most": True}
    yield against(f"{name}, time", place.kind, mine, "ms", theirs, "by hand", **demanded)
    bench.report(size.reports - size.reports // 10)
    _set_aside()
    again = [timed(ours) for _ in range(size.rounds)]
    gc.unfreeze()
    demanded = {"required": FLAT, "at_most": True}
    longer = f"{name}, log ten times longer"
    yield against(longer, place.kind, again, "ms", mine, "before", **demanded)


def _set_aside() -> None:
    """Look for no garbage in what the writer remembers of this log: no edge holds any of that."""
    gc.collect()
    gc.freeze()


def timed(ask: Ask) -> float:
    """The median of some askings, in ms."""
    took: list[float] = []
    for _ in range(ASKED):
        started = perf_counter()
        ask()
        took.append((perf_counter() - started) * 1000)
    return median(took)


# The two ways.


def _gate(reader: Reader, id: str) -> Callable[[], Verdict]:
    def ask() -> Verdict:
        with reader.connection() as connection:
            standing, at = reader.standing(connection), datetime.now(UTC)
            records = StoredRecords(reader, connection)
            state = records.get(Release, id)
            assert state is not None
            authority = standing.authority
            return verdict(state, GATE, at=at, authority=authority, records=records)

    return ask


def _by_hand(reader: Reader, id: str) -> Callable[[], set[str]]:
    def ask() -> set[str]:
        with reader.connection() as connection:
            return _unmet(connection, id)

    return ask


def _unmet(connection: Connection, id: str) -> set[str]:
    """What a gate made for this one release would find missing, by plain statements."""
    plan = connection.execute(text("select plan from releases where id = :id"), {"id": id}).one()
    assert plan
    items = connection.execute(
        text("select kind, reference, covered_by from inclusions where release = :id and included"),
        {"id": id},
    ).all()
    covering = sorted({row.covered_by for row in items if row.covered_by})
    approved = text("select id, status from changes where id in :ids")
    found = connection.execute(
        approved.bindparams(bindparam("ids", expanding=True)), {"ids": covering}
    ).all()
    begun = {row.id for row in found if row.status in ("implementing", "review", "closed")}
    newest: dict[str, str] = dict(
        connection.execute(
            text(
                "select name, outcome from evidence_reports where subject = :commit "
                "order by reported_at, id"
            ),
            {"commit": COMMIT},
        ).all()
    )
    carried = text(
        "select i.reference, r.deliveries from inclusions i join releases r on r.id = i.release "
        "where i.reference in :refs and i.included"
    )
    references = [row.reference for row in items]
    connection.execute(
        carried.bindparams(bindparam("refs", expanding=True)), {"refs": references}
    ).all()
    unmet = {name for name in _names() if newest.get(name) != "passed"}
    unmet |= {"authorised"} if any(row.covered_by not in begun for row in items) else set()
    return unmet | {"deployed_before"}


def _names() -> Sequence[str]:
    return [f"check_{number:02}" for number in range(REPORTED)]


# What there is.


class _Bench:
    """A release under a playbook of its own, with items and evidence, and somebody who reports."""

    def __init__(self, desk: Desk) -> None:
        self.organisation = Organisation(desk)
        self.organisation.build()
        given: dict[str, Any] = {"body": playbook(), "based_on": None, "reason": WHY}
        adopted = desk.ask("playbook.propose", **given).subject
        desk.ask("playbook.adopt", adopted)
        manager = self.organisation.person("role:release_manager", "service")
        self.reporter = self.organisation.person("role:qa", "project")
        self.release = new_id()
        plan = {
            "title": "Big",
            "service": SERVICES[0],
            "versions": ["1.0.0"],
            "project": PROJECT,
            "notes": "Much.",
            "rollback_plan": "Back.",
        }
        told: dict[str, Any] = {"playbook": "bench", "kind": "big", "plan": plan}
        desk.ask("release.open", self.release, by=manager, **told)
        aim: dict[str, Any] = {"release_version": "1.0.0", "commit": COMMIT}
        desk.ask("release.aim", self.release, by=manager, **aim)
        changes = self.organisation.changes(ITEMS // 10)
        commits = [
            {"commit": f"{at + 1:040x}", "covered_by": changes[at % len(changes)]}
            for at in range(ITEMS)
        ]
        desk.ask("release.include", self.release, by=manager, commits=commits)
        for _ in range(RUNS):
            self.organisation.ask(self._report(name, COMMIT) for name in _names())

    def report(self, number: int) -> None:
        """Let the log grow by so many reports of other commits."""
        self.organisation.ask(
            self._report(f"check_{at % REPORTED:02}", f"{at + 1:040x}") for at in range(number)
        )

    def _report(self, name: str, commit: str) -> Request:
        told = {"project": PROJECT, "name": name, "outcome": "passed", "subject": commit}
        return Request(
            id=new_id(),
            action="evidence.report",
            subject=new_id(),
            arguments=msgspec.json.encode(told),
            by=self.reporter,
            credential="token:bench",
        )


def playbook() -> str:
    """A process whose one kind of release needs forty things before it goes to production."""
    rows = [("evidence", name, f'evidence = ["{name}"]\n') for name in _names()]
    rows += [(about, name, more) for name, about, more in OTHERS]
    assert len(rows) == REQUIREMENTS
    return HEAD + "".join(
        f'[[release.requirement]]\nname = "{name}"\ntitle = "{name}"\nabout = "{about}"\n'
        f'{more}gates = ["{GATE}"]\n'
        for about, name, more in rows
    )
