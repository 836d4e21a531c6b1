"""What text and names must be like before they may be kept."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from domain.digest import canonical
from domain.kernel import Problems
from domain.wording import NAME, blank, check_given, check_name, check_names, is_readable


def codes(problems: Problems) -> list[str]:
    return [each.code for each in problems]


@pytest.mark.parametrize(
    "text",
    ["", "plain", "line\nbreak\ttab\r\n", "Zürich", "日本", "🙂", "e\u0301".encode().decode()],
)
def test_ordinary_text_is_readable_in_its_composed_form(text: str) -> None:
    assert is_readable(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "\x1b[31m",
        "\x7f",
        "\ud800",
        "\ufdd0",
        "\ufffe",
        "\uffff",
        "\U0010ffff",
        "e\u0301",
    ],
)
def test_what_no_log_should_hold_is_not(text: str) -> None:
    assert not is_readable(f"a{text}b")


@given(some.text())
def test_readable_text_has_a_canonical_spelling(text: str) -> None:
    if is_readable(text):
        assert canonical(text)


def test_given_text_says_something() -> None:
    problems = Problems()
    check_given(problems, " \n", 10, "reason")
    check_given(problems, "x" * 11, 10, "reason")
    assert codes(problems) == ["text_missing", "text_too_long"]


@pytest.mark.parametrize("name", ["a", "gitlab-org/gitaly", "db 1", "é", "x" * NAME])
def test_a_name_is_one_line(name: str) -> None:
    problems = Problems()
    check_name(problems, name)
    assert not problems


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "a\tb", "any", "x" * (NAME + 1), "a\x00"])
def test_what_is_no_name_is_refused(name: str) -> None:
    problems = Problems()
    check_name(problems, name, "service")
    assert codes(problems) == ["name_unusable"]


def test_names_stand_once_and_are_not_too_many() -> None:
    problems = Problems()
    check_names(problems, ("a", "a", "b"), 2, "environments")
    assert codes(problems) == ["named_twice", "too_many"]


def test_blank_is_nothing_but_space() -> None:
    assert blank((None, "", " \n", (), ()))
    assert not blank((None, "x"))
    assert not blank((("a",),))
