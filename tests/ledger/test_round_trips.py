"""What a batch costs PostgreSQL: round trips, statements, and reads that can use an index."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from math import inf

import psycopg
import pytest

from ledger import statements as sql
from ledger import writer
from ledger.databases import libpq, parse
from tests.ledger.ground import TABLES, Ground, codes, done, request
from tests.ledger.shelf import Book, Condition
from tests.ledger.wiretap import Wiretap

DUE = datetime(2027, 1, 31, 12, tzinfo=UTC)
OWNERS = ("Bob", 'Q"u\\o')


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch closes when it is full, however long a busy machine takes over it."""
    monkeypatch.setattr(writer, "CLOSES_AFTER_S", inf)


def test_a_batch_takes_two_round_trips(tapped: Ground, tap: Wiretap) -> None:
    books = [tapped.book() for _ in range(4)]
    tapped.writer.view.clear()
    before = tap.trips
    answers = tapped.writer.run(
        [request("book.note", each, key=each, text="x") for each in books for _ in range(4)]
        + [request("book.lend", each, seen=1, due=DUE, tags=["a", "b"]) for each in books]
        + [request("book.shelve", title="T") for _ in range(4)]
    )
    assert tap.trips - before == 2
    assert [each.again for each in map(done, answers)] == ([False] + [True] * 3) * 4 + [False] * 8


def test_refusals_alone_take_two_round_trips(tapped: Ground, tap: Wiretap) -> None:
    book = tapped.book()
    before = tap.trips
    answers = tapped.writer.run([request("book.lend", book, seen=9, due=DUE) for _ in range(9)])
    assert {code for each in answers for code in codes(each)} == {"moved_on"}
    assert tap.trips - before == 2


def test_keeping_the_checkpoint_takes_one_round_trip(tapped: Ground, tap: Wiretap) -> None:
    done(tapped.writer.run([request("book.shelve", title="T")])[0])
    before = tap.trips
    tapped.writer.rest()
    assert tap.trips - before == 1


def test_the_statements_of_a_batch_do_not_grow_with_it(tapped: Ground, tap: Wiretap) -> None:
    books = [tapped.book() for _ in range(60)]
    counts = []
    for size in (2, 60):
        tapped.writer.view.clear()
        asked = [request("book.note", each, key=f"{size} {each}", text="x") for each in books]
        asked += [request("book.shelve", key=f"{size} {each}", title="T") for each in books]
        before = tap.statements
        for answer in tapped.writer.run([*asked[:size], *asked[60 : 60 + size]]):
            done(answer)
        counts.append(tap.statements - before)
    assert counts[0] == counts[1]


def test_a_set_read_can_use_an_index(postgresql_ground: Ground) -> None:
    for column, value in (("lent", False), ("condition", "good"), ("due", None)):
        equal = sql.equalities(TABLES.snapshots["book"], {column: value})
        shown = equal.replace("$1", "%s")
        with psycopg.connect(libpq(parse(postgresql_ground.url))) as connection:
            connection.execute("set enable_seqscan = off")
            given = () if value is None else (value,)
            plan = connection.execute(f"explain select * from books where {shown}", given)
            scan = "".join(row[0] for row in plan.fetchall())
        assert ("Index" in scan) is (column != "due"), scan


def test_a_set_read_finds_what_equals_and_what_is_empty(ground: Ground) -> None:
    books = sorted(ground.book(owner=owner) for owner in ("Bob", None, "Bob", "Eve"))
    done(ground.submit("book.lend", books[0], seen=1, due=DUE))
    view = ground.writer.view
    ground.writer.database.open({}, [])
    found = [
        {book.id for book in view.find(Book, **equal)}
        for equal in (
            {"owner": "Bob"},
            {"owner": None},
            {"owner": None, "lent": False},
            {"lent": True, "due": DUE, "condition": Condition.GOOD},
            {"lent": True, "due": None},
            {},
        )
    ]
    ground.writer.database.rollback()
    stored = [ground.get(Book, book) for book in books]
    assert found == [
        {book.id for book in stored if book.owner == "Bob"},
        {book.id for book in stored if book.owner is None},
        {book.id for book in stored if book.owner is None and not book.lent},
        {books[0]},
        set(),
        set(books),
    ]


def test_a_set_read_takes_any_of_several_values_at_once(ground: Ground) -> None:
    books = sorted(ground.book(owner=owner) for owner in ("Bob", 'Q"u\\o', "Eve", None))
    done(ground.submit("book.lend", books[0], seen=1, due=DUE))
    view = ground.writer.view
    ground.writer.database.open({}, [])
    asked: tuple[dict[str, object], ...] = (
        {"id": frozenset((books[0], books[2], "nobody"))},
        {"owner": frozenset(("Bob", 'Q"u\\o'))},
        {"due": frozenset((DUE,)), "lent": frozenset((True, False))},
        {"condition": frozenset((Condition.GOOD,)), "lent": False},
        {"id": frozenset()},
    )
    found = [{book.id for book in view.find(Book, **equal)} for equal in asked]
    ground.writer.database.rollback()
    owned = {book.id for book in map(partial(ground.get, Book), books) if book.owner in OWNERS}
    assert found == [{books[0], books[2]}, owned, {books[0]}, set(books[1:]), set()]


def test_a_set_read_of_several_values_sees_what_its_own_batch_decided(ground: Ground) -> None:
    book = ground.book(owner="Bob")
    view = ground.writer.view
    ground.writer.database.open({}, [])
    shelved = view.get(Book, book)
    assert shelved is not None
    lent = replace(shelved, lent=True)
    view.put(("book", book), lent)
    found = [
        view.find(Book, id=frozenset((book,)), lent=frozenset((each,))) for each in (True, False)
    ]
    view.forget()
    ground.writer.database.rollback()
    assert found == [(lent,), ()]
