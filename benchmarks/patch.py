"""Readiness of a patch with 60 fixes and 240 merge requests: statements, and time by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, text

from api.context import new_id
from api.machine.installation import Desk, Installation
from api.records import StoredRecords
from benchmarks import places
from benchmarks.figures import Figure, against
from benchmarks.gate import BESIDE, MOST, timed
from benchmarks.organisation import SERVICES, Organisation
from benchmarks.places import Place
from benchmarks.sizes import Size
from domain.digest import content_digest
from domain.release.evidence.manifest import manifest
from domain.release.gate.gates import verdict
from domain.release.gate.question import Question
from domain.release.state import Release
from domain.verdict import Verdict
from ledger.request import Request
from ledger.store import Reader
from tests.api.counted import statements

FIXES: Final = 60
FEW: Final = 2
"""With so few of them the gate asks as many statements."""
LINES: Final = ("17.6", "17.5", "17.4")
PROJECT: Final = "shop"
GATE: Final = "tag"
SLOWER: Final = 8.0
COMMITS: Final = {f"{line}.1": f"{at}" * 40 for at, line in enumerate(LINES, start=1)}


def measure(size: Size, server: str) -> Iterator[Figure]:
    """Statements and time of the gate on both databases, whatever the counts."""
    for place in places.each(server):
        yield from _measured(place, size)


def _measured(place: Place, size: Size) -> Iterator[Figure]:
    with places.founded(place) as desk:
        bench = _Bench(desk)
        few, many = bench.patch(FEW), bench.patch(FIXES)
        installation = Installation.open(place.settings)
        try:
            for id in (few, many):
                bench.compare(_manifest(installation.reader, id))
            yield from _figures(place, installation.reader, few, many, size)
        finally:
            installation.close()


def _figures(place: Place, reader: Reader, few: str, many: str, size: Size) -> Iterator[Figure]:
    ours, plain = _gate(reader, many), _by_hand(reader, many)
    told = {each.requirement for each in ours().blocking} - {"known"}  # no program reports here
    assert told == plain(), (told, plain())
    name = f"readiness of {FIXES} fixes, {FIXES * (1 + len(LINES))} merge requests"
    with statements(reader.engine) as seen:
        ours()
    with statements(reader.engine) as fewer:
        _gate(reader, few)()
    assert len(seen) == len(fewer), "more fixes take more statements"
    asked = len(seen) - BESIDE
    demanded: dict[str, Any] = {"required": MOST, "at_most": True}
    yield Figure(f"{name}, statements", place.kind, asked, "", ratio=asked, **demanded)
    rounds = [[timed(each) for each in (ours, plain)] for _ in range(size.rounds)]
    mine, theirs = ([times[at] for times in rounds] for at in (0, 1))
    demanded = {"required": SLOWER, "at_most": True}
    yield against(f"{name}, time", place.kind, mine, "ms", theirs, "by hand", **demanded)


def _manifest(reader: Reader, id: str) -> str:
    with reader.connection() as connection:
        records = StoredRecords(reader, connection)
        state = records.get(Release, id)
        assert state is not None
        authority = reader.standing(connection).authority
        return manifest(Question(state, datetime.now(UTC), authority, records))


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
    told = text("select phase, plan, contents from releases where id = :id")
    release = connection.execute(told, {"id": id}).one()
    requests = connection.execute(
        text(
            "select m.id, m.status, m.target, m.head, m.digest from inclusions i "
            "join merge_requests m on m.id = i.reference where i.release = :id and i.included"
        ),
        {"id": id},
    ).all()
    ported = [row for row in requests if row.target != "master"]
    passed = _passed(connection, [*COMMITS.values(), *(row.head for row in ported)])
    own = [row.id for row in requests if row.target == "master"]
    carried = text(
        "select i.reference, r.deliveries from inclusions i join releases r on r.id = i.release "
        "where i.reference in :refs and i.included and r.id <> :id"
    ).bindparams(bindparam("refs", expanding=True))
    hosted = connection.execute(carried, {"refs": own, "id": id}).all()
    unmet = {"prepared"} if release.phase not in ("preparation", "final") else set()
    unmet |= {"authorised"} if any(row.status != "merged" for row in requests) else set()
    unmet |= {"hosted_first"} if len({row.reference for row in hosted}) < len(own) else set()
    applied = all((row.head, "applies") in passed for row in ported)
    unmet |= set() if applied else {"backports"}
    checks = ("green", "pipeline"), ("end_to_end", "package_and_test")
    for row, name in checks:
        good = all((each, name) in passed for each in COMMITS.values())
        unmet |= set() if good else {row}
    plan = release.plan if isinstance(release.plan, dict) else json.loads(release.plan)
    of = {"release": id, "versions": plan["versions"], "contents": release.contents}
    heads = {each.id: each.digest for each in requests}
    stood = content_digest({"merge_requests": heads, "commits": {}}).removeprefix("sha256:")
    named = f"{content_digest(of)}-{stood}"
    compared = all((each, "contents", named) in passed for each in COMMITS.values())
    unmet |= set() if compared else {"contents"}
    found = connection.execute(
        text("select line from stable_lines where service = :service"), {"service": SERVICES[0]}
    ).all()
    return unmet if {row.line for row in found} >= set(LINES) else unmet | {"supported"}


def _passed(connection: Connection, subjects: list[str]) -> set[tuple[str, ...]]:
    """What passed by its newest report, and compared with what, where it was compared."""
    asked = text(
        "select subject, name, manifest, outcome from evidence_reports "
        "where subject in :subjects order by reported_at, id"
    ).bindparams(bindparam("subjects", expanding=True))
    rows = connection.execute(asked, {"subjects": subjects}).all()
    newest = {(row.subject, row.name, *filter(None, (row.manifest,))): row for row in rows}
    return {key for key, row in newest.items() if row.outcome == "passed"}


# What there is.


class _Bench:
    """Patch releases of a service with three lines, each with its fixes and their backports."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.organisation = desk, Organisation(desk)
        self.organisation.build()
        self.rita = self.organisation.person("role:release_manager", "service")
        self.reporter = self.organisation.person("role:ci_bot", "project")
        self.author = self.organisation.person("role:developer", "project")
        self.opened = 0
        for line in LINES:
            told: dict[str, Any] = {"service": SERVICES[0], "line": line}
            told["released_at"] = "2026-01-01T00:00:00Z"
            desk.ask("stable_line.enter", by=self.rita, **told)
        for name in ("pipeline", "package_and_test"):
            self.organisation.ask(self._report(name, each) for each in COMMITS.values())

    def patch(self, fixes: int) -> str:
        """A release with so many fixes, each with its backports."""
        id, by = new_id(), self.rita
        plan = {"title": "Patch", "service": SERVICES[0], "versions": [*COMMITS]}
        plan |= {"project": PROJECT, "notes": "Much."}
        told: dict[str, Any] = {"playbook": "planned_patch", "kind": "planned_patch", "plan": plan}
        self.desk.ask("release.open", id, by=by, **told)
        for version, commit in COMMITS.items():
            given: dict[str, Any] = {"release_version": version, "commit": commit}
            self.desk.ask("release.aim", id, by=by, **given)
        branches = ("master", *(f"{each.replace('.', '-')}-stable-ee" for each in LINES))
        opened = [self._request(branch) for _ in range(fixes) for branch in branches]
        self.organisation.ask(request for request, _ in opened)
        ported = [head for (_, head), at in zip(opened, range(len(opened)), strict=True) if at % 4]
        self.organisation.ask(self._report("applies", head) for head in ported)
        ids = [request.subject for request, _ in opened]
        self.desk.ask("release.include", id, by=by, merge_requests=ids)
        return id

    def compare(self, contents: str) -> None:
        """Let it be reported that every version holds what the release with it contains."""
        told = {"manifest": contents}
        made = COMMITS.values()
        self.organisation.ask(self._report("contents", each, **told) for each in made)

    def _request(self, target: str) -> tuple[Request, str]:
        self.opened += 1
        head = f"{self.opened + 4096:040x}"
        kind = "strict" if target == "master" else "backport"
        told = {"playbook": "planned_patch", "kind": kind, "project": PROJECT, "title": "Fix"}
        more = {"number": self.opened, "head": head, "target": target, "base": "b" * 40}
        return self._asked("merge_request.open", self.author, {**told, **more}), head

    def _report(self, name: str, commit: str, **more: str) -> Request:
        told = {"project": PROJECT, "name": name, "outcome": "passed", "subject": commit} | more
        return self._asked("evidence.report", self.reporter, told)

    def _asked(self, action: str, by: str, told: dict[str, Any]) -> Request:
        return Request(
            id=new_id(),
            action=action,
            subject=new_id(),
            arguments=msgspec.json.encode(told),
            by=by,
            credential="token:bench",
        )
