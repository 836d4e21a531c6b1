"""A database that takes no more: it is told as such, nothing is lost, and room is seen again."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from ledger.request import LOOK, Answer, Status
from tests import postgres
from tests.ledger.ground import Ground, codes, done, request
from tests.ledger.shelf import Book
from tests.ledger.truth import assert_log_agrees


@contextmanager
def no_room(ground: Ground) -> Iterator[None]:
    """Let no file grow, as a quota does; the other database's server is told to say so."""
    if ground.url.startswith("postgresql"):
        with postgres.full_disk(ground.url):
            yield
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def look(ground: Ground) -> Answer:
    return ground.submit(LOOK, "log", by="nobody")


def test_without_room_nothing_is_written_and_a_look_says_so_until_there_is_some(
    ground: Ground,
) -> None:
    book = ground.book()
    told = [done(ground.submit("book.note", book, text="before"))]
    asked = [request("book.note", book, text=f"{number}" * 9000) for number in range(3)]
    with no_room(ground):
        assert look(ground).status is Status.REFUSED, "nobody has found out"
        answers = ground.writer.run(asked)
        assert [(each.status, codes(each)) for each in answers] == [
            (Status.FAILED, ["unavailable"])
        ] * 3
        for _ in range(2):
            assert (look(ground).status, codes(look(ground))) == (Status.FAILED, ["unavailable"])
    assert look(ground).status is Status.REFUSED
    told += [done(each) for each in ground.writer.run(asked)]
    assert [len(each.text) for each in ground.get(Book, book).notes] == [6, 9000, 9000, 9000]
    ground.writer.rest()
    assert_log_agrees(ground, told)


def test_a_write_that_gets_in_says_that_there_is_room(ground: Ground) -> None:
    book = ground.book()
    with no_room(ground):
        assert codes(ground.submit("book.note", book, text="x" * 9000)) == ["unavailable"]
    told = done(ground.submit("book.note", book, text="x"))
    assert look(ground).status is Status.REFUSED
    assert_log_agrees(ground, [told])


def test_a_look_leaves_nothing_behind(ground: Ground) -> None:
    book = ground.book()
    with no_room(ground):
        ground.submit("book.note", book, text="x" * 9000)
    before = ground.size()
    assert look(ground).status is Status.REFUSED
    assert ground.size() == before
    with ground.reader.connection() as connection:
        assert connection.exec_driver_sql("select count(*) from replies").scalar_one() == 0
