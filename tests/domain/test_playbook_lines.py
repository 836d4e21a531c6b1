"""Every table, key and element of a TOML text is found on the line where it is written."""

import string
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.playbook.toml_lines import Path, lines

TEXT = '''\
format = 1 # a comment with = and [brackets]
"quoted key" = "it's # no comment"
dotted.inner = 2

[[change]]
name = "first"
plan = """
[[change]]
name = 'not a key'
"""

  [[change.rule]]
  roles = [
    "one", # "two",
    'three',
    { a = 1, b = [2,
      3] },
  ]

[[change]]
name = "second"
[[change.rule]]
at = 1979-05-27 07:32:00
[change.rule.inner]
last = \'\'\'
'\'\'\'\'

[after]
end = true
'''


def test_keys_of_an_array_of_tables_stand_in_the_table_they_belong_to() -> None:
    found = lines(TEXT)
    assert found[("change",)] == 5
    assert found[("change", 0)] == 5
    assert found[("change", 0, "name")] == 6
    assert found[("change", 0, "rule", 0)] == 12
    assert found[("change", 1)] == 20
    assert found[("change", 1, "name")] == 21
    assert found[("change", 1, "rule", 0, "at")] == 23
    assert found[("change", 1, "rule", 0, "inner", "last")] == 25


def test_elements_stand_on_their_own_lines() -> None:
    roles: Path = ("change", 0, "rule", 0, "roles")
    found = lines(TEXT)
    assert [found[(*roles, at)] for at in range(3)] == [14, 15, 16]
    assert found[(*roles, 2, "b", 1)] == 17


def test_text_that_looks_like_a_table_is_text() -> None:
    found = lines(TEXT)
    assert found[("change", 0, "plan")] == 7
    assert found[("after", "end")] == 29
    assert found[("dotted", "inner")] == 3
    assert found[("quoted key",)] == 2


def test_everything_that_a_text_holds_is_found() -> None:
    assert set(lines(TEXT)) == set(_paths(tomllib.loads(TEXT), ()))


def _paths(value: Any, path: Path) -> list[Path]:
    """Every path of a decoded value."""
    if isinstance(value, dict):
        inner = [p for key, each in value.items() for p in _paths(each, (*path, key))]
    elif isinstance(value, list):
        inner = [p for at, each in enumerate(value) for p in _paths(each, (*path, at))]
    else:
        inner = []
    return [path, *inner]


words = st.text(string.ascii_lowercase + "-_09", min_size=1, max_size=3)
# One line each; whatever is quoted may look like syntax.
scalars = st.sampled_from(
    ["1", "-3.5e7", "true", "inf", '"#"', '"\\"]"', "'[a]'", '""', "2020-01-01 00:00:00", "''"]
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[Path, int]]:
    """A TOML text of tables, and the line of each key in it."""
    text: list[str] = []
    expected: dict[Path, int] = {}
    for index in range(draw(st.integers(0, 4))):
        text += draw(st.lists(st.sampled_from(["", "# [x]", "  "]), max_size=2))
        text.append(draw(st.sampled_from(["[[t]]", "[[ t ]]  # c", '[["t"]]'])))
        expected[("t", index)] = len(text)
        for key in draw(st.lists(words, max_size=4, unique=True)):
            values = draw(st.lists(scalars, max_size=3))
            text.append(f"{key} = [")
            expected[("t", index, key)] = len(text)
            for at, value in enumerate(values):
                text += [""] * draw(st.integers(0, 1)) + [f"  {value}, # ] ,"]
                expected[("t", index, key, at)] = len(text)
            text.append("]")
    return "\n".join(text), expected


@given(documents())
def test_lines_are_right_whatever_stands_around(document: tuple[str, dict[Path, int]]) -> None:
    text, expected = document
    found = lines(text)
    assert set(found) == set(_paths(tomllib.loads(text), ()))
    assert {path: found[path] for path in expected} == expected


@pytest.mark.parametrize("text", ["a = '''\n\n'''''\nb = 1", 'a = """\n\n"""""\nb = 1'])
def test_quotes_before_the_closing_ones_belong_to_the_text(text: str) -> None:
    assert lines(text)[("b",)] == 4
