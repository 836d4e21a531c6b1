"""Two writers take turns: who had to wait takes in what came meanwhile, and has its whole turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ledger import writer
from ledger.request import Request, Status
from ledger.writes import Opening
from tests.ledger.ground import TABLES, Ground, codes, done, request
from tests.ledger.serving import Caller, eventually, holding_the_head, notes, serving
from tests.ledger.shelf import Book
from tests.ledger.truth import assert_log_agrees

DUE = datetime(2027, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch closes when it is full, however long a busy machine takes over it."""
    monkeypatch.setattr(writer, "CLOSES_AFTER_S", inf)


class Door:
    """Lets those in who came late, as many as there is room for, and keeps what it was asked."""

    def __init__(self, came: Sequence[Request]) -> None:
        self.came = list(came)
        self.rooms: list[int] = []

    def __call__(self, room: int) -> list[Request]:
        self.rooms.append(room)
        found, self.came = self.came[:room], self.came[room:]
        return found


@pytest.fixture
def overtaken(ground: Ground) -> str:
    """A book; another writer has had its turn since the ground's own wrote."""
    book = ground.book()
    other = ground.another_writer()
    done(other.submit(notes(book, 1)[0]))
    other.close()
    return book


def _times(ground: Ground) -> dict[str, datetime]:
    """When each request was recorded; those of one batch were at one time."""
    events = TABLES.events
    with ground.reader.connection() as connection:
        rows = connection.execute(select(events.c.request, events.c.at)).all()
    return {row.request: row.at for row in rows}


def test_who_came_while_another_wrote_joins_the_batch(ground: Ground, overtaken: str) -> None:
    first, late = notes(overtaken, 2), notes(overtaken, 3)
    door = Door(late)
    answers = ground.writer.run(first, door)
    assert [each.request for each in answers] == [each.id for each in (*first, *late)]
    assert [done(each).version for each in answers] == [3, 4, 5, 6, 7]
    assert door.rooms == [ground.writer.limit - 2]
    times = _times(ground)
    assert len({times[each.id] for each in (*first, *late)}) == 1
    assert_log_agrees(ground, answers)


def test_nobody_joins_where_nobody_else_wrote(ground: Ground) -> None:
    book = ground.book()
    door = Door(notes(book, 3))
    assert len(ground.writer.run(notes(book, 2), door)) == 2
    assert door.rooms == []


def test_nobody_joins_the_first_batch_of_a_writer(ground: Ground) -> None:
    book = ground.book()
    fresh, door = ground.another_writer(), Door(notes(book, 3))
    assert len(fresh.run(notes(book, 2), door)) == 2
    assert door.rooms == []
    fresh.close()


@pytest.mark.parametrize("limit, joined", [(2, []), (3, [1]), (1, [])])
def test_those_who_join_find_no_more_room_than_there_is(
    ground: Ground, overtaken: str, limit: int, joined: list[int]
) -> None:
    ground.writer.limit = limit
    door = Door(notes(overtaken, 5))
    answers = ground.writer.run(notes(overtaken, 2), door)
    assert [done(each).version for each in answers] == list(range(3, 5 + sum(joined)))
    assert door.rooms == joined


def test_an_erasure_stays_alone(ground: Ground, overtaken: str) -> None:
    door = Door(notes(overtaken, 2))
    [answer] = ground.writer.run([request("erasure.erase", "an erasure")], door)
    assert (answer.status, door.rooms) == (Status.REFUSED, [])


def test_who_joins_is_answered_again_by_key(ground: Ground) -> None:
    book = ground.book()
    other = ground.another_writer()
    asked = request("book.note", book, text="x", key="k")
    before = done(other.submit(asked))
    other.close()
    again = request("book.note", book, text="x", key="k")
    twin = request("book.note", book, text="x", key="k")
    _, *answers = ground.writer.run(notes(book, 1), Door([again, twin]))
    assert [done(each).again for each in answers] == [True, True]
    assert {each.position for each in answers} == {before.position}


def test_who_joins_sees_the_books_as_they_are(ground: Ground, overtaken: str) -> None:
    other = ground.another_writer()
    books = [ground.book(), ground.book()]
    done(other.submit(request("book.lend", books[0], seen=1, due=DUE)))
    done(other.submit(request("book.lend", books[1], seen=1, due=DUE)))
    other.close()
    late = [request("book.lend", each, seen=1, due=DUE) for each in books]
    _, *answers = ground.writer.run(notes(overtaken, 1), Door(late))
    assert [codes(each) for each in answers] == [["moved_on"], ["moved_on"]]


def test_who_joins_a_batch_that_fails_is_run_alone(ground: Ground, overtaken: str) -> None:
    breaks, fails = ground.writer.database.write, iter([True])

    def write(writes: Any) -> None:
        if next(fails, False):
            raise RuntimeError("a fault")
        breaks(writes)

    ground.writer.database.write = write  # type: ignore[method-assign]
    answers = ground.writer.run(notes(overtaken, 2), Door(notes(overtaken, 2)))
    assert [done(each).version for each in answers] == [3, 4, 5, 6]
    assert_log_agrees(ground, answers)


def test_waiting_for_another_writer_takes_nothing_off_ones_turn(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "CLOSES_AFTER_S", 0.2)
    book = ground.book()
    opens: Callable[..., Opening] = ground.writer.database.open

    def slow(*arguments: Any) -> Opening:
        time.sleep(0.25)  # as long as another writer's turn takes
        return opens(*arguments)

    ground.writer.database.open = slow  # type: ignore[method-assign,assignment]
    asked = notes(book, 3)
    for answer in ground.writer.run(asked):
        done(answer)
    times = _times(ground)
    assert times[asked[1].id] == times[asked[0].id]


@pytest.mark.parametrize("passed", [False, True], ids=["in time", "too late"])
def test_a_server_takes_in_what_comes_while_it_waits(
    ground: Ground, socket_path: Path, passed: bool
) -> None:
    book = ground.book()
    other = ground.another_writer()
    with serving(ground.another_writer(), socket_path) as server:
        caller = Caller(socket_path)
        done(caller.ask(notes(book, 1)[0]))
        done(other.submit(notes(book, 1)[0]))
        first, late = notes(book, 1), notes(book, 8)
        with holding_the_head(ground.url):
            caller.send(*first)
            eventually(lambda: bool(server._by_id) and not server._waiting)
            caller.send(*late, deadline=0.0 if passed else None)
        answers = caller.answers(9)
        caller.close()
    other.close()
    told = [codes(answers[each.id]) for each in late]
    assert told == [["deadline_passed"] if passed else []] * 8
    if not passed:
        times = _times(ground)
        assert len({times[each.id] for each in (*first, *late)}) == 1
    assert len(ground.get(Book, book).notes) == (3 if passed else 11)
