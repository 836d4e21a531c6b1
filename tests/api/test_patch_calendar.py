"""The calendar of patches is compared with the days they really came, at the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.machine import Machine

ANSWERS = {
    ("second_and_fourth", 1): """
2015 24  5  9 10 14 20 10
2016 24 13 18 23  1 60 37
2017 24  8 12 19  5 58 39
2018 24  3 12 17  7 51 34
2019 24  3 10 16  8 43 27
2020 24  5 16 21  3 47 26
2021 24  3 13 19  5 46 27
2022 24  3  8 13 11 41 28
2023 24  5 11 15  9 41 26
2024 24  5 18 18  6 30 12
""",
    ("around_the_monthly", 3): """
2016 24  1  3  5 19 19 14
2017 24  3  3  5 19 15 10
2018 24  1  5  7 17 20 13
2019 24  0  7 10 14 19  9
2020 24  2  5  7 17 20 13
2021 24  1  3  4 20 17 13
2022 24  0  2  5 19 13  8
2023 24  3  4  6 18 19 13
2024 24  6 21 22  2 28  6
""",
}
"""Year, planned, on the day, within one day, within three, missed, batches, unplanned."""
FIELDS = ["year", "planned", "on_the_day", "within_one", "within_reach"]
FIELDS += ["missed", "batches", "unplanned"]


def row(**changes: Any) -> str:
    told = {"version": "17.6.1", "line": "17.6", "kind": "patch", "patch_batch": "b"}
    return json.dumps(told | {"released_at": "2024-11-26T08:31:26Z"} | changes)


def write(folder: Path, *rows: str) -> Path:
    file = folder / "releases.jsonl"
    file.write_text("".join(f"{each}\n" for each in rows))
    return file


@pytest.mark.real
@pytest.mark.req("S1-08", "S1-09", "S1-56", "X-03")
@pytest.mark.parametrize("asked", ANSWERS, ids=lambda each: each[0])
def test_real_patches_agree_this_well_with_each_wording(
    machine: Machine, real_data: Path, asked: tuple[str, int]
) -> None:
    """Since 2024 patches come around the monthly release; before, hardly any day was planned."""
    file, (cadence, lines) = str(real_data / "gitlab-releases.jsonl"), asked
    told = machine.run(
        "patch-calendar", file, "--cadence", cadence, "--lines", str(lines), "--json"
    )
    answers = [[*map(int, each.split())] for each in ANSWERS[asked].strip().splitlines()]
    assert [[each[name] for name in FIELDS] for each in told.json] == answers


def test_versions_that_are_no_patch_or_were_never_tagged_do_not_count(
    machine: Machine, tmp_path: Path
) -> None:
    never = row(version="17.6.2", released_at=None)
    file = write(tmp_path, row(), row(kind="monthly", patch_batch=7), never)
    told = machine.run("patch-calendar", str(file))
    assert told.status == 0
    headings, year = told.out.splitlines()
    assert headings.split()[:2] == ["year", "planned"]
    assert year.split() == ["2024", "24", "0", "1", "1", "23", "1", "0"]


@pytest.mark.parametrize(
    "text,why",
    [
        ("{", "line 1: The line holds no JSON"),
        (row(released_at="yesterday"), "line 1: released_at:"),
        (row(line=3), "line 1: line:"),
        ("x" * 300_000, "line 1: A line has at most"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_answered(
    machine: Machine, tmp_path: Path, text: str, why: str
) -> None:
    told = machine.run("patch-calendar", str(write(tmp_path, text)))
    assert (told.status, told.out) == (2, "")
    assert why in told.err


def test_a_cadence_or_a_playbook_that_is_not_there_is_told(
    machine: Machine, tmp_path: Path
) -> None:
    file = str(write(tmp_path, row()))
    told = machine.run("patch-calendar", file, "--cadence", "weekly")
    assert told.status == 2
    assert "second_and_fourth, around_the_monthly" in told.err
    told = machine.run("patch-calendar", file, "--playbook", str(tmp_path / "none.toml"))
    assert (told.status, "there is no file" in told.err) == (2, True)
    assert machine.run("patch-calendar", str(write(tmp_path))).out.split()[0] == "year"
