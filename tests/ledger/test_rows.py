"""Derived rows: only those that differ are written, and no old one stays behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from domain.kernel import Rows
from ledger import codec, recording
from ledger.writes import Replaced, Writes
from tests.ledger.ground import TABLES, Ground
from tests.ledger.shelf import BOOK, Book, BookTag, Condition

AT = datetime(2026, 3, 3, tzinfo=UTC)


def book(*tags: str, lent: bool = False) -> Book:
    return Book(
        id="b",
        version=1,
        revision=1,
        title="Of Logs",
        owner=None,
        condition=Condition.GOOD,
        lent=lent,
        due=datetime(2027, 1, 31, tzinfo=UTC),
        tags=tags,
    )


def painted(ground: Ground, before: Book | None, after: Book) -> Sequence[Replaced]:
    """Write what a change of the book entails; answers what was replaced."""
    database = ground.writer.database
    writes = Writes(database.open({}, []).head, AT)
    recording.paint(BOOK, before, after, writes, {})
    writes.updates.clear()  # the book itself is another test's matter
    writes.inserts.clear()
    database.write(writes)
    return writes.rows.get("book_tags", [])


def stored(ground: Ground) -> list[Any]:
    table = TABLES.rows["book_tags"]
    with ground.reader.connection() as connection:
        rows = connection.execute(select(table).order_by(table.c.ordinal)).all()
    return [tuple(row) for row in rows]


def rows(*tags: str, lent: bool = False) -> list[Any]:
    return [("b", at, tag, lent) for at, tag in enumerate(tags)]


@pytest.mark.parametrize(
    "before, after, since, over, written",
    [
        (("a", "b"), ("a", "b", "c"), 2, False, 1),
        (("a", "b", "c"), ("a", "x", "c"), 1, True, 2),
        (("a", "b", "c"), ("a",), 1, True, 0),
        (("a",), (), 0, True, 0),
        ((), ("a", "b"), 0, False, 2),
    ],
)
def test_rows_are_replaced_from_the_first_that_differs(
    ground: Ground,
    before: tuple[str, ...],
    after: tuple[str, ...],
    since: int,
    *,
    over: bool,
    written: int,
) -> None:
    painted(ground, None, book(*before))
    [replaced] = painted(ground, book(*before), book(*after))
    assert (replaced.since, replaced.over, len(replaced.rows)) == (since, over, written)
    assert stored(ground) == rows(*after)


def test_every_row_may_differ(ground: Ground) -> None:
    painted(ground, None, book("a", "b"))
    painted(ground, book("a", "b"), book("a", "b", lent=True))
    assert stored(ground) == rows("a", "b", lent=True)


def test_rows_that_stay_are_not_written(ground: Ground) -> None:
    painted(ground, None, book("a", "b"))
    assert painted(ground, book("a", "b"), book("a", "b")) == []


def test_rows_painted_before_need_not_be_derived_again(ground: Ground) -> None:
    database = ground.writer.database
    writes = Writes(database.open({}, []).head, AT)
    known = recording.paint(BOOK, None, book("a"), writes, {})
    database.rollback()
    assert known == {"book_tags": (BookTag("a", lent=False),)}
    after = Writes(writes.head, AT)
    again = recording.paint(BOOK, book("not asked"), book("a", "b"), after, known)
    assert [each.since for each in after.rows["book_tags"]] == [1]
    assert again == {"book_tags": (BookTag("a", lent=False), BookTag("b", lent=False))}


def test_what_a_change_leaves_alone_stays_known() -> None:
    rows: Rows[Book] = Rows(
        "book_tags", BookTag, lambda state: [BookTag(state.title, lent=False)], needs=("tags",)
    )
    shelf = replace(BOOK, rows=(rows,))
    before = book("a")
    after = replace(before, title="Renamed")
    head: Any = None
    remembered = {"book_tags": (BookTag("Of Logs", lent=False),)}
    nothing: Mapping[str, tuple[Any, ...]] = {}
    for known in (nothing, remembered):
        writes = Writes(head, AT)
        assert recording.paint(shelf, before, after, writes, known) == known
        assert writes.rows == {}


def test_a_row_that_no_state_has_is_never_read_as_one() -> None:
    state = book("a", "b")
    row = [
        codec.plain_value(each, getattr(state, each.name))
        for each in codec.columns(BOOK)
        if not each.derived
    ]
    read = codec.state_reader(Book)
    assert read(row) == state
    with pytest.raises(ValueError, match="fields of Book"):
        read(row[:-1])
    with pytest.raises(ValueError, match="eaten"):
        read(["eaten" if each == Condition.GOOD.value else each for each in row])
