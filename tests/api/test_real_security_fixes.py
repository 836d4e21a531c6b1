"""Real security fixes of two projects, imported and reported: the answers stand here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.fix_files import as_counted, bring, counted, enter
from tests.api.merges import opened_office
from tests.api.office import Office
from tests.api.rotations import look

FILE, RELEASES, PRODUCT = "gitlab-security-fix-sets.jsonl", "gitlab-releases.jsonl", "gitlab"
HOW = {"service": PRODUCT, "playbook": "security", "policy": "maintenance"}
ANSWERS: dict[str, dict[str, int]] = {
    "gitlab-org/security/gitaly": {
        "full": 11,
        "alone": 3,
        "without": 3,
        "covered": 11,
        "reached": 12,
        "short": 5,
        "open": 0,
        "approved": 7,
        "fixes": 17,
    },
    "gitlab-org/security/omnibus-gitlab": {
        "full": 62,
        "alone": 3,
        "without": 44,
        "covered": 62,
        "reached": 72,
        "short": 40,
        "open": 0,
        "approved": 56,
        "fixes": 112,
    },
    "gitlab/gitaly": {
        "full": 2,
        "alone": 6,
        "without": 10,
        "covered": 0,
        "reached": 0,
        "short": 19,
        "open": 0,
        "approved": 0,
        "fixes": 19,
    },
    "gitlab/omnibus-gitlab": {
        "full": 7,
        "alone": 5,
        "without": 19,
        "covered": 6,
        "reached": 8,
        "short": 23,
        "open": 0,
        "approved": 0,
        "fixes": 31,
    },
}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def lines(real_data: Path) -> list[tuple[str, str]]:
    """Every line with the day its first version was tagged."""
    monthly = [each for each in rows(real_data / RELEASES) if each["kind"] == "monthly"]
    return [(each["line"], each["released_at"]) for each in monthly if each["tagged"]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(request, tmp_path_factory.mktemp(f"sets-{request.param}")) as office:
        tally = bring(office, real_data / FILE)
        assert (tally.lines, tally.added, tally.bad) == (179, 179, 0)
        enter(office, lines(real_data), PRODUCT)
        yield office


@pytest.mark.real
@pytest.mark.req("S1-22", "S1-43", "X-02", "X-05")
def test_real_fixes_have_these_answers(office: Office) -> None:
    found = {name: look(office, "SecurityFixReport", project=name, **HOW) for name in ANSWERS}
    assert {name: as_counted(each) for name, each in found.items()} == ANSWERS
    assert sum(each["fixes"] for each in found.values()) == 179
    assert sum(each["fullShape"] for each in found.values()) == 82
    assert sum(each["complete"] for each in found.values()) == 0


@pytest.mark.real
def test_the_answers_are_those_of_plain_python(real_data: Path) -> None:
    known, all_of = lines(real_data), rows(real_data / FILE)
    for name, answer in ANSWERS.items():
        assert counted([each for each in all_of if each["project"] == name], known) == answer


@pytest.mark.real
def test_twice_the_same_real_file_adds_nothing(office: Office, real_data: Path) -> None:
    tally = bring(office, real_data / FILE)
    assert (tally.added, tally.known) == (0, 179)
