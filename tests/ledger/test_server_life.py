"""The writer process's life: its one path, what it signs at start and at rest, how it ends."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from ledger.request import Status
from ledger.server import WriterServer
from ledger.socket_file import LONGEST, SocketTaken, SocketUnusable
from tests.ledger.ground import (
    Ground,
    done,
    request,
)
from tests.ledger.serving import (
    Caller,
    eventually,
    holding_the_head,
    notes,
    serving,
)


def test_the_checkpoint_is_kept_when_nothing_waits(ground: Ground, socket_path: Path) -> None:
    with serving(ground.writer, socket_path):
        caller = Caller(socket_path)
        done(caller.ask(request("book.shelve", title="T")))
        eventually(lambda: _signed(ground) == ground.size())
        caller.close()


def test_a_head_that_was_left_unsigned_is_signed_at_the_start(
    ground: Ground, socket_path: Path
) -> None:
    [answer] = ground.writer.run([request("book.shelve", title="T")])
    assert done(answer).position == _signed(ground)
    with serving(ground.another_writer(), socket_path):
        eventually(lambda: _signed(ground) == ground.size())


def _signed(ground: Ground) -> int:
    with ground.reader.connection() as connection:
        return ground.reader.head(connection).signed_size


def test_what_was_taken_in_is_answered_before_the_end(ground: Ground, socket_path: Path) -> None:
    ground.writer.limit = 1
    asked = notes(ground.book(), 10)
    with serving(ground.writer, socket_path) as server:
        caller = Caller(socket_path)
        with holding_the_head(ground.url):
            caller.send(*asked)
            eventually(lambda: len(server._waiting) > 0)
            server.stop()
        answers = caller.answers(10)
        assert caller.is_let_go()
        caller.close()
    assert {each.status for each in answers.values()} == {Status.DONE}
    assert not socket_path.exists()


def test_a_server_ends_when_nobody_needs_it_any_more(
    sqlite_ground: Ground, socket_path: Path
) -> None:
    server = WriterServer(sqlite_ground.writer, socket_path)
    server.serve(watch=lambda: False)
    assert not socket_path.exists()
    server.stop()


def test_a_living_server_keeps_its_path(sqlite_ground: Ground, socket_path: Path) -> None:
    other = sqlite_ground.another_writer()
    with serving(sqlite_ground.writer, socket_path):
        with pytest.raises(SocketTaken, match="another process is serving"):
            WriterServer(other, socket_path)
        caller = Caller(socket_path)
        done(caller.ask(request("book.shelve", title="T")))
        caller.close()
    with serving(other, socket_path):
        caller = Caller(socket_path)
        done(caller.ask(request("book.shelve", title="T")))
        caller.close()


def test_the_socket_of_a_dead_server_is_cleared_away(
    sqlite_ground: Ground, socket_path: Path
) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(socket_path))
    left.close()
    with serving(sqlite_ground.writer, socket_path):
        caller = Caller(socket_path)
        done(caller.ask(request("book.shelve", title="T")))
        caller.close()


def test_a_path_that_is_too_long_is_named(sqlite_ground: Ground, socket_path: Path) -> None:
    longest = socket_path.with_name("x" * (LONGEST - len(os.fsencode(socket_path.parent)) - 1))
    with serving(sqlite_ground.writer, longest):
        assert longest.exists()
    with pytest.raises(SocketUnusable, match=f"at most {LONGEST} bytes"):
        WriterServer(sqlite_ground.writer, longest.with_name(longest.name + "x"))


def test_what_is_no_socket_is_not_removed(sqlite_ground: Ground, socket_path: Path) -> None:
    socket_path.write_text("precious")
    with pytest.raises(SocketUnusable, match="is no socket"):
        WriterServer(sqlite_ground.writer, socket_path)
    assert socket_path.read_text() == "precious"
    with pytest.raises(SocketUnusable, match="no folder"):
        WriterServer(sqlite_ground.writer, socket_path.parent / "nowhere" / "writer")
