"""Thousands of real merges, imported and counted: the answers stand here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.elsewhere.merge_record import MergeRecord
from ledger.verifying import verify_contents, verify_tree
from tests.api.merges import FACTS, bring, counted, opened_office, reported
from tests.api.office import Office

GITALY, OMNIBUS = "gitaly-merge-requests.jsonl", "omnibus-merge-requests.jsonl"
ANSWERS = """
project                           year merges  default     two approvals   merged by       approved by     merged by
                                               branch                      an author       an author       a non-approver
gitlab-org/gitaly                  2016    22    15  7 0     0   0   22    0    0   22     0    0   22     0   0   22
gitlab-org/gitaly                  2017   438   435  3 0     0   0  438    0    0  438     0    0  438     0   0  438
gitlab-org/gitaly                  2018   441   440  1 0     0   0  441    0    0  441     0    0  441     0   0  441
gitlab-org/gitaly                  2019   588   574 14 0     0   0  588    0    0  588     0    0  588     0   0  588
gitlab-org/gitaly                  2020  1086  1006 80 0     0   0 1086    0    0 1086     0    0 1086     0   0 1086
gitlab-org/gitaly                  2021  1104  1060 44 0     0   0 1104    0    0 1104     0    0 1104     0   0 1104
gitlab-org/gitaly                  2022   872   853 19 0   161 158  553    1  274  597     0  275  597    74 245  553
gitlab-org/gitaly                  2023  1197  1180 17 0   582 615    0    5 1036  156    11 1030  156   246 951    0
gitlab-org/gitaly                  2024     6     6  0 0     2   4    0    0    5    1     0    5    1     1   5    0
gitlab-org/omnibus-gitlab          2023   610   586 24 0   336 274    0    0  607    3    17  590    3    51 559    0
gitlab-org/omnibus-gitlab          2024   624   501 123 0  398 226    0    0  621    3    27  594    3    69 555    0
gitlab-org/security/gitaly         2020    17     1 16 0     0   0   17    0    0   17     0    0   17     0   0   17
gitlab-org/security/gitaly         2021     4     0  4 0     0   0    4    0    0    4     0    0    4     0   0    4
gitlab-org/security/gitaly         2022    17     0 17 0     4   0   13    0    4   13     0    4   13     4   0   13
gitlab-org/security/gitaly         2023    15     0 15 0    15   0    0    0   15    0     0   15    0    12   3    0
gitlab-org/security/omnibus-gitlab 2023    99     0 99 0    33  66    0    1   98    0     5   94    0    91   8    0
gitlab-org/security/omnibus-gitlab 2024    35     0 35 0     8  27    0    0   35    0     0   35    0    35   0    0
gitlab/gitaly                      2018     3     0  3 0     0   0    3    0    0    3     0    0    3     0   0    3
gitlab/gitaly                      2019    33     5 28 0     0   0   33    0    0   33     0    0   33     0   0   33
gitlab/gitaly                      2020     4     0  4 0     0   0    4    0    0    4     0    0    4     0   0    4
"""  # noqa: E501  (a table is read across)
"""After the number of merges five groups of three: yes, no, unknown."""


def answers() -> dict[tuple[str, int], Any]:
    """The table, as `reported` spells it."""
    found = {}
    for line in ANSWERS.strip().splitlines()[2:]:
        project, *numbers = line.split()
        year, merges, *counts = map(int, numbers)
        groups = [counts[at : at + 3] for at in range(0, len(counts), 3)]
        facts = dict(zip(FACTS, groups, strict=True))
        found[project, year] = {"merges": merges} | facts
    return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(request, tmp_path_factory.mktemp(f"real-{request.param}")) as office:
        for name, lines in ((GITALY, 5847), (OMNIBUS, 1368)):
            tally = bring(office, real_data / name)
            assert (tally.lines, tally.added, tally.known) == (lines, lines, 0)
        yield office


@pytest.mark.real
@pytest.mark.req("S2-01", "S2-02", "X-05")
def test_real_merges_have_these_answers(office: Office) -> None:
    assert reported(office) == answers()


@pytest.mark.real
def test_the_answers_are_those_of_plain_python(real_data: Path) -> None:
    texts = [(real_data / name).read_text() for name in (GITALY, OMNIBUS)]
    rows = [json.loads(line) for text in texts for line in text.split("\n") if line]
    assert counted(rows) == answers()


@pytest.mark.real
def test_a_request_that_was_merged_twice_has_two_records(office: Office) -> None:
    document = """query($n: Int!) { mergeRecords(filter: {number: $n, project: "gitlab-org/gitaly"})
      { edges { node { mergeCommit } } } }"""
    for number in (3434, 6503):
        edges = office.data(document, "rita", n=number)["mergeRecords"]["edges"]
        assert len({edge["node"]["mergeCommit"] for edge in edges}) == 2


@pytest.mark.real
def test_twice_the_same_real_file_adds_nothing(office: Office, real_data: Path) -> None:
    with office.reader.connection() as connection:
        before = office.reader.head(connection).size
    tally = bring(office, real_data / OMNIBUS)
    assert (tally.added, tally.known) == (0, 1368)
    with office.reader.connection() as connection:
        assert office.reader.head(connection).size == before


@pytest.mark.real
def test_the_log_of_real_merges_verifies(office: Office) -> None:
    office.writer.rest()
    key = office.installation.key.verifier
    assert list(verify_tree(office.reader, [key])) == []
    assert list(verify_contents(office.reader)) == []


@pytest.mark.real
@pytest.mark.req("X-06")
def test_every_real_answer_can_be_worked_out_again_from_events(office: Office) -> None:
    table = office.reader.snapshot(MergeRecord)
    broken = select(table.c.id).where(table.c.merged_by_author == "yes")
    with office.reader.connection() as connection:
        last = office.reader.head(connection).size - 1
        ids = connection.execute(broken).scalars().all()
        assert len(ids) == 7
        for id in ids:
            folded = office.reader.as_of(connection, MergeRecord, id, position=last)
            assert folded == office.reader.get(connection, MergeRecord, id)
