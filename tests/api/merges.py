"""Files of merges told of elsewhere, small or random, and what plain Python counts in them."""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha1
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, select

from api import cli
from api.importing.claiming import Claim, Importer
from api.importing.rows import read_merge
from api.importing.running import Tally, Told, run
from domain.elsewhere.merge_record import MergeRecord, record_id
from domain.kernel import OPERATOR
from tests import postgres
from tests.api.office import Office

REPORT = Path("frontend-schema/operations/MergeReport.graphql").read_text()
PEPPER = "p" * 32
PEOPLE = [f"p-{number:04}" for number in range(6)]
Row = dict[str, Any]
Counts = dict[tuple[str, int], dict[str, Any]]


def row(number: int = 1, **changes: Any) -> Row:
    """One line of a file: written by p-1, approved by p-2 and p-3, merged by p-3."""
    told = {
        "repo": "someone/gitaly",
        "sha": sha1(f"{number}".encode(), usedforsecurity=False).hexdigest(),
        "merged_at": "2023-05-04T10:11:12Z",
        "mr_project": "gitlab-org/gitaly",
        "mr_iid": number,
        "security": False,
        "title": f"Count objects once, part {number}",
        "source_branch": f"count-{number}",
        "target_branch": "master",
        "default_branch_first_parent": True,
        "merge_commit_author": "p-3",
        "authors": ["p-1"],
        "approved_by": ["p-2", "p-3"],
        "reviewed_by": [],
        "merged_by": "p-3",
        "merged_head": "5" * 40,
    }
    return told | changes


def random_rows(count: int, seed: int) -> list[Row]:
    """Lines of every kind, a third of them from before anything but the merge was recorded."""
    chance = random.Random(seed)
    return [_random(number, chance) for number in range(1, count + 1)]


def _random(number: int, chance: random.Random) -> Row:
    year = chance.choice((2021, 2022, 2023, 2024))
    some: Row = {"mr_project": chance.choice(("shop/till", "shop/cellar", "security/till"))}
    some["merged_at"] = f"{year}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T23:59:59Z"
    some["default_branch_first_parent"] = chance.random() < 0.8
    if some["merged_at"] < "2022-09" or chance.random() < 0.1:
        return row(number, **some, authors=[], approved_by=[], merged_by=None)
    people = {
        name: chance.sample(PEOPLE, chance.randint(0, most))
        for name, most in (("authors", 2), ("approved_by", 3), ("reviewed_by", 2))
    }
    return row(number, **some, **people, merged_by=chance.choice(PEOPLE))


def write(path: Path, rows: Iterable[Row | str | bytes]) -> Path:
    """A file with these lines; what is no row is written as it is."""
    with path.open("wb") as file:
        for each in rows:
            line = json.dumps(each) if isinstance(each, dict) else each
            file.write((line.encode() if isinstance(line, str) else line) + b"\n")
    return path


# What plain Python counts.


def counted(rows: Iterable[Mapping[str, Any]]) -> Counts:
    """The report, from the lines themselves; every fact in the order yes, no, unknown."""
    tallies: dict[tuple[str, int], Counter[Any]] = defaultdict(Counter)
    for each in rows:
        tally = tallies[each["mr_project"], int(each["merged_at"][:4])]
        tally["merges"] += 1
        for fact, answer in facts(each).items():
            tally[fact, answer] += 1
    answers = (True, False, None)
    return {
        place: {"merges": tally["merges"]}
        | {fact: [tally[fact, answer] for answer in answers] for fact in FACTS}
        for place, tally in sorted(tallies.items())
    }


FACTS = (
    "defaultBranch",
    "twoApprovals",
    "mergedByAuthor",
    "approvedByAuthor",
    "mergedByNonApprover",
)


def facts(each: Mapping[str, Any]) -> dict[str, bool | None]:
    """What a line tells; None where it does not."""
    authors, approvers, merger = set(each["authors"]), set(each["approved_by"]), each["merged_by"]
    recorded = bool(approvers) or (merger is not None and each["merged_at"] >= "2022-09")
    by_author: bool | None = bool(authors & approvers) if authors or not approvers else None
    return {
        "defaultBranch": each["default_branch_first_parent"],
        "twoApprovals": len(approvers) >= 2 if recorded else None,
        "mergedByAuthor": merger in authors if authors and merger else None,
        "approvedByAuthor": by_author if recorded else None,
        "mergedByNonApprover": merger not in approvers if recorded and merger else None,
    }


# What the service says.


def bring(office: Office, file: Path) -> Tally:
    """Import a file in which nothing is bad."""
    told = Told(lambda _outcome: None, lambda _done: None)
    with file.open("rb") as source:
        tally = run(
            source,
            read_merge,
            Importer(office.reader, office.writer, OPERATOR),
            told,
            lambda: False,
        )
    assert tally.bad == 0
    return tally


def reported(office: Office, by: str = "rita", **filter: Any) -> dict[tuple[str, int], Any]:
    """The whole report, as `counted` spells it."""
    answer = office.data(REPORT, by, filter=filter, first=100)["mergeReport"]
    assert not answer["pageInfo"]["hasNextPage"]
    return {
        (node["project"], node["year"]): {"merges": node["merges"]}
        | {fact: [node[fact][each] for each in ("yes", "no", "unknown")] for fact in FACTS}
        for node in (edge["node"] for edge in answer["edges"])
    }


def size(office: Office) -> int:
    """How many events the log has."""
    with office.reader.connection() as connection:
        return office.reader.head(connection).size


def records(office: Office) -> int:
    """How many merges are recorded."""
    table = office.reader.snapshot(MergeRecord)
    with office.reader.connection() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def record(office: Office, told: Row) -> MergeRecord | None:
    """The record of the merge that a line tells of."""
    id = record_id(told["mr_project"], told["mr_iid"], told["sha"])
    with office.reader.connection() as connection:
        return office.reader.get(connection, MergeRecord, id)


def claim(told: Row) -> Claim:
    """What a line says."""
    (found,) = read_merge(1, json.dumps(told).encode()).claims
    return found


# The command line.


class Ran(NamedTuple):
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> Any:
        """What it answered to a program."""
        return json.loads(self.out)

    @property
    def problems(self) -> list[tuple[int, str, str]]:
        """Line, code and place of everything that was bad."""
        told = [json.loads(line) for line in self.err.splitlines() if line.startswith("{")]
        return [
            (each["line"], problem["code"], ".".join(problem["path"]))
            for each in told
            for problem in each["problems"]
        ]


class Machine:
    """The machine of an office, where its operator types commands."""

    def __init__(self, office: Office, patch: pytest.MonkeyPatch, capture: Any) -> None:
        """Let commands find the office's log."""
        self.office, self.patch, self.capture = office, patch, capture
        for name, value in environment(office).items():
            patch.setenv(name, value)

    def types(self, *words: str | Path) -> Ran:
        """Run a command to its end."""
        self.patch.setattr(sys, "argv", ["changegate", *map(str, words)])
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = self.capture.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    def imports(self, file: Path, *more: str) -> Ran:
        """Import a file, answering as to a program."""
        return self.types("import", "merge-requests", file, "--json", *more)


def environment(office: Office) -> dict[str, str]:
    """The variables by which a command finds the office's log."""
    settings = office.installation.settings
    return {
        "CHANGEGATE_DATABASE": settings.database,
        "CHANGEGATE_SIGNING_KEY": str(settings.signing_key),
        "CHANGEGATE_TOKEN_PEPPER": PEPPER,
    }


@contextmanager
def opened_office(request: pytest.FixtureRequest, folder: Path) -> Iterator[Office]:
    """An office on the database that the fixture's parameter names."""
    if request.param == "sqlite":
        office = Office(folder)
        yield office
        office.close()
        return
    server: str = request.getfixturevalue("pg_server")
    name = f"merges_{folder.name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}".lower()
    postgres.create_database(server, name, request.getfixturevalue("pg_template"))
    office = Office(folder, postgres.url(server, name))
    yield office
    office.close()
    postgres.drop_database(server, name)
