"""The writer on PostgreSQL when the line is lost, a backend ends, or the server is away."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from ledger.client import WriterClient
from ledger.request import Answer
from ledger.writes import ConnectionLost
from tests import postgres
from tests.ledger.ground import Ground, codes, done, lay, request
from tests.ledger.load import Load, under
from tests.ledger.serving import PATIENCE_S, notes, serving
from tests.ledger.shelf import Book
from tests.ledger.truth import assert_log_agrees
from tests.ledger.wiretap import Cut, Wiretap
from tests.ledger.writer_process import Nursery

DUE = datetime(2027, 1, 31, 12, tzinfo=UTC)
TERMINATE = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity "
    "where application_name = 'changegate writer' and datname = %s"
)


def name_of(ground: Ground) -> str:
    """The name of a log's database."""
    return str(make_url(ground.url).database)


def terminate(server: str, ground: Ground) -> int:
    """End every writer's connection; answers how many there were."""
    with psycopg.connect(server, autocommit=True) as connection:
        row = connection.execute(TERMINATE, [name_of(ground)]).fetchone()
    assert row is not None
    return int(row[0])


# Lost lines.


@pytest.mark.parametrize("when", Cut)
@pytest.mark.parametrize("trips", [1, 2], ids=["opening", "committing"])
def test_a_line_that_is_cut_leaves_no_doubt(
    tapped: Ground, tap: Wiretap, when: Cut, trips: int
) -> None:
    asked = notes(tapped.book(), 5)
    tap.cut(when, trips=trips)
    answers = tapped.writer.run(asked)
    assert [done(each).request for each in answers] == [each.id for each in asked]
    assert len(tapped.get(Book, asked[0].subject).notes) == 5
    tapped.writer.rest()
    assert_log_agrees(tapped, answers)


def test_a_commit_that_is_still_under_way_is_awaited(tapped: Ground, tap: Wiretap) -> None:
    asked = notes(tapped.book(), 3)
    tapped.execute(
        "create function dawdle() returns trigger language plpgsql as "
        "$$ begin perform pg_sleep(0.2); return new; end $$",
        "create constraint trigger slow_commit after insert on events deferrable "
        "initially deferred for each row execute function dawdle()",
    )
    tap.cut(Cut.MEANWHILE, trips=2)
    answers = tapped.writer.run(asked)
    tapped.execute("drop trigger slow_commit on events")
    assert len(tapped.get(Book, asked[0].subject).notes) == 3
    tapped.writer.rest()
    assert_log_agrees(tapped, map(done, answers))


def test_refusals_beside_what_was_committed_are_decided_again(tapped: Ground, tap: Wiretap) -> None:
    book = tapped.book()
    asked = [
        request("book.lend", book, seen=9, due=DUE),
        request("book.note", book, text="x"),
        request("book.burn", book),
    ]
    tap.cut(Cut.AFTER, trips=2)
    answers = tapped.writer.run(asked)
    assert [each.request for each in answers] == [each.id for each in asked]
    assert [codes(each) for each in answers] == [["moved_on"], [], ["unknown_action"]]
    tapped.writer.rest()
    assert_log_agrees(tapped, answers)


def test_a_backend_that_ends_within_a_batch_is_replaced(
    pg_server: str, postgresql_ground: Ground
) -> None:
    url = postgresql_ground.url
    ended: list[int] = []

    def clock() -> datetime:
        if not ended:
            ended.append(terminate(pg_server, postgresql_ground))
        return datetime.now(UTC)

    ground = Ground(url, clock=clock)
    answers = ground.writer.run(notes(postgresql_ground.book(), 4))
    assert ended == [2]
    ground.close()
    assert_log_agrees(postgresql_ground, map(done, answers))


def test_a_transaction_that_idles_too_long_is_begun_again(postgresql_ground: Ground) -> None:
    book = postgresql_ground.book()
    slept: list[float] = []

    def clock() -> datetime:
        if not slept:
            connection = ground.writer.database._connection  # type: ignore[attr-defined]
            connection.execute("set idle_in_transaction_session_timeout = '1ms'")
            with psycopg.connect(postgresql_ground.url.replace("+psycopg", "")) as other:
                other.execute("select pg_sleep(0.1)")
            slept.append(0.1)
        return datetime.now(UTC)

    ground = Ground(postgresql_ground.url, clock=clock)
    answers = ground.writer.run(notes(book, 4))
    ground.close()
    assert_log_agrees(postgresql_ground, map(done, answers))


def test_backends_that_end_under_load_lose_nothing(
    pg_server: str, postgresql_ground: Ground, nursery: Nursery, socket_path: Path
) -> None:
    chance = random.Random(3)
    load = Load([postgresql_ground.book() for _ in range(8)])
    postgresql_ground.writer.database.close()
    ended: list[int] = []

    async def run() -> None:
        async with under(load, socket_path):
            for _ in range(40):
                await load.more(chance, 1, 30)
                ended.append(await asyncio.to_thread(terminate, pg_server, postgresql_ground))
            await load.more(chance)

    with nursery.writer(postgresql_ground.url, socket_path):
        asyncio.run(run())
    assert sum(ended) > 20
    assert_log_agrees(postgresql_ground, map(done, load.answers))


# No server.


def close_database(server: str, ground: Ground, *, closed: bool) -> None:
    """Let nobody connect any more, as when the server is away, or let everybody again."""
    with psycopg.connect(server, autocommit=True) as connection:
        allowed = "false" if closed else "true"
        connection.execute(f"alter database {name_of(ground)} with allow_connections {allowed}")


def test_without_a_server_nothing_is_answered_in_place(
    pg_server: str, postgresql_ground: Ground
) -> None:
    book = postgresql_ground.book()
    close_database(pg_server, postgresql_ground, closed=True)
    terminate(pg_server, postgresql_ground)
    with pytest.raises(ConnectionLost):
        postgresql_ground.submit("book.note", book, text="x")
    close_database(pg_server, postgresql_ground, closed=False)
    done(postgresql_ground.submit("book.note", book, text="y"))


def test_requests_wait_for_a_server_that_comes_back(
    pg_server: str, postgresql_ground: Ground, socket_path: Path
) -> None:
    asked = notes(postgresql_ground.book(), 20)
    answers: list[Answer] = []

    async def run() -> None:
        client = WriterClient(socket_path, timeout=PATIENCE_S)
        waiting = [asyncio.create_task(client.submit(each)) for each in asked]
        await asyncio.sleep(0.5)
        assert not any(each.done() for each in waiting)
        await asyncio.to_thread(close_database, pg_server, postgresql_ground, closed=False)
        answers.extend(await asyncio.gather(*waiting))
        await client.close()

    close_database(pg_server, postgresql_ground, closed=True)
    terminate(pg_server, postgresql_ground)
    with serving(postgresql_ground.writer, socket_path):
        asyncio.run(run())
    assert_log_agrees(postgresql_ground, map(done, answers))


def test_requests_fail_in_time_when_the_server_stays_away(
    pg_server: str, postgresql_ground: Ground, socket_path: Path
) -> None:
    book = postgresql_ground.book()
    close_database(pg_server, postgresql_ground, closed=True)
    terminate(pg_server, postgresql_ground)

    async def ask() -> Answer:
        client = WriterClient(socket_path, timeout=0.5)
        answer = await client.submit(request("book.note", book, text="x"))
        await client.close()
        return answer

    with serving(postgresql_ground.writer, socket_path):
        answer = asyncio.run(ask())
    close_database(pg_server, postgresql_ground, closed=False)
    assert codes(answer) == ["writer_unavailable"]


@pytest.mark.slow
def test_a_server_that_crashes_under_load_loses_nothing(
    tmp_path: Path, nursery: Nursery, socket_path: Path
) -> None:
    chance = random.Random(5)
    with postgres.shared_server(tmp_path) as server:
        postgres.create_database(server, "crashing")
        url = postgres.url(server, "crashing")
        lay(url)
        ground = Ground(url)
        load = Load([ground.book() for _ in range(8)])

        async def run() -> None:
            async with under(load, socket_path):
                for _ in range(5):
                    await load.more(chance)
                    with psycopg.connect(server) as connection:
                        victim = connection.info.backend_pid
                        os.kill(victim, signal.SIGKILL)
                await load.more(chance)

        with nursery.writer(url, socket_path):
            asyncio.run(run())
        fresh = Ground(url)
        assert_log_agrees(fresh, map(done, load.answers))
        fresh.close()
        ground.writer.database.close()
        ground.reader.engine.dispose()
