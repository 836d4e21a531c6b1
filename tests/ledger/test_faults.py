"""Writer processes that die: nothing acknowledged is lost, nothing is done twice, all verifies."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path

import pytest

from ledger.request import Answer
from tests.ledger.ground import Ground, done, request
from tests.ledger.load import Load, under
from tests.ledger.serving import Caller
from tests.ledger.shelf import Book
from tests.ledger.truth import assert_log_agrees, faults, requests_in
from tests.ledger.writer_process import POINTS, Nursery

KILLS = 10
MANY_KILLS = 60


def kill_at_random(
    nursery: Nursery, ground: Ground, path: Path, seed: int, kills: int
) -> list[Answer]:
    """Kill writer process after writer process under load; what the people were told."""
    chance = random.Random(seed)
    load = Load([ground.book() for _ in range(8)], keyed=bool(seed % 2))

    async def run() -> None:
        process = nursery.start(ground.url, path)
        async with under(load, path):
            for _ in range(kills):
                await load.more(chance)
                nursery.end(process, signal.SIGKILL)
                process = nursery.start(ground.url, path)
            await load.more(chance)
        assert nursery.end(process, signal.SIGTERM) == 0

    asyncio.run(run())
    return load.answers


def check(ground: Ground, answers: list[Answer]) -> None:
    """Everybody got what they asked for, and the log and every snapshot tell the same."""
    assert_log_agrees(ground, map(done, answers))
    texts = [
        note.text
        for book in {answer.subject for answer in answers}
        for note in ground.get(Book, book).notes
    ]
    assert len(texts) == len(set(texts)) == len(answers)


def test_writers_killed_under_load_lose_nothing(
    ground: Ground, nursery: Nursery, socket_path: Path
) -> None:
    check(ground, kill_at_random(nursery, ground, socket_path, seed=1, kills=KILLS))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_many_writers_killed_under_load_lose_nothing(
    ground: Ground, nursery: Nursery, socket_path: Path, seed: int
) -> None:
    check(ground, kill_at_random(nursery, ground, socket_path, seed, MANY_KILLS))


@pytest.mark.parametrize("point", POINTS)
def test_a_writer_that_dies_at_this_point_leaves_no_doubt(
    ground: Ground, nursery: Nursery, socket_path: Path, point: str
) -> None:
    asked = request("book.note", ground.book(), text="is it there?")
    before = ground.size()
    dying = nursery.start(ground.url, socket_path, point)
    caller = Caller(socket_path)
    caller.send(asked)
    told = [done(caller.answer())] if point == "while the checkpoint is kept" else []
    assert caller.is_let_go()
    caller.close()
    assert nursery.end(dying, signal.SIGKILL) == -signal.SIGKILL
    stored = POINTS.index(point) >= POINTS.index("after the commit")
    assert (ground.size() - before) == (1 if stored else 0)
    with nursery.writer(ground.url, socket_path):
        caller = Caller(socket_path)
        told.append(done(caller.ask(asked, again=True)))
        caller.close()
    assert len({(each.position, each.events) for each in told}) == 1
    assert_log_agrees(ground, told)


def test_a_head_whose_writer_died_is_signed_by_the_next(
    ground: Ground, nursery: Nursery, socket_path: Path
) -> None:
    dying = nursery.start(ground.url, socket_path, "after the commit")
    caller = Caller(socket_path)
    caller.send(request("book.shelve", title="T"))
    assert caller.is_let_go()
    caller.close()
    nursery.end(dying, signal.SIGKILL)
    with nursery.writer(ground.url, socket_path):
        pass
    with ground.reader.connection() as connection:
        head = ground.reader.head(connection)
    assert head.signed_size == head.size
    assert faults(ground) == []


def test_a_writer_told_to_stop_answers_first(
    ground: Ground, nursery: Nursery, socket_path: Path
) -> None:
    load = Load([ground.book()])

    async def run() -> None:
        process = nursery.start(ground.url, socket_path)
        async with under(load, socket_path):
            await load.reach(50)
            assert await asyncio.to_thread(nursery.end, process, signal.SIGTERM) == 0
            process = nursery.start(ground.url, socket_path)
            await load.reach(len(load.answers) + 50)
        assert nursery.end(process, signal.SIGTERM) == 0

    asyncio.run(run())
    check(ground, load.answers)
    assert sum(requests_in(ground).values()) == ground.size()
