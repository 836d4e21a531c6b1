"""Several writers of one log at once: everybody sees what the others did before deciding."""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.request import Answer, Status
from tests.ledger.ground import (
    Ground,
    codes,
    done,
    request,
)
from tests.ledger.load import Load, under
from tests.ledger.serving import Caller, holding_the_head, notes
from tests.ledger.shelf import Book
from tests.ledger.truth import assert_log_agrees, faults, requests_in
from tests.ledger.writer_process import Nursery

DUE = datetime(2027, 1, 31, 12, tzinfo=UTC)


# Several writer processes.


@pytest.mark.parametrize("same", [True, False], ids=["same books", "own books"])
def test_three_processes_write_one_log(
    postgresql_ground: Ground, nursery: Nursery, socket_path: Path, same: bool
) -> None:
    ground = postgresql_ground
    shared = [ground.book() for _ in range(4)]
    paths = [socket_path.with_name(f"writer {number}") for number in range(3)]
    loads = [Load(shared if same else [ground.book() for _ in range(4)], 8) for _ in paths]

    async def run() -> None:
        async with under(loads[0], paths[0]), under(loads[1], paths[1]), under(loads[2], paths[2]):
            for load in loads:
                await load.reach(150)

    with ExitStack() as writing:
        for path in paths:
            writing.enter_context(nursery.writer(ground.url, path))
        asyncio.run(run())
    answers = [answer for load in loads for answer in load.answers]
    assert_log_agrees(ground, map(done, answers))
    books = {book for load in loads for book in load.books}
    assert sum(len(ground.get(Book, book).notes) for book in books) == len(answers)


def test_of_three_who_want_one_book_one_gets_it(
    postgresql_ground: Ground, nursery: Nursery, socket_path: Path
) -> None:
    ground = postgresql_ground
    books = [ground.book() for _ in range(30)]
    paths = [socket_path.with_name(f"writer {number}") for number in range(3)]
    with ExitStack() as writing:
        for path in paths:
            writing.enter_context(nursery.writer(ground.url, path))
        callers = [Caller(path) for path in paths]
        for book in books:
            for caller in callers:
                caller.send(request("book.lend", book, seen=1, due=DUE))
        answers = [answer for each in callers for answer in each.answers(30).values()]
        for caller in callers:
            caller.close()
    lent = [answer.subject for answer in answers if answer.status is Status.DONE]
    assert sorted(lent) == sorted(books)
    refused = [codes(each) for each in answers if each.status is Status.REFUSED]
    assert refused == [["moved_on"]] * 60
    assert faults(ground) == []


@pytest.mark.parametrize("others", [1, 3])
def test_writers_in_place_get_their_turn_beside_a_busy_process(
    ground: Ground, nursery: Nursery, socket_path: Path, others: int
) -> None:
    load = Load([ground.book() for _ in range(4)])
    told: list[Answer] = []

    def write_in_place() -> None:
        writer = ground.another_writer()
        for asked in notes(load.books[0], 10):
            told.append(writer.submit(asked))  # noqa: PERF401  (told as it comes)
        writer.close()

    async def run() -> None:
        async with under(load, socket_path):
            await load.reach(50)
            writing = [asyncio.to_thread(write_in_place) for _ in range(others)]
            await asyncio.gather(*writing)

    with nursery.writer(ground.url, socket_path):
        asyncio.run(run())
    assert len(told) == 10 * others
    assert_log_agrees(ground, map(done, [*load.answers, *told]))


def test_a_database_that_others_hold_too_long_fails_everybody_once(
    sqlite_ground: Ground,
) -> None:
    asked = notes(sqlite_ground.book(), 50)
    database: Any = sqlite_ground.writer.database
    database._connection.execute("pragma busy_timeout=50")
    with holding_the_head(sqlite_ground.url):
        answers = sqlite_ground.writer.run(asked)
    assert {code for each in answers for code in codes(each)} == {"busy"}
    assert_log_agrees(sqlite_ground, answers)
    for answer in sqlite_ground.writer.run(asked):
        done(answer)


def test_writers_in_threads_lose_nothing_to_each_other(ground: Ground) -> None:
    books = [ground.book() for _ in range(3)]
    answers: list[Answer] = []

    def write(number: int) -> None:
        writer = ground.another_writer()
        chance = random.Random(number)
        for _ in range(12):
            asked = notes(chance.choice(books), chance.randint(1, 9))
            answers.extend(writer.run(asked))
        writer.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_log_agrees(ground, map(done, answers))
    assert len(requests_in(ground)) == ground.size()


@pytest.mark.parametrize("size, turns", [(11, 50), (128, 10)])
def test_tiles_are_whole_whoever_finishes_them(ground: Ground, size: int, turns: int) -> None:
    book = ground.book()
    writers = [ground.another_writer() for _ in range(2)]
    for turn in range(turns):
        for answer in writers[(0, 1, 1, 0, 0)[turn % 5]].run(notes(book, size)):
            done(answer)
    for writer in writers:
        writer.close()
    assert ground.size() > 2 * 256
    assert faults(ground) == []


def test_no_writer_puts_an_older_checkpoint_back(ground: Ground) -> None:
    book = ground.book()
    slow, quick = ground.another_writer(), ground.another_writer()
    done(slow.run(notes(book, 1))[0])
    done(quick.submit(notes(book, 1)[0]))
    signed = _signed(ground)
    done(slow.run(notes(book, 1))[0])
    assert _signed(ground) == signed == ground.size() - 1
    slow.close()
    quick.close()
    assert _signed(ground) == ground.size()


def _signed(ground: Ground) -> int:
    with ground.reader.connection() as connection:
        return ground.reader.head(connection).signed_size
