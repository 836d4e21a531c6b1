"""The edge's line to the writer: answers find who asked, lost lines are mended, nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from ledger.client import WriterClient
from ledger.request import Answer, Request, Status
from ledger.wire import LENGTH, MAX_FRAME, Asked, frame, read_asked
from tests.ledger.ground import Ground, codes, done, request
from tests.ledger.serving import PATIENCE_S, eventually, holding_the_head, notes, serving
from tests.ledger.shelf import Book
from tests.ledger.truth import assert_log_agrees

Stranger = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def run(path: Path, use: Callable[[WriterClient], Awaitable[None]], **options: float) -> None:
    """Use a client in a loop of its own."""

    async def used() -> None:
        client = WriterClient(path, **{"timeout": PATIENCE_S, **options})
        try:
            await use(client)
        finally:
            await client.close()

    asyncio.run(used())


def beside(stranger: Stranger, path: Path, use: Callable[[WriterClient], Awaitable[None]]) -> None:
    """Use a client whose writer is a stranger that may do as it pleases."""

    async def used() -> None:
        client = WriterClient(path, timeout=PATIENCE_S)
        served = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            gone = asyncio.Event()
            served.append(gone.wait())
            await stranger(reader, writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            gone.set()

        async with await asyncio.start_unix_server(serve, str(path)):
            await use(client)
            await client.close()
            await asyncio.gather(*served)

    asyncio.run(used())


async def read(reader: asyncio.StreamReader) -> Asked:
    """The next request that reaches a stranger."""
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    return read_asked(await reader.readexactly(length))


def answer_to(asked: Request) -> Answer:
    return Answer(asked.id, Status.DONE, asked.subject, version=7)


def test_many_at_once_each_get_their_own_answer(ground: Ground, socket_path: Path) -> None:
    books = [ground.book() for _ in range(8)]
    asked = [each for book in books for each in notes(book, 16)]
    answers: list[Answer] = []

    async def use(client: WriterClient) -> None:
        answers.extend(await asyncio.gather(*map(client.submit, asked)))

    with serving(ground.writer, socket_path):
        run(socket_path, use)
    assert [(each.request, each.subject) for each in answers] == [
        (each.id, each.subject) for each in asked
    ]
    assert_log_agrees(ground, map(done, answers))


def test_answers_may_come_in_any_order(socket_path: Path) -> None:
    asked = notes("a book", 5)

    async def backwards(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got = [await read(reader) for _ in asked]
        for each in reversed(got):
            writer.write(frame(answer_to(each.request)))

    async def use(client: WriterClient) -> None:
        answers = await asyncio.gather(*map(client.submit, asked))
        assert [each.request for each in answers] == [each.id for each in asked]

    beside(backwards, socket_path, use)


def test_what_was_sent_on_a_lost_line_is_sent_again_as_such(socket_path: Path) -> None:
    seen: list[Asked] = []

    async def forgetful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read(reader))
        if len(seen) == 3:
            writer.write(frame(answer_to(seen[-1].request)))

    async def use(client: WriterClient) -> None:
        assert (await client.submit(request("book.note", text="x"))).version == 7

    beside(forgetful, socket_path, use)
    assert [each.again for each in seen] == [False, True, True]
    assert len({each.deadline for each in seen}) == 1


def test_a_writer_that_speaks_otherwise_is_left_and_asked_anew(socket_path: Path) -> None:
    junk = [LENGTH.pack(MAX_FRAME + 1), LENGTH.pack(3) + b"\xc1\xc1\xc1", LENGTH.pack(1) + b"\x90"]

    async def garbled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await read(reader)
        writer.write(junk.pop() if junk else frame(answer_to(asked.request)))
        await reader.read()

    async def use(client: WriterClient) -> None:
        assert (await client.submit(request("book.note", text="x"))).version == 7

    beside(garbled, socket_path, use)
    assert junk == []


def test_an_answer_nobody_waits_for_is_passed_over(socket_path: Path) -> None:
    async def chatty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await read(reader)
        writer.write(frame(Answer("somebody else's", Status.DONE)))
        writer.write(frame(answer_to(asked.request)) * 2)
        again = await read(reader)
        writer.write(frame(answer_to(again.request)))

    async def use(client: WriterClient) -> None:
        for asked in notes("a book", 2):
            assert (await client.submit(asked)).request == asked.id

    beside(chatty, socket_path, use)


def test_without_a_writer_the_request_fails_in_time(socket_path: Path) -> None:
    async def use(client: WriterClient) -> None:
        answer = await client.submit(request("book.note", text="x"))
        assert (answer.status, codes(answer)) == (Status.FAILED, ["writer_unavailable"])

    run(socket_path, use, timeout=0.1)


def test_a_writer_that_comes_late_is_found(sqlite_ground: Ground, socket_path: Path) -> None:
    async def use(client: WriterClient) -> None:
        asking = asyncio.create_task(client.submit(request("book.shelve", title="T")))
        await asyncio.sleep(0.1)
        assert not asking.done()
        with serving(sqlite_ground.writer, socket_path):
            done(await asking)

    run(socket_path, use)


@pytest.mark.parametrize("text", ["x" * MAX_FRAME, "\ud800"], ids=["long", "surrogate"])
def test_what_cannot_be_sent_fails_at_once(socket_path: Path, text: str) -> None:
    asked = request("book.note", text="x", by=text)

    async def use(client: WriterClient) -> None:
        assert codes(await client.submit(asked)) == ["request_unfit"]

    run(socket_path, use)


def test_who_gives_up_waiting_harms_nobody(ground: Ground, socket_path: Path) -> None:
    asked = notes(ground.book(), 6)

    async def use(client: WriterClient) -> None:
        done(await client.submit(request("book.shelve", title="S")))  # connected: all are sent
        with holding_the_head(ground.url):
            tasks = [asyncio.create_task(client.submit(each)) for each in asked]
            await asyncio.sleep(0.05)
            for task in tasks[::2]:
                task.cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(each, Answer) for each in answers] == [False, True] * 3
        done(await client.submit(request("book.shelve", title="T")))

    with serving(ground.writer, socket_path):
        run(socket_path, use)
    assert len(ground.get(Book, asked[0].subject).notes) == 6


def test_a_client_that_closes_tells_those_who_wait(socket_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def use(client: WriterClient) -> None:
        asking = asyncio.create_task(client.submit(request("book.note", text="x")))
        await asyncio.sleep(0.05)
        await client.close()
        assert codes(await asking) == ["writer_unavailable"]
        assert codes(await client.submit(request("book.note", text="x"))) == ["writer_unavailable"]

    beside(silent, socket_path, use)


def _has(answers: list[Answer], least: int) -> bool:
    return len(answers) >= least


def test_a_writer_may_be_replaced_under_load(ground: Ground, socket_path: Path) -> None:
    asked = notes(ground.book(), 200)
    answers: list[Answer] = []

    async def use(client: WriterClient) -> None:
        waiting = iter(asked)

        async def submit() -> None:
            for each in waiting:
                answers.append(await client.submit(each))  # noqa: PERF401  (one after the other)

        submitting = [asyncio.create_task(submit()) for _ in range(8)]
        for part in (50, 100, 150):
            with serving(ground.another_writer(), socket_path):
                await asyncio.to_thread(eventually, partial(_has, answers, part))
        with serving(ground.another_writer(), socket_path):
            await asyncio.gather(*submitting)

    run(socket_path, use)
    assert len({done(each).request for each in answers}) == 200
    assert_log_agrees(ground, answers)
