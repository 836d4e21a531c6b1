"""Bad lines of a file are reported with their number, and the others are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.importing.lines import LONGEST
from api.importing.rows import read_merge
from domain.kernel import Refusal
from tests.api.merges import (
    Machine,
    Row,
    claim,
    opened_office,
    records,
    row,
    write,
)
from tests.api.office import Office


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(request, tmp_path_factory.mktemp(f"import-{request.param}")) as office:
        yield office


@pytest.fixture
def machine(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Machine:
    return Machine(office, monkeypatch, capsys)


# Bad lines.

DEEP = '{"mr_iid": ' + "[" * 50_000 + "]" * 50_000 + "}"
BAD: list[tuple[Row | str | bytes, str, str]] = [
    ("", "line_empty", ""),
    ("   ", "line_empty", ""),
    ("nonsense", "bad_json", ""),
    ('{"mr_iid": 1', "bad_json", ""),
    ('{"mr_iid": NaN}', "bad_json", ""),
    (b'{"title": "\xff"}', "bad_json", ""),
    ("\ufeff" + json.dumps(row()), "bad_json", ""),
    ("[]", "not_an_object", ""),
    ("null", "not_an_object", ""),
    (DEEP, "json_too_deep", ""),
    ('{"x": "' + "x" * 100_000 + '"}', "string_too_long", ""),
    ('{"x": "' + "x" * LONGEST + '"}', "line_too_long", ""),
    (b"x" * 10_000_000, "line_too_long", ""),
    (json.dumps(row())[:-1] + ', "mr_iid": 2}', "field_twice", "mr_iid"),
    (json.dumps(row(more={}))[:-3] + '{"a": 1, "a": 2}}', "field_twice", "a"),
    ({key: value for key, value in row().items() if key != "security"}, "field_absent", "security"),
    (row(title=None), "wrong_type", "title"),
    (row(title=["x"]), "wrong_type", "title"),
    (row(mr_iid="7"), "wrong_type", "mr_iid"),
    (row(mr_iid=True), "wrong_type", "mr_iid"),
    (row(mr_iid=7.0), "wrong_type", "mr_iid"),
    (row(mr_iid=10**30), "number_unusable", "mr_iid"),
    (row(security=0), "wrong_type", "security"),
    (row(default_branch_first_parent="yes"), "wrong_type", "default_branch_first_parent"),
    (row(approved_by="p-2"), "wrong_type", "approved_by"),
    (row(approved_by=[1]), "wrong_type", "approved_by.0"),
    (row(approved_by={"p-2": 1}), "wrong_type", "approved_by"),
    (row(merged_by=False), "wrong_type", "merged_by"),
    (row(merged_at=1683195072), "wrong_type", "merged_at"),
    (row(merged_at="yesterday"), "unreadable_time", "merged_at"),
    (row(merged_at="2023-05-04"), "unreadable_time", "merged_at"),
    (row(merged_at="2023-02-30T10:11:12Z"), "unreadable_time", "merged_at"),
    (row(merged_at="2023-05-04T10:11:12"), "naive_time", "merged_at"),
    (row(merged_at="1969-05-04T10:11:12Z"), "time_out_of_range", "merged_at"),
    (row(merged_at="2199-05-04T10:11:12Z"), "still_to_come", "merged_at"),
    (row(title="a\x00b"), "forbidden_character", ""),
    (row(title="\ud800"), "bad_json", ""),
    (row(title="\ufdd0erased"), "forbidden_character", ""),
    (row(**{"\uffff": 1}), "forbidden_character", ""),
    (row(title="a\nb"), "forbidden_character", "title"),
    (row(title="\u202etxt"), "forbidden_character", "title"),
    (row(title="x" * 1_001), "too_long", "title"),
    (row(title=" "), "text_missing", "title"),
    (row(mr_project=""), "name_unusable", "mr_project"),
    (row(mr_project="x" * 101), "name_unusable", "mr_project"),
    (row(mr_iid=0), "number_unusable", "mr_iid"),
    (row(mr_iid=2**31), "number_unusable", "mr_iid"),
    (row(sha="HEAD"), "not_a_commit", "sha"),
    (row(sha="A" * 40), "not_a_commit", "sha"),
    (row(merged_head="0" * 39), "not_a_commit", "merged_head"),
    (row(authors=[""]), "name_unusable", "authors.0"),
    (row(approved_by=["p-2", "p-2"]), "named_twice", "approved_by"),
    (row(authors=["e\u0301", "\u00e9"]), "named_twice", "authors"),
    (row(reviewed_by=[f"p-{n}" for n in range(101)]), "too_many", "reviewed_by"),
]


def test_every_bad_line_is_reported_and_the_others_are_kept(
    machine: Machine, tmp_path: Path
) -> None:
    good = [row(3000 + number) for number in range(len(BAD))]
    told = [line for pair in zip(good, (bad for bad, _, _ in BAD), strict=True) for line in pair]
    before = records(machine.office)
    ran = machine.imports(write(tmp_path / "merges", told))
    expected = [(2 * at, code, place) for at, (_, code, place) in enumerate(BAD, 1)]
    assert ran.problems == expected
    assert (ran.status, ran.said["bad"], ran.said["added"]) == (1, len(BAD), len(good))
    assert records(machine.office) == before + len(good)
    assert f"{len(BAD)} of {len(told)} lines are bad" in ran.err


@pytest.mark.parametrize(
    "title,said",
    [("a\x00b", "with NUL"), ("x" * 100_000, "too long"), ("\ud800", "no JSON")],
    ids=["NUL", "long", "a surrogate alone"],
)
def test_a_line_of_good_json_is_not_called_bad_json(title: str, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_merge(1, json.dumps(row(title=title)).encode())
    assert said in refused.value.problems[0].message


def test_everything_wrong_with_a_line_is_told_at_once(machine: Machine, tmp_path: Path) -> None:
    bad = row(merged_at="soon", security="no", authors=None, approved_by=[7])
    del bad["mr_iid"]
    ran = machine.imports(write(tmp_path / "merges", [bad]))
    assert ran.problems == [
        (1, "field_absent", "mr_iid"),
        (1, "unreadable_time", "merged_at"),
        (1, "wrong_type", "security"),
        (1, "wrong_type", "approved_by.0"),
    ]


def test_a_person_reads_what_is_wrong_with_which_line(machine: Machine, tmp_path: Path) -> None:
    file = write(tmp_path / "merges", [row(4000), row(security=None)])
    ran = machine.types("import", "merge-requests", file)
    assert ran.err == (
        "line 2: security: This is to be true or false. (wrong_type)\n"
        "changegate: 1 of 2 lines are bad\n"
    )


def test_fields_nobody_reads_are_passed_over(machine: Machine, tmp_path: Path) -> None:
    told = row(4100, labels=["bug", {"deep": [1]}], weight=1.5)
    del told["repo"], told["merge_commit_author"]
    assert machine.imports(write(tmp_path / "merges", [told])).said["added"] == 1


def test_lines_end_as_they_do_elsewhere(machine: Machine, tmp_path: Path) -> None:
    file = tmp_path / "merges"
    text = json.dumps(row(4200)) + "\r\n" + json.dumps(row(4201, title="a\u2028b"[:1]))
    file.write_text(text, newline="")
    assert machine.imports(file).said["added"] == 2


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_line_is_too_strange(content: bytes) -> None:
    with pytest.raises(Refusal):
        read_merge(1, content)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(row())), VALUES)
def test_no_value_is_too_strange(name: str, value: Any) -> None:
    try:
        found = claim(row(**{name: value}))
    except Refusal:
        return  # which is an answer; anything else that is raised is not
    assert found.told.number


def test_names_that_look_the_same_are_the_same() -> None:
    found = claim(row(authors=["e\u0301"], merged_by="\u00e9"))
    assert found.told.authors == (found.told.merged_by,)


@pytest.mark.req("X-05")
@pytest.mark.parametrize(
    "changes,approvers",
    [
        ({}, ("p-2", "p-3")),
        ({"approved_by": []}, ()),
        ({"approved_by": [], "merged_by": None}, None),
        ({"approved_by": [], "merged_at": "2022-08-31T23:59:59Z"}, None),
        ({"approved_by": [], "merged_at": "2022-09-01T01:30:00+02:00"}, None),
        ({"approved_by": ["p-2"], "merged_at": "2021-01-01T00:00:00Z"}, ("p-2",)),
        ({"approved_by": None}, None),
    ],
)
def test_nobody_is_told_from_not_recorded(changes: Row, approvers: Any) -> None:
    assert claim(row(**changes)).told.approved_by == approvers
