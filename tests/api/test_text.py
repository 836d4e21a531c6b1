"""What strings from outside may look like."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.derived.text import LINE_LIMIT, TEXT_LIMIT, read_line, read_text
from domain.kernel import ERASED, Problem
from domain.wording import is_readable

FORBIDDEN = ["\x00", "\x1b", "\x7f", "\x85", "\ud800", "\udfff", "\ufdd0", "\ufffe", "\U0010ffff"]
REORDERING = ["\u202e", "\u2066"]


@pytest.mark.parametrize("character", FORBIDDEN + REORDERING)
def test_what_breaks_or_deceives_is_refused_in_lines_and_texts(character: str) -> None:
    for read in (read_line, read_text):
        refused = read(f"ab{character}")
        assert isinstance(refused, Problem)
        assert refused.code == "forbidden_character"
        assert f"U+{ord(character):04X} at character 3" in refused.message


@pytest.mark.parametrize("character", ["\n", "\t", "\r", "\u2028"])
def test_a_line_is_one_line(character: str) -> None:
    refused = read_line(f"a{character}b")
    assert isinstance(refused, Problem)
    assert not isinstance(read_text(f"a{character}b"), Problem)


def test_text_is_put_in_normal_form_with_plain_newlines() -> None:
    assert read_line("Cafe\u0301") == "Caf\u00e9"
    assert read_text("one\r\ntwo\rthree\n") == "one\ntwo\nthree\n"


def test_nobody_can_write_what_stands_for_erased_text() -> None:
    assert isinstance(read_text(ERASED), Problem)


def test_lines_are_capped_in_characters_and_texts_in_bytes() -> None:
    assert read_line("ü" * LINE_LIMIT) == "ü" * LINE_LIMIT
    assert isinstance(read_line("x" * (LINE_LIMIT + 1)), Problem)
    assert read_text("x" * TEXT_LIMIT) == "x" * TEXT_LIMIT
    refused = read_text("ü" * (TEXT_LIMIT // 2 + 1))
    assert isinstance(refused, Problem)
    assert refused.code == "too_long"


@given(st.text(st.characters(codec=None)))
def test_what_is_let_in_can_be_stored(given: str) -> None:
    read = read_text(given)
    if not isinstance(read, Problem):
        assert is_readable(read)
        assert unicodedata.is_normalized("NFC", read)
        assert read_text(read) == read
