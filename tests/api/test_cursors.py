"""Cursors tell nothing and cannot be made up."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.derived.cursors import Cursors
from domain.kernel import Refusal

SECRET = b"0123456789abcdef0123456789abcdef"
AT = datetime(2026, 11, 20, 19, tzinfo=UTC)
CURSOR = Cursors(SECRET).seal((AT, "id"), b"list")


def test_a_cursor_opens_where_it_was_sealed() -> None:
    assert Cursors(SECRET).open(CURSOR, b"list", (datetime, str), "after") == (AT, "id")


def test_the_same_place_has_the_same_cursor() -> None:
    assert Cursors(SECRET).seal((AT, "id"), b"list") == CURSOR


def test_a_cursor_does_not_show_what_it_holds() -> None:
    assert "2026" not in CURSOR
    assert len({Cursors(SECRET).seal((AT, str(each)), b"list")[:16] for each in range(50)}) == 50


@pytest.mark.parametrize(
    "cursor, secret, bound",
    [
        (CURSOR, SECRET, b"another list"),
        (CURSOR, b"x" * 32, b"list"),
        (CURSOR[:-3] + "AAA", SECRET, b"list"),
        ("A" + CURSOR[1:], SECRET, b"list"),
        (CURSOR[:20], SECRET, b"list"),
        ("", SECRET, b"list"),
        ("ü", SECRET, b"list"),
        ("YXJyYXljb25uZWN0aW9uOjE=", SECRET, b"list"),
        ("A" * 100_000, SECRET, b"list"),
    ],
)
def test_a_foreign_or_edited_cursor_is_refused(cursor: str, secret: bytes, bound: bytes) -> None:
    with pytest.raises(Refusal) as no:
        Cursors(secret).open(cursor, bound, (datetime, str), "after")
    assert [(one.code, one.path) for one in no.value.problems] == [("bad_cursor", ("after",))]


@given(st.text(st.characters(codec=None)))
def test_nothing_made_up_is_a_cursor(made_up: str) -> None:
    with pytest.raises(Refusal):
        Cursors(SECRET).open(made_up, b"list", (datetime, str), "before")


def test_a_short_secret_makes_no_cursors() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Cursors(b"short")
